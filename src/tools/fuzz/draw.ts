/**
 * Values drawn from a codec's own shape, hostile in size: edges of ranges, long strings, many elements, deep nesting.
 * Encoded, they are what a peer sends that knows the grammar and means harm.
 */
import { type AnyCodec, encodeAll, type Shape } from "../../bytes/codec.js";
import { DlmsError } from "../../core/errors.js";
import { type Random } from "./random.js";

const DEPTH = 5;
const MANY = 300;

/** The octets of a drawn value; of `instead` where the draw fits nothing. */
export function drawEncoded(random: Random, codec: AnyCodec, instead: Uint8Array): Uint8Array {
  try {
    return encodeAll<unknown>(codec, drawValue(random, codec.shape));
  } catch (caught) {
    if (caught instanceof DlmsError && caught.code !== "INTERNAL") return instead;
    throw caught;
  }
}

/** A value of this shape, at most about `DEPTH` levels deep. */
export function drawValue(random: Random, shape: Shape, depth = DEPTH): unknown {
  switch (shape.kind) {
    case "integer":
      return drawInteger(random, shape);
    case "float":
      return random.pick([0, -0, 1.5, -1e-40, 3.4e38, Infinity, -Infinity]);
    case "bytes":
      return random.octets(between(random, shape.min, shape.max, 600));
    case "boolean":
      return random.once(2);
    case "constant":
      return shape.value;
    case "seq":
      return record(
        Object.entries(shape.fields).map(([name, field]) => [name, drawValue(random, field.shape, depth)]),
      );
    case "merge":
      return Object.fromEntries(
        shape.parts.flatMap((part) => Object.entries(drawValue(random, part.shape, depth) as object)),
      );
    case "choice": {
      const [type, variant] = random.pick(Object.entries(shape.variants));
      return { type, ...(drawValue(random, variant.shape, depth) as object) };
    }
    case "oneOf":
      return drawValue(random, random.pick(shape.options).shape, depth);
    case "seqOf": {
      const count =
        depth <= 0 ? shape.min : between(random, shape.min, shape.max, random.once(20) ? MANY : 6);
      return random.times(count, () => drawValue(random, shape.item.shape, depth - 1));
    }
    case "optional":
      return random.once(2) ? drawValue(random, shape.item.shape, depth) : undefined;
    case "flags":
      return new Set(shape.names.filter(() => random.once(2)));
    case "mapped":
      return (shape.from as (wire: unknown) => unknown)(drawValue(random, shape.inner.shape, depth));
    case "refine":
      for (let tries = 0; ; tries++) {
        const value = drawValue(random, shape.inner.shape, depth);
        if (tries > 20 || (shape.accepts as (value: unknown) => boolean)(value)) return value;
      }
    case "lazy":
      return drawValue(random, shape.get().shape, depth - 1);
  }
}

function drawInteger(
  random: Random,
  { low, high, big }: Extract<Shape, { kind: "integer" }>,
): number | bigint {
  const span = high - low;
  const drawn = random.pick([
    low,
    high,
    low + (span >> 1n),
    low + (BigInt(random.below(0x1_0000_0000)) % (span + 1n)),
    low + (BigInt(random.below(17)) % (span + 1n)),
  ]);
  return big ? drawn : Number(drawn);
}

function between(random: Random, min: number, max: number, most: number): number {
  return min + random.size(Math.min(max - min, most));
}

/** Decoders leave absent keys out; so does this. */
function record(entries: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
