/**
 * Schedule 0-0:12.0.0.255 (class 10): scripts at a time of day on chosen week days or special days, between two dates.
 * The validity window (a missed switching made up for after a power failure) is kept and not acted on: a simulated
 * meter has no power failures.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { type CosemDate, decodeDate, decodeTime } from "../../axdr/date-time.js";
import { schedule as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { DAY_MS, dayStart, matchesDate, nextTimeOfDay, weekdayOf } from "../behaviours/occurrence.js";
import { type MeterState } from "../meter-state.js";
import { namesScript, runReference } from "../scripts.js";
import { instantOfWall, wallAt } from "../wall-clock.js";
import { type MeterObject } from "./attributes.js";
import { bitsOf, elementsOf, keeping, numberOf, octetsOf } from "./kept.js";
import { specialDaysOf } from "./special-days.js";

const MAX_ENTRIES = 100;
const LOOK_DAYS = 366;
const logicalName = parseObis("0-0:12.0.0.255");
const kept = keeping(declared, logicalName);
const entries = kept("entries", data.array([]), {
  accepts: (value) => (elementsOf(value).length <= MAX_ENTRIES ? "success" : "other-reason"),
});

/** When an entry is due next after `wall`. */
function nextDue(meter: MeterState, entry: Data, wall: number): number | undefined {
  const [, enable, , , time, , weekdays, special, begin, end] = elementsOf(entry);
  if (enable?.type !== "boolean" || !enable.value || !namesScript(referenceOf(entry))) return undefined;
  const from = bound(decodeDate(octetsOf(begin)), -Infinity);
  const until = bound(decodeDate(octetsOf(end)), Infinity);
  const specials = specialDaysOf(meter);
  for (let i = 0; i < LOOK_DAYS; i++) {
    const day = dayStart(wall) + i * DAY_MS;
    if (day < from || day > until) continue;
    const chosen =
      bitsOf(weekdays)[weekdayOf(day) - 1] === "1" ||
      specials.some(({ date, dayId }) => matchesDate(date, day) && bitsOf(special)[dayId] === "1");
    const at = chosen ? nextTimeOfDay(decodeTime(octetsOf(time)), wall - day) : undefined;
    if (at !== undefined) return day + at;
  }
  return undefined;
}

/** A date that is left open is no bound. */
function bound({ year, month, day }: CosemDate, open: number): number {
  return year === undefined || month === undefined || day === undefined
    ? open
    : Date.UTC(year, month - 1, day);
}

function referenceOf(entry: Data): Data {
  return data.structure(elementsOf(entry).slice(2, 4));
}

function indexOf(entry: Data): number {
  return numberOf(elementsOf(entry)[0]);
}

function enabled(entry: Data, enable: boolean): Data {
  const [index, , ...rest] = elementsOf(entry);
  return data.structure([index as Data, data.boolean(enable), ...rest]);
}

function within(index: number, first: number, last: number): boolean {
  return first !== 0 && index >= first && index <= last;
}

export const schedule: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName,
  attributes: [entries],
  methods: [
    {
      id: 1,
      // Disabled first, then enabled; first index 0 names none.
      invoke: (meter, parameter) => {
        if (
          parameter === undefined ||
          declared.methods.enableDisable.parameter.check(parameter) !== undefined
        )
          return "type-unmatched";
        const [firstOff, lastOff, firstOn, lastOn] = elementsOf(parameter).map(numberOf) as [
          number,
          number,
          number,
          number,
        ];
        const changed = elementsOf(entries.of(meter)).map((entry) => {
          if (within(indexOf(entry), firstOn, lastOn)) return enabled(entry, true);
          return within(indexOf(entry), firstOff, lastOff) ? enabled(entry, false) : entry;
        });
        entries.put(meter, data.array(changed));
        return "success";
      },
    },
    {
      id: 2,
      invoke: (meter, entry) => {
        if (entry === undefined || declared.methods.insert.parameter.check(entry) !== undefined)
          return "type-unmatched";
        const others = elementsOf(entries.of(meter)).filter((other) => indexOf(other) !== indexOf(entry));
        if (others.length >= MAX_ENTRIES) return "other-reason";
        entries.put(meter, data.array([...others, entry]));
        return "success";
      },
    },
    {
      id: 3,
      invoke: (meter, parameter) => {
        if (parameter === undefined || declared.methods.delete.parameter.check(parameter) !== undefined)
          return "type-unmatched";
        const [first, last] = elementsOf(parameter).map(numberOf) as [number, number];
        const all = elementsOf(entries.of(meter));
        entries.put(meter, data.array(all.filter((entry) => !within(indexOf(entry), first, last))));
        return "success";
      },
    },
  ],
  duty: {
    next: (meter, t) => {
      const wall = wallAt(meter, t);
      const times = elementsOf(entries.of(meter)).flatMap((entry) => nextDue(meter, entry, wall) ?? []);
      return times.length === 0 ? undefined : instantOfWall(meter, t, Math.min(...times));
    },
    act: (meter, t, store) => {
      const wall = wallAt(meter, t);
      for (const entry of elementsOf(entries.of(meter)))
        if (nextDue(meter, entry, wall - 1) === wall) runReference(meter, referenceOf(entry), t, store);
    },
  },
};
