/**
 * Contents of the BER values ACSE uses: INTEGER, BIT STRING, OBJECT IDENTIFIER, OCTET STRING inside a tag.
 * Each codec reads all of its (bounded) reader; what it writes is the shortest form.
 */
import { type Codec, restBytes } from "../bytes/codec.js";
import { usageError } from "../core/errors.js";
import { readBerElement, writeBerElement } from "./tlv.js";
import { encodeAll } from "../bytes/codec.js";
import { Reader } from "../bytes/reader.js";

const anyInteger: Codec<number>["shape"] = {
  kind: "integer",
  low: -0x8000_0000n,
  high: 0x7fff_ffffn,
  big: false,
};

/** INTEGER of at most 4 octets. */
export const berInteger: Codec<number> = {
  decode: (reader) => {
    const length = reader.remaining;
    if (length < 1 || length > 4) reader.fail(`an integer of ${length} octets is not supported`);
    let value = reader.i8();
    while (reader.remaining > 0) value = value * 0x100 + reader.u8();
    return value;
  },
  encode: (writer, value) => {
    if (!Number.isInteger(value) || value < -0x8000_0000 || value > 0x7fff_ffff)
      throw usageError("FIELD_INVALID", "value", "an integer of 32 bits is expected");
    let length = 1;
    while (length < 4 && (value < -(2 ** (8 * length - 1)) || value >= 2 ** (8 * length - 1))) length++;
    for (let i = length - 1; i >= 0; i--) writer.u8((value >> (8 * i)) & 0xff);
  },
  shape: anyInteger,
};

/** BIT STRING as "0" and "1", first bit first. Unused bits are written as zero. */
export const berBits: Codec<string> = {
  decode: (reader) => {
    const at = reader.offset;
    const unused = reader.u8();
    let bits = "";
    while (reader.remaining > 0) bits += reader.u8().toString(2).padStart(8, "0");
    if (unused > 7 || unused > bits.length) reader.fail(`${unused} unused bits`, at);
    return bits.slice(0, bits.length - unused);
  },
  encode: (writer, value) => {
    if (!/^[01]*$/.test(value))
      throw usageError("FIELD_INVALID", "value", "a string of the characters 0 and 1 is expected");
    const octets = Math.ceil(value.length / 8);
    writer.u8(octets * 8 - value.length);
    const padded = value.padEnd(octets * 8, "0");
    for (let i = 0; i < octets; i++) writer.u8(Number.parseInt(padded.slice(8 * i, 8 * i + 8), 2));
  },
  shape: {
    kind: "mapped",
    inner: { ...restBytes, shape: { kind: "bytes", min: 0, max: 20 } },
    from: (bytes: Uint8Array) => [...bytes].map((octet) => octet & 1).join(""),
  },
};

/** OBJECT IDENTIFIER as dotted text, e.g. "2.16.756.5.8.1.1". Arcs up to 2^32 - 1. */
export const objectIdentifier: Codec<string> = {
  decode: (reader) => {
    const arcs: number[] = [];
    if (reader.remaining === 0) reader.fail("an object identifier without arcs");
    while (reader.remaining > 0) {
      const at = reader.offset;
      let arc = 0;
      let octet: number;
      do {
        octet = reader.u8();
        arc = arc * 0x80 + (octet & 0x7f);
        if (arc > 0xffff_ffff) reader.fail("an arc above 32 bits is not supported", at);
      } while (octet >= 0x80);
      if (arcs.length === 0) {
        const first = Math.min(2, Math.floor(arc / 40));
        arcs.push(first, arc - 40 * first);
      } else arcs.push(arc);
    }
    return arcs.join(".");
  },
  encode: (writer, value) => {
    const arcs = value.split(".").map(Number);
    const [first, second, ...rest] = arcs;
    if (first === undefined || second === undefined || !/^\d+(\.\d+)+$/.test(value) || first > 2)
      throw usageError("FIELD_INVALID", "value", "an object identifier in dotted form is expected");
    for (const arc of [first * 40 + second, ...rest]) {
      if (arc > 0xffff_ffff)
        throw usageError("FIELD_INVALID", "value", "arcs of at most 32 bits are expected");
      let count = 1;
      while (arc >= 0x80 ** count) count++;
      for (let i = count - 1; i >= 0; i--)
        writer.u8((Math.floor(arc / 0x80 ** i) & 0x7f) | (i > 0 ? 0x80 : 0));
    }
  },
  shape: {
    kind: "mapped",
    inner: { ...restBytes, shape: { kind: "bytes", min: 1, max: 8 } },
    from: (bytes: Uint8Array) => objectIdentifier.decode(new Reader(bytes.map((octet) => octet & 0x7f))),
  },
};

/** Exactly one element with `tag` around `contents`: EXPLICIT tagging. */
export function explicit<T>(tag: number, contents: Codec<T>): Codec<T> {
  return {
    decode: (reader) => {
      const at = reader.offset;
      const element = readBerElement(reader);
      if (element.tag !== tag)
        reader.fail(`tag ${tag.toString(16)} expected, ${element.tag.toString(16)} found`, at);
      const end = reader.offset;
      const inner = new Reader(reader.bytes, end - element.contents.length, end, reader.tracer);
      const value = contents.decode(inner);
      inner.expectEnd();
      return value;
    },
    encode: (writer, value) => writeBerElement(writer, { tag, contents: encodeAll(contents, value) }),
    shape: contents.shape,
  };
}
