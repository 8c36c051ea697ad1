/**
 * The A-XDR pieces that services and Data share, each as a part of an object: OCTET STRING, SEQUENCE OF, OPTIONAL,
 * BOOLEAN. Beside the value stands how it was written when that was not the canonical form (`nameLengthOctets`,
 * `namePresence`, `nameOctet`), so that re-encoding gives the received octets back.
 */
import { type AnyCodec, type Codec, traced, within } from "../bytes/codec.js";
import { usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { readLength, writeLength } from "./length.js";

/** A value and the form it had on the wire, when that was not the canonical one. */
export interface Formed<T> {
  readonly value: T;
  readonly form?: number;
}

export type FormedField<N extends string, F extends string, T> = { readonly [K in N]: T } & {
  readonly [K in F]?: number;
};

type Loose = Readonly<Record<string, unknown>>;

/** Puts a formed value under `name` and its form, if any, under `formName`. */
export function formed<const N extends string, const F extends string, T>(
  name: N,
  formName: F,
  codec: Codec<Formed<T>>,
): Codec<FormedField<N, F, T>> {
  return {
    decode: (reader) => {
      const { value, form } = name === "value" ? codec.decode(reader) : traced(reader, name, codec);
      return { [name]: value, ...(form === undefined ? {} : { [formName]: form }) } as FormedField<N, F, T>;
    },
    encode: (writer, object) => {
      const form = (object as Loose)[formName] as number | undefined;
      const value: T = object[name];
      within(name, () => codec.encode(writer, form === undefined ? { value } : { value, form }));
    },
    shape: { kind: "seq", fields: { [name]: { ...codec, shape: codec.shape } as AnyCodec } },
  };
}

export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** OCTET STRING of variable length, with its length in front. */
export function octets({ min = 0, max = limits.apduBytes }: Bounds = {}): Codec<Formed<Uint8Array>> {
  return {
    decode: (reader) => {
      const at = reader.offset;
      const { length, octets: form } = readLength(reader);
      if (length < min || length > max) reader.fail(`length ${length} outside ${min}..${max}`, at);
      const value = reader.take(length);
      return form === undefined ? { value } : { value, form };
    },
    encode: (writer, { value, form }) => {
      if (value.length < min || value.length > max)
        throw usageError("FIELD_INVALID", "value", `${min} to ${max} octets are expected`);
      writeLength(writer, value.length, form);
      writer.bytes(value);
    },
    shape: { kind: "bytes", min, max: Math.min(max, min + 300) },
  };
}

/** SEQUENCE OF. The count is held against the octets left before anything is allocated. */
export function list<T>(item: Codec<T>, { minItemOctets = 1 } = {}): Codec<Formed<readonly T[]>> {
  return {
    decode: (reader) => {
      const at = reader.offset;
      const { length, octets: form } = readLength(reader);
      if (length > limits.elements) reader.fail(`count ${length} above ${limits.elements}`, at);
      if (length * minItemOctets > reader.remaining)
        reader.fail(`count ${length} exceeds the ${reader.remaining} octets left`, at);
      const value: T[] = [];
      for (let i = 0; i < length; i++) value.push(traced(reader, `[${i}]`, item));
      return form === undefined ? { value } : { value, form };
    },
    encode: (writer, { value, form }) => {
      if (value.length > limits.elements)
        throw usageError("FIELD_INVALID", "value", `at most ${limits.elements} items are expected`);
      writeLength(writer, value.length, form);
      value.forEach((element, i) => within(`[${i}]`, () => item.encode(writer, element)));
    },
    shape: { kind: "seqOf", item, min: 0, max: limits.elements },
  };
}

/** BOOLEAN: 00 false, 01 true; another octet is true and kept. */
export const bool: Codec<Formed<boolean>> = {
  decode: (reader) => {
    const form = reader.u8();
    return form > 1 ? { value: true, form } : { value: form === 1 };
  },
  encode: (writer, { value, form = 1 }) => writer.u8(value ? form : 0),
  shape: { kind: "boolean" },
};

/** `{ name, nameLengthOctets? }` */
export const octetField = <const N extends string>(name: N, bounds?: Bounds) =>
  formed(name, `${name}LengthOctets`, octets(bounds));

/** OCTET STRING OPTIONAL: `{ name?, nameLengthOctets?, namePresence? }` */
export function optionalOctetField<const N extends string>(
  name: N,
  bounds?: Bounds,
): Codec<OptionalOctetField<N>> {
  const inner = optionalField(name, octets(bounds));
  return {
    decode: (reader) => {
      const { [name]: present, ...presence } = inner.decode(reader) as Loose;
      if (present === undefined) return {};
      const { value, form } = present as Formed<Uint8Array>;
      return {
        [name]: value,
        ...presence,
        ...(form === undefined ? {} : { [`${name}LengthOctets`]: form }),
      };
    },
    encode: (writer, object) => {
      const value = (object as Loose)[name];
      const form = (object as Loose)[`${name}LengthOctets`];
      inner.encode(writer, { ...object, [name]: value === undefined ? undefined : { value, form } } as never);
    },
    shape: {
      kind: "seq",
      fields: { [name]: { ...inner, shape: { kind: "optional", item: octets(bounds) } } },
    },
  };
}

/** `{ name: items, nameLengthOctets? }` */
export const listField = <const N extends string, T>(
  name: N,
  item: Codec<T>,
  options?: { minItemOctets?: number },
) => formed(name, `${name}LengthOctets`, list(item, options));

/** `{ name, nameOctet? }` */
export const booleanField = <const N extends string>(name: N) => formed(name, `${name}Octet`, bool);

export type OptionalField<N extends string, T> = { readonly [K in N]?: T } & {
  readonly [K in `${N}Presence`]?: number;
};

/** OPTIONAL: 00 absent (the key is missing), 01 present; another presence octet is kept. */
export function optionalField<const N extends string, T>(
  name: N,
  item: Codec<T>,
): Codec<OptionalField<N, T>> {
  return {
    decode: (reader) => {
      const start = reader.offset;
      const presence = reader.u8();
      if (presence === 0) {
        reader.tracer?.enter(name, start);
        reader.tracer?.leave(reader.offset, "absent");
        return {};
      }
      const value = { [name]: traced(reader, name, item, start) };
      return (presence === 1 ? value : { ...value, [`${name}Presence`]: presence }) as OptionalField<N, T>;
    },
    encode: (writer, object) => {
      const value = (object as Loose)[name] as T | undefined;
      if (value === undefined) return writer.u8(0);
      writer.u8(((object as Loose)[`${name}Presence`] as number | undefined) ?? 1);
      within(name, () => item.encode(writer, value));
    },
    shape: { kind: "seq", fields: { [name]: { ...item, shape: { kind: "optional", item } } } },
  };
}

export type OctetField<N extends string> = FormedField<N, `${N}LengthOctets`, Uint8Array>;
export type ListField<N extends string, T> = FormedField<N, `${N}LengthOctets`, readonly T[]>;
export type BooleanField<N extends string> = FormedField<N, `${N}Octet`, boolean>;
export type OptionalOctetField<N extends string> = OptionalField<N, Uint8Array> & {
  readonly [K in `${N}LengthOctets`]?: number;
};
