/**
 * Cuts what arrives on a link into frames for those who watch it: HDLC frames and wrapper PDUs by their lengths alone,
 * anything else as it came. It may begin in the middle of a frame, and it never holds back for long: an unfinished
 * frame is given out as it is once the line went quiet.
 */
import { concatBytes } from "../bytes/hex.js";

const FLAG = 0x7e;
/** After this long without an octet nothing more of a frame is waited for. */
const QUIET_MS = 2_000;
const HELD_OCTETS = 65_543;

export class FrameCutter {
  #held: Uint8Array = new Uint8Array(0);
  #lastAt = 0;
  #afterFlag = false;

  /** @returns what the octets complete, in order. */
  push(nowMs: number, bytes: Uint8Array): Uint8Array[] {
    const frames = this.rest(nowMs);
    this.#lastAt = nowMs;
    let rest = this.#held.length === 0 ? Uint8Array.from(bytes) : concatBytes(this.#held, bytes);
    while (rest.length > 0) {
      const opened = this.#afterFlag && (rest[0] as number) >> 4 === 0x0a;
      const whole = opened ? concatBytes(Uint8Array.of(FLAG), rest) : rest;
      const length = frameLength(whole);
      if (length === undefined || length > whole.length) {
        if (length === undefined ? rest.length < 8 : length <= HELD_OCTETS) break;
        frames.push(rest);
        rest = rest.subarray(rest.length);
        continue;
      }
      frames.push(whole.slice(0, length));
      this.#afterFlag = whole[length - 1] === FLAG;
      rest = rest.subarray(opened ? length - 1 : length);
    }
    this.#held = rest;
    return frames;
  }

  /** What is held of an unfinished frame, if its rest is overdue. */
  rest(nowMs: number): Uint8Array[] {
    if (this.#held.length === 0 || nowMs - this.#lastAt < QUIET_MS) return [];
    const held = this.#held;
    this.#held = new Uint8Array(0);
    this.#afterFlag = false;
    return [held];
  }
}

/** Octets of the frame at the start; all of them for what begins no frame; undefined when more octets decide. */
function frameLength(bytes: Uint8Array): number | undefined {
  const [first = 0, second = 0, third = 0] = bytes;
  if (first === FLAG) {
    if (bytes.length < 3) return undefined;
    // Flags between frames, such as one that closes a frame and is said twice; the last may open the next.
    if (second === FLAG) return flagsAt(bytes) - 1;
    return second >> 4 === 0x0a ? (((second & 7) << 8) | third) + 2 : bytes.length;
  }
  if (first === 0) {
    if (bytes.length < 2) return undefined;
    if (second !== 1) return bytes.length;
    return bytes.length < 8 ? undefined : 8 + (((bytes[6] as number) << 8) | (bytes[7] as number));
  }
  return bytes.length;
}

function flagsAt(bytes: Uint8Array): number {
  let count = 0;
  while (bytes[count] === FLAG) count++;
  return count;
}
