/**
 * Demand of active power (import): the demand register 1-0:1.4.0.255 (class 5) with its periods, and the maximum of
 * the month 1-0:1.6.0.255 (class 4), which method 1 starts anew.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { demandRegister as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { type Demand, maximumDemand } from "../behaviours/billing.js";
import { clockOctets } from "../behaviours/clock.js";
import { Periods } from "../behaviours/demand.js";
import { type MeterState } from "../meter-state.js";
import { perMeter } from "../per-meter.js";
import { isTrigger, type MeterObject, readOnly, scalerUnit } from "./attributes.js";
import { keeping, numberOf } from "./kept.js";

const QUARTER_S = 900;
const MAX_PERIOD_S = 86_400;

const logicalName = parseObis("1-0:1.4.0.255");
const kept = keeping(declared, logicalName);
const period = kept("period", data.doubleLongUnsigned(QUARTER_S), {
  accepts: (value) => {
    const seconds = numberOf(value);
    return seconds >= 1 && seconds <= MAX_PERIOD_S ? "success" : "other-reason";
  },
  written: (meter, { t }) => periodsOf(meter).reset(t),
});
const numberOfPeriods = kept("numberOfPeriods", data.longUnsigned(1), {
  accepts: (value) => (numberOf(value) >= 1 ? "success" : "other-reason"),
  written: (meter, { t }) => periodsOf(meter).reset(t),
});

/** Periods begin where the clock showed a multiple of them, until one is begun by hand. */
const periodsOf = perMeter((meter) => {
  const { startedAt } = meter.options;
  const span = QUARTER_S * 1_000;
  return new Periods(startedAt - (meter.clockAt(startedAt) % span), meter.installedAt);
});

function spanMs(meter: MeterState): number {
  return numberOf(period.of(meter)) * 1_000;
}

/** Mean power in W over the time of `numberOfPeriods` periods, of what was drawn between two instants. */
function average(meter: MeterState, from: number, to: number): Data {
  const energyWh = meter.history.standAt(to).activeWh - meter.history.standAt(from).activeWh;
  const hours = (spanMs(meter) * numberOf(numberOfPeriods.of(meter))) / 3_600_000;
  return data.doubleLongUnsigned(Math.round(Math.max(0, energyWh) / hours));
}

function shown(meter: MeterState, at: number): Data {
  return data.octetString(clockOctets(meter.clockAt(at), meter.deviationMinutes));
}

export const demandRegister: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName,
  attributes: [
    readOnly(2, (meter, t) => {
      const { start } = periodsOf(meter).at(t, spanMs(meter));
      const earlier = (numberOf(numberOfPeriods.of(meter)) - 1) * spanMs(meter);
      return average(meter, Math.max(periodsOf(meter).since, start - earlier), t);
    }),
    readOnly(3, (meter, t) => {
      const { lastFrom, lastTo } = periodsOf(meter).at(t, spanMs(meter));
      const earlier = (numberOf(numberOfPeriods.of(meter)) - 1) * spanMs(meter);
      return average(meter, Math.max(periodsOf(meter).since, lastFrom - earlier), lastTo);
    }),
    scalerUnit(4, 0, "W"),
    readOnly(5, () => data.unsigned(0)),
    readOnly(6, (meter, t) => shown(meter, periodsOf(meter).at(t, spanMs(meter)).lastTo)),
    readOnly(7, (meter, t) => shown(meter, periodsOf(meter).at(t, spanMs(meter)).start)),
    period,
    numberOfPeriods,
  ],
  methods: [
    {
      id: 1,
      invoke: (meter, parameter, { t }) => {
        if (!isTrigger(parameter)) return "type-unmatched";
        periodsOf(meter).reset(t);
        return "success";
      },
    },
    {
      id: 2,
      invoke: (meter, parameter, { t }) => {
        if (!isTrigger(parameter)) return "type-unmatched";
        periodsOf(meter).next(t, spanMs(meter));
        return "success";
      },
    },
  ],
};

const resetOf = perMeter((): { at: number | undefined } => ({ at: undefined }));

function maximum(meter: MeterState, t: number): Demand {
  const { utcOffsetMinutes } = meter.options;
  return maximumDemand(meter.history, "active", 0, t, 0, utcOffsetMinutes, resetOf(meter).at);
}

export const maximumDemandRegister: MeterObject = {
  classId: 4,
  version: 0,
  logicalName: parseObis("1-0:1.6.0.255"),
  attributes: [
    readOnly(2, (meter, t) => data.doubleLongUnsigned(Math.round(maximum(meter, t).power * 10))),
    scalerUnit(3, -1, "W"),
    readOnly(4, () => data.unsigned(0)),
    readOnly(5, (meter, t) => shown(meter, maximum(meter, t).at)),
  ],
  methods: [
    {
      id: 1,
      invoke: (meter, parameter, { t }) => {
        if (!isTrigger(parameter)) return "type-unmatched";
        resetOf(meter).at = t;
        return "success";
      },
    },
  ],
};
