/**
 * Limiter 0-0:17.0.0.255 (class 71), watching the active power 1-0:1.7.0.255: above the threshold for long enough it
 * runs one script, below it for long enough the other. An emergency profile that names one of its groups brings the
 * emergency threshold for its duration. A threshold of 0 is none; a meter starts with none. It looks every five
 * seconds, so a shorter excess may pass unseen.
 */
import { data } from "../../axdr/build.js";
import { decodeDateTime, encodeDateTime } from "../../axdr/date-time.js";
import { limiter as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { instantOf } from "../behaviours/clock.js";
import { type MeterState } from "../meter-state.js";
import { type ObjectStore } from "../object-store.js";
import { perMeter } from "../per-meter.js";
import { runReference, scriptReference } from "../scripts.js";
import { type MeterObject, readOnly } from "./attributes.js";
import { elementsOf, keeping, numberOf, octetsOf } from "./kept.js";
import { scriptTables } from "./script-tables.js";
import { attributeReference, isNumber, nextLook, watchedNumber } from "./watching.js";

const POWER = parseObis("1-0:1.7.0.255");
const NO_SCRIPT = scriptReference(new Uint8Array(6), 0);

const logicalName = parseObis("0-0:17.0.0.255");
const kept = keeping(declared, logicalName);
const numeric = {
  accepts: (value: Parameters<typeof isNumber>[0]) => (isNumber(value) ? "success" : "type-unmatched"),
} as const;
const monitoredValue = kept("monitoredValue", attributeReference(3, POWER, 2));
const normal = kept("thresholdNormal", data.doubleLongUnsigned(0), numeric);
const emergency = kept("thresholdEmergency", data.doubleLongUnsigned(0), numeric);
const minOver = kept("minOverThresholdDuration", data.doubleLongUnsigned(0));
const minUnder = kept("minUnderThresholdDuration", data.doubleLongUnsigned(0));
const profile = kept(
  "emergencyProfile",
  data.structure([data.longUnsigned(0), data.octetString(encodeDateTime({})), data.doubleLongUnsigned(0)]),
);
const groups = kept("emergencyProfileGroupIdList", data.array([data.longUnsigned(1)]));
const actions = kept("actions", data.structure([scriptReference(scriptTables.disconnect, 1), NO_SCRIPT]));

/** `since`: the value has been on the other side of the threshold from then on. */
const stateOf = perMeter((): { over: boolean; since: number | undefined } => ({
  over: false,
  since: undefined,
}));

function inEmergency(meter: MeterState, t: number): boolean {
  const [id, activation, duration] = elementsOf(profile.of(meter));
  if (!elementsOf(groups.of(meter)).some((group) => numberOf(group) === numberOf(id))) return false;
  const from = instantOf(decodeDateTime(octetsOf(activation)), meter.deviationMinutes);
  const shows = meter.clockAt(t);
  return from !== undefined && shows >= from && shows < from + numberOf(duration) * 1_000;
}

function active(meter: MeterState, t: number) {
  return (inEmergency(meter, t) ? emergency : normal).of(meter);
}

function look(meter: MeterState, t: number, store: ObjectStore<MeterState>): void {
  const threshold = numberOf(active(meter, t));
  const value = watchedNumber(meter, monitoredValue.of(meter), t, store);
  const state = stateOf(meter);
  if (value === undefined) return;
  const isOver = threshold !== 0 && value > threshold;
  if (isOver === state.over) {
    state.since = undefined;
    return;
  }
  state.since ??= t;
  if (t - state.since < numberOf((isOver ? minOver : minUnder).of(meter)) * 1_000) return;
  state.over = isOver;
  state.since = undefined;
  meter.note(t, "limiter", isOver ? `limit exceeded: ${value}` : `below the limit again: ${value}`);
  const [over, under] = elementsOf(actions.of(meter));
  const action = isOver ? over : under;
  if (action !== undefined) runReference(meter, action, t, store);
}

export const limiter: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName,
  attributes: [
    monitoredValue,
    readOnly(3, active),
    normal,
    emergency,
    minOver,
    minUnder,
    profile,
    groups,
    readOnly(10, (meter, t) => data.boolean(inEmergency(meter, t))),
    actions,
  ],
  duty: {
    next: (meter, t) => {
      const limits = numberOf(normal.of(meter)) !== 0 || numberOf(emergency.of(meter)) !== 0;
      return limits || stateOf(meter).over ? nextLook(t) : undefined;
    },
    act: look,
  },
};
