/**
 * Data as some meters send it in blocks: an outermost array that states more elements than follow, or octets behind
 * the value. Everything else fails as with `dataCodec`.
 */
import { encodeAll } from "../../bytes/codec.js";
import { Reader } from "../../bytes/reader.js";
import { concatBytes } from "../../bytes/hex.js";
import { DecodeError } from "../../core/errors.js";
import { Writer } from "../../bytes/writer.js";
import { type Data, dataCodec, readLength, writeLength } from "../../axdr/index.js";

const ARRAY = 1;

export interface TolerantData {
  readonly data: Data;
  /** How many elements the outermost array states, when that is not how many it has. */
  readonly statedCount?: number;
  /** Octets behind the value. */
  readonly junk?: Uint8Array;
}

/** @throws DecodeError when the octets are not even that. */
export function decodeTolerant(bytes: Uint8Array): TolerantData {
  const reader = new Reader(bytes);
  try {
    const data = dataCodec.decode(reader);
    return reader.remaining === 0 ? { data } : { data, junk: bytes.subarray(reader.offset) };
  } catch (caught) {
    if (!(caught instanceof DecodeError) || bytes[0] !== ARRAY) throw caught;
    return cutArray(bytes);
  }
}

/** An array whose octets end exactly behind an element, before the stated count is reached. */
function cutArray(bytes: Uint8Array): TolerantData {
  const reader = new Reader(bytes, 1);
  const { length: statedCount } = readLength(reader);
  const value: Data[] = [];
  reader.depth = 1;
  while (reader.remaining > 0) value.push(dataCodec.decode(reader));
  return { data: { type: "array", value }, statedCount };
}

/** The octets `decodeTolerant` read. */
export function encodeTolerant({ data, statedCount, junk = new Uint8Array(0) }: TolerantData): Uint8Array {
  if (statedCount === undefined || data.type !== "array")
    return concatBytes(encodeAll(dataCodec, data), junk);
  const writer = new Writer();
  writer.u8(ARRAY);
  writeLength(writer, statedCount);
  for (const element of data.value) dataCodec.encode(writer, element);
  return writer.finish();
}
