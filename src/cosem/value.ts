/**
 * Data as JSON for messages: numbers only where no digit is lost, never a BigInt; octets as upper-case hex; date-times
 * as ISO 8601. Twelve octets are a date-time only where the attribute's declared type says so.
 */
import { type CosemDateTime, type Data, type TypeDescriptor } from "../axdr/index.js";
import { decodeDate, decodeDateTime, decodeTime, timeText, toIso } from "../axdr/index.js";
import { toHex } from "../bytes/hex.js";
import { float32Decimal, scaleDecimal, toJsonNumber } from "./decimal.js";

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

export interface ShownValue {
  readonly value: JsonValue;
  /** The A-XDR type, or `date-time`, `date`, `time` for octets shown as such. */
  readonly valueType: string;
  /** Of a date-time: minutes to add to local time to get UTC (UTC+1 is −60); absent when not specified. */
  readonly deviationMinutes?: number;
  /** Of a date-time: bits 01 invalid, 02 doubtful, 04 other clock base, 08 invalid status, 80 daylight saving. */
  readonly clockStatus?: number;
}

export interface ShowOptions {
  /** The attribute's declared type; without it octet-strings stay hex. */
  readonly type?: TypeDescriptor;
  /** Applied to numbers, also to those inside arrays and structures. */
  readonly scaler?: number;
}

/** @throws UsageError FIELD_INVALID only for a scaler that is no int8. */
export function jsonValue(data: Data, options: ShowOptions = {}): ShownValue {
  const { type } = options;
  const moment = momentKind(data, type);
  if (moment !== undefined) return momentValue(data as OctetData, moment);
  switch (data.type) {
    case "array":
    case "structure":
    case "compact-array":
      return { value: elements(data.value, options), valueType: data.type };
    case "octet-string":
      return { value: toHex(data.value), valueType: data.type };
    case "date-time":
    case "date":
    case "time":
      return momentValue(data, data.type);
    case "null-data":
    case "dont-care":
      return { value: null, valueType: data.type };
    case "boolean":
    case "bit-string":
    case "visible-string":
    case "utf8-string":
    case "enum":
      return { value: data.value, valueType: data.type };
    case "bcd":
    case "integer":
    case "unsigned":
    case "long":
    case "long-unsigned":
    case "double-long":
    case "double-long-unsigned":
    case "long64":
    case "long64-unsigned":
    case "float32":
    case "float64":
    case "delta-integer":
    case "delta-unsigned":
    case "delta-long":
    case "delta-long-unsigned":
    case "delta-double-long":
    case "delta-double-long-unsigned":
      return { value: numeric(data.type, data.value, options.scaler ?? 0), valueType: data.type };
  }
}

type OctetData = Extract<Data, { type: "octet-string" | "date-time" | "date" | "time" }>;
type Moment = "date-time" | "date" | "time";

const moments: readonly (readonly [Moment, number])[] = [
  ["date-time", 12],
  ["date", 5],
  ["time", 4],
];

/** Which moment octets stand for: those of the right length, in an attribute declared to take that type as well. */
function momentKind(data: Data, type: TypeDescriptor | undefined): Moment | undefined {
  if (type === undefined || data.type !== "octet-string") return undefined;
  const found = moments.find(([, length]) => length === data.value.length);
  if (found === undefined || isAny(type)) return undefined;
  return type.check({ type: found[0], value: data.value }) === undefined ? found[0] : undefined;
}

function isAny(type: TypeDescriptor): boolean {
  return type.check({ type: "dont-care" }) === undefined;
}

function momentValue(data: OctetData, kind: Moment): ShownValue {
  const octets = data.value;
  const beside: { deviationMinutes?: number; clockStatus?: number } = {};
  let text: string | undefined;
  if (kind === "time") text = timeText(decodeTime(octets));
  else if (kind === "date") text = toIso(decodeDate(octets));
  else {
    const moment: CosemDateTime = decodeDateTime(octets);
    text = toIso(moment);
    if (moment.deviationMinutes !== undefined) beside.deviationMinutes = moment.deviationMinutes;
    if (moment.clockStatus !== undefined) beside.clockStatus = moment.clockStatus;
  }
  // A repeating or unspecified moment has no ISO form; its octets say all there is.
  if (text === undefined) return { value: toHex(octets), valueType: data.type };
  return { value: text, valueType: kind, ...beside };
}

function elements(values: readonly Data[], { type, scaler }: ShowOptions): readonly JsonValue[] {
  const fields = type?.fields === undefined ? undefined : Object.values(type.fields);
  return values.map((value, i) => {
    const inner = fields?.[i] ?? type?.element;
    return jsonValue(value, {
      ...(inner === undefined ? {} : { type: inner }),
      ...(scaler === undefined ? {} : { scaler }),
    }).value;
  });
}

function numeric(type: string, value: number | bigint, scaler: number): number | string {
  if (type === "bcd") return bcd(Number(value));
  const exact = type === "float32" ? float32Decimal(value as number) : value;
  return toJsonNumber(scaleDecimal(exact, scaler));
}

/** One octet of two digits; an octet that is none is shown as hex. */
function bcd(octet: number): number | string {
  const digits = toHex(Uint8Array.of(octet));
  return /^\d\d$/.test(digits) ? Number(digits) : digits;
}
