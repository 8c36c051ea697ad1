/** The forms of protection and the ways to spoil a ciphered APDU that the tests of bad input and of leaks share. */
import { type SecurityOptions } from "../../src/association/index.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { type SecuritySuite } from "../../src/security/index.js";
import { decodeCipheredApdu, encodeCipheredApdu } from "../../src/xdlms/index.js";
import { type SessionPair, type SessionPairOptions } from "../support/session-pair.js";
import { associated, both, flipped, securedPair, security } from "./secured.js";

export interface Form {
  readonly name: string;
  readonly suite: SecuritySuite;
  readonly more: Partial<SecurityOptions>;
}

export const forms: readonly Form[] = [
  { name: "glo", suite: 0, more: { form: "service-specific" } },
  { name: "ded", suite: 0, more: { form: "service-specific", keySet: "dedicated" } },
  { name: "general-glo", suite: 2, more: { form: "general" } },
  { name: "general-ded", suite: 1, more: { form: "general", keySet: "dedicated" } },
  { name: "general-ciphering, identified", suite: 0, more: { form: "general-ciphering" } },
  {
    name: "general-ciphering, wrapped",
    suite: 0,
    more: { form: "general-ciphering", keyTransport: "wrapped" },
  },
  {
    name: "general-ciphering, one-pass",
    suite: 1,
    more: { form: "general-ciphering", keyTransport: "one-pass" },
  },
  { name: "signed outside", suite: 1, more: { signing: "outside", form: "general" } },
];

export function open({ suite, more }: Form, { trace }: Pick<SessionPairOptions, "trace"> = {}): SessionPair {
  return associated(
    securedPair({
      mechanism: "hls-sha256",
      client: security("client", suite, { protection: both, ...more }),
      server: security("server", suite, { protection: both, ...more }),
      ...(trace === undefined ? {} : { trace }),
    }),
  );
}

/** Changes the ciphered content of the innermost layer, keeping every length right. */
function content(apdu: Uint8Array, change: (octets: Uint8Array) => Uint8Array): Uint8Array {
  const ciphered = decodeCipheredApdu(apdu);
  return encodeCipheredApdu({ ...ciphered, content: change(ciphered.content) });
}

/** The first octet of the content of a ciphering layer is the security control octet. */
const control = (mask: number) => (octets: Uint8Array) =>
  Uint8Array.of((octets[0] as number) ^ mask, ...octets.subarray(1));

export interface Case {
  readonly name: string;
  readonly change: (apdu: Uint8Array) => Uint8Array;
  /** Undefined where the form has nothing of the kind. */
  readonly code: (form: Form) => string | undefined;
}

const isSigned = ({ more }: Form): boolean => more.signing !== undefined;
const hasTitle = ({ more }: Form): boolean => more.form !== "service-specific";

export const cases: readonly Case[] = [
  {
    name: "whose tag was altered",
    change: (apdu) => flipped(apdu, apdu.length - 1),
    code: (form) => (isSigned(form) ? "SECURITY_SIGNATURE" : "SECURITY_TAG"),
  },
  {
    name: "whose ciphertext was altered",
    change: (apdu) => content(apdu, (octets) => flipped(octets, octets.length - 14)),
    code: (form) => (isSigned(form) ? "SECURITY_SIGNATURE" : "SECURITY_TAG"),
  },
  { name: "that was cut", change: (apdu) => apdu.subarray(0, -3), code: () => "DECODE" },
  {
    name: "whose ciphertext was cut, with a length that fits",
    change: (apdu) => content(apdu, (octets) => octets.subarray(0, -3)),
    code: (form) => (isSigned(form) ? "SECURITY_SIGNATURE" : "SECURITY_TAG"),
  },
  {
    name: "too short for a tag",
    change: (apdu) => content(apdu, (octets) => octets.subarray(0, 5 + 3)),
    code: (form) => (isSigned(form) ? "SECURITY_SIGNATURE" : "DECODE"),
  },
  {
    name: "of another suite",
    change: (apdu) => content(apdu, control(0x03)),
    code: (form) => (isSigned(form) ? undefined : "SECURITY_SUITE"),
  },
  {
    name: "that is compressed",
    change: (apdu) => content(apdu, control(0x80)),
    code: (form) => (isSigned(form) ? undefined : "SECURITY_COMPRESSION"),
  },
  {
    name: "whose protection was taken off in part",
    change: (apdu) => content(apdu, control(0x10)),
    code: (form) => (isSigned(form) ? undefined : "SECURITY_UNPROTECTED"),
  },
  {
    name: "that names another title",
    change: (apdu) => fromHex(toHex(apdu).replace(/434C490000000001|4D45540000000002/, "5858580000000009")),
    code: (form) => (hasTitle(form) ? "SECURITY_TITLE" : undefined),
  },
];
