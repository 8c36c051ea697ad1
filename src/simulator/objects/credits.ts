/**
 * Credits (class 112): the token credit 0-0:19.10.0.255, and the emergency credit 0-0:19.10.1.255 that may be invoked
 * when little is left: supply then goes on until it is used up too. What was used of it is paid back by the next
 * tokens. Left out: time-based and consumption-based credits.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { credit as declared } from "../../cosem/classes/index.js";
import { type ActionResult } from "../../xdlms/index.js";
import { type MeterState } from "../meter-state.js";
import { isTrigger, type MeterMethod, type MeterObject, readOnly } from "./attributes.js";
import { keeping, numberOf } from "./kept.js";
import { accountOf, accountStatus, amount, names, NEVER, STEP_WH } from "./prepayment.js";

const LOW_CREDIT = 200;
const EMERGENCY_CREDIT = 500;
const MAX_EMERGENCY_CREDIT = 10_000;

/** Attribute 8. */
const status = { enabled: 0, selectable: 1, selected: 2, inUse: 3, exhausted: 4 } as const;

const keptToken = keeping(declared, names.tokenCredit);
export const warningThreshold = keptToken("warningThreshold", data.doubleLong(LOW_CREDIT));

/** A method that takes an amount (double-long) and adds what `delta` makes of it. Not idempotent. */
function adding(id: number, delta: (meter: MeterState, value: number, t: number) => number): MeterMethod {
  return {
    id,
    invoke: (meter, parameter, { t }): ActionResult => {
      if (parameter?.type !== "double-long") return "type-unmatched";
      if (accountOf(meter).status !== accountStatus.active) return "other-reason";
      return meter.adjustCredit(t, delta(meter, parameter.value, t) * STEP_WH) ? "success" : "other-reason";
    },
  };
}

export const credit: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName: names.tokenCredit,
  attributes: [
    readOnly(2, (meter, t) => data.doubleLong(amount(meter, t))),
    // Token credit.
    readOnly(3, () => data.enum(0)),
    readOnly(4, () => data.unsigned(1)),
    warningThreshold,
    readOnly(6, () => data.doubleLong(0)),
    // Visible, receives credits from tokens.
    readOnly(7, () => data.bitString("10001")),
    readOnly(8, (meter, t) => data.enum(amount(meter, t) > 0 ? status.inUse : status.exhausted)),
    readOnly(9, () => data.doubleLong(0)),
    readOnly(10, () => data.doubleLong(0)),
    readOnly(11, () => NEVER),
  ],
  methods: [
    adding(1, (_meter, value) => value),
    adding(2, (meter, value, t) => value - meter.creditWh(t) / STEP_WH),
    // It is always invoked.
    { id: 3, invoke: (_meter, parameter) => (isTrigger(parameter) ? "success" : "type-unmatched") },
  ],
};

const keptEmergency = keeping(declared, names.emergencyCredit);
const preset = keptEmergency("presetCreditAmount", data.doubleLong(EMERGENCY_CREDIT), {
  accepts: (value) => {
    const steps = numberOf(value);
    return steps >= 0 && steps <= MAX_EMERGENCY_CREDIT ? "success" : "other-reason";
  },
});
const availableThreshold = keptEmergency("creditAvailableThreshold", data.doubleLong(LOW_CREDIT));

export function emergencyStatus(meter: MeterState, t: number): number {
  const left = amount(meter, t);
  if (meter.credit.floorWh === 0)
    return left <= numberOf(availableThreshold.of(meter)) ? status.selectable : status.enabled;
  if (left > 0) return status.selected;
  return left * STEP_WH > meter.credit.floorWh ? status.inUse : status.exhausted;
}

/** What is left of it while it is invoked, all of it before. */
export function emergencyAmount(meter: MeterState, t: number): number {
  const { floorWh } = meter.credit;
  const whole = floorWh === 0 ? numberOf(preset.of(meter)) : -floorWh / STEP_WH;
  return Math.max(0, whole + Math.min(0, amount(meter, t)));
}

export function emergencyIsInvoked(meter: MeterState): boolean {
  return meter.credit.floorWh < 0;
}

function invokeEmergency(meter: MeterState, parameter: Data | undefined, t: number): ActionResult {
  if (!isTrigger(parameter)) return "type-unmatched";
  if (accountOf(meter).status !== accountStatus.active) return "other-reason";
  if (emergencyStatus(meter, t) !== status.selectable) return "other-reason";
  meter.useEmergency(t, numberOf(preset.of(meter)) * STEP_WH);
  return "success";
}

export const emergencyCredit: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName: names.emergencyCredit,
  attributes: [
    readOnly(2, (meter, t) => data.doubleLong(emergencyAmount(meter, t))),
    readOnly(3, () => data.enum(2)),
    readOnly(4, () => data.unsigned(2)),
    readOnly(5, () => data.doubleLong(0)),
    readOnly(6, () => data.doubleLong(0)),
    // Visible, needs confirmation, is repaid.
    readOnly(7, () => data.bitString("11100")),
    readOnly(8, (meter, t) => data.enum(emergencyStatus(meter, t))),
    preset,
    availableThreshold,
    readOnly(11, () => NEVER),
  ],
  methods: [
    // Its amount follows from the preset and from what was used.
    { id: 1, invoke: () => "other-reason" },
    { id: 2, invoke: () => "other-reason" },
    { id: 3, invoke: (meter, parameter, { t }) => invokeEmergency(meter, parameter, t) },
  ],
};
