/**
 * Takes the answers to logins and heartbeats out of what a gateway sends, so that only DLMS frames reach the
 * session. It looks at frame borders only, which for wrapper frames follow from their headers; the octets of an
 * answer inside a DLMS frame stay where they are.
 */
import { concatBytes, equalBytes } from "../bytes/hex.js";

const HEADER_OCTETS = 8;

export interface Filtered {
  /** What belongs to the session. */
  readonly rest: Uint8Array;
  /** How many answers were found. */
  readonly replies: number;
}

export class ReplyFilter {
  readonly #reply: Uint8Array;
  readonly #wrapper: boolean;
  #held: Uint8Array = new Uint8Array(0);
  /** Octets of the current wrapper frame still to come. */
  #remaining = 0;

  /** @param reply the answer expected to each login. */
  constructor(reply: Uint8Array, framing: "wrapper" | "hdlc") {
    this.#reply = reply;
    this.#wrapper = framing === "wrapper";
  }

  push(bytes: Uint8Array): Filtered {
    const input = concatBytes(this.#held, bytes);
    this.#held = new Uint8Array(0);
    const rest: Uint8Array[] = [];
    let replies = 0;
    let at = 0;
    while (at < input.length) {
      if (this.#remaining > 0) {
        const taken = input.subarray(at, at + this.#remaining);
        this.#remaining -= taken.length;
        at += taken.length;
        rest.push(taken);
        continue;
      }
      const ahead = input.subarray(at);
      const looked = ahead.subarray(0, this.#reply.length);
      if (equalBytes(looked, this.#reply.subarray(0, looked.length))) {
        if (looked.length < this.#reply.length) {
          this.#held = Uint8Array.from(ahead);
          break;
        }
        replies++;
        at += looked.length;
        continue;
      }
      if (!this.#wrapper) {
        // An HDLC stream shows its borders to the deframer only; an answer stands at the start of what comes.
        rest.push(ahead);
        break;
      }
      if (ahead[0] === 0 && ahead.length < HEADER_OCTETS) {
        this.#held = Uint8Array.from(ahead);
        break;
      }
      this.#remaining =
        ahead[0] === 0 ? HEADER_OCTETS + (((ahead[6] as number) << 8) | (ahead[7] as number)) : 1;
    }
    return { rest: concatBytes(...rest), replies };
  }
}
