/**
 * Cuts HDLC frames out of a byte stream. The length field delimits; a header check that holds is what makes the
 * length believable, so a false start is given up after a few octets and the search goes on one octet further,
 * not one chunk further. A flag may close one frame and open the next. The buffer never grows.
 */
import { Reader } from "../bytes/reader.js";
import { DecodeError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { fcs16 } from "./fcs.js";
import { FLAG, FORMAT_TYPE, frameBodyCodec, MAX_LENGTH, MIN_LENGTH, type HdlcFrame } from "./frame.js";

export type HdlcDeframerItem =
  /** `bytes` has both flags, the closing one even when the peer shares it with the next frame. */
  | { readonly type: "frame"; readonly frame: HdlcFrame; readonly bytes: Uint8Array }
  | { readonly type: "noise"; readonly bytes: Uint8Array; readonly reason: string };

type Verdict =
  | { readonly type: "more" }
  | { readonly type: "reject"; readonly reason: string }
  | { readonly type: "complete"; readonly length: number };

const MORE: Verdict = { type: "more" };

export class HdlcDeframer {
  readonly #buffer = new Uint8Array(Math.max(limits.deframerBytes, MAX_LENGTH + 2));
  #start = 0;
  #end = 0;
  /** The flag at `#start` has closed a frame: it is no noise, and it may open the next one. */
  #afterFrame = false;

  /** True while octets of a frame that has begun are waiting for the rest. */
  get incomplete(): boolean {
    return this.#end - this.#start > 1 || (this.#end > this.#start && !this.#afterFrame);
  }

  /** What the octets complete, in order. Never throws; keeps at most one unfinished frame. */
  push(bytes: Uint8Array): HdlcDeframerItem[] {
    const items: HdlcDeframerItem[] = [];
    let offset = 0;
    while (offset < bytes.length) {
      this.#compact();
      const count = Math.min(this.#buffer.length - this.#end, bytes.length - offset);
      this.#buffer.set(bytes.subarray(offset, offset + count), this.#end);
      this.#end += count;
      offset += count;
      this.#scan(items);
    }
    return items;
  }

  /** Gives up the unfinished frame (its rest is not coming) and looks for another behind its first octet. */
  abandon(): HdlcDeframerItem[] {
    const items: HdlcDeframerItem[] = [];
    if (!this.incomplete) return items;
    if (!this.#afterFrame)
      items.push({
        type: "noise",
        bytes: this.#buffer.slice(this.#start, this.#start + 1),
        reason: "the rest of a frame did not come",
      });
    this.#start += 1;
    this.#afterFrame = false;
    this.#scan(items);
    return items;
  }

  /** Forgets everything, e.g. when another link starts on the channel. */
  reset(): void {
    this.#start = this.#end = 0;
    this.#afterFrame = false;
  }

  #compact(): void {
    if (this.#start === 0) return;
    this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }

  #scan(items: HdlcDeframerItem[]): void {
    let noiseStart = this.#start;
    let reason = "";
    const flush = (): void => {
      if (this.#start > noiseStart)
        items.push({ type: "noise", bytes: this.#buffer.slice(noiseStart, this.#start), reason });
      noiseStart = this.#start;
      reason = "";
    };
    const stepOver = (octets: number): void => {
      flush();
      this.#start += octets;
      noiseStart = this.#start;
    };
    while (this.#start < this.#end) {
      const isFlag = this.#buffer[this.#start] === FLAG;
      if (isFlag && this.#buffer[this.#start + 1] === FLAG && this.#start + 1 < this.#end) {
        // Flags between frames are fill.
        stepOver(1);
        this.#afterFrame = true;
        continue;
      }
      const verdict: Verdict = isFlag ? this.#examine() : { type: "reject", reason: "no flag" };
      if (verdict.type === "more") break;
      const frame = verdict.type === "complete" ? this.#decode(verdict.length) : verdict.reason;
      if (typeof frame !== "string") {
        flush();
        items.push(frame);
        stepOver(frame.bytes.length - 1);
        this.#afterFrame = true;
        continue;
      }
      if (isFlag && this.#afterFrame) stepOver(1);
      else {
        if (reason === "") reason = frame;
        this.#start += 1;
      }
      this.#afterFrame = false;
      if (!isFlag) this.#skipToFlag();
    }
    flush();
  }

  #skipToFlag(): void {
    const next = this.#buffer.indexOf(FLAG, this.#start);
    this.#start = next === -1 || next > this.#end ? this.#end : next;
  }

  /** Looks at what follows the flag at `#start`, as far as it has arrived. */
  #examine(): Verdict {
    const buffer = this.#buffer;
    const body = this.#start + 1;
    const available = this.#end - body;
    if (available < 1) return MORE;
    if (((buffer[body] as number) & 0xf0) !== FORMAT_TYPE) return reject("no frame format field");
    if (available < 2) return MORE;
    const length = (((buffer[body] as number) & 0x07) << 8) | (buffer[body + 1] as number);
    if (length < MIN_LENGTH) return reject("length too small");
    let at = body + 2;
    for (let address = 0; address < 2; address++) {
      const first = at;
      do {
        if (at - first === 4) return reject("address too long");
        if (at >= this.#end) return MORE;
      } while (((buffer[at++] as number) & 1) === 0);
      if (at - first === 3) return reject("address of 3 octets");
    }
    at += 1;
    if (at + 2 > body + length) return reject("length too small");
    if (at + 2 > this.#end) return MORE;
    const check = (buffer[at] as number) | ((buffer[at + 1] as number) << 8);
    if (fcs16(buffer, body, at) !== check) return reject("wrong HCS");
    return available < length ? MORE : { type: "complete", length };
  }

  #decode(length: number): (HdlcDeframerItem & { type: "frame" }) | string {
    const bytes = this.#buffer.slice(this.#start, this.#start + length + 2);
    const whole = bytes.length === length + 2 ? bytes : extend(bytes, length + 2);
    whole[length + 1] = FLAG;
    try {
      const reader = new Reader(whole, 1, length + 1);
      const frame = frameBodyCodec.decode(reader);
      return { type: "frame", frame, bytes: whole };
    } catch (caught) {
      if (caught instanceof DecodeError) return caught.message;
      throw caught;
    }
  }
}

function reject(reason: string): Verdict {
  return { type: "reject", reason };
}

function extend(bytes: Uint8Array, length: number): Uint8Array {
  const extended = new Uint8Array(length);
  extended.set(bytes);
  return extended;
}
