/** Rows of a profile buffer as sent, and completed: null-data means "as the row before", one period later for a clock. */
import { type CosemDateTime, type Data, decodeDateTime, encodeDateTime, fromDate } from "../axdr/index.js";
import { DlmsError } from "../core/errors.js";
import { type CapturedColumn } from "../cosem/selective-access.js";
import { isClock } from "./profile-range.js";

/** @throws DlmsError TYPE_UNMATCHED when the buffer holds anything but rows. */
export function rawRows(buffer: Data, columns: number): readonly (readonly Data[])[] {
  if (buffer.type === "null-data") return [];
  if (buffer.type !== "array" && buffer.type !== "compact-array")
    throw new DlmsError("TYPE_UNMATCHED", `The profile buffer is ${buffer.type}, not an array.`);
  return buffer.value.map((row, i) => {
    if (row.type === "structure") return row.value;
    // A profile of one column may come without a structure around each value.
    if (columns === 1) return [row];
    throw new DlmsError("TYPE_UNMATCHED", `Row ${i + 1} of the profile is ${row.type}, not a structure.`);
  });
}

/** Values of all rows together: rows that leave everything out take two octets each, however many columns there are. */
const MAX_VALUES = 4_000_000;

/**
 * @param periodSeconds 0 or undefined: rows are not captured by time, a missing clock stays unknown.
 * @throws DlmsError LIMIT_EXCEEDED
 */
export function completeRows(
  rows: readonly (readonly Data[])[],
  columns: readonly CapturedColumn[],
  periodSeconds: number | undefined,
): readonly (readonly Data[])[] {
  if (rows.length * columns.length > MAX_VALUES)
    throw new DlmsError("LIMIT_EXCEEDED", `${rows.length} rows of ${columns.length} columns are too many.`);
  let before: readonly Data[] = [];
  return rows.map((row) => {
    before = columns.map((column, i): Data => {
      const value = row[i];
      if (value !== undefined && value.type !== "null-data") return value;
      const previous = before[i] ?? { type: "null-data" };
      return isClock(column) ? later(previous, periodSeconds) : previous;
    });
    return before;
  });
}

function later(time: Data, seconds: number | undefined): Data {
  const isTime = (time.type === "octet-string" || time.type === "date-time") && time.value.length === 12;
  if (!isTime || !seconds) return { type: "null-data" };
  const moved = addSeconds(decodeDateTime(time.value), seconds);
  return moved === undefined ? { type: "null-data" } : { type: time.type, value: encodeDateTime(moved) };
}

/** Local time moved on; deviation, status and unspecified fields stay as they were. */
function addSeconds(time: CosemDateTime, seconds: number): CosemDateTime | undefined {
  const { year, month, day, hour = 0, minute = 0, second = 0 } = time;
  if (year === undefined || month === undefined || day === undefined || month > 12 || day > 31)
    return undefined;
  const moved = fromDate(new Date(Date.UTC(year, month - 1, day, hour, minute, second + seconds)), 0);
  return {
    ...time,
    year: moved.year,
    month: moved.month,
    day: moved.day,
    hour: moved.hour,
    minute: moved.minute,
    ...(time.second === undefined ? {} : { second: moved.second }),
    ...(time.weekday === undefined ? {} : { weekday: moved.weekday }),
  };
}
