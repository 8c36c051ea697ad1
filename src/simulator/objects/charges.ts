/**
 * Charges (class 113): consumption 0-0:19.20.0.255, collected all the time at its unit charge; a debt 0-0:19.20.1.255,
 * collected from every token by its proportion; a standing charge 0-0:19.20.2.255, collected each period. A passive
 * unit charge takes over by method 2 or at its time.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { decodeDateTime } from "../../axdr/date-time.js";
import { charge as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { type ActionResult } from "../../xdlms/index.js";
import { instantOf } from "../behaviours/clock.js";
import { MAX_CREDIT_WH } from "../behaviours/tokens.js";
import { type MeterState } from "../meter-state.js";
import { perMeter } from "../per-meter.js";
import { isTrigger, type MeterMethod, type MeterObject, readOnly } from "./attributes.js";
import { elementsOf, keeping, type KeptAttribute, numberOf, octetsOf } from "./kept.js";
import { names, NEVER, shownTime, STEP_WH } from "./prepayment.js";

const ACTIVE_ENERGY = parseObis("1-0:1.8.0.255");
const DAY_S = 86_400;
/** A fifth of each token. */
const DEBT_PROPORTION = 2_000;
const WHOLE = 10_000;
/** Scales may say anything. */
const MAX_RATE = 100_000;

/** `charge` steps of currency for ten Wh, or for a period; without index. */
function unitCharge(charge: number): Data {
  return data.structure([
    data.structure([data.integer(1), data.integer(0)]),
    data.structure([data.longUnsigned(3), data.octetString(ACTIVE_ENERGY), data.integer(2)]),
    data.array([data.structure([data.octetString(new Uint8Array(0)), data.long(charge)])]),
  ]);
}

/** Price and scales of the first entry of a unit charge: currency steps, and tens of both. */
function priceOf(unit: Data): { price: number; commodityScale: number } {
  const [scaling, , table] = elementsOf(unit);
  const [commodityScale, priceScale] = elementsOf(scaling).map(numberOf) as [number, number];
  const entry = elementsOf(table)[0];
  const charge = entry === undefined ? 0 : numberOf(elementsOf(entry)[1]);
  return { price: charge * 10 ** priceScale, commodityScale };
}

/** Attributes 5 to 7 and methods 1 and 2, which are the same for every charge. */
function unitCharges(
  logicalName: Uint8Array,
  initial: Data,
  activated: (meter: MeterState, t: number) => void,
) {
  const kept = keeping(declared, logicalName);
  const active = kept("unitChargeActive", initial, { access: "r" });
  const passive = kept("unitChargePassive", initial);
  const activationTime = kept("unitChargeActivationTime", NEVER);
  const activate = (meter: MeterState, t: number): void => {
    active.put(meter, passive.of(meter));
    activated(meter, t);
  };
  const methods: MeterMethod[] = [
    {
      id: 1,
      invoke: (meter, table) => updateTable(meter, table, passive),
    },
    {
      id: 2,
      invoke: (meter, parameter, { t }) => {
        if (!isTrigger(parameter)) return "type-unmatched";
        activate(meter, t);
        return "success";
      },
    },
  ];
  /** When the passive one takes over, later than `t`. */
  const next = (meter: MeterState, t: number): number | undefined => {
    const time = activationTime.of(meter);
    if (time.type === "null-data") return undefined;
    const shows = instantOf(decodeDateTime(octetsOf(time)), meter.deviationMinutes);
    const at = shows === undefined ? undefined : t + shows - meter.clockAt(t);
    return at !== undefined && at > t ? at : undefined;
  };
  return { attributes: [active, passive, activationTime], methods, active, activate, next };
}

/** array of {index, charge_per_unit}: entries of the passive table with the same index are replaced. */
function updateTable(meter: MeterState, table: Data | undefined, passive: KeptAttribute): ActionResult {
  if (table === undefined || declared.methods.updateUnitCharge.parameter.check(table) !== undefined)
    return "type-unmatched";
  const [scaling, commodity, before] = elementsOf(passive.of(meter)) as [Data, Data, Data];
  const keyOf = (entry: Data): string => octetsOf(elementsOf(entry)[0]).join(".");
  const entries = new Map(
    [...elementsOf(before), ...elementsOf(table)].map((entry) => [keyOf(entry), entry]),
  );
  passive.put(meter, data.structure([scaling, commodity, data.array([...entries.values()])]));
  return "success";
}

function unsupported(id: number): MeterMethod {
  return { id, invoke: () => "other-reason" };
}

const consumption = unitCharges(names.consumptionCharge, unitCharge(1), (meter, t) => {
  const { price, commodityScale } = priceOf(consumption.active.of(meter));
  meter.setRate(t, Math.max(0, Math.min(MAX_RATE, (price * STEP_WH) / 10 ** commodityScale)));
});

export const charge: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName: names.consumptionCharge,
  attributes: [
    readOnly(2, (meter, t) => data.doubleLong(Math.floor(meter.credit.chargedWh(t) / STEP_WH))),
    readOnly(3, () => data.enum(0)),
    readOnly(4, () => data.unsigned(1)),
    ...consumption.attributes,
    readOnly(8, () => data.doubleLongUnsigned(1)),
    readOnly(9, () => data.bitString("01")),
    readOnly(10, (meter, t) => shownTime(meter, t)),
    readOnly(11, () => data.doubleLong(1)),
    readOnly(12, () => data.doubleLong(0)),
    readOnly(13, () => data.longUnsigned(0)),
  ],
  methods: [...consumption.methods, unsupported(3), unsupported(4), unsupported(5)],
  duty: { next: consumption.next, act: consumption.activate },
};

const debt = unitCharges(names.debtCharge, unitCharge(0), () => undefined);
const keptDebt = keeping(declared, names.debtCharge);
const proportion = keptDebt("proportion", data.longUnsigned(DEBT_PROPORTION), {
  accepts: (value) => (numberOf(value) <= WHOLE ? "success" : "other-reason"),
  written: (meter) => meter.credit.owe(meter.credit.debt.leftWh, numberOf(proportion.of(meter))),
});

function owing(id: number, left: (meter: MeterState, value: number) => number): MeterMethod {
  return {
    id,
    invoke: (meter, parameter): ActionResult => {
      if (parameter?.type !== "double-long") return "type-unmatched";
      const leftWh = left(meter, parameter.value * STEP_WH);
      if (leftWh < 0 || leftWh > MAX_CREDIT_WH) return "other-reason";
      meter.credit.owe(leftWh, numberOf(proportion.of(meter)));
      return "success";
    },
  };
}

export const debtCharge: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName: names.debtCharge,
  attributes: [
    readOnly(2, (meter) => data.doubleLong(Math.floor(meter.credit.debt.paidWh / STEP_WH))),
    // By payment events.
    readOnly(3, () => data.enum(2)),
    readOnly(4, () => data.unsigned(2)),
    ...debt.attributes,
    readOnly(8, () => data.doubleLongUnsigned(0)),
    readOnly(9, () => data.bitString("10")),
    readOnly(10, () => NEVER),
    readOnly(11, () => data.doubleLong(0)),
    readOnly(12, (meter) => data.doubleLong(Math.ceil(meter.credit.debt.leftWh / STEP_WH))),
    proportion,
  ],
  methods: [
    ...debt.methods,
    unsupported(3),
    owing(4, (meter, value) => meter.credit.debt.leftWh + value),
    owing(5, (_meter, value) => value),
  ],
};

const standing = unitCharges(names.standingCharge, unitCharge(0), () => undefined);
const keptStanding = keeping(declared, names.standingCharge);
const period = keptStanding("period", data.doubleLongUnsigned(DAY_S), {
  accepts: (value) => (numberOf(value) >= 60 ? "success" : "other-reason"),
});

interface Collection {
  at: number;
  amount: number;
  paid: number;
}
const collectedOf = perMeter((meter): Collection => ({ at: meter.options.startedAt, amount: 0, paid: 0 }));

function standingPrice(meter: MeterState): number {
  return Math.max(0, Math.round(priceOf(standing.active.of(meter)).price));
}

function collect(meter: MeterState, t: number): boolean {
  const steps = standingPrice(meter);
  if (steps === 0 || !meter.adjustCredit(t, -steps * STEP_WH)) return false;
  const collected = collectedOf(meter);
  collected.at = t;
  collected.amount = steps;
  collected.paid += steps;
  return true;
}

/** The next full period after `t`, counted from the start of the simulation; nothing is due without a price. */
function nextCollection(meter: MeterState, t: number): number | undefined {
  if (standingPrice(meter) === 0 || !meter.prepaid) return undefined;
  const span = numberOf(period.of(meter)) * 1_000;
  const { startedAt } = meter.options;
  return startedAt + (Math.floor((t - startedAt) / span) + 1) * span;
}

export const standingCharge: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName: names.standingCharge,
  attributes: [
    readOnly(2, (meter) => data.doubleLong(collectedOf(meter).paid)),
    readOnly(3, () => data.enum(1)),
    readOnly(4, () => data.unsigned(3)),
    ...standing.attributes,
    period,
    readOnly(9, () => data.bitString("01")),
    readOnly(10, (meter) =>
      shownTime(meter, collectedOf(meter).paid === 0 ? undefined : collectedOf(meter).at),
    ),
    readOnly(11, (meter) => data.doubleLong(collectedOf(meter).amount)),
    readOnly(12, () => data.doubleLong(0)),
    readOnly(13, () => data.longUnsigned(0)),
  ],
  methods: [
    ...standing.methods,
    {
      id: 3,
      invoke: (meter, parameter, { t }) => {
        if (!isTrigger(parameter)) return "type-unmatched";
        return collect(meter, t) ? "success" : "other-reason";
      },
    },
    unsupported(4),
    unsupported(5),
  ],
  duty: {
    next: (meter, t) => {
      const times = [nextCollection(meter, t), standing.next(meter, t)].filter((time) => time !== undefined);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    act: (meter, t) => {
      if (standing.next(meter, t - 1) === t) standing.activate(meter, t);
      if (nextCollection(meter, t - 1) === t) collect(meter, t);
    },
  },
};
