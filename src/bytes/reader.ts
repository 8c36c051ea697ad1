/**
 * A bounded cursor over received bytes. Every read checks what is left; a short read is a `DecodeError`.
 * With a `Tracer` attached it also records which element took which octets (see inspect.ts); without one
 * it keeps nothing but an offset. Big-endian throughout, as DLMS is.
 */
import { DecodeError } from "../core/errors.js";
import type { Tracer } from "./inspect.js";

export class Reader {
  readonly bytes: Uint8Array;
  readonly tracer: Tracer | undefined;
  offset: number;
  /** How many `nested` values are open; see fields.ts. */
  depth = 0;
  /** First offset that may not be read. */
  readonly end: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length, tracer?: Tracer) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
    this.tracer = tracer;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  fail(message: string, at = this.offset): never {
    throw new DecodeError(message, at, this.tracer?.path() ?? "");
  }

  /** Makes sure `count` more octets are there and steps over them; returns where they start. */
  advance(count: number): number {
    const start = this.offset;
    if (count < 0 || start + count > this.end) this.fail(`${count} octets expected, ${this.remaining} left`);
    this.offset = start + count;
    return start;
  }

  peekU8(): number {
    if (this.offset >= this.end) this.fail("1 octet expected, 0 left");
    return this.#view.getUint8(this.offset);
  }

  u8(): number {
    return this.#view.getUint8(this.advance(1));
  }
  i8(): number {
    return this.#view.getInt8(this.advance(1));
  }
  u16(): number {
    return this.#view.getUint16(this.advance(2));
  }
  i16(): number {
    return this.#view.getInt16(this.advance(2));
  }
  u32(): number {
    return this.#view.getUint32(this.advance(4));
  }
  i32(): number {
    return this.#view.getInt32(this.advance(4));
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.advance(8));
  }
  i64(): bigint {
    return this.#view.getBigInt64(this.advance(8));
  }
  f32(): number {
    return this.#view.getFloat32(this.advance(4));
  }
  f64(): number {
    return this.#view.getFloat64(this.advance(8));
  }

  /** A view (no copy) of the next `count` octets. */
  take(count: number): Uint8Array {
    const start = this.advance(count);
    return this.bytes.subarray(start, start + count);
  }

  /** A reader bounded to the next `count` octets; this reader steps over them. Offsets stay those of the whole. */
  slice(count: number): Reader {
    const start = this.advance(count);
    const part = new Reader(this.bytes, start, start + count, this.tracer);
    part.depth = this.depth;
    return part;
  }

  expectEnd(): void {
    if (this.remaining > 0) this.fail(`${this.remaining} octets left over`);
  }
}
