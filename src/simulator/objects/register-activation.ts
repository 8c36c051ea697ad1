/**
 * Register activation 0-0:14.0.0.255 (class 6) and the four registers it governs, 1-0:1.9.1 to 1.9.4: active energy of
 * the billing period by tariff, in tens of Wh. A register counts while the active mask names it; its method 1 starts
 * it at zero again. Registers of other names may be assigned, their counting is not governed.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { equalBytes } from "../../bytes/hex.js";
import { registerActivation as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { tariffAt } from "../behaviours/calendar.js";
import { type MeterState } from "../meter-state.js";
import { perMeter } from "../per-meter.js";
import { isTrigger, type MeterObject, readOnly, scalerUnit } from "./attributes.js";
import { elementsOf, keeping, numberOf, octetsOf } from "./kept.js";
import { tariffMasks } from "./script-tables.js";

const REGISTER = 3;
const STEP_WH = 10;
const MAX_ENTRIES = 50;
const names = [1, 2, 3, 4].map((tariff) => parseObis(`1-0:1.9.${tariff}.255`));

const logicalName = parseObis("0-0:14.0.0.255");
const kept = keeping(declared, logicalName);
const assignment = kept(
  "registerAssignment",
  data.array(names.map((name) => data.structure([data.longUnsigned(REGISTER), data.octetString(name)]))),
);
const maskList = kept(
  "maskList",
  data.array(
    tariffMasks.map((mask, i) =>
      data.structure([data.octetString(mask), data.array([data.unsigned(i + 1)])]),
    ),
  ),
);
const activeMask = kept(
  "activeMask",
  ({ options: { startedAt, utcOffsetMinutes } }) =>
    data.octetString(tariffMasks[tariffAt(startedAt, utcOffsetMinutes) - 1] as Uint8Array),
  {
    accepts: (value, meter) => (findMask(meter, octetsOf(value)) === undefined ? "other-reason" : "success"),
  },
);

interface Counter {
  wh: number;
  /** The active energy's stand at which it began to count; undefined while it does not. */
  sinceWh: number | undefined;
}

const countersOf = perMeter((meter): readonly Counter[] =>
  names.map((name) => ({
    wh: 0,
    sinceWh: counts(meter, name) ? meter.history.standAt(meter.options.startedAt).activeWh : undefined,
  })),
);

function findMask(meter: MeterState, name: Uint8Array): Data | undefined {
  return elementsOf(maskList.of(meter)).find((mask) => equalBytes(octetsOf(elementsOf(mask)[0]), name));
}

/** Whether the active mask names the register. */
function counts(meter: MeterState, name: Uint8Array): boolean {
  const mask = findMask(meter, octetsOf(activeMask.of(meter)));
  if (mask === undefined) return false;
  const assigned = elementsOf(assignment.of(meter));
  return elementsOf(elementsOf(mask)[1]).some((index) => {
    const register = assigned[numberOf(index) - 1];
    return register !== undefined && equalBytes(octetsOf(elementsOf(register)[1]), name);
  });
}

/** What follows from another mask, list or assignment. */
function regroup(meter: MeterState, t: number): void {
  const { activeWh } = meter.history.standAt(t);
  countersOf(meter).forEach((counter, i) => {
    if (counter.sinceWh !== undefined) counter.wh += activeWh - counter.sinceWh;
    counter.sinceWh = counts(meter, names[i] as Uint8Array) ? activeWh : undefined;
  });
}

/** Counters are made before something changes what they count by. */
function changing<A extends typeof assignment>(attribute: A): A {
  const set: A["set"] = (meter, value, call) => {
    countersOf(meter);
    const result = attribute.set?.(meter, value, call) ?? "read-write-denied";
    if (result === "success") regroup(meter, call.t);
    return result;
  };
  return { ...attribute, set };
}

function append(list: typeof assignment) {
  return (meter: MeterState, entry: Data, t: number) => {
    const entries = elementsOf(list.of(meter));
    if (entries.length >= MAX_ENTRIES) return "other-reason";
    countersOf(meter);
    list.put(meter, data.array([...entries, entry]));
    regroup(meter, t);
    return "success";
  };
}
const appendRegister = append(assignment);
const appendMask = append(maskList);

export const registerActivation: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName,
  attributes: [changing(assignment), changing(maskList), changing(activeMask)],
  methods: [
    {
      id: 1,
      invoke: (meter, register, { t }) => {
        if (register === undefined || declared.methods.addRegister.parameter.check(register) !== undefined)
          return "type-unmatched";
        return appendRegister(meter, register, t);
      },
    },
    {
      id: 2,
      invoke: (meter, mask, { t }) => {
        if (mask === undefined || declared.methods.addMask.parameter.check(mask) !== undefined)
          return "type-unmatched";
        if (findMask(meter, octetsOf(elementsOf(mask)[0])) !== undefined) return "other-reason";
        return appendMask(meter, mask, t);
      },
    },
    {
      id: 3,
      // The active one stays.
      invoke: (meter, name) => {
        if (name?.type !== "octet-string") return "type-unmatched";
        const mask = findMask(meter, name.value);
        if (mask === undefined || equalBytes(name.value, octetsOf(activeMask.of(meter))))
          return "other-reason";
        maskList.put(meter, data.array(elementsOf(maskList.of(meter)).filter((other) => other !== mask)));
        return "success";
      },
    },
  ],
};

export const tariffRegisters: readonly MeterObject[] = names.map((name, i) => ({
  classId: REGISTER,
  version: 0,
  logicalName: name,
  attributes: [
    readOnly(2, (meter, t) => {
      const { wh, sinceWh } = countersOf(meter)[i] as Counter;
      const running = sinceWh === undefined ? 0 : meter.history.standAt(t).activeWh - sinceWh;
      return data.doubleLongUnsigned(Math.floor((wh + running) / STEP_WH));
    }),
    scalerUnit(3, 1, "Wh"),
  ],
  methods: [
    {
      id: 1,
      invoke: (meter, parameter, { t }) => {
        if (!isTrigger(parameter)) return "type-unmatched";
        const counter = countersOf(meter)[i] as Counter;
        counter.wh = 0;
        if (counter.sinceWh !== undefined) counter.sinceWh = meter.history.standAt(t).activeWh;
        return "success";
      },
    },
  ],
}));
