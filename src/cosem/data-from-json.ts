/**
 * JSON to Data, for values that people write into meters: by a type named beside the value, or by the attribute's
 * declared type. Numbers may be decimal text, octets are hexadecimal unless said otherwise, moments ISO 8601. What does
 * not fit is refused naming the field; compact arrays and deltas are left out, for nobody writes them.
 */
import {
  type CosemDateTime,
  type Data,
  dataCodec,
  encodeDate,
  encodeDateTime,
  encodeTime,
  type TypeDescriptor,
} from "../axdr/index.js";
import { encodeAll } from "../bytes/codec.js";
import { fromHex } from "../bytes/hex.js";
import { asDlmsError, type DlmsError, usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { parseObis } from "./obis.js";

/** Types that can be named. */
export const writableTypes = [
  "null-data",
  "boolean",
  "bit-string",
  "double-long",
  "double-long-unsigned",
  "octet-string",
  "visible-string",
  "utf8-string",
  "bcd",
  "integer",
  "long",
  "unsigned",
  "long-unsigned",
  "long64",
  "long64-unsigned",
  "enum",
  "float32",
  "float64",
  "date-time",
  "date",
  "time",
  "array",
  "structure",
] as const;
export type WritableType = (typeof writableTypes)[number];

export function isWritableType(name: unknown): name is WritableType {
  return writableTypes.some((type) => type === name);
}

/**
 * @param value of `array` and `structure` a list of `{ type, value }`; of `octet-string` hexadecimal text, or one of
 * `{ text }`, `{ dateTime }`, `{ obis }`; of `date-time`, `date`, `time` ISO 8601 or hexadecimal.
 * @throws DlmsError FIELD_INVALID naming `field`.
 */
export function dataFromJson(type: unknown, value: unknown, field: string): Data {
  return checked(build(type, value, field, 0), field);
}

/**
 * By the declared type. Undefined where that leaves several types open, as a register's does.
 * @param value of a structure also an object by the declared names; of an enumeration also a name.
 * @throws DlmsError FIELD_INVALID naming `field`.
 */
export function dataByDeclaration(declared: TypeDescriptor, value: unknown, field: string): Data | undefined {
  const built = declaredData(declared, value, field, 0);
  return built === undefined ? undefined : checked(built, field);
}

function checked(data: Data, field: string): Data {
  try {
    encodeAll(dataCodec, data);
  } catch (caught) {
    throw invalid(field, asDlmsError(caught).message);
  }
  return data;
}

function invalid(field: string, reason: string): DlmsError {
  return usageError("FIELD_INVALID", field, `${field}: ${reason}`);
}

function build(type: unknown, value: unknown, field: string, depth: number): Data {
  if (!isWritableType(type)) throw invalid(`${field}.type`, `must be one of ${writableTypes.join(", ")}`);
  if (depth > limits.dataDepth) throw invalid(field, "is nested too deeply");
  switch (type) {
    case "null-data":
      if (value !== null && value !== undefined) throw invalid(field, "of type null-data must be null");
      return { type };
    case "boolean":
      return { type, value: truth(value, field) };
    case "bit-string":
      if (typeof value !== "string" || !/^[01]{0,65535}$/.test(value))
        throw invalid(field, 'must be like "0101"');
      return { type, value };
    case "octet-string":
      return { type, value: octets(value, field) };
    case "visible-string":
    case "utf8-string":
      if (typeof value !== "string") throw invalid(field, "must be text");
      return { type, value };
    case "long64":
    case "long64-unsigned":
      return { type, value: BigInt(digits(value, field)) };
    case "float32":
    case "float64":
      return { type, value: decimal(value, field) };
    case "date-time":
    case "date":
    case "time":
      return { type, value: moment(type, value, field) };
    case "array":
    case "structure":
      return {
        type,
        value: list(value, field).map((element, i) => {
          const at = `${field}[${i}]`;
          if (!isRecord(element)) throw invalid(at, "must be an object with type and value");
          return build(element["type"], element["value"], at, depth + 1);
        }),
      };
    case "double-long":
    case "double-long-unsigned":
    case "bcd":
    case "integer":
    case "long":
    case "unsigned":
    case "long-unsigned":
    case "enum":
      return { type, value: Number(digits(value, field)) };
  }
}

function declaredData(
  declared: TypeDescriptor,
  value: unknown,
  field: string,
  depth: number,
): Data | undefined {
  if (depth > limits.dataDepth) throw invalid(field, "is nested too deeply");
  if (isRecord(value) && isWritableType(value["type"]) && declared.fields?.["type"] === undefined)
    return build(value["type"], value["value"], field, depth);
  if (declared.codes !== undefined && typeof value === "string" && declared.codes[value] !== undefined)
    return { type: "enum", value: declared.codes[value] };
  if (declared.fields !== undefined) return declaredStructure(declared.fields, value, field, depth);
  if (declared.element !== undefined) {
    const { element } = declared;
    const built = list(value, field).map((one, i) => declaredData(element, one, `${field}[${i}]`, depth + 1));
    return built.every((one) => one !== undefined) ? { type: "array", value: built } : undefined;
  }
  if (isWritableType(declared.name)) return build(declared.name, value, field, depth);
  return declaredOctets(declared, value, field);
}

function declaredStructure(
  fields: Readonly<Record<string, TypeDescriptor>>,
  value: unknown,
  field: string,
  depth: number,
): Data | undefined {
  const names = Object.keys(fields);
  const record = isRecord(value) ? value : undefined;
  const values = record === undefined ? list(value, field) : names.map((name) => record[name]);
  if (values.length !== names.length) throw invalid(field, `must have ${names.join(", ")}`);
  const built = names.map((name, i) =>
    declaredData(fields[name] as TypeDescriptor, values[i], `${field}.${name}`, depth + 1),
  );
  return built.every((one) => one !== undefined) ? { type: "structure", value: built } : undefined;
}

/** Logical names and the usual carriers of moments: octet-strings of a certain length. */
function declaredOctets(declared: TypeDescriptor, value: unknown, field: string): Data | undefined {
  const takes = (length: number): boolean =>
    declared.check({ type: "octet-string", value: new Uint8Array(length) }) === undefined;
  // What takes octets of any length leaves open what is meant.
  if (takes(7)) return undefined;
  const made = (bytes: Uint8Array): Data => ({ type: "octet-string", value: bytes });
  if (value === null && declared.check({ type: "null-data" }) === undefined) return { type: "null-data" };
  if (takes(6)) return made(typeof value === "string" ? parseObis(value, field) : octets(value, field));
  if (takes(12)) return made(moment("date-time", value, field));
  if (takes(5)) return made(moment("date", value, field));
  return takes(4) ? made(moment("time", value, field)) : undefined;
}

function octets(value: unknown, field: string): Uint8Array {
  if (typeof value === "string") return hex(value, field);
  if (isRecord(value)) {
    const { text, dateTime, obis } = value;
    if (typeof text === "string") return new TextEncoder().encode(text);
    if (dateTime !== undefined) return moment("date-time", dateTime, field);
    if (typeof obis === "string") return parseObis(obis, field);
  }
  throw invalid(field, "must be hexadecimal digits, or an object with text, dateTime or obis");
}

function hex(text: string, field: string): Uint8Array {
  const digitsOnly = text.replace(/[\s:-]/g, "");
  if (!/^([0-9a-f]{2})*$/i.test(digitsOnly)) throw invalid(field, "must be pairs of hexadecimal digits");
  return fromHex(digitsOnly, field);
}

const DATE_TIME =
  /^(?:(\d{4})-(\d\d)-(\d\d))?[T ]?(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?(Z|[+-]\d\d:?\d\d)?$/i;

function moment(type: "date-time" | "date" | "time", value: unknown, field: string): Uint8Array {
  const length = { "date-time": 12, date: 5, time: 4 }[type];
  const text = typeof value === "string" ? value.trim() : "";
  if (text.replace(/[\s:-]/g, "").length === 2 * length && /^[0-9a-f\s]+$/i.test(text))
    return hex(text, field);
  const parts = DATE_TIME.exec(text);
  const [, year, month, day, hour, minute, second, fraction, zone] = parts ?? [];
  const needsDate = type !== "time";
  const needsTime = type !== "date";
  if (parts === null || needsDate === (year === undefined) || needsTime === (hour === undefined))
    throw invalid(field, `must be a ${type} in ISO 8601, or ${length} octets in hexadecimal`);
  const number = (part: string | undefined): number | undefined =>
    part === undefined ? undefined : Number(part);
  const weekday = year === undefined ? undefined : weekdayOf(Number(year), Number(month), Number(day), field);
  const cosem: CosemDateTime = {
    year: number(year),
    month: number(month),
    day: number(day),
    weekday,
    hour: number(hour),
    minute: number(minute),
    second: number(second) ?? (hour === undefined ? undefined : 0),
    hundredths: number(fraction?.padEnd(2, "0").slice(0, 2)),
    deviationMinutes: deviation(zone),
    clockStatus: zone === undefined ? undefined : 0,
  };
  if ((cosem.hour ?? 0) > 23 || (cosem.minute ?? 0) > 59 || (cosem.second ?? 0) > 59)
    throw invalid(field, "is no time of day");
  return type === "date-time"
    ? encodeDateTime(cosem)
    : type === "date"
      ? encodeDate(cosem)
      : encodeTime(cosem);
}

/** 1 Monday to 7 Sunday. */
function weekdayOf(year: number, month: number, day: number, field: string): number {
  const at = new Date(Date.UTC(year, month - 1, day));
  if (at.getUTCDate() !== day || at.getUTCMonth() !== month - 1)
    throw invalid(field, "is no day of the calendar");
  return at.getUTCDay() || 7;
}

/** Minutes to add to local time to get UTC. */
function deviation(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined;
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  const offset = Number(hours) * 60 + Number(minutes);
  return sign === "-" ? offset : -offset;
}

function truth(value: unknown, field: string): boolean {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "false") return value === "true";
  throw invalid(field, "must be true or false");
}

/** A whole number as text: a number that has lost digits already is none. */
function digits(value: unknown, field: string): string {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  if (typeof value === "string" && /^-?\d{1,20}$/.test(value.trim())) return value.trim();
  throw invalid(field, "must be a whole number, or its digits as text");
}

function decimal(value: unknown, field: string): number {
  const number =
    typeof value === "string" && /^-?\d{1,30}(\.\d{1,30})?(e[+-]?\d{1,3})?$/i.test(value.trim())
      ? Number(value)
      : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw invalid(field, "must be a number");
  return number;
}

function list(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(field, "must be a list");
  if (value.length > limits.elements) throw invalid(field, `must have at most ${limits.elements} elements`);
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
