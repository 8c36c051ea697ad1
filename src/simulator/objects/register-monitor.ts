/**
 * Register monitor 0-0:16.1.0.255 (class 21), watching the voltage 1-0:32.7.0.255: a script when the value passes a
 * threshold upwards, another downwards. A meter starts without thresholds. It looks every five seconds.
 */
import { data } from "../../axdr/build.js";
import { registerMonitor as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { type MeterState } from "../meter-state.js";
import { type ObjectStore } from "../object-store.js";
import { perMeter } from "../per-meter.js";
import { runReference } from "../scripts.js";
import { type MeterObject } from "./attributes.js";
import { elementsOf, keeping, numberOf } from "./kept.js";
import { attributeReference, isNumber, nextLook, watchedNumber } from "./watching.js";

const VOLTAGE = parseObis("1-0:32.7.0.255");
const MAX_THRESHOLDS = 16;

/** On which side of each threshold the value was; nothing is known after thresholds were written. */
const sidesOf = perMeter((): { above: (boolean | undefined)[] } => ({ above: [] }));

const forget = (meter: MeterState): void => {
  sidesOf(meter).above = [];
};
const kept = keeping(declared, parseObis("0-0:16.1.0.255"));
const thresholds = kept("thresholds", data.array([]), {
  accepts: (value) => {
    const elements = elementsOf(value);
    if (elements.length > MAX_THRESHOLDS) return "other-reason";
    return elements.every(isNumber) ? "success" : "type-unmatched";
  },
  written: forget,
});
const monitoredValue = kept("monitoredValue", attributeReference(3, VOLTAGE, 2), { written: forget });
const actions = kept("actions", data.array([]));

function look(meter: MeterState, t: number, store: ObjectStore<MeterState>): void {
  const value = watchedNumber(meter, monitoredValue.of(meter), t, store);
  if (value === undefined) return;
  const sides = sidesOf(meter).above;
  const crossed = elementsOf(thresholds.of(meter)).flatMap((threshold, i) => {
    const before = sides[i];
    const above = value > numberOf(threshold);
    sides[i] = above;
    return before === undefined || before === above ? [] : [{ i, above }];
  });
  for (const { i, above } of crossed) {
    meter.note(t, "monitor", `threshold ${i + 1} passed ${above ? "upwards" : "downwards"}: ${value}`);
    const pair = elementsOf(actions.of(meter))[i];
    const action = pair === undefined ? undefined : elementsOf(pair)[above ? 0 : 1];
    if (action !== undefined) runReference(meter, action, t, store);
  }
}

export const registerMonitor: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName: parseObis("0-0:16.1.0.255"),
  attributes: [thresholds, monitoredValue, actions],
  duty: {
    next: (meter, t) => (elementsOf(thresholds.of(meter)).length === 0 ? undefined : nextLook(t)),
    act: look,
  },
};
