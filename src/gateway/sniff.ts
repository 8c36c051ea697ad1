/**
 * What the first octets of a new link say, logins aside (the splitter has taken those out): a push, an association
 * that the meter opens, or nothing clear. Section 1 and 2 of IEC 62056-46 and -47, only as far as the first frame.
 */
import { fromLatin1 } from "../bytes/hex.js";
import { limits } from "../core/limits.js";

export type LinkFraming = "hdlc" | "wrapper";

export type Sniffed =
  /** More octets decide. */
  | { readonly kind: "undecided" }
  /** SNRM or AARQ: the meter wants to be the client. */
  | { readonly kind: "request"; readonly framing: LinkFraming }
  /** A notification, perhaps ciphered. */
  | { readonly kind: "push"; readonly framing: LinkFraming }
  /** DLMS framing, but no opening: a late answer, a supervisory frame. */
  | { readonly kind: "framing"; readonly framing: LinkFraming }
  /** No DLMS. */
  | { readonly kind: "foreign"; readonly name: string }
  | { readonly kind: "noise" };

const UNDECIDED: Sniffed = { kind: "undecided" };
const pushTags: ReadonlySet<number> = new Set([0x0f, 0xc2, 0xdb, 0xdc, 0xdd, 0xdf, 0xe0]);
const AARQ = 0x60;

/** What finds its way to any open port of the internet, by its first octets. */
const foreign = [
  { name: "TLS", first: [0x16, 0x03] },
  { name: "PROXY protocol of an address that is no trusted proxy", first: [0x0d, 0x0a, 0x0d, 0x0a, 0x00] },
  ...["GET ", "POST ", "HEAD ", "PUT ", "OPTIONS ", "CONNECT ", "PRI * ", "PROXY ", "SSH-"].map((word) => ({
    name: word === "PROXY " ? "PROXY protocol" : word === "SSH-" ? "SSH" : "HTTP",
    first: [...fromLatin1(word)],
  })),
];

export function sniff(bytes: Uint8Array): Sniffed {
  if (bytes.length === 0) return UNDECIDED;
  if (bytes[0] === 0x7e) return sniffHdlc(bytes);
  if (bytes[0] === 0x00) return sniffWrapper(bytes);
  const protocol = foreign.find(({ first }) => first.every((octet, at) => bytes[at] === octet));
  if (protocol !== undefined) return { kind: "foreign", name: protocol.name };
  if (bytes[0] === 0x68) return { kind: "foreign", name: "DL/T 645, Q/GDW 376.1 or M-Bus" };
  if (bytes[0] === AARQ) {
    if (bytes.length < 3) return UNDECIDED;
    const third = bytes[2] as number;
    if (third === 0xa2 || third === 0xa4 || third === 0xa8 || third === 0xbe)
      return { kind: "foreign", name: "ANSI C12.22" };
  }
  return bytes.length < limits.dialectBytes ? { kind: "noise" } : { kind: "foreign", name: "unknown" };
}

function sniffWrapper(bytes: Uint8Array): Sniffed {
  if (bytes.length < 2) return UNDECIDED;
  if (bytes[1] !== 0x01) return { kind: "noise" };
  if (bytes.length < 9) return UNDECIDED;
  const tag = bytes[8] as number;
  if (tag === AARQ) return { kind: "request", framing: "wrapper" };
  return { kind: pushTags.has(tag) ? "push" : "framing", framing: "wrapper" };
}

function sniffHdlc(bytes: Uint8Array): Sniffed {
  let at = 0;
  while (bytes[at] === 0x7e) at++;
  if (bytes.length < at + 2) return UNDECIDED;
  if (((bytes[at] as number) & 0xf0) !== 0xa0) return { kind: "noise" };
  at += 2;
  for (let address = 0; address < 2; address++) {
    let octets = 1;
    while (octets < 4 && at < bytes.length && ((bytes[at] as number) & 1) === 0) {
      at++;
      octets++;
    }
    at++;
  }
  const control = bytes[at];
  if (control === undefined) return UNDECIDED;
  const command = control & 0xef;
  if (command === 0x83) return { kind: "request", framing: "hdlc" };
  return { kind: command === 0x03 ? "push" : "framing", framing: "hdlc" };
}
