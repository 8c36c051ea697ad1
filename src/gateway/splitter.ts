/**
 * Cuts the bytes of a dial-in link at frame borders: logins and heartbeats, which may come at any time, are taken out;
 * everything else belongs to the DLMS link and passes through unchanged and in order. It follows only lengths (wrapper
 * header, HDLC format field), never contents, so a heartbeat's octets inside a DLMS frame stay where they are.
 */
import { concatBytes } from "../bytes/hex.js";
import { limits } from "../core/limits.js";
import { type Dialect, type Recognition } from "../meter-types/dialects/index.js";

export type Piece =
  | { readonly type: "link"; readonly bytes: Uint8Array }
  | {
      readonly type: "login";
      readonly dialect: Dialect;
      readonly id: string | undefined;
      readonly values: Readonly<Record<string, number>>;
      readonly frame: Uint8Array;
    };

const FLAG = 0x7e;
/** At so many places of what arrived at once a costly dialect is looked for; a login begins where octets arrive. */
const COSTLY_LOOKS = 16;

export class Splitter {
  readonly #dialects: readonly Dialect[];
  /** Octets at a frame border that do not yet tell what they are. */
  #held = new Uint8Array(0);
  /** Octets of the current DLMS frame still to come. */
  #remaining = 0;
  #octets = 0;
  #frames = 0;
  /** The last octet handed on was a flag, so a frame may begin without one of its own. */
  #afterFlag = false;

  constructor(dialects: readonly Dialect[]) {
    this.#dialects = dialects.filter((dialect) => dialect.recognise !== undefined);
  }

  /** Octets of the frame under way, its whole length; 0 between frames. */
  get frameOctets(): number {
    return this.#remaining > 0 ? this.#octets : 0;
  }

  /** Counts the frames that were begun. */
  get frames(): number {
    return this.#frames;
  }

  get holds(): boolean {
    return this.#held.length > 0;
  }

  push(bytes: Uint8Array): Piece[] {
    return this.#cut(this.#held.length === 0 ? bytes : concatBytes(this.#held, bytes), false);
  }

  /** Nothing came for a while: what is held is decided with what there is. */
  rest(): Piece[] {
    return this.#cut(this.#held, true);
  }

  #cut(bytes: Uint8Array, atRest: boolean): Piece[] {
    const pieces: Piece[] = [];
    this.#held = new Uint8Array(0);
    let at = 0;
    let from = 0;
    let looks = 0;
    const passTo = (end: number): void => {
      if (end > from) {
        pieces.push({ type: "link", bytes: bytes.subarray(from, end) });
        this.#afterFlag = bytes[end - 1] === FLAG;
      }
      from = end;
    };
    while (at < bytes.length) {
      if (this.#remaining > 0) {
        const taken = Math.min(this.#remaining, bytes.length - at);
        this.#remaining -= taken;
        at += taken;
        passTo(at);
        continue;
      }
      const rest = bytes.subarray(at);
      const found = this.#recognise(rest, atRest, looks++ < COSTLY_LOOKS);
      if (found === "partial" && !atRest && rest.length < limits.dialectBytes) {
        passTo(at);
        this.#held = Uint8Array.from(rest);
        return pieces;
      }
      if (found !== undefined && found !== "partial") {
        passTo(at);
        const { dialect, match } = found;
        const frame = Uint8Array.from(rest.subarray(0, match.length));
        pieces.push({ type: "login", dialect, id: match.id, values: match.values, frame });
        at += match.length;
        from = at;
        continue;
      }
      const length = this.#frameLength(rest, at === from ? this.#afterFlag : bytes[at - 1] === FLAG);
      if (length === undefined && !atRest) {
        passTo(at);
        this.#held = Uint8Array.from(rest);
        return pieces;
      }
      // Octets that begin no frame go on together, however many there are.
      if (length === 1) at += 1;
      else {
        this.#octets = this.#remaining = length ?? rest.length;
        this.#frames++;
      }
    }
    passTo(at);
    return pieces;
  }

  #recognise(
    bytes: Uint8Array,
    atRest: boolean,
    withCostly: boolean,
  ): { dialect: Dialect; match: Extract<Recognition, { state: "match" }> } | "partial" | undefined {
    let partial = false;
    for (const dialect of this.#dialects) {
      if (dialect.costly === true && !withCostly) continue;
      const match = dialect.recognise?.(bytes, atRest);
      if (match?.state === "match") return { dialect, match };
      // An open pattern must not hold back what is plainly DLMS.
      if (match?.state === "partial") partial ||= match.open !== true || !startsFrame(bytes);
    }
    return partial ? "partial" : undefined;
  }

  /** Octets of the DLMS frame at the start; 1 for an octet that begins none; undefined when more octets decide. */
  #frameLength(bytes: Uint8Array, afterFlag: boolean): number | undefined {
    const first = bytes[0] as number;
    if (first === FLAG) {
      if (bytes.length < 2) return undefined;
      if (((bytes[1] as number) & 0xf0) !== 0xa0) return 1;
      const length = formatLength(bytes, 1);
      return length === undefined ? undefined : length + 2;
    }
    if (afterFlag && (first & 0xf0) === 0xa0) {
      const length = formatLength(bytes, 0);
      return length === undefined ? undefined : length + 1;
    }
    if (first === 0x00) {
      if (bytes.length < 2) return undefined;
      if (bytes[1] !== 0x01) return 1;
      return bytes.length < 8 ? undefined : 8 + (((bytes[6] as number) << 8) | (bytes[7] as number));
    }
    return 1;
  }
}

/** Length of an HDLC frame between its flags, from the format field at `at`. */
function formatLength(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.length < at + 2) return undefined;
  return (((bytes[at] as number) & 0x07) << 8) | (bytes[at + 1] as number);
}

/** A wrapper header or an HDLC flag with its format field. */
function startsFrame(bytes: Uint8Array): boolean {
  if (bytes[0] === FLAG) return bytes.length < 2 || ((bytes[1] as number) & 0xf0) === 0xa0;
  return bytes[0] === 0x00 && (bytes.length < 2 || bytes[1] === 0x01);
}
