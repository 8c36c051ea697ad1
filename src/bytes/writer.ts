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

  // Grow first, everywhere: it may replace the view that is written to.
  u8(value: number): void {
    this.#integer(value, 0, 0xff);
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
  }
  i8(value: number): void {
    this.#integer(value, -0x80, 0x7f);
    const at = this.#grow(1);
    this.#view.setInt8(at, value);
  }
  u16(value: number): void {
    this.#integer(value, 0, 0xffff);
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
  }
  i16(value: number): void {
    this.#integer(value, -0x8000, 0x7fff);
    const at = this.#grow(2);
    this.#view.setInt16(at, value);
  }
  u32(value: number): void {
    this.#integer(value, 0, 0xffff_ffff);
    const at = this.#grow(4);
    this.#view.setUint32(at, value);
  }
  i32(value: number): void {
    this.#integer(value, -0x8000_0000, 0x7fff_ffff);
    const at = this.#grow(4);
    this.#view.setInt32(at, value);
  }
  u64(value: bigint): void {
    this.#big(value, 0n, 0xffff_ffff_ffff_ffffn);
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value);
  }
  i64(value: bigint): void {
    this.#big(value, -0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn);
    const at = this.#grow(8);
    this.#view.setBigInt64(at, value);
  }
  f32(value: number): void {
    const at = this.#grow(4);
    this.#view.setFloat32(at, value);
  }
  f64(value: number): void {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value);
  }

  bytes(value: Uint8Array): void {
    const start = this.#grow(value.length);
    this.#buffer.set(value, start);
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }
}
