/**
 * COSEM date-time, date and time (IEC 62056-6-2, 4.1.6.1): 12, 5 and 4 octets. Fields "not specified" are undefined.
 * deviation = minutes to add to local time to get UTC (UTC+1 is -60). Local time already contains daylight saving.
 * Repeating values (month FD/FE = daylight saving ends/begins, day FD/FE = second last/last of month) stay numbers.
 */
import { usageError } from "../core/errors.js";
import { DecodeError } from "../core/errors.js";

export interface CosemDate {
  readonly year?: number;
  /** 1 to 12, 253 daylight saving end, 254 begin. */
  readonly month?: number;
  /** 1 to 31, 253 second last, 254 last of month. */
  readonly day?: number;
  /** 1 Monday to 7 Sunday. */
  readonly weekday?: number;
}

export interface CosemTime {
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly hundredths?: number;
}

export interface CosemDateTime extends CosemDate, CosemTime {
  readonly deviationMinutes?: number;
  /** Bits: 01 invalid, 02 doubtful, 04 different clock base, 08 invalid status, 80 daylight saving. */
  readonly clockStatus?: number;
}

const DATE = ["month", "day", "weekday"] as const;
const TIME = ["hour", "minute", "second", "hundredths"] as const;

function expectLength(bytes: Uint8Array, length: number, name: string): DataView {
  if (bytes.length !== length)
    throw new DecodeError(`${length} octets of a ${name} expected, ${bytes.length} found`, 0);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function octetFields<K extends string>(
  names: readonly K[],
  bytes: Uint8Array,
  start: number,
): { [P in K]?: number } {
  const fields: { [P in K]?: number } = {};
  names.forEach((name, i) => {
    const octet = bytes[start + i] as number;
    if (octet !== 0xff) fields[name] = octet;
  });
  return fields;
}

/** @throws DecodeError unless there are 5 octets. Field ranges are not judged: meters send what they send. */
export function decodeDate(bytes: Uint8Array): CosemDate {
  const year = expectLength(bytes, 5, "date").getUint16(0);
  return { ...(year === 0xffff ? {} : { year }), ...octetFields(DATE, bytes, 2) };
}

/** @throws DecodeError unless there are 4 octets. */
export function decodeTime(bytes: Uint8Array): CosemTime {
  expectLength(bytes, 4, "time");
  return octetFields(TIME, bytes, 0);
}

/** @throws DecodeError unless there are 12 octets. */
export function decodeDateTime(bytes: Uint8Array): CosemDateTime {
  const deviation = expectLength(bytes, 12, "date-time").getInt16(9);
  return {
    ...decodeDate(bytes.subarray(0, 5)),
    ...decodeTime(bytes.subarray(5, 9)),
    ...(deviation === -0x8000 ? {} : { deviationMinutes: deviation }),
    ...octetFields(["clockStatus"], bytes, 11),
  };
}

function octet(name: string, value: number | undefined): number {
  if (value === undefined) return 0xff;
  if (!Number.isInteger(value) || value < 0 || value > 0xfe)
    throw usageError("FIELD_INVALID", name, "an integer from 0 to 254 is expected");
  return value;
}

export function encodeDate(date: CosemDate): Uint8Array {
  const { year = 0xffff } = date;
  if (!Number.isInteger(year) || year < 0 || year > 0xffff)
    throw usageError("FIELD_INVALID", "year", "an integer from 0 to 65535 is expected");
  return Uint8Array.of(year >> 8, year & 0xff, ...DATE.map((name) => octet(name, date[name])));
}

export function encodeTime(time: CosemTime): Uint8Array {
  return Uint8Array.from(TIME.map((name) => octet(name, time[name])));
}

export function encodeDateTime(dateTime: CosemDateTime): Uint8Array {
  const { deviationMinutes: deviation = -0x8000, clockStatus } = dateTime;
  if (!Number.isInteger(deviation) || deviation < -0x8000 || deviation > 0x7fff)
    throw usageError("FIELD_INVALID", "deviationMinutes", "an integer from -32768 to 32767 is expected");
  return Uint8Array.of(
    ...encodeDate(dateTime),
    ...encodeTime(dateTime),
    (deviation >> 8) & 0xff,
    deviation & 0xff,
    octet("clockStatus", clockStatus),
  );
}

const pad = (value: number, digits = 2): string => String(value).padStart(digits, "0");

/**
 * ISO 8601 text: `2021-11-02T21:51:00+01:00`; without a deviation it is local time without offset, without an hour
 * the date alone. Undefined when year, month or day is not one certain value, as in repeating dates.
 */
export function toIso(dateTime: CosemDateTime): string | undefined {
  const { year, month, day } = dateTime;
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const date = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
  const time = timeText(dateTime);
  return time === undefined ? date : `${date}T${time}${offsetText(dateTime.deviationMinutes)}`;
}

/** `21:51:00` or `21:51:00.25`; undefined when the hour is not specified or out of range. */
export function timeText({ hour, minute, second, hundredths }: CosemTime): string | undefined {
  if (hour === undefined || hour > 24 || (minute ?? 0) > 59 || (second ?? 0) > 60) return undefined;
  const fraction =
    hundredths === undefined || hundredths === 0 || hundredths > 99 ? "" : `.${pad(hundredths)}`;
  return `${pad(hour)}:${pad(minute ?? 0)}:${pad(second ?? 0)}${fraction}`;
}

function offsetText(deviation: number | undefined): string {
  if (deviation === undefined) return "";
  if (deviation === 0) return "Z";
  const offset = Math.abs(deviation);
  return `${deviation < 0 ? "+" : "-"}${pad(Math.floor(offset / 60))}:${pad(offset % 60)}`;
}

/** The local date-time of an instant at the given deviation (-60 for UTC+1), all fields set, clock status 0. */
export function fromDate(date: Date, deviationMinutes: number): CosemDateTime {
  const local = new Date(date.getTime() - deviationMinutes * 60_000);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    weekday: local.getUTCDay() || 7,
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    hundredths: Math.floor(local.getUTCMilliseconds() / 10),
    deviationMinutes,
    clockStatus: 0,
  };
}
