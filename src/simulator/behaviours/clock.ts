/**
 * The meter's clock as COSEM shows and takes it (class 8): date-time octets from an instant and back, and the
 * adjusting methods as arithmetic. Daylight saving is left out: the deviation is what the time zone attribute says.
 */
import { type CosemDateTime, decodeDateTime, encodeDateTime, fromDate } from "../../axdr/date-time.js";
import { type Data } from "../../axdr/data.js";

/** Twelve octets of local time; `deviationMinutes` is -60 for UTC+1. */
export function clockOctets(epochMs: number, deviationMinutes: number): Uint8Array {
  return encodeDateTime(fromDate(new Date(epochMs), deviationMinutes));
}

/** The date-time in Data as meters carry it: an octet-string of 12, or the date-time type. */
export function dateTimeOf(value: Data): CosemDateTime | undefined {
  if (value.type !== "octet-string" && value.type !== "date-time") return undefined;
  return value.value.length === 12 ? decodeDateTime(value.value) : undefined;
}

/**
 * The instant a date-time names, epoch ms. Without deviation it is in the given zone; missing time fields are zero.
 * Undefined when year, month or day is not one certain value or a field is out of range.
 */
export function instantOf(dateTime: CosemDateTime, deviationMinutes: number): number | undefined {
  const { year, month, day, hour = 0, minute = 0, second = 0, hundredths = 0 } = dateTime;
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || hundredths > 99) return undefined;
  const local = Date.UTC(year, month - 1, day, hour, minute, second, hundredths * 10);
  // 31 February is no date, though Date.UTC would take it for one in March.
  if (new Date(local).getUTCDate() !== day) return undefined;
  return local + (dateTime.deviationMinutes ?? deviationMinutes) * 60_000;
}

/** The nearest multiple of `stepMs`: adjust_to_quarter, adjust_to_measuring_period, adjust_to_minute. */
export function nearest(epochMs: number, stepMs: number): number {
  return Math.round(epochMs / stepMs) * stepMs;
}
