/**
 * Clock 0-0:1.0.0.255 (class 8): settable, with all six methods. Daylight saving can be configured and is shown,
 * but the clock does not act on it. Preset time: only the last one is kept, for its validity interval.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { clockOctets, dateTimeOf, instantOf, nearest } from "../behaviours/clock.js";
import { parseObis } from "../../cosem/obis.js";
import { type ActionResult } from "../../xdlms/index.js";
import { type MeterState } from "../meter-state.js";
import { isTrigger, type MeterMethod, type MeterObject, readOnly, stored } from "./attributes.js";

const QUARTER_MS = 15 * 60_000;
const MINUTE_MS = 60_000;
const PRESET_KEY = "clock-preset";
/** 26 March and 29 October as last Sundays: repeating, not specified year. */
const DST_BEGIN = Uint8Array.of(0xff, 0xff, 3, 0xfe, 7, 2, 0, 0, 0, 0x80, 0, 0);
const DST_END = Uint8Array.of(0xff, 0xff, 10, 0xfe, 7, 3, 0, 0, 0, 0x80, 0, 0);

export const clock: MeterObject = {
  classId: 8,
  version: 0,
  logicalName: parseObis("0-0:1.0.0.255"),
  open: true,
  attributes: [
    {
      id: 2,
      access: "rw",
      get: (meter, { t }) => data.octetString(clockOctets(meter.clockAt(t), meter.deviationMinutes)),
      set: (meter, value, { t }) => {
        const dateTime = dateTimeOf(value);
        if (dateTime === undefined) return "type-unmatched";
        const instant = instantOf(dateTime, meter.deviationMinutes);
        if (instant === undefined) return "other-reason";
        meter.setClock(t, instant);
        return "success";
      },
    },
    {
      id: 3,
      access: "rw",
      get: (meter) => data.long(meter.deviationMinutes),
      set: (meter, value) => {
        if (value.type !== "long") return "type-unmatched";
        if (Math.abs(value.value) > 840) return "other-reason";
        meter.deviationMinutes = value.value;
        return "success";
      },
    },
    readOnly(4, () => data.unsigned(0)),
    stored(5, "8/5", () => data.octetString(DST_BEGIN), twelveOctets),
    stored(6, "8/6", () => data.octetString(DST_END), twelveOctets),
    stored(7, "8/7", () => data.integer(60)),
    stored(8, "8/8", () => data.boolean(false)),
    // Internal crystal.
    readOnly(9, () => data.enum(1)),
  ],
  methods: [
    adjusting(1, () => QUARTER_MS),
    adjusting(2, (meter) => meter.capturePeriodS * 1000),
    adjusting(3, () => MINUTE_MS),
    { id: 4, invoke: (meter, parameter, { t }) => adjustToPreset(meter, parameter, t) },
    { id: 5, invoke: (meter, parameter) => preset(meter, parameter) },
    {
      id: 6,
      invoke: (meter, parameter, { t }) => {
        if (parameter?.type !== "long") return "type-unmatched";
        if (Math.abs(parameter.value) > 900) return "other-reason";
        meter.setClock(t, meter.clockAt(t) + parameter.value * 1000);
        return "success";
      },
    },
  ],
};

function twelveOctets(value: Data): "success" | "type-unmatched" {
  return value.type === "octet-string" && value.value.length === 12 ? "success" : "type-unmatched";
}

function adjusting(id: number, stepMs: (meter: MeterState) => number): MeterMethod {
  return {
    id,
    invoke: (meter, parameter, { t }) => {
      if (!isTrigger(parameter)) return "type-unmatched";
      meter.setClock(t, nearest(meter.clockAt(t), stepMs(meter)));
      return "success";
    },
  };
}

/** preset_adjusting_time: structure{preset_time, validity_interval_start, validity_interval_end}, octet-strings. */
function preset(meter: MeterState, parameter: Data | undefined): ActionResult {
  if (parameter?.type !== "structure" || parameter.value.length !== 3) return "type-unmatched";
  if (!parameter.value.every((time) => dateTimeOf(time) !== undefined)) return "type-unmatched";
  meter.written.set(PRESET_KEY, parameter);
  return "success";
}

function adjustToPreset(meter: MeterState, parameter: Data | undefined, t: number): ActionResult {
  if (!isTrigger(parameter)) return "type-unmatched";
  const kept = meter.written.get(PRESET_KEY);
  if (kept?.type !== "structure") return "temporary-failure";
  const [to, from, until] = kept.value.map((time) => {
    const dateTime = dateTimeOf(time);
    return dateTime === undefined ? undefined : instantOf(dateTime, meter.deviationMinutes);
  });
  const shows = meter.clockAt(t);
  if (to === undefined || from === undefined || until === undefined) return "other-reason";
  if (shows < from || shows > until) return "temporary-failure";
  meter.setClock(t, to);
  return "success";
}
