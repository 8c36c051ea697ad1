/**
 * Account 0-0:19.0.0.255 (class 111). While it is not active nothing is charged and no amount is taken. Closing it
 * keeps the credit; resetting a closed one clears credit, emergency credit and debt.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { account as declared } from "../../cosem/classes/index.js";
import { type ActionResult } from "../../xdlms/index.js";
import { type MeterState } from "../meter-state.js";
import { isTrigger, type MeterCall, type MeterMethod, type MeterObject, readOnly } from "./attributes.js";
import { emergencyAmount, emergencyIsInvoked, emergencyStatus, warningThreshold } from "./credits.js";
import { numberOf } from "./kept.js";
import { accountOf, accountStatus, amount, names, shownTime, STEP_WH } from "./prepayment.js";

const CREDIT = 112;
const CHARGE = 113;
const PREPAYMENT = 2;
const POSTPAYMENT = 1;
const MOST = 0x7fff_ffff;

/** in credit, low credit, next enabled, next selectable, next selected, selectable in use, out of credit, reserved. */
function creditBits(meter: MeterState, t: number): Data {
  const left = amount(meter, t);
  const next = emergencyStatus(meter, t);
  const isLow = left > 0 && left <= numberOf(warningThreshold.of(meter));
  const bits = [
    left > 0,
    isLow,
    next === 0,
    next === 1,
    next === 2,
    next === 3,
    left * STEP_WH <= meter.credit.floorWh,
    false,
  ];
  return data.bitString(bits.map((bit) => (bit ? "1" : "0")).join(""));
}

/** Those of this meter: a small set of objects has fewer. */
function present(classId: number, of: readonly Uint8Array[], { store }: MeterCall): Data[] {
  return of.filter((name) => store.find(classId, name) !== undefined).map((name) => data.octetString(name));
}
const credits = [names.tokenCredit, names.emergencyCredit];
const charges = [names.consumptionCharge, names.debtCharge, names.standingCharge];

function debtSteps(meter: MeterState): number {
  return Math.ceil(meter.credit.debt.leftWh / STEP_WH);
}

function changing(id: number, change: (meter: MeterState, t: number) => boolean): MeterMethod {
  return {
    id,
    invoke: (meter, parameter, { t }): ActionResult => {
      if (!isTrigger(parameter)) return "type-unmatched";
      return change(meter, t) ? "success" : "other-reason";
    },
  };
}

export const account: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName: names.account,
  attributes: [
    readOnly(2, (meter) =>
      data.structure([
        // A closed account was prepaid too: it is not charged because it is closed.
        data.enum(
          meter.prepaid || accountOf(meter).status !== accountStatus.active ? PREPAYMENT : POSTPAYMENT,
        ),
        data.enum(accountOf(meter).status),
      ]),
    ),
    readOnly(3, (meter, t) => data.unsigned(emergencyStatus(meter, t) === 3 ? 1 : 0)),
    readOnly(4, creditBits),
    readOnly(5, (meter, t) =>
      data.doubleLong(
        Math.max(0, amount(meter, t)) + (emergencyIsInvoked(meter) ? emergencyAmount(meter, t) : 0),
      ),
    ),
    readOnly(6, (meter, t) => data.doubleLong(Math.max(0, -amount(meter, t)))),
    readOnly(7, () => data.doubleLong(0)),
    readOnly(8, (meter, t) =>
      data.doubleLong(Math.min(MOST, Math.max(0, -amount(meter, t)) + debtSteps(meter))),
    ),
    { id: 9, access: "r", get: (_meter, call) => data.array(present(CREDIT, credits, call)) },
    { id: 10, access: "r", get: (_meter, call) => data.array(present(CHARGE, charges, call)) },
    {
      id: 11,
      access: "r",
      get: (_meter, call) =>
        data.array(
          present(CREDIT, credits, call).map((name) =>
            data.structure([name, data.octetString(names.consumptionCharge), data.bitString("000")]),
          ),
        ),
    },
    readOnly(12, () =>
      data.array([data.structure([data.octetString(names.tokenCredit), data.unsigned(100)])]),
    ),
    readOnly(13, (meter) => shownTime(meter, accountOf(meter).activatedAt)),
    readOnly(14, (meter) => shownTime(meter, accountOf(meter).closedAt)),
    // {name, scale, unit}: consumption.
    readOnly(15, () => data.structure([data.utf8String("kWh"), data.integer(-2), data.enum(1)])),
    readOnly(16, (meter) => warningThreshold.of(meter)),
    readOnly(17, () => data.doubleLong(0)),
    readOnly(18, () => data.longUnsigned(0)),
    readOnly(19, () => data.doubleLong(0)),
  ],
  methods: [
    changing(1, (meter, t) => {
      const state = accountOf(meter);
      if (state.status === accountStatus.closed) return false;
      if (state.status === accountStatus.active) return true;
      state.status = accountStatus.active;
      state.activatedAt = t;
      meter.setPrepaid(t, true);
      return true;
    }),
    changing(2, (meter, t) => {
      const state = accountOf(meter);
      if (state.status !== accountStatus.active) return false;
      state.status = accountStatus.closed;
      state.closedAt = t;
      meter.setPrepaid(t, false);
      return true;
    }),
    changing(3, (meter, t) => {
      const state = accountOf(meter);
      if (state.status !== accountStatus.closed) return false;
      state.status = accountStatus.new;
      state.activatedAt = undefined;
      state.closedAt = undefined;
      meter.credit.owe(0, meter.credit.debt.share);
      meter.credit.useEmergency(0);
      return meter.adjustCredit(t, -meter.creditWh(t));
    }),
  ],
};
