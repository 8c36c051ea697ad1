/**
 * A wire format declared once, as a value. Types, validation, error paths, random test values and the byte
 * inspector all come from the same declaration. Pure and synchronous; what depends on context is a function
 * that returns a codec. `shape` is what test/support/check-codec.ts draws random values from.
 */
import { DecodeError, DlmsError, usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { describe, Tracer, type TraceNode } from "./inspect.js";
import { Reader } from "./reader.js";
import { Writer } from "./writer.js";

export interface Codec<T> {
  /** Reads one value. @throws DecodeError for anything the bytes can do wrong. */
  decode(reader: Reader): T;
  /** Writes one value. @throws DlmsError FIELD_INVALID naming the field that does not fit. */
  encode(writer: Writer, value: T): void;
  readonly shape: Shape;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a codec of anything: variance needs `any` here
export type AnyCodec = Codec<any>;
export type CodecValue<C> = C extends Codec<infer T> ? T : never;

/** How values of a codec look; enough to draw random ones. */
export type Shape =
  | { readonly kind: "integer"; readonly low: bigint; readonly high: bigint; readonly big: boolean }
  | { readonly kind: "float"; readonly bits: 32 | 64 }
  | { readonly kind: "bytes"; readonly min: number; readonly max: number }
  | { readonly kind: "boolean" }
  | { readonly kind: "constant"; readonly value: unknown }
  | { readonly kind: "seq"; readonly fields: Readonly<Record<string, AnyCodec>> }
  | { readonly kind: "merge"; readonly parts: readonly AnyCodec[] }
  | { readonly kind: "choice"; readonly variants: Readonly<Record<string, AnyCodec>> }
  | { readonly kind: "seqOf"; readonly item: AnyCodec; readonly min: number; readonly max: number }
  | { readonly kind: "oneOf"; readonly options: readonly AnyCodec[] }
  | { readonly kind: "optional"; readonly item: AnyCodec }
  | { readonly kind: "flags"; readonly names: readonly string[] }
  | { readonly kind: "mapped"; readonly inner: AnyCodec; readonly from: (wire: never) => unknown }
  | { readonly kind: "refine"; readonly inner: AnyCodec; readonly accepts: (value: never) => boolean }
  | { readonly kind: "lazy"; readonly get: () => AnyCodec };

function integer(
  low: bigint,
  high: bigint,
  decode: (reader: Reader) => number,
  encode: (writer: Writer, value: number) => void,
): Codec<number> {
  return { decode, encode, shape: { kind: "integer", low, high, big: false } };
}

export const u8 = integer(
  0n,
  0xffn,
  (r) => r.u8(),
  (w, v) => w.u8(v),
);
export const i8 = integer(
  -0x80n,
  0x7fn,
  (r) => r.i8(),
  (w, v) => w.i8(v),
);
export const u16 = integer(
  0n,
  0xffffn,
  (r) => r.u16(),
  (w, v) => w.u16(v),
);
export const i16 = integer(
  -0x8000n,
  0x7fffn,
  (r) => r.i16(),
  (w, v) => w.i16(v),
);
export const u32 = integer(
  0n,
  0xffff_ffffn,
  (r) => r.u32(),
  (w, v) => w.u32(v),
);
export const i32 = integer(
  -0x8000_0000n,
  0x7fff_ffffn,
  (r) => r.i32(),
  (w, v) => w.i32(v),
);

export const u64: Codec<bigint> = {
  decode: (r) => r.u64(),
  encode: (w, v) => w.u64(v),
  shape: { kind: "integer", low: 0n, high: 0xffff_ffff_ffff_ffffn, big: true },
};
export const i64: Codec<bigint> = {
  decode: (r) => r.i64(),
  encode: (w, v) => w.i64(v),
  shape: { kind: "integer", low: -0x8000_0000_0000_0000n, high: 0x7fff_ffff_ffff_ffffn, big: true },
};
export const f32: Codec<number> = {
  decode: (r) => r.f32(),
  encode: (w, v) => w.f32(v),
  shape: { kind: "float", bits: 32 },
};
export const f64: Codec<number> = {
  decode: (r) => r.f64(),
  encode: (w, v) => w.f64(v),
  shape: { kind: "float", bits: 64 },
};

/** Exactly `length` octets. */
export function fixedBytes(length: number): Codec<Uint8Array> {
  return {
    decode: (r) => r.take(length),
    encode: (w, v) => {
      if (v.length !== length)
        throw usageError("FIELD_INVALID", "value", `exactly ${length} octets are expected`);
      w.bytes(v);
    },
    shape: { kind: "bytes", min: length, max: length },
  };
}

/** All octets up to the end of the reader. */
export const restBytes: Codec<Uint8Array> = {
  decode: (r) => r.take(r.remaining),
  encode: (w, v) => w.bytes(v),
  shape: { kind: "bytes", min: 0, max: 64 },
};

/** Nothing on the wire; always `value`. */
export function constant<const T>(value: T): Codec<T> {
  return { decode: () => value, encode: () => undefined, shape: { kind: "constant", value } };
}

/** Fixed octets that carry no value of their own. */
export function literal(...octets: number[]): Codec<undefined> {
  return {
    decode: (r) => {
      for (const octet of octets) {
        const at = r.offset;
        const got = r.u8();
        if (got !== octet) r.fail(`${hexByte(octet)} expected, ${hexByte(got)} found`, at);
      }
      return undefined;
    },
    encode: (w) => octets.forEach((octet) => w.u8(octet)),
    shape: { kind: "constant", value: undefined },
  };
}

export type SeqValue<F extends Readonly<Record<string, AnyCodec>>> = {
  readonly [K in keyof F]: CodecValue<F[K]>;
};

/** Fields in order. A failing field is named in the error's path. */
export function seq<F extends Readonly<Record<string, AnyCodec>>>(fields: F): Codec<SeqValue<F>> {
  const names = Object.keys(fields);
  const codecs = names.map((name) => fields[name] as AnyCodec);
  return {
    decode: (reader) => {
      const value: Record<string, unknown> = {};
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string;
        value[name] = traced(reader, name, codecs[i] as AnyCodec);
      }
      return value as SeqValue<F>;
    },
    encode: (writer, value) => {
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string;
        within(name, () => (codecs[i] as AnyCodec).encode(writer, value[name]));
      }
    },
    shape: { kind: "seq", fields },
  };
}

/** Decodes one named element, recording it (from `start` on) when the reader has a tracer. */
export function traced<T>(reader: Reader, name: string, codec: Codec<T>, start = reader.offset): T {
  const tracer = reader.tracer;
  if (tracer === undefined) return codec.decode(reader);
  tracer.enter(name, start);
  const value = codec.decode(reader);
  tracer.leave(reader.offset, tracer.keeps ? describe(value) : undefined);
  return value;
}

export type Variants = Readonly<Record<string, readonly [tag: number, codec: AnyCodec]>>;
export type ChoiceValue<V extends Variants> = {
  [K in keyof V & string]: { readonly type: K } & CodecValue<V[K][1]>;
}[keyof V & string];

/** A tag octet, then the variant's fields; the value is `{ type: name, ...fields }`. Unknown tags fail. */
export function choice<V extends Variants>(variants: V): Codec<ChoiceValue<V>> {
  const byTag = new Map<number, readonly [string, AnyCodec]>();
  for (const [name, [tag, codec]] of Object.entries(variants)) byTag.set(tag, [name, codec]);
  return {
    decode: (reader) => {
      const at = reader.offset;
      const tag = reader.u8();
      const variant = byTag.get(tag);
      if (variant === undefined) return reader.fail(`unknown tag ${hexByte(tag)}`, at);
      const [name, codec] = variant;
      return { type: name, ...(traced(reader, name, codec, at) as object) } as ChoiceValue<V>;
    },
    encode: (writer, value) => {
      const { type } = value as { type: string };
      const variant = Object.hasOwn(variants, type) ? variants[type] : undefined;
      if (variant === undefined) throw usageError("FIELD_INVALID", "type", `unknown type ${type}`);
      writer.u8(variant[0]);
      within(type, () => variant[1].encode(writer, value));
    },
    shape: {
      kind: "choice",
      variants: Object.fromEntries(Object.entries(variants).map(([name, [, codec]]) => [name, codec])),
    },
  };
}

/** A count, then that many items. The count is held against the bytes left before anything is allocated. */
export function seqOf<T>(
  count: Codec<number>,
  item: Codec<T>,
  options: { min?: number; max?: number; minItemOctets?: number } = {},
): Codec<readonly T[]> {
  const { min = 0, max = limits.elements, minItemOctets = 1 } = options;
  return {
    decode: (reader) => {
      const at = reader.offset;
      const n = count.decode(reader);
      if (n < min || n > max) reader.fail(`count ${n} outside ${min}..${max}`, at);
      if (n * minItemOctets > reader.remaining)
        reader.fail(`count ${n} exceeds the ${reader.remaining} octets left`, at);
      const items: T[] = [];
      for (let i = 0; i < n; i++) items.push(traced(reader, `[${i}]`, item));
      return items;
    },
    encode: (writer, items) => {
      if (items.length < min || items.length > max)
        throw usageError("FIELD_INVALID", "count", `${min} to ${max} items are expected`);
      count.encode(writer, items.length);
      items.forEach((value, i) => within(`[${i}]`, () => item.encode(writer, value)));
    },
    shape: { kind: "seqOf", item: item, min, max },
  };
}

/** A-XDR OPTIONAL: 00 absent, 01 (any other, tolerated) present. */
export function optional<T>(item: Codec<T>): Codec<T | undefined> {
  return {
    decode: (reader) => (reader.u8() === 0 ? undefined : item.decode(reader)),
    encode: (writer, value) => {
      writer.u8(value === undefined ? 0 : 1);
      if (value !== undefined) item.encode(writer, value);
    },
    shape: { kind: "optional", item },
  };
}

/** Another view of a codec's value. `from` may throw a DecodeError through `reader.fail`-like errors of its own. */
export function mapped<W, T>(inner: Codec<W>, from: (wire: W) => T, to: (value: T) => W): Codec<T> {
  return {
    decode: (reader) => from(inner.decode(reader)),
    encode: (writer, value) => inner.encode(writer, to(value)),
    shape: { kind: "mapped", inner, from },
  };
}

/** A codec whose values must also satisfy `accepts`; `expected` completes "… expected". */
export function refine<T>(inner: Codec<T>, accepts: (value: T) => boolean, expected: string): Codec<T> {
  return {
    decode: (reader) => {
      const at = reader.offset;
      const value = inner.decode(reader);
      return accepts(value) ? value : reader.fail(`${expected} expected`, at);
    },
    encode: (writer, value) => {
      if (!accepts(value)) throw usageError("FIELD_INVALID", "value", `${expected} expected`);
      inner.encode(writer, value);
    },
    shape: { kind: "refine", inner, accepts },
  };
}

/** Named codes of one integer; unknown codes pass through as numbers, as the field shows them. */
export function named<const N extends Readonly<Record<string, number>>>(
  inner: Codec<number>,
  names: N,
): Codec<(keyof N & string) | number> {
  const byCode = new Map(Object.entries(names).map(([name, code]) => [code, name]));
  return mapped<number, (keyof N & string) | number>(
    inner,
    (code) => byCode.get(code) ?? code,
    (value) => (typeof value === "number" ? value : (names[value] as number)),
  );
}

/** For recursive formats: the codec is looked up when used. */
export function lazy<T>(get: () => Codec<T>): Codec<T> {
  return {
    decode: (reader) => get().decode(reader),
    encode: (writer, value) => get().encode(writer, value),
    shape: { kind: "lazy", get },
  };
}

/** A set of named bits in `octets` octets; bit 0 is the most significant bit of the first octet (COSEM order). */
export function flags<const N extends string>(
  octets: number,
  names: Readonly<Record<N, number>>,
): Codec<ReadonlySet<N>> {
  const entries = Object.entries(names) as [N, number][];
  return {
    decode: (reader) => {
      const bytes = reader.take(octets);
      const set = new Set<N>();
      for (const [name, bit] of entries)
        if (((bytes[bit >> 3] as number) >> (7 - (bit & 7))) & 1) set.add(name);
      return set;
    },
    encode: (writer, value) => {
      const bytes = new Uint8Array(octets);
      for (const [name, bit] of entries)
        if (value.has(name)) bytes[bit >> 3] = (bytes[bit >> 3] as number) | (1 << (7 - (bit & 7)));
      writer.bytes(bytes);
    },
    shape: { kind: "flags", names: entries.map(([name]) => name) },
  };
}

/**
 * Decodes all of `bytes`. When that fails it runs once more with a tracer, so that the error says where in the
 * structure it happened; the good path pays nothing for it.
 */
export function decodeAll<T>(codec: Codec<T>, bytes: Uint8Array): T {
  try {
    const reader = new Reader(bytes);
    const value = codec.decode(reader);
    reader.expectEnd();
    return value;
  } catch (caught) {
    if (!(caught instanceof DecodeError) || caught.path !== "") throw caught;
    const reader = new Reader(bytes, 0, bytes.length, new Tracer(false));
    codec.decode(reader);
    reader.expectEnd();
    throw caught;
  }
}

/** Decodes with the layered table; on failure the table holds what was understood, and `error` says why. */
export function inspectAll<T>(
  codec: Codec<T>,
  bytes: Uint8Array,
): { value?: T; error?: DecodeError; root: TraceNode } {
  const tracer = new Tracer();
  const reader = new Reader(bytes, 0, bytes.length, tracer);
  try {
    const value = codec.decode(reader);
    reader.expectEnd();
    return { value, root: tracer.root };
  } catch (caught) {
    if (caught instanceof DecodeError) return { error: caught, root: tracer.root };
    throw caught;
  }
}

export function encodeAll<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new Writer();
  codec.encode(writer, value);
  return writer.finish();
}

/** Runs `encode` and puts `name` in front of the field an error names. */
export function within(name: string, encode: () => void): void {
  try {
    encode();
  } catch (caught) {
    if (caught instanceof DlmsError && caught.code === "FIELD_INVALID") {
      const inner = caught.field === undefined || caught.field === "value" ? "" : caught.field;
      const path = inner === "" ? name : inner.startsWith("[") ? name + inner : `${name}.${inner}`;
      throw usageError("FIELD_INVALID", path, caught.message);
    }
    throw caught;
  }
}

function hexByte(octet: number): string {
  return octet.toString(16).toUpperCase().padStart(2, "0");
}
