/** float32 and float64 of Data (IEEE 754). A NaN keeps its octets: there are many and JavaScript tells none apart. */
import { type Codec } from "../bytes/codec.js";
import { usageError } from "../core/errors.js";

export interface Float {
  readonly value: number;
  readonly octets?: Uint8Array;
}

export function float(length: 4 | 8): Codec<Float> {
  return {
    decode: (reader) => {
      const start = reader.offset;
      const value = length === 4 ? reader.f32() : reader.f64();
      return Number.isNaN(value)
        ? { value, octets: reader.bytes.subarray(start, start + length) }
        : { value };
    },
    encode: (writer, { value, octets }) => {
      if (octets !== undefined) {
        if (octets.length !== length)
          throw usageError("FIELD_INVALID", "octets", `exactly ${length} octets are expected`);
        writer.bytes(octets);
      } else if (length === 4) writer.f32(value);
      else writer.f64(value);
    },
    shape: {
      kind: "mapped",
      inner: {
        decode: () => 0,
        encode: () => undefined,
        shape: { kind: "float", bits: length === 4 ? 32 : 64 },
      },
      from: (value: number) => ({ value }),
    },
  };
}
