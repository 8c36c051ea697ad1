/**
 * What an activity calendar says of a moment (class 20): the season that began last chooses the week, the week the
 * day, the day's entries what runs. A special day (class 11) chooses its day whatever the week says. Wall time, see
 * occurrence.ts. A season's start counts by its date; one that begins with daylight saving is left out.
 */
import { type CosemDate } from "../../axdr/date-time.js";
import { DAY_MS, dayStart, matchesDate, weekdayOf } from "./occurrence.js";

export interface DayEntry {
  /** Milliseconds of the day. */
  readonly start: number;
  readonly table: Uint8Array;
  readonly selector: number;
}

/** Names are compared as hex. */
export interface Calendar {
  readonly seasons: readonly { readonly start: CosemDate; readonly week: string }[];
  /** Day ids, Monday first. */
  readonly weeks: ReadonlyMap<string, readonly number[]>;
  readonly days: ReadonlyMap<number, readonly DayEntry[]>;
}

export interface SpecialDay {
  readonly date: CosemDate;
  readonly dayId: number;
}

/** An entry and the moment it is due. */
export interface Switch {
  readonly at: number;
  readonly entry: DayEntry;
}

/** Nothing is looked for beyond a week, in which every day of the calendar has come. */
const LOOK_DAYS = 8;

/** The entry that holds at `wall`, itself included. */
export function switchBefore(
  calendar: Calendar,
  special: readonly SpecialDay[],
  wall: number,
): Switch | undefined {
  for (let i = 0; i < LOOK_DAYS; i++) {
    const day = dayStart(wall) - i * DAY_MS;
    const found = entriesOf(calendar, special, day).filter(({ start }) => day + start <= wall);
    const last = latest(found);
    if (last !== undefined) return { at: day + last.start, entry: last };
  }
  return undefined;
}

/** When the next entry after `wall` is due. */
export function switchAfter(
  calendar: Calendar,
  special: readonly SpecialDay[],
  wall: number,
): number | undefined {
  for (let i = 0; i < LOOK_DAYS; i++) {
    const day = dayStart(wall) + i * DAY_MS;
    const times = entriesOf(calendar, special, day)
      .map(({ start }) => day + start)
      .filter((at) => at > wall);
    if (times.length > 0) return Math.min(...times);
  }
  return undefined;
}

/** The day id at `wall`. */
export function dayIdAt(
  calendar: Calendar,
  special: readonly SpecialDay[],
  wall: number,
): number | undefined {
  const exception = special.find(({ date }) => matchesDate(date, wall));
  if (exception !== undefined) return exception.dayId;
  const week = calendar.weeks.get(seasonAt(calendar, wall)?.week ?? "");
  return week?.[weekdayOf(wall) - 1];
}

function entriesOf(calendar: Calendar, special: readonly SpecialDay[], day: number): readonly DayEntry[] {
  return calendar.days.get(dayIdAt(calendar, special, day) ?? -1) ?? [];
}

function latest(entries: readonly DayEntry[]): DayEntry | undefined {
  return entries.reduce<DayEntry | undefined>(
    (last, entry) => (last === undefined || entry.start >= last.start ? entry : last),
    undefined,
  );
}

function seasonAt({ seasons }: Calendar, wall: number): Calendar["seasons"][number] | undefined {
  let best: { readonly began: number; readonly season: Calendar["seasons"][number] } | undefined;
  for (const season of seasons) {
    const began = beganAt(season.start, wall);
    if (began !== undefined && (best === undefined || began >= best.began)) best = { began, season };
  }
  return best?.season;
}

/** When a season began last before `wall`. */
function beganAt({ year, month, day = 1 }: CosemDate, wall: number): number | undefined {
  if (month === undefined) return -Infinity;
  if (month > 12) return undefined;
  const thisYear = new Date(wall).getUTCFullYear();
  const years = year === undefined ? [thisYear, thisYear - 1] : [year];
  return years
    .map((each) => (day > 31 ? Date.UTC(each, month, 0) : Date.UTC(each, month - 1, day)))
    .find((began) => began <= wall);
}
