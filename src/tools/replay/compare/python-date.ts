/**
 * A date-time as Gurux Python prints it: ISO text, a bit set of the fields that are not specified, the clock status.
 * Every octet is judged: printed fields by their value, the weekday by the calendar, skipped fields as unspecified.
 */
import { type Data, type CosemDateTime, decodeDateTime } from "../../../axdr/index.js";
import { toHex } from "../../../bytes/hex.js";
import { type Tally } from "./tally.js";

export interface PrintedDate {
  readonly datetime: string;
  readonly skip: number;
  readonly status: number;
}

const SKIP = {
  year: 0x01,
  month: 0x02,
  day: 0x04,
  weekday: 0x08,
  hour: 0x10,
  minute: 0x20,
  second: 0x40,
  hundredths: 0x80,
  deviationMinutes: 0x100,
} as const satisfies Partial<Record<keyof CosemDateTime, number>>;

const ISO = /^(\d+)-(\d+)-(\d+) (\d+):(\d+):(\d+)(?:\.(\d+))?(?:([+-])(\d+):(\d+))?$/;

export function isPrintedDate(value: unknown): value is PrintedDate {
  return typeof value === "object" && value !== null && "datetime" in value;
}

export function comparePrintedDate(where: string, printed: PrintedDate, data: Data, tally: Tally): void {
  const carried = data.type === "octet-string" || data.type === "date-time";
  if (!carried || data.value.length !== 12) {
    tally.same(where, printed.datetime, data.type);
    return;
  }
  const ours = decodeDateTime(data.value);
  const expected = expectedFields(printed);
  if (expected === undefined) return tally.differs(where, printed.datetime, toHex(data.value));
  tally.compared++;
  for (const [name, mask] of Object.entries(SKIP) as [keyof typeof SKIP, number][]) {
    const wanted = (printed.skip & mask) === 0 ? expected[name] : undefined;
    if (ours[name] !== wanted) tally.differs(`${where}.${name}`, String(wanted), String(ours[name]));
  }
  // A status that is not specified is printed as 255.
  const status = ours.clockStatus ?? 0xff;
  if (status !== printed.status)
    tally.differs(`${where}.clockStatus`, String(printed.status), String(status));
}

function expectedFields({ datetime }: PrintedDate): CosemDateTime | undefined {
  const match = ISO.exec(datetime);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "0", sign, offsetHours, offsetMinutes] = match;
  const offset = Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0);
  const weekday = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDay();
  return {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    weekday: weekday === 0 ? 7 : weekday,
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    hundredths: Math.floor(Number(fraction.padEnd(6, "0")) / 10_000),
    deviationMinutes: sign === "+" && offset > 0 ? -offset : offset,
  };
}
