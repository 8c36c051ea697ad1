/**
 * bit-string, visible-string and utf8-string of Data. Text that would not give its octets back (ill-formed UTF-8)
 * keeps them; unused bits of a bit-string that are not zero are kept as `padding`.
 */
import { type Codec } from "../bytes/codec.js";
import { equalBytes, fromLatin1, toLatin1 } from "../bytes/hex.js";
import { usageError } from "../core/errors.js";
import { type Formed, octets } from "./fields.js";
import { readLength, writeLength } from "./length.js";

export interface BitString {
  readonly value: string;
  /** The unused low bits of the last octet, when not zero. */
  readonly padding?: number;
  readonly lengthOctets?: number;
}

/** The bits of each octet. */
const bitsOf = Array.from({ length: 256 }, (_, octet) => octet.toString(2).padStart(8, "0"));

/** Length in bits, then the octets, most significant bit first. */
export const bitString: Codec<BitString> = {
  decode: (reader) => {
    const { length, octets: form } = readLength(reader);
    const bytes = reader.take(Math.ceil(length / 8));
    let bits = "";
    for (const octet of bytes) bits += bitsOf[octet];
    const padding = bits.length > length ? Number.parseInt(bits.slice(length), 2) : 0;
    return {
      value: bits.slice(0, length),
      ...(padding === 0 ? {} : { padding }),
      ...(form === undefined ? {} : { lengthOctets: form }),
    };
  },
  encode: (writer, { value, padding = 0, lengthOctets }) => {
    if (!/^[01]*$/.test(value))
      throw usageError("FIELD_INVALID", "value", "a string of the characters 0 and 1 is expected");
    writeLength(writer, value.length, lengthOctets);
    for (let at = 0; at < value.length; at += 8) {
      const bits = value.slice(at, at + 8);
      const octet = Number.parseInt(bits, 2) << (8 - bits.length);
      writer.u8(bits.length < 8 ? octet | (padding & ((1 << (8 - bits.length)) - 1)) : octet);
    }
  },
  shape: {
    kind: "mapped",
    inner: octets({ max: 20 }),
    from: (bytes: Uint8Array) => ({ value: [...bytes].map((octet) => octet & 1).join("") }),
  },
};

export interface Text {
  readonly value: string;
  readonly octets?: Uint8Array;
  readonly lengthOctets?: number;
}

function text(decode: (bytes: Uint8Array) => string, encode: (value: string) => Uint8Array): Codec<Text> {
  const inner: Codec<Formed<Uint8Array>> = octets();
  return {
    decode: (reader) => {
      const { value: bytes, form } = inner.decode(reader);
      const value = decode(bytes);
      return {
        value,
        ...(equalBytes(encode(value), bytes) ? {} : { octets: bytes }),
        ...(form === undefined ? {} : { lengthOctets: form }),
      };
    },
    encode: (writer, { value, octets: kept, lengthOctets: form }) => {
      const bytes = kept ?? encode(value);
      inner.encode(writer, form === undefined ? { value: bytes } : { value: bytes, form });
    },
    shape: {
      kind: "mapped",
      inner,
      from: (bytes: Uint8Array) => ({ value: decode(bytes.map((octet) => octet & 0x7f)) }),
    },
  };
}

/** One octet a character (ISO 8859-1), whatever the octet. */
export const visibleString: Codec<Text> = text(toLatin1, (value) => fromLatin1(value, "value"));

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

export const utf8String: Codec<Text> = text(
  (bytes) => decoder.decode(bytes),
  (value) => encoder.encode(value),
);
