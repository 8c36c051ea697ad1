/**
 * When a date and time with parts left open come next (IEC 62056-6-2, 4.1.6.1), in wall time: milliseconds of what
 * the meter's clock shows, as if it showed UTC. Day FE is the last of a month, FD the second last; with a weekday they
 * are the last and the second last such weekday. Months that begin or end daylight saving never come.
 */
import { type CosemDate, type CosemTime } from "../../axdr/date-time.js";

export const DAY_MS = 86_400_000;
const LAST = 254;
const SECOND_LAST = 253;
/** A date is looked for over four years, so that 29 February is found. */
const LOOK_AHEAD_DAYS = 4 * 366;

export function dayStart(wall: number): number {
  return Math.floor(wall / DAY_MS) * DAY_MS;
}

/** 1 Monday to 7 Sunday. */
export function weekdayOf(wall: number): number {
  return new Date(wall).getUTCDay() || 7;
}

/** Whether the day that `wall` lies in is one of those. */
export function matchesDate(date: CosemDate, wall: number): boolean {
  const shown = new Date(wall);
  const month = shown.getUTCMonth() + 1;
  const day = shown.getUTCDate();
  if (date.year !== undefined && date.year !== shown.getUTCFullYear()) return false;
  if (date.month !== undefined && date.month !== month) return false;
  if (date.weekday !== undefined && date.weekday !== weekdayOf(wall)) return false;
  if (date.day !== LAST && date.day !== SECOND_LAST) return date.day === undefined || date.day === day;
  const fromEnd = new Date(Date.UTC(shown.getUTCFullYear(), month, 0)).getUTCDate() - day;
  const step = date.weekday === undefined ? 1 : 7;
  return Math.floor(fromEnd / step) === (date.day === LAST ? 0 : 1);
}

/** The first such time of day later than `after`, both milliseconds of the day. Seconds left open are 0. */
export function nextTimeOfDay(time: CosemTime, after: number): number | undefined {
  const { hour, minute, second = 0, hundredths = 0 } = time;
  const rest = second * 1_000 + hundredths * 10;
  for (const h of hour === undefined ? range(24) : [hour])
    for (const m of minute === undefined ? range(60) : [minute]) {
      const at = (h * 60 + m) * 60_000 + rest;
      if (at > after && at < DAY_MS) return at;
    }
  return undefined;
}

/** The first such moment later than `after`, wall time; undefined when there is none in the next four years. */
export function nextOccurrence(date: CosemDate, time: CosemTime, after: number): number | undefined {
  const first = dayStart(after);
  const { year } = date;
  const last =
    year === undefined
      ? first + LOOK_AHEAD_DAYS * DAY_MS
      : Math.min(Date.UTC(year + 1, 0, 1), first + LOOK_AHEAD_DAYS * DAY_MS);
  for (let day = Math.max(first, year === undefined ? 0 : Date.UTC(year, 0, 1)); day < last; day += DAY_MS) {
    if (!matchesDate(date, day)) continue;
    const at = nextTimeOfDay(time, after - day);
    if (at !== undefined) return day + at;
  }
  return undefined;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
