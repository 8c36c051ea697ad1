/**
 * compact-array of Data: one type description, then rows without tags until the contents end.
 * Array counts in a description are two octets. An element count before each array inside the contents, as some
 * meters insert it, is not understood. A description whose rows take no octets is refused: it would never end.
 */
import { type AnyCodec, type Codec, choice, constant, encodeAll, lazy, seq, traced } from "../bytes/codec.js";
import { u16, within } from "../bytes/codec.js";
import { merged, nested } from "../bytes/fields.js";
import { Reader } from "../bytes/reader.js";
import { DecodeError, usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { type Data } from "./data.js";
import { formed, list, octets } from "./fields.js";

export type SimpleType = Exclude<Data["type"], "array" | "structure" | "compact-array">;

export type TypeDescription =
  | { readonly type: SimpleType }
  | { readonly type: "array"; readonly count: number; readonly element: TypeDescription }
  | {
      readonly type: "structure";
      readonly elements: readonly TypeDescription[];
      readonly elementsLengthOctets?: number;
    };

export interface CompactArray {
  readonly description: TypeDescription;
  /** The rows. */
  readonly value: readonly Data[];
  readonly contentsLengthOctets?: number;
}

/** Tag and untagged codec of every type that may stand in a row. */
export type SimpleTypes = Readonly<Record<SimpleType, readonly [tag: number, codec: AnyCodec]>>;

/**
 * compact-array ::= SEQUENCE { contents-description TypeDescription, array-contents OCTET STRING }
 * TypeDescription ::= CHOICE { array [1] SEQUENCE { number-of-elements Unsigned16, type-description TypeDescription },
 *   structure [2] SEQUENCE OF TypeDescription, every simple type by its tag: NULL }
 */
export function compactArrayCodec(simple: SimpleTypes): Codec<CompactArray> {
  const descriptionCodec: Codec<TypeDescription> = nested(
    limits.dataDepth,
    choice({
      ...(Object.fromEntries(
        Object.entries(simple).map(([type, [tag]]) => [type, [tag, constant({})]]),
      ) as unknown as Record<SimpleType, readonly [number, Codec<object>]>),
      array: [1, seq({ count: u16, element: lazy((): Codec<TypeDescription> => descriptionCodec) })],
      structure: [2, elementsOf(lazy((): Codec<TypeDescription> => descriptionCodec))],
    }) as Codec<TypeDescription>,
  );
  const head = merged(
    seq({ description: descriptionCodec }),
    formed("contents", "contentsLengthOctets", octets()),
  );
  const rows = rowsCodec(simple);
  return {
    decode: (reader) => {
      const { description } = seq({ description: descriptionCodec }).decode(reader);
      const at = reader.offset;
      const { value: bytes, form } = octets().decode(reader);
      if (takesNothing(description)) reader.fail("a compact-array row without octets", at);
      if (partsOf(description) > MAX_PARTS) reader.fail(`a row of more than ${MAX_PARTS} parts`, at);
      const part = new Reader(reader.bytes, reader.offset - bytes.length, reader.offset, reader.tracer);
      const value = rows(description).decode(part);
      return { description, value, ...(form === undefined ? {} : { contentsLengthOctets: form }) };
    },
    encode: (writer, { description, value, contentsLengthOctets }) => {
      const contents = encodeAll(rows(description), value);
      head.encode(writer, {
        description,
        contents,
        ...(contentsLengthOctets === undefined ? {} : { contentsLengthOctets }),
      });
    },
    shape: { kind: "mapped", inner: head, from: drawRows(rows) },
  };
}

function elementsOf(item: Codec<TypeDescription>): AnyCodec {
  return formed("elements", "elementsLengthOctets", list(item));
}

/** Whether some element of it takes no octets at all, so that counting octets would not bound it. */
function takesNothing(description: TypeDescription): boolean {
  const { type } = description;
  if (type === "array") return description.count === 0 || takesNothing(description.element);
  if (type === "structure") return description.elements.every(takesNothing);
  return type === "null-data" || type === "dont-care";
}

/** Types that a description names, in all: profiles have tens of columns, objects hundreds of attributes. */
const MAX_PARTS = 2_048;

function partsOf(description: TypeDescription): number {
  if (description.type === "array") return 1 + partsOf(description.element);
  if (description.type !== "structure") return 1;
  return description.elements.reduce((sum, element) => sum + partsOf(element), 1);
}

const TOO_MANY = "more elements than the contents can hold";

/** Elements made so far: null-data columns take no octets, so the octets alone bound nothing. */
interface Budget {
  left: number;
}

/** A column without octets, of which a description may name thousands. */
function emptyColumn(type: "null-data" | "dont-care", budget: Budget): Codec<Data> {
  const value: Data = { type };
  return {
    decode: (reader) => {
      if (budget.left-- <= 0) reader.fail(TOO_MANY);
      return value;
    },
    encode: (_writer, data) => expectType(data, type),
    shape: { kind: "constant", value },
  };
}

/** What so many octets of contents may hold: rows of many empty columns while they are few, hardly more than octets then. */
function mostElements(octets: number): number {
  return Math.min(1_024 + 16 * octets, limits.elements + octets);
}

function rowsCodec(simple: SimpleTypes): (description: TypeDescription) => Codec<readonly Data[]> {
  const rowOf = (description: TypeDescription, budget: Budget): Codec<Data> => {
    const { type } = description;
    if (type !== "array" && type !== "structure") {
      const codec = simple[type][1] as Codec<object>;
      if (type === "null-data" || type === "dont-care") return emptyColumn(type, budget);
      return {
        decode: (reader) => {
          if (budget.left-- <= 0) reader.fail(TOO_MANY);
          return { type, ...codec.decode(reader) } as Data;
        },
        encode: (writer, data) => {
          expectType(data, type);
          codec.encode(writer, data);
        },
        shape: codec.shape,
      };
    }
    const columns =
      type === "array" ? undefined : description.elements.map((element) => rowOf(element, budget));
    const element = type === "array" ? rowOf(description.element, budget) : undefined;
    const count = type === "array" ? description.count : description.elements.length;
    const at = (i: number): Codec<Data> => (element ?? columns?.[i]) as Codec<Data>;
    return {
      decode: (reader) => {
        if (budget.left-- <= 0) reader.fail(TOO_MANY);
        const value: Data[] = [];
        for (let i = 0; i < count; i++)
          value.push(reader.tracer === undefined ? at(i).decode(reader) : traced(reader, `[${i}]`, at(i)));
        return { type, value };
      },
      encode: (writer, data) => {
        expectType(data, type);
        const value = data.type === type ? data.value : [];
        if (value.length !== count)
          throw usageError("FIELD_INVALID", "value", `${count} elements are expected`);
        value.forEach((item, i) => within(`[${i}]`, () => at(i).encode(writer, item)));
      },
      shape: { kind: "constant", value: undefined },
    };
  };
  return (description) => ({
    decode: (reader) => {
      const row = rowOf(description, { left: mostElements(reader.remaining) });
      const value: Data[] = [];
      while (reader.remaining > 0) value.push(traced(reader, `[${value.length}]`, row));
      return value;
    },
    encode: (writer, value) => {
      const row = rowOf(description, { left: 0 });
      value.forEach((item, i) => within(`[${i}]`, () => row.encode(writer, item)));
    },
    shape: { kind: "constant", value: [] },
  });
}

function expectType(data: Data, type: Data["type"]): void {
  if (data.type !== type)
    throw usageError(
      "FIELD_INVALID",
      "value",
      `${type} is expected as the description says, not ${data.type}`,
    );
}

/** Random rows for tests: as many as the drawn octets happen to hold. */
function drawRows(
  rows: (description: TypeDescription) => Codec<readonly Data[]>,
): (drawn: { description: TypeDescription; contents: Uint8Array }) => CompactArray {
  return ({ description, contents }) => {
    if (takesNothing(description)) return { description: { type: "unsigned" }, value: [] };
    for (let length = contents.length; length > 0; length--)
      try {
        return { description, value: rows(description).decode(new Reader(contents, 0, length)) };
      } catch (caught) {
        if (!(caught instanceof DecodeError)) throw caught;
      }
    return { description, value: [] };
  };
}
