/**
 * What a recording's parties used to authenticate and cipher: keys and titles from the file, challenges and invocation
 * counters from the octets themselves. `opened` shows the same conversation with every APDU in clear.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Aare, type Aarq, decodeAcse, encodeAcse, isAcseTag, mechanisms } from "../../src/acse/index.js";
import { type Mechanism, type SecurityOptions } from "../../src/association/index.js";
import { fromHex, fromLatin1, toHex } from "../../src/bytes/hex.js";
import { DlmsError } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";
import { ReceivedCounters, type SecurityKeys, unprotect } from "../../src/security/index.js";
import { decodeApdu, isCipheredTag } from "../../src/xdlms/index.js";
import { type Conversation, type Direction, type RecordedApdu } from "../support/conversation.js";

interface SecurityFields {
  readonly secret?: string;
  readonly keys?: Readonly<Record<string, string>>;
  readonly systemTitles?: Readonly<Record<string, string>>;
}

const CURRENT_ASSOCIATION = "0000280000FF";

export class RecordedSecurity {
  readonly mechanism: Mechanism;
  /** The LLS password is in the AARQ; of HLS secrets only the file knows. */
  readonly secret: Secret<Uint8Array>;
  readonly keys: SecurityKeys;
  readonly ciphered: boolean;
  readonly aarq: Aarq | undefined;
  readonly aare: Aare | undefined;
  readonly opened: Conversation;
  readonly #titles: Readonly<Record<string, string>>;
  readonly #recorded: Conversation;

  constructor(conversation: Conversation) {
    const file = JSON.parse(
      readFileSync(join(__dirname, "..", "vectors", `${conversation.name}.json`), "utf8"),
    ) as SecurityFields;
    const { keys = {}, secret, systemTitles = {} } = file;
    const key = (name: string) => (keys[name] === undefined ? undefined : new Secret(fromHex(keys[name])));
    this.keys = { unicast: key("guek"), authentication: key("gak"), dedicated: key("dedicated") };
    this.secret = new Secret(fromLatin1(secret ?? "Gurux"));
    this.#titles = systemTitles;
    this.#recorded = conversation;
    this.aarq = this.#acse(0x60) as Aarq | undefined;
    this.aare = this.#acse(0x61) as Aare | undefined;
    const [name = "none"] =
      Object.entries(mechanisms).find(([, identifier]) => identifier === this.aarq?.mechanism) ?? [];
    this.mechanism = name as Mechanism;
    this.ciphered = isCipheredTag(this.aarq?.userInformation?.[0]);
    this.opened = { ...conversation, apdus: conversation.apdus.map((apdu) => this.#open(apdu)) };
  }

  /** Whether a session of ours proves itself as the recorded one did; signatures are never the same twice. */
  get proves(): boolean {
    return !["none", "lls", "hls-ecdsa"].includes(this.mechanism);
  }

  title(direction: Direction): Uint8Array | undefined {
    const shown = direction === "c2s" ? this.aarq?.callingApTitle : this.aare?.respondingApTitle;
    const known = this.#titles[direction === "c2s" ? "client" : "server"];
    return shown ?? (known === undefined || known === "" ? undefined : fromHex(known));
  }

  options(direction: Direction): SecurityOptions | undefined {
    const systemTitle = this.title(direction);
    if (systemTitle === undefined || (!this.ciphered && this.aarq?.callingApTitle === undefined))
      return undefined;
    return {
      keys: this.keys,
      systemTitle,
      counterBlock: 1,
      firstCounter: 0,
      ...(this.ciphered ? { protection: { authenticated: true, encrypted: true } } : {}),
      ...(this.keys.dedicated === undefined ? {} : { keySet: "dedicated" }),
      protectedRelease: this.#recorded.apdus.some(({ bytes }) => bytes[0] === 0x62 && bytes.length > 5),
      // One recorded client turns to the general form only after it has proved itself.
      shapeForm: (apdu) =>
        isThirdPass(apdu) && this.#thirdPass?.bytes[0] === 0xcb ? "service-specific" : undefined,
    };
  }

  /** Options of a server that had come too short to show its title, and had seen higher counters of the client. */
  strangers(): SecurityOptions {
    const received = new ReceivedCounters();
    const client = this.title("c2s") as Uint8Array;
    if (/replayed/.test(this.#recorded.name)) received.accept(client, "unicast", "apdu", 1_000);
    const protection = { authenticated: true, encrypted: true };
    return { keys: this.keys, systemTitle: fromHex("4142434445464748"), protection, received };
  }

  /** What the party drew at random: its challenge, then the client's dedicated key. */
  random(direction: Direction): Uint8Array {
    const challenge =
      (direction === "c2s"
        ? this.aarq?.callingAuthenticationValue
        : this.aare?.respondingAuthenticationValue) ?? new Uint8Array(0);
    const own = this.proves ? challenge : new Uint8Array(0);
    const dedicated = direction === "c2s" ? this.keys.dedicated?.reveal() : undefined;
    return Uint8Array.from([...own, ...(dedicated ?? [])]);
  }

  /** The invocation counters that the party sent, in order; the one inside GMAC stands before its APDU's. */
  counters(direction: Direction): number[] {
    return this.#recorded.apdus.flatMap((apdu, i) => {
      if (apdu.direction !== direction) return [];
      const outer = counterOf(protectedPart(apdu.bytes));
      const clear = this.opened.apdus[i]?.bytes as Uint8Array;
      const gmac = this.mechanism === "hls-gmac" ? gmacCounter(clear) : undefined;
      return [gmac, outer].filter((counter) => counter !== undefined);
    });
  }

  /** An APDU of that party in clear; the same octets when it does not open. */
  open(bytes: Uint8Array, direction: Direction): Uint8Array {
    const peerSystemTitle = this.title(direction);
    const inner = protectedPart(bytes);
    if (inner === undefined || peerSystemTitle === undefined) return bytes;
    let clear: Uint8Array;
    try {
      clear = unprotect(inner, { suite: 0, keys: this.keys, peerSystemTitle }).apdu;
    } catch (caught) {
      if (caught instanceof DlmsError) return bytes;
      throw caught;
    }
    return isAcseTag(bytes[0]) ? encodeAcse({ ...decodeAcse(bytes), userInformation: clear }) : clear;
  }

  get #thirdPass(): RecordedApdu | undefined {
    return this.#recorded.apdus.find((_, i) => isThirdPass(this.opened.apdus[i]?.bytes as Uint8Array));
  }

  #open(apdu: RecordedApdu): RecordedApdu {
    return { ...apdu, bytes: this.open(apdu.bytes, apdu.direction) };
  }

  #acse(tag: number): Aarq | Aare | undefined {
    const found = this.#recorded.apdus.find(({ bytes }) => bytes[0] === tag);
    return found === undefined ? undefined : (decodeAcse(found.bytes) as Aarq | Aare);
  }
}

/** ACTION on the current association, method 1. */
export function isThirdPass(clear: Uint8Array): boolean {
  if (clear[0] !== 0xc3 || clear[1] !== 1) return false;
  const apdu = decodeApdu(clear);
  if (apdu.type !== "action-request" || apdu.request.type !== "normal") return false;
  const { classId, methodId, instanceId } = apdu.request.method;
  return classId === 15 && methodId === 1 && CURRENT_ASSOCIATION === toHex(instanceId);
}

/** The ciphered APDU itself, or the ciphered initiate inside ACSE. */
function protectedPart(bytes: Uint8Array): Uint8Array | undefined {
  if (isCipheredTag(bytes[0])) return bytes;
  if (!isAcseTag(bytes[0])) return undefined;
  const acse = decodeAcse(bytes);
  return isCipheredTag(acse.userInformation?.[0]) ? acse.userInformation : undefined;
}

/** Behind tag, system title and length: the control octet, then the counter. */
function counterOf(bytes: Uint8Array | undefined): number | undefined {
  if (bytes === undefined) return undefined;
  let at = 1;
  if (bytes[0] === 0xdb || bytes[0] === 0xdc) at += 1 + (bytes[1] as number);
  const length = bytes[at] as number;
  at += length < 0x80 ? 1 : 1 + (length & 0x7f);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 1);
}

/** The counter in a third or fourth pass: octet string of 17, control octet 10. */
function gmacCounter(clear: Uint8Array): number | undefined {
  const pass = isThirdPass(clear) || (clear[0] === 0xc7 && clear[1] === 1);
  const at = clear.length - 19;
  if (!pass || at < 0 || clear[at] !== 9 || clear[at + 1] !== 17 || clear[at + 2] !== 0x10) return undefined;
  return new DataView(clear.buffer, clear.byteOffset).getUint32(at + 3);
}
