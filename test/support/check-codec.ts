/**
 * What must hold for every codec, checked with values drawn from its `shape`: decode(encode(v)) is v in good-path and
 * in tracing mode; every truncation and every single-bit flip gives a value that encodes to the same octets, or a
 * DecodeError, never anything else.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AnyCodec,
  type Codec,
  type Shape,
  decodeAll,
  encodeAll,
  inspectAll,
} from "../../src/bytes/codec.js";
import { toHex } from "../../src/bytes/hex.js";
import { DecodeError } from "../../src/core/errors.js";

/** Random values of a codec. `depth` bounds how often a recursive codec is entered. */
export function arbitraryOf(codec: AnyCodec, depth = 3): fc.Arbitrary<unknown> {
  return fromShape(codec.shape, depth);
}

function fromShape(shape: Shape, depth: number): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case "integer":
      return shape.big
        ? fc.bigInt({ min: shape.low, max: shape.high })
        : fc.integer({
            min: Math.max(Number(shape.low), Number.MIN_SAFE_INTEGER),
            max: Math.min(Number(shape.high), Number.MAX_SAFE_INTEGER),
          });
    case "float":
      return shape.bits === 32
        ? fc.float({ noNaN: true }).map((value) => Math.fround(value))
        : fc.double({ noNaN: true });
    case "bytes":
      return fc.uint8Array({ minLength: shape.min, maxLength: Math.min(shape.max, shape.min + 140) });
    case "boolean":
      return fc.boolean();
    case "constant":
      return fc.constant(shape.value);
    case "seq":
      return fc
        .record(
          Object.fromEntries(
            Object.entries(shape.fields).map(([name, field]) => [name, arbitraryOf(field, depth)]),
          ),
        )
        .map(withoutUndefined);
    case "merge":
      return fc
        .tuple(...shape.parts.map((part) => arbitraryOf(part, depth)))
        .map((parts) => Object.assign({}, ...parts) as unknown);
    case "choice": {
      const all = Object.entries(shape.variants);
      const flat = depth > 0 ? all : all.filter(([, variant]) => !isRecursive(variant.shape));
      return fc.oneof(
        ...flat.map(([type, variant]) =>
          arbitraryOf(variant, depth).map((fields) => ({ type, ...(fields as object) })),
        ),
      );
    }
    case "oneOf":
      return fc.oneof(...shape.options.map((option) => arbitraryOf(option, depth)));
    case "seqOf":
      if (depth <= 0 && isRecursive(shape.item.shape)) return fc.constant([]);
      return fc.array(arbitraryOf(shape.item, depth), {
        minLength: shape.min,
        maxLength: Math.min(shape.max, shape.min + 4),
      });
    case "optional":
      return fc.option(arbitraryOf(shape.item, depth), { nil: undefined });
    case "flags":
      return fc.subarray([...shape.names]).map((names) => new Set(names));
    case "mapped": {
      const from = shape.from as (wire: unknown) => unknown;
      return arbitraryOf(shape.inner, depth).map((wire) => from(wire));
    }
    case "refine": {
      const accepts = shape.accepts as (value: unknown) => boolean;
      return arbitraryOf(shape.inner, depth).filter((value) => accepts(value));
    }
    case "lazy":
      return depth > 0 ? arbitraryOf(shape.get(), depth - 1) : fc.constant(undefined);
  }
}

function isRecursive(shape: Shape): boolean {
  switch (shape.kind) {
    case "lazy":
      return true;
    case "seq":
      return Object.values(shape.fields).some((field) => isRecursive(field.shape));
    case "choice":
      return Object.values(shape.variants).some((variant) => isRecursive(variant.shape));
    case "merge":
      return shape.parts.some((part) => isRecursive(part.shape));
    case "oneOf":
      return shape.options.some((option) => isRecursive(option.shape));
    case "seqOf":
    case "optional":
      return isRecursive(shape.item.shape);
    case "mapped":
    case "refine":
      return isRecursive(shape.inner.shape);
    case "integer":
    case "float":
    case "bytes":
    case "boolean":
    case "constant":
    case "flags":
      return false;
  }
}

/** Decoders leave absent keys out; drawn values must too. Sets and octets stay as they are. */
function withoutUndefined(value: unknown): unknown {
  return Object.fromEntries(Object.entries(value as object).filter(([, field]) => field !== undefined));
}

/** Everything of the header comment, for `runs` drawn values. */
export function checkCodec<T>(codec: Codec<T>, { runs = 100 } = {}): void {
  fc.assert(
    fc.property(arbitraryOf(codec) as fc.Arbitrary<T>, (value) => {
      const bytes = encodeAll(codec, value);
      assert.deepStrictEqual(decodeAll(codec, bytes), value);
      assert.deepStrictEqual(inspectAll(codec, bytes).value, value);
    }),
    { numRuns: runs },
  );
  fc.assert(
    fc.property(arbitraryOf(codec) as fc.Arbitrary<T>, fc.nat(), (value, seed) => {
      const bytes = encodeAll(codec, value);
      const step = Math.max(1, Math.floor(bytes.length / 24));
      for (let length = seed % step; length < bytes.length; length += step)
        checkDamaged(codec, bytes.subarray(0, length));
      for (let at = seed % step; at < bytes.length; at += step)
        for (let bit = 0; bit < 8; bit++) {
          const flipped = bytes.slice();
          flipped[at] = (flipped[at] as number) ^ (1 << bit);
          checkDamaged(codec, flipped);
        }
    }),
    { numRuns: Math.ceil(runs / 5) },
  );
}

/** Octets a peer could send: a value that encodes to the same octets again, or a DecodeError. Both modes agree. */
export function checkDamaged<T>(codec: Codec<T>, bytes: Uint8Array): void {
  let value: T;
  try {
    value = decodeAll(codec, bytes);
  } catch (caught) {
    if (caught instanceof DecodeError) {
      assert.ok(
        inspectAll(codec, bytes).error instanceof DecodeError,
        "tracing mode decodes what the good path refuses",
      );
      return;
    }
    throw caught;
  }
  assert.deepStrictEqual(inspectAll(codec, bytes).value, value);
  assert.equal(toHex(encodeAll(codec, value)), toHex(bytes));
}
