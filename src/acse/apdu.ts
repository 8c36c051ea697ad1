/**
 * What the four ACSE APDUs have in common: a tag, then optional elements in ascending order of their tags.
 * Elements that are unknown, out of order or not in their shortest BER form are kept as they came, so that
 * re-encoding gives the received octets.
 */
import { type AnyCodec, type Codec, encodeAll } from "../bytes/codec.js";
import { equalBytes, toHex } from "../bytes/hex.js";
import { Reader } from "../bytes/reader.js";
import { Writer } from "../bytes/writer.js";
import { DecodeError } from "../core/errors.js";
import { readBerElement, readBerLength, readBerTag, writeBerElement, writeBerLength } from "../ber/index.js";

/** How the elements were written, present only when not the canonical way. */
export interface AcseForm {
  /** Tags in the order received, when not ascending. */
  readonly order?: readonly number[];
  /** Complete elements by tag that stand as received, in place of what their field would encode to. */
  readonly kept?: ReadonlyMap<number, Uint8Array>;
  readonly lengthOctets?: number;
}

/** One element: its contents hold an object of one or more fields; an absent element has none of them. */
export interface AcseElement {
  readonly tag: number;
  readonly name: string;
  readonly contents: AnyCodec;
  readonly required?: true;
  /** Contents that do not decode are kept instead of failing. */
  readonly lenient?: true;
}

/** A plain field: `name` holds what `contents` gives. */
export function element(
  tag: number,
  name: string,
  contents: AnyCodec,
  options: Partial<AcseElement> = {},
): AcseElement {
  return {
    tag,
    name,
    contents: {
      decode: (reader) => ({ [name]: contents.decode(reader) as unknown }),
      encode: (writer, value: Readonly<Record<string, unknown>>) => contents.encode(writer, value[name]),
      shape: { kind: "seq", fields: { [name]: contents } },
    },
    ...options,
  };
}

type Fields = Readonly<Record<string, unknown>>;

export function acseApdu<T extends { readonly type: string; readonly form?: AcseForm }>(
  type: T["type"],
  tag: number,
  elements: readonly AcseElement[],
): Codec<T> {
  const byTag = new Map(elements.map((one) => [one.tag, one]));

  const decodeContents = (
    reader: Reader,
  ): { fields: Fields; order: number[]; kept: Map<number, Uint8Array> } => {
    const fields: Record<string, unknown> = {};
    const order: number[] = [];
    const kept = new Map<number, Uint8Array>();
    while (reader.remaining > 0) {
      const start = reader.offset;
      const received = readBerElement(reader);
      if (order.includes(received.tag)) reader.fail(`element ${hexTag(received.tag)} stands twice`, start);
      order.push(received.tag);
      const known = byTag.get(received.tag);
      reader.tracer?.enter(known?.name ?? `element ${hexTag(received.tag)}`, start);
      const contentsStart = reader.offset - received.contents.length;
      const decoded = decodeElement(
        known,
        new Reader(reader.bytes, contentsStart, reader.offset, reader.tracer),
      );
      reader.tracer?.leave(reader.offset, decoded === undefined ? undefined : fieldText(decoded));
      const whole = reader.bytes.subarray(start, reader.offset);
      if (decoded === undefined || known === undefined) {
        kept.set(received.tag, whole);
        continue;
      }
      Object.assign(fields, decoded);
      if (!equalBytes(canonical(known, decoded), whole)) kept.set(received.tag, whole);
    }
    return { fields, order, kept };
  };

  return {
    decode: (reader) => {
      const start = reader.offset;
      const found = readBerTag(reader);
      if (found !== tag) reader.fail(`tag ${hexTag(tag)} of ${type} expected, ${hexTag(found)} found`, start);
      const { length, octets } = readBerLength(reader);
      reader.tracer?.enter(type, start);
      const { fields, order, kept } = decodeContents(reader.slice(length));
      for (const { required, name, tag: wanted } of elements)
        if (required && !order.includes(wanted)) reader.fail(`${name} is missing`, start);
      reader.tracer?.leave(reader.offset);
      const form: AcseForm = {
        ...(order.every((one, i) => i === 0 || (order[i - 1] as number) % 0x20 < one % 0x20)
          ? {}
          : { order }),
        ...(kept.size === 0 ? {} : { kept }),
        ...(octets === undefined ? {} : { lengthOctets: octets }),
      };
      return { type, ...fields, ...(Object.keys(form).length === 0 ? {} : { form }) } as unknown as T;
    },
    encode: (writer, value) => {
      const { form = {} } = value;
      const fields = value as unknown as Fields;
      const present = elements.filter(({ contents }) => hasFields(contents, fields)).map((one) => one.tag);
      const tags = [...new Set([...present, ...(form.kept?.keys() ?? [])])];
      const position = (one: number): number => form.order?.indexOf(one) ?? one % 0x20;
      const contents = new Writer();
      for (const one of tags.sort((a, b) => position(a) - position(b)))
        contents.bytes(form.kept?.get(one) ?? canonical(byTag.get(one) as AcseElement, fields));
      writer.u8(tag);
      writeBerLength(writer, contents.length, form.lengthOctets);
      writer.bytes(contents.finish());
    },
    shape: {
      kind: "mapped",
      inner: {
        decode: () => undefined,
        encode: () => undefined,
        shape: { kind: "merge", parts: elements.map(drawn) },
      },
      from: (fields: Fields) => ({ type, ...fields }),
    },
  };
}

function decodeElement(known: AcseElement | undefined, contents: Reader): Fields | undefined {
  if (known === undefined) return undefined;
  try {
    const fields = known.contents.decode(contents) as Fields;
    contents.expectEnd();
    return fields;
  } catch (caught) {
    if (known.lenient === true && caught instanceof DecodeError) return undefined;
    throw caught;
  }
}

function canonical({ tag, contents }: AcseElement, fields: Fields): Uint8Array {
  const writer = new Writer();
  writeBerElement(writer, { tag, contents: encodeAll(contents, fields) });
  return writer.finish();
}

function hasFields(contents: AnyCodec, fields: Fields): boolean {
  return (
    contents.shape.kind === "seq" &&
    Object.keys(contents.shape.fields).every((name) => fields[name] !== undefined)
  );
}

/** For drawing: an element that need not be there may be absent with all its fields. */
function drawn({ contents, required }: AcseElement): AnyCodec {
  if (required === true || contents.shape.kind !== "seq") return contents;
  const fields = Object.entries(contents.shape.fields).map(([name, item]): [string, AnyCodec] => [
    name,
    { ...item, shape: { kind: "optional", item } },
  ]);
  return { ...contents, shape: { kind: "seq", fields: Object.fromEntries(fields) } };
}

function hexTag(tag: number): string {
  return tag.toString(16).toUpperCase().padStart(2, "0");
}

function fieldText(fields: Fields): string {
  return Object.values(fields)
    .map((value) => (value instanceof Uint8Array ? toHex(value) : String(value)))
    .join(" ");
}
