/**
 * Combinators for values whose keys come from several codecs: `merged` puts objects side by side, `valueOf` makes
 * a one-key object, `nested` bounds recursion. They let a codec keep an odd wire form beside the value it belongs to.
 */
import { usageError } from "../core/errors.js";
import { type AnyCodec, type Codec, type CodecValue } from "./codec.js";

type Intersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void ? I : never;

/** Parts in order on the wire; their keys stand in one object. No two parts may use the same key. */
export function merged<P extends readonly AnyCodec[]>(
  ...parts: P
): Codec<Intersection<CodecValue<P[number]>>> {
  return {
    decode: (reader) => {
      const value = {};
      for (const part of parts) Object.assign(value, part.decode(reader));
      return value as Intersection<CodecValue<P[number]>>;
    },
    encode: (writer, value) => {
      for (const part of parts) part.encode(writer, value);
    },
    shape: { kind: "merge", parts },
  };
}

/** `{ value }` around a codec, without a level of its own in the byte table. */
export function valueOf<T>(codec: Codec<T>): Codec<{ readonly value: T }> {
  return {
    decode: (reader) => ({ value: codec.decode(reader) }),
    encode: (writer, { value }) => codec.encode(writer, value),
    shape: { kind: "seq", fields: { value: codec } },
  };
}

/** A codec that may contain itself, at most `max` times inside one another. */
export function nested<T>(max: number, codec: Codec<T>): Codec<T> {
  return {
    decode: (reader) => {
      if (reader.depth >= max) reader.fail(`nested deeper than ${max}`);
      reader.depth++;
      const value = codec.decode(reader);
      reader.depth--;
      return value;
    },
    encode: (writer, value) => {
      if (writer.depth >= max)
        throw usageError("FIELD_INVALID", "value", `nesting of at most ${max} is expected`);
      writer.depth++;
      codec.encode(writer, value);
      writer.depth--;
    },
    shape: codec.shape,
  };
}
