/**
 * Activity calendar 0-0:13.0.0.255 (class 20): runs the script of the entry that holds, at its time, after the clock
 * was set and when another calendar becomes active. It starts with four tariffs of six hours, every day the same.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { decodeDate, decodeDateTime, decodeTime, encodeDateTime } from "../../axdr/date-time.js";
import { fromLatin1, toHex } from "../../bytes/hex.js";
import { activityCalendar as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { type Calendar, type Switch, switchAfter, switchBefore } from "../behaviours/day-plan.js";
import { nextOccurrence, nextTimeOfDay } from "../behaviours/occurrence.js";
import { type MeterState } from "../meter-state.js";
import { type ObjectStore } from "../object-store.js";
import { perMeter } from "../per-meter.js";
import { runScript } from "../scripts.js";
import { instantOfWall, wallAt } from "../wall-clock.js";
import { isTrigger, type MeterObject } from "./attributes.js";
import { elementsOf, keeping, numberOf, octetsOf } from "./kept.js";
import { scriptTables } from "./script-tables.js";
import { specialDaysOf } from "./special-days.js";

/** How soon it follows a clock that was set: a script of its own that sets the clock must not run without pause. */
const APPLY_MS = 500;

const text = (value: string): Data => data.octetString(fromLatin1(value));
const OPEN = encodeDateTime({});
const EVERY_YEAR = encodeDateTime({ month: 1, day: 1 });

const SEASONS = data.array([data.structure([text("1"), data.octetString(EVERY_YEAR), text("1")])]);
const WEEKS = data.array([data.structure([text("1"), ...Array.from({ length: 7 }, () => data.unsigned(1))])]);
const DAYS = data.array([
  data.structure([
    data.unsigned(1),
    data.array(
      [1, 2, 3, 4].map((tariff) =>
        data.structure([
          data.octetString(Uint8Array.of((tariff - 1) * 6, 0, 0, 0)),
          data.octetString(scriptTables.tariff),
          data.longUnsigned(tariff),
        ]),
      ),
    ),
  ]),
]);

const logicalName = parseObis("0-0:13.0.0.255");
const kept = keeping(declared, logicalName);
const active = [
  kept("calendarNameActive", text("1"), { access: "r" }),
  kept("seasonProfileActive", SEASONS, { access: "r" }),
  kept("weekProfileTableActive", WEEKS, { access: "r" }),
  kept("dayProfileTableActive", DAYS, { access: "r" }),
] as const;
const passive = [
  kept("calendarNamePassive", text("")),
  kept("seasonProfilePassive", data.array([])),
  kept("weekProfileTablePassive", data.array([])),
  kept("dayProfileTablePassive", data.array([])),
] as const;
const activationTime = kept("activatePassiveCalendarTime", data.octetString(OPEN));

/** The entry that was put into effect last. What holds at the start of the simulation already does. */
const appliedOf = perMeter((meter) => ({ key: keyOf(currentSwitch(meter, meter.options.startedAt)) }));

function calendarOf(meter: MeterState): Calendar {
  const [, seasons, weeks, days] = active.map((attribute) => attribute.of(meter));
  return {
    seasons: elementsOf(seasons).map((season) => {
      const [, start, week] = elementsOf(season);
      return { start: decodeDate(octetsOf(start).subarray(0, 5)), week: toHex(octetsOf(week)) };
    }),
    weeks: new Map(
      elementsOf(weeks).map((week) => {
        const [name, ...ids] = elementsOf(week);
        return [toHex(octetsOf(name)), ids.map(numberOf)];
      }),
    ),
    days: new Map(
      elementsOf(days).map((day) => {
        const [id, entries] = elementsOf(day);
        return [numberOf(id), elementsOf(entries).map(dayEntry)];
      }),
    ),
  };
}

function dayEntry(entry: Data) {
  const [start, table, selector] = elementsOf(entry);
  const time = nextTimeOfDay({ hour: 0, minute: 0, ...decodeTime(octetsOf(start)) }, -1) ?? 0;
  return { start: time, table: octetsOf(table), selector: numberOf(selector) };
}

function currentSwitch(meter: MeterState, t: number): Switch | undefined {
  return switchBefore(calendarOf(meter), specialDaysOf(meter), wallAt(meter, t));
}

function keyOf(found: Switch | undefined): string {
  return found === undefined ? "" : `${found.at} ${toHex(found.entry.table)} ${found.entry.selector}`;
}

function nextActivation(meter: MeterState, after: number): number | undefined {
  const { year, month, day, ...time } = decodeDateTime(octetsOf(activationTime.of(meter)));
  if (year === undefined && month === undefined && day === undefined) return undefined;
  return nextOccurrence(decodeDate(octetsOf(activationTime.of(meter)).subarray(0, 5)), time, after);
}

function activatePassive(meter: MeterState, t: number): void {
  passive.forEach((attribute, i) => active[i]?.put(meter, attribute.of(meter)));
  meter.note(t, "calendar", "passive calendar activated");
}

/** Puts into effect what holds now, unless it is already. */
function apply(meter: MeterState, t: number, store: ObjectStore<MeterState>): void {
  const current = currentSwitch(meter, t);
  const applied = appliedOf(meter);
  if (keyOf(current) === applied.key) return;
  applied.key = keyOf(current);
  if (current !== undefined) runScript(meter, current.entry.table, current.entry.selector, t, store);
}

export const activityCalendar: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName,
  attributes: [...active, ...passive, activationTime],
  methods: [
    {
      id: 1,
      invoke: (meter, parameter, { t, store }) => {
        if (!isTrigger(parameter)) return "type-unmatched";
        activatePassive(meter, t);
        apply(meter, t, store);
        return "success";
      },
    },
  ],
  duty: {
    next: (meter, t) => {
      const wall = wallAt(meter, t);
      // The clock was set, or the days are others now.
      if (keyOf(currentSwitch(meter, t)) !== appliedOf(meter).key) return t + APPLY_MS;
      const times = [
        switchAfter(calendarOf(meter), specialDaysOf(meter), wall),
        nextActivation(meter, wall),
      ].filter((time) => time !== undefined);
      return times.length === 0 ? undefined : instantOfWall(meter, t, Math.min(...times));
    },
    act: (meter, t, store) => {
      const wall = wallAt(meter, t);
      if (nextActivation(meter, wall - 1) === wall) activatePassive(meter, t);
      apply(meter, t, store);
    },
  },
};
