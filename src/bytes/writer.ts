/**
 * A growing output buffer, big-endian. Range errors are ours (`FIELD_INVALID`), not the peer's.
 * `finish()` gives a copy that is exactly as long as what was written.
 */
import { usageError } from "../core/errors.js";

export class Writer {
  #buffer: Uint8Array;
  #view: DataView;
  #length = 0;
  /** How many `nested` values are open; see fields.ts. */
  depth = 0;

  constructor(capacity = 128) {
    this.#buffer = new Uint8Array(capacity);
    this.#view = new DataView(this.#buffer.buffer);
  }

  get length(): number {
    return this.#length;
  }

  #grow(count: number): number {
    const start = this.#length;
    const needed = start + count;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
      larger.set(this.#buffer);
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = needed;
    return start;
  }

  #integer(value: number, low: number, high: number): number {
    if (!Number.isInteger(value) || value < low || value > high)
      throw usageError("FIELD_INVALID", "value", `an integer from ${low} to ${high} is expected`);
    return value;
  }

  #big(value: bigint, low: bigint, high: bigint): bigint {
    if (typeof value !== "bigint" || value < low || value > high)
      throw usageError("FIELD_INVALID", "value", `a bigint from ${low} to ${high} is expected`);
    return value;
  }

  u8(value: number): void {
    this.#integer(value, 0, 0xff);
    this.#view.setUint8(this.#grow(1), value);
  }
  i8(value: number): void {
    this.#integer(value, -0x80, 0x7f);
    this.#view.setInt8(this.#grow(1), value);
  }
  u16(value: number): void {
    this.#integer(value, 0, 0xffff);
    this.#view.setUint16(this.#grow(2), value);
  }
  i16(value: number): void {
    this.#integer(value, -0x8000, 0x7fff);
    this.#view.setInt16(this.#grow(2), value);
  }
  u32(value: number): void {
    this.#integer(value, 0, 0xffff_ffff);
    this.#view.setUint32(this.#grow(4), value);
  }
  i32(value: number): void {
    this.#integer(value, -0x8000_0000, 0x7fff_ffff);
    this.#view.setInt32(this.#grow(4), value);
  }
  u64(value: bigint): void {
    this.#big(value, 0n, 0xffff_ffff_ffff_ffffn);
    this.#view.setBigUint64(this.#grow(8), value);
  }
  i64(value: bigint): void {
    this.#big(value, -0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn);
    this.#view.setBigInt64(this.#grow(8), value);
  }
  f32(value: number): void {
    this.#view.setFloat32(this.#grow(4), value);
  }
  f64(value: number): void {
    this.#view.setFloat64(this.#grow(8), value);
  }

  bytes(value: Uint8Array): void {
    // Grow first: it may replace the buffer that the next line writes to.
    const start = this.#grow(value.length);
    this.#buffer.set(value, start);
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }
}
