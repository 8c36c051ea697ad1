/**
 * Account (class 111), credit (112) and charge (113) of a prepayment meter whose currency is energy: all amounts are
 * in 0.01 kWh, the step of the remaining-credit register 1-0:96.66.0.255. One token credit, one consumption charge.
 * Leaves out: emergency credit, debt recovery, several accounts; their methods answer other-reason.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { parseObis } from "../../cosem/obis.js";
import { type ActionResult } from "../../xdlms/index.js";
import { clockOctets } from "../behaviours/clock.js";
import { type MeterState } from "../meter-state.js";
import { isTrigger, type MeterMethod, type MeterObject, readOnly } from "./attributes.js";

const ACCOUNT = parseObis("0-0:19.0.0.255");
const CREDIT = parseObis("0-0:19.10.0.255");
const CHARGE = parseObis("0-0:19.20.0.255");
const ACTIVE_ENERGY = parseObis("1-0:1.8.0.255");
const LOW_CREDIT = 200;
const STEP_WH = 10;
const NEVER = data.octetString(new Uint8Array(12).fill(0xff));

function amount(meter: MeterState, t: number): number {
  return Math.floor(meter.creditWh(t) / STEP_WH);
}

/** in_credit, low_credit, four bits of a next credit there is none of, out_of_credit, reserved. */
function creditBits(left: number): Data {
  const bits = [left > 0, left > 0 && left <= LOW_CREDIT, false, false, false, false, left <= 0, false];
  return data.bitString(bits.map((bit) => (bit ? "1" : "0")).join(""));
}

export const account: MeterObject = {
  classId: 111,
  version: 0,
  logicalName: ACCOUNT,
  attributes: [
    readOnly(2, (meter) => data.structure([data.enum(meter.prepaid ? 2 : 1), data.enum(2)])),
    readOnly(3, () => data.unsigned(0)),
    readOnly(4, (meter, t) => creditBits(amount(meter, t))),
    readOnly(5, (meter, t) => data.doubleLong(Math.max(0, amount(meter, t)))),
    readOnly(6, (meter, t) => data.doubleLong(Math.max(0, -amount(meter, t)))),
    readOnly(7, () => data.doubleLong(0)),
    readOnly(8, (meter, t) => data.doubleLong(Math.max(0, -amount(meter, t)))),
    readOnly(9, () => data.array([data.octetString(CREDIT)])),
    readOnly(10, () => data.array([data.octetString(CHARGE)])),
    readOnly(11, () =>
      data.array([
        data.structure([data.octetString(CREDIT), data.octetString(CHARGE), data.bitString("000")]),
      ]),
    ),
    readOnly(12, () => data.array([data.structure([data.octetString(CREDIT), data.unsigned(100)])])),
    readOnly(13, (meter) => installed(meter)),
    readOnly(14, () => NEVER),
    // {name, scale, unit}: consumption.
    readOnly(15, () => data.structure([data.utf8String("kWh"), data.integer(-2), data.enum(1)])),
    readOnly(16, () => data.doubleLong(LOW_CREDIT)),
    readOnly(17, () => data.doubleLong(0)),
    readOnly(18, () => data.longUnsigned(0)),
    readOnly(19, () => data.doubleLong(0)),
  ],
  methods: [unsupported(1), unsupported(2), unsupported(3)],
};

export const credit: MeterObject = {
  classId: 112,
  version: 0,
  logicalName: CREDIT,
  attributes: [
    readOnly(2, (meter, t) => data.doubleLong(amount(meter, t))),
    // Token credit.
    readOnly(3, () => data.enum(0)),
    readOnly(4, () => data.unsigned(1)),
    readOnly(5, () => data.doubleLong(LOW_CREDIT)),
    readOnly(6, () => data.doubleLong(0)),
    // Visible, receives credits from tokens.
    readOnly(7, () => data.bitString("10001")),
    // In use, or exhausted.
    readOnly(8, (meter, t) => data.enum(amount(meter, t) > 0 ? 3 : 4)),
    readOnly(9, () => data.doubleLong(0)),
    readOnly(10, () => data.doubleLong(0)),
    readOnly(11, () => NEVER),
  ],
  methods: [
    adding(1, (_meter, value) => value),
    adding(2, (meter, value, t) => value - meter.creditWh(t) / STEP_WH),
    // The only credit there is is always invoked.
    { id: 3, invoke: (_meter, parameter) => (isTrigger(parameter) ? "success" : "type-unmatched") },
  ],
};

export const charge: MeterObject = {
  classId: 113,
  version: 0,
  logicalName: CHARGE,
  attributes: [
    readOnly(2, (meter, t) => data.doubleLong(Math.floor(meter.history.standAt(t).activeWh / STEP_WH))),
    // Consumption charge.
    readOnly(3, () => data.enum(0)),
    readOnly(4, () => data.unsigned(1)),
    readOnly(5, () => unitCharge()),
    readOnly(6, () => unitCharge()),
    readOnly(7, () => NEVER),
    readOnly(8, () => data.doubleLongUnsigned(1)),
    readOnly(9, () => data.bitString("01")),
    readOnly(10, (meter, t) => data.octetString(clockOctets(meter.clockAt(t), meter.deviationMinutes))),
    readOnly(11, () => data.doubleLong(1)),
    readOnly(12, () => data.doubleLong(0)),
    readOnly(13, () => data.longUnsigned(0)),
  ],
  methods: [unsupported(1), unsupported(2), unsupported(3), unsupported(4), unsupported(5)],
};

/** A method that takes an amount (double-long, 0.01 kWh) and adds what `delta` makes of it. Not idempotent. */
function adding(id: number, delta: (meter: MeterState, value: number, t: number) => number): MeterMethod {
  return {
    id,
    invoke: (meter, parameter, { t }): ActionResult => {
      if (parameter?.type !== "double-long") return "type-unmatched";
      return meter.adjustCredit(t, delta(meter, parameter.value, t) * STEP_WH) ? "success" : "other-reason";
    },
  };
}

function unsupported(id: number): MeterMethod {
  return { id, invoke: () => "other-reason" };
}

/** One unit of energy costs one unit of credit. */
function unitCharge(): Data {
  return data.structure([
    data.structure([data.integer(1), data.integer(0)]),
    data.structure([data.longUnsigned(3), data.octetString(ACTIVE_ENERGY), data.integer(2)]),
    data.array([data.structure([data.octetString(new Uint8Array(0)), data.long(1)])]),
  ]);
}

function installed(meter: MeterState): Data {
  const { utcOffsetMinutes } = meter.options;
  return data.octetString(clockOctets(meter.installedAt, -utcOffsetMinutes));
}
