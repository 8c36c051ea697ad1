/**
 * Profile generic (class 7): the load profile, captured at every multiple of its period, billing values, event logs.
 * Rows are computed when read, so a buffer costs no memory. Selective access by range (selector 1, on the clock) and
 * by entry (selector 2), both with a choice of columns. A column holds the captured attribute's own value, so its
 * scaler and unit are those of the captured object. Sorted FIFO: entry 1 is the oldest.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { type Selection } from "../../xdlms/index.js";
import { monthStarts } from "../behaviours/calendar.js";
import { captureTimes } from "../behaviours/captures.js";
import { LOG_ENTRIES } from "../event-logs.js";
import { type MeterState } from "../meter-state.js";
import { Refusal } from "../object-store.js";
import { perMeter } from "../per-meter.js";
import { type MeterCall, type MeterObject, readOnly } from "./attributes.js";
import { type CaptureObject, captureStructure, type Row, selectRows } from "./selection.js";

/** Thirty days of quarter hours. */
export const LOAD_PROFILE_ENTRIES = 2880;
const CLOCK_NAME = Uint8Array.of(0, 0, 1, 0, 0, 255);
const CLOCK_CAPTURE: CaptureObject = { classId: 8, logicalName: CLOCK_NAME, attributeId: 2 };
/** One minute to one day. */
const PERIODS_S = { min: 60, max: 86_400 } as const;

/** Captures by method 2 that one meter remembers of one profile; the oldest are forgotten. */
const MAX_CALLED = 100;
/** A year of month ends and a few captures between. */
const BILLING_ENTRIES = 24;

/** A profile whose rows are the captured attributes' values at the capture times. */
export function loadProfile(logicalName: Uint8Array, captures: readonly CaptureObject[]): MeterObject {
  const called = perMeter((): number[] => []);
  const times = (meter: MeterState, t: number): number[] => {
    const regular = captureTimes(
      meter.history.segments,
      meter.profileSince,
      t,
      meter.capturePeriodS * 1000,
      LOAD_PROFILE_ENTRIES,
    );
    const extra = called(meter).filter((at) => at > meter.profileSince);
    return extra.length === 0 ? regular : merged([...regular, ...extra], LOAD_PROFILE_ENTRIES);
  };
  return {
    classId: 7,
    version: 1,
    logicalName,
    attributes: [
      {
        id: 2,
        access: "r",
        selectors: [1, 2],
        get: (meter, call) => computed(meter, times(meter, call.t), captures, call),
      },
      captureObjects(captures),
      {
        id: 4,
        access: "rw",
        get: (meter) => data.doubleLongUnsigned(meter.capturePeriodS),
        set: (meter, value, { t }) => {
          if (value.type !== "double-long-unsigned") return "type-unmatched";
          return setCapturePeriod(meter, value.value, t) ? "success" : "other-reason";
        },
      },
      readOnly(5, () => data.enum(1)),
      readOnly(6, () => captureStructure(CLOCK_CAPTURE)),
      readOnly(7, (meter, t) => data.doubleLongUnsigned(times(meter, t).length)),
      readOnly(8, () => data.doubleLongUnsigned(LOAD_PROFILE_ENTRIES)),
    ],
    methods: [
      {
        id: 1,
        invoke: (meter, _parameter, { t }) => {
          meter.profileSince = t;
          return "success";
        },
      },
      // Beside those of the clock.
      { id: 2, invoke: (meter, _parameter, { t }) => capture(called(meter), t) },
    ],
  };
}

/** Billing values: the month ends before the simulation began, and whenever method 2 is called, by a script at most. */
export function billingProfile(logicalName: Uint8Array, captures: readonly CaptureObject[]): MeterObject {
  const stateOf = perMeter((meter) => {
    const { startedAt, utcOffsetMinutes } = meter.options;
    const past = monthStarts(startedAt, utcOffsetMinutes).filter((at) => at > meter.installedAt);
    return { times: past.reverse() };
  });
  return {
    classId: 7,
    version: 1,
    logicalName,
    attributes: [
      {
        id: 2,
        access: "r",
        selectors: [1, 2],
        get: (meter, call) => computed(meter, stateOf(meter).times, captures, call),
      },
      captureObjects(captures),
      readOnly(4, () => data.doubleLongUnsigned(0)),
      readOnly(5, () => data.enum(1)),
      readOnly(6, () => captureStructure(CLOCK_CAPTURE)),
      readOnly(7, (meter) => data.doubleLongUnsigned(stateOf(meter).times.length)),
      readOnly(8, () => data.doubleLongUnsigned(BILLING_ENTRIES)),
    ],
    methods: [
      {
        id: 1,
        invoke: (meter) => {
          stateOf(meter).times = [];
          return "success";
        },
      },
      {
        id: 2,
        invoke: (meter, _parameter, { t }) => {
          const state = stateOf(meter);
          state.times = merged([...state.times, t], BILLING_ENTRIES);
          return "success";
        },
      },
    ],
  };
}

function capture(called: number[], t: number): "success" {
  called.push(t);
  if (called.length > MAX_CALLED) called.shift();
  return "success";
}

/** In order, each instant once, the newest `most`. */
function merged(times: readonly number[], most: number): number[] {
  return [...new Set(times)].sort((a, b) => a - b).slice(-most);
}

/** Rows as the captured attributes were at `times`. */
function computed(
  meter: MeterState,
  times: readonly number[],
  captures: readonly CaptureObject[],
  call: MeterCall,
): Data | Refusal {
  const rows = times.map((at) => ({
    at: meter.clockAt(at),
    columns: () => captures.map((object) => captured(meter, object, at, call)),
  }));
  return buffer(rows, captures, call.selection, meter.deviationMinutes);
}

/** An event log; `code` is E of its name. Its rows are written by the meter, none by a period. */
export function eventLog(
  logicalName: Uint8Array,
  code: number,
  captures: readonly CaptureObject[],
): MeterObject {
  const rows = (meter: MeterState) => meter.logs.rows(code, captures.length, meter.deviationMinutes);
  return {
    classId: 7,
    version: 1,
    logicalName,
    attributes: [
      {
        id: 2,
        access: "r",
        selectors: [1, 2],
        get: (meter, { selection }) =>
          buffer(
            rows(meter).map(({ at, columns }) => ({ at, columns: () => columns })),
            captures,
            selection,
            meter.deviationMinutes,
          ),
      },
      captureObjects(captures),
      readOnly(4, () => data.doubleLongUnsigned(0)),
      readOnly(5, () => data.enum(1)),
      readOnly(6, () => captureStructure(CLOCK_CAPTURE)),
      readOnly(7, (meter) => data.doubleLongUnsigned(rows(meter).length)),
      readOnly(8, () => data.doubleLongUnsigned(LOG_ENTRIES)),
    ],
    // Logs are evidence: no method clears them.
    methods: [],
  };
}

/** Another period empties the buffer. @returns false when the period is out of range. */
export function setCapturePeriod(meter: MeterState, seconds: number, t: number): boolean {
  if (seconds < PERIODS_S.min || seconds > PERIODS_S.max) return false;
  meter.capturePeriodS = seconds;
  meter.profileSince = t;
  return true;
}

function captureObjects(captures: readonly CaptureObject[]) {
  const value = data.array(captures.map(captureStructure));
  return readOnly(3, () => value);
}

function captured(meter: MeterState, capture: CaptureObject, at: number, call: MeterCall): Data {
  const object = call.store.find(capture.classId, capture.logicalName);
  if (object === undefined) return data.null();
  return call.store.value(meter, object, capture.attributeId, at, call.caller);
}

function buffer(
  rows: readonly Row[],
  captures: readonly CaptureObject[],
  selection: Selection | undefined,
  deviationMinutes: number,
): Data | Refusal {
  const selected = selectRows(rows, captures, selection, deviationMinutes);
  if (selected === undefined) return new Refusal("type-unmatched");
  return data.array(selected.map((columns) => data.structure(columns)));
}
