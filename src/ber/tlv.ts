/**
 * The little BER that ACSE needs (ITU-T X.690): single-octet tags, definite lengths. A length written longer than
 * needed is kept as `lengthOctets`. High tag numbers and indefinite lengths are not used by DLMS and fail.
 */
import { type Reader } from "../bytes/reader.js";
import { type Writer } from "../bytes/writer.js";

export interface BerElement {
  readonly tag: number;
  readonly contents: Uint8Array;
  /** Octets of the length field, when not the shortest form. */
  readonly lengthOctets?: number;
}

export interface BerLength {
  readonly length: number;
  readonly octets?: number;
}

/** Octets of the shortest length field. */
export function berLengthOctets(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x100) return 2;
  return length < 0x1_0000 ? 3 : 4;
}

export function readBerTag(reader: Reader): number {
  const at = reader.offset;
  const tag = reader.u8();
  if ((tag & 0x1f) === 0x1f) reader.fail("a tag number above 30 is not supported", at);
  return tag;
}

export function readBerLength(reader: Reader): BerLength {
  const at = reader.offset;
  const first = reader.u8();
  if (first < 0x80) return { length: first };
  const count = first & 0x7f;
  if (count === 0) reader.fail("an indefinite length is not supported", at);
  if (count > 3) reader.fail(`a length of ${count} octets is not supported`, at);
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 0x100 + reader.u8();
  return berLengthOctets(length) === count + 1 ? { length } : { length, octets: count + 1 };
}

export function writeBerLength(writer: Writer, length: number, octets = 0): void {
  const total = Math.max(berLengthOctets(length), octets);
  if (total === 1) return writer.u8(length);
  writer.u8(0x80 | (total - 1));
  for (let i = total - 2; i >= 0; i--) writer.u8((length >> (8 * i)) & 0xff);
}

/** @throws DecodeError when the contents are not all there. */
export function readBerElement(reader: Reader): BerElement {
  const tag = readBerTag(reader);
  const { length, octets } = readBerLength(reader);
  const contents = reader.take(length);
  return octets === undefined ? { tag, contents } : { tag, contents, lengthOctets: octets };
}

export function writeBerElement(writer: Writer, { tag, contents, lengthOctets }: BerElement): void {
  writer.u8(tag);
  writeBerLength(writer, contents.length, lengthOctets);
  writer.bytes(contents);
}
