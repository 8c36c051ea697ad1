/**
 * `t.*`: what Data an attribute or method parameter is declared to be. A descriptor names itself, says why a value
 * does not fit, and has the `shape` that tests draw fitting values from. What values mean is the interface class's.
 */
import { type AnyCodec, type Codec, type Shape, fixedBytes, u8 } from "../bytes/codec.js";
import { type Data, type DataType, dataCodec } from "./data.js";

export interface TypeDescriptor {
  readonly name: string;
  /** Undefined when `data` fits, else the reason with the path to it. */
  check(data: Data): string | undefined;
  /** Draws Data that fits. */
  readonly shape: Shape;
  /** Element names of a structure, in order. */
  readonly fields?: Readonly<Record<string, TypeDescriptor>>;
  /** What an array holds. */
  readonly element?: TypeDescriptor;
  /** Names of an enumeration's codes. */
  readonly codes?: Readonly<Record<string, number>>;
}

/** A codec that only draws: descriptors are not on the wire by themselves. */
function drawing(shape: Shape): AnyCodec {
  return { ...dataCodec, shape } as Codec<Data>;
}

function simple(type: DataType, name: string = type): TypeDescriptor {
  const variants = dataCodec.shape.kind === "choice" ? dataCodec.shape.variants : {};
  return {
    name,
    check: (data) => (data.type === type ? undefined : `${name} is expected, not ${data.type}`),
    shape: { kind: "choice", variants: { [type]: variants[type] as AnyCodec } },
  };
}

/** octet-string of exactly `length` octets. */
function octets(length: number, name = `octet-string(${length})`): TypeDescriptor {
  return {
    name,
    check: (data) =>
      data.type === "octet-string" && data.value.length === length
        ? undefined
        : `octet-string of ${length} octets is expected, not ${describe(data)}`,
    shape: {
      kind: "choice",
      variants: { "octet-string": drawing({ kind: "seq", fields: { value: fixedBytes(length) } }) },
    },
  };
}

function array(element: TypeDescriptor): TypeDescriptor {
  return {
    name: `array of ${element.name}`,
    element,
    check: (data) => {
      if (data.type === "compact-array") return firstReason(data.value, () => element);
      if (data.type !== "array") return `array is expected, not ${data.type}`;
      return firstReason(data.value, () => element);
    },
    shape: {
      kind: "mapped",
      inner: drawing({ kind: "seqOf", item: drawing(element.shape), min: 0, max: 4 }),
      from: (value: readonly Data[]): Data => ({ type: "array", value }),
    },
  };
}

function structure(fields: Readonly<Record<string, TypeDescriptor>>): TypeDescriptor {
  const names = Object.keys(fields);
  return {
    name: `structure {${names.join(", ")}}`,
    fields,
    check: (data) => {
      if (data.type !== "structure") return `structure is expected, not ${data.type}`;
      if (data.value.length !== names.length)
        return `structure of ${names.length} elements is expected, not ${data.value.length}`;
      return firstReason(
        data.value,
        (i) => fields[names[i] as string] as TypeDescriptor,
        (i) => names[i] as string,
      );
    },
    shape: {
      kind: "mapped",
      inner: drawing({
        kind: "seq",
        fields: Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, drawing(type.shape)])),
      }),
      from: (values: Readonly<Record<string, Data>>): Data => ({
        type: "structure",
        value: names.map((name) => values[name] as Data),
      }),
    },
  };
}

function firstReason(
  values: readonly Data[],
  typeOf: (i: number) => TypeDescriptor,
  nameOf: (i: number) => string = (i) => `[${i}]`,
): string | undefined {
  for (const [i, value] of values.entries()) {
    const reason = typeOf(i).check(value);
    if (reason !== undefined) return `${nameOf(i)}: ${reason}`;
  }
  return undefined;
}

/** Any one of several; the reason of the first is given when none fits. */
function oneOf(...types: readonly [TypeDescriptor, ...TypeDescriptor[]]): TypeDescriptor {
  const name = types.map((type) => type.name).join(" or ");
  return {
    name,
    check: (data) =>
      types.some((type) => type.check(data) === undefined)
        ? undefined
        : `${name} is expected, not ${describe(data)}`,
    shape: { kind: "oneOf", options: types.map((type) => drawing(type.shape)) },
  };
}

/** enum; `codes` name the codes known so far, others still fit because meters send them. */
function enumeration(codes: Readonly<Record<string, number>> = {}): TypeDescriptor {
  return {
    ...simple("enum"),
    codes,
    shape: { kind: "choice", variants: { enum: drawing({ kind: "seq", fields: { value: u8 } }) } },
  };
}

function describe(data: Data): string {
  return data.type === "octet-string" ? `octet-string of ${data.value.length} octets` : data.type;
}

const numbers = [
  "integer",
  "unsigned",
  "long",
  "long-unsigned",
  "double-long",
  "double-long-unsigned",
  "long64",
  "long64-unsigned",
  "enum",
  "bcd",
  "float32",
  "float64",
] as const;

export const t = {
  any: {
    name: "any",
    check: (): undefined => undefined,
    shape: dataCodec.shape,
  } as TypeDescriptor,
  null: simple("null-data"),
  boolean: simple("boolean"),
  bitString: simple("bit-string"),
  doubleLong: simple("double-long"),
  doubleLongUnsigned: simple("double-long-unsigned"),
  octetString: simple("octet-string"),
  visibleString: simple("visible-string"),
  utf8String: simple("utf8-string"),
  bcd: simple("bcd"),
  integer: simple("integer"),
  long: simple("long"),
  unsigned: simple("unsigned"),
  longUnsigned: simple("long-unsigned"),
  compactArray: simple("compact-array"),
  long64: simple("long64"),
  long64Unsigned: simple("long64-unsigned"),
  float32: simple("float32"),
  float64: simple("float64"),
  dateTime: simple("date-time"),
  date: simple("date"),
  time: simple("time"),
  dontCare: simple("dont-care"),
  octets,
  logicalName: octets(6, "logical-name"),
  /** The usual carriers of date-time, date and time: octet-string of 12, 5, 4 octets. */
  dateTimeOctets: oneOf(octets(12), simple("date-time")),
  dateOctets: oneOf(octets(5), simple("date")),
  timeOctets: oneOf(octets(4), simple("time")),
  enum: enumeration,
  array,
  structure,
  oneOf,
  number: oneOf(...(numbers.map((type) => simple(type)) as [TypeDescriptor, ...TypeDescriptor[]])),
} as const;
