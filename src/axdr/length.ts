/**
 * A-XDR lengths and counts (IEC 61334-6): one octet below 128, else `8n` and n octets.
 * A longer form than needed is legal; how many octets it took is kept so that it can be written again.
 */
import { type Codec } from "../bytes/codec.js";
import { type Reader } from "../bytes/reader.js";
import { type Writer } from "../bytes/writer.js";
import { limits } from "../core/limits.js";

export interface AxdrLength {
  readonly length: number;
  /** Octets of the length field itself; only when the shortest form was not used. */
  readonly octets?: number;
}

/** Octets of the shortest form. */
export function lengthOctets(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x100) return 2;
  if (length < 0x1_0000) return 3;
  return length < 0x100_0000 ? 4 : 5;
}

export function readLength(reader: Reader): AxdrLength {
  const at = reader.offset;
  const first = reader.u8();
  if (first < 0x80) return { length: first };
  const count = first & 0x7f;
  if (count === 0 || count > 4) reader.fail(`a length of ${count} octets is not supported`, at);
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 0x100 + reader.u8();
  return lengthOctets(length) === count + 1 ? { length } : { length, octets: count + 1 };
}

/** @param octets the form to use (1 to 5 octets in all); too short a form is widened. */
export function writeLength(writer: Writer, length: number, octets = 0): void {
  const total = Math.max(lengthOctets(length), octets);
  if (total === 1) return writer.u8(length);
  writer.u8(0x80 | (total - 1));
  for (let i = total - 2; i >= 0; i--) writer.u8(Math.floor(length / 0x100 ** i) & 0xff);
}

/** The number alone; written in the shortest form. */
export const lengthCodec: Codec<number> = {
  decode: (reader) => readLength(reader).length,
  encode: (writer, value) => writeLength(writer, value),
  shape: { kind: "integer", low: 0n, high: BigInt(limits.elements), big: false },
};
