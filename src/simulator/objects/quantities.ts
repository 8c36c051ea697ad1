/**
 * What the electricity codes of media 1 measure: value groups C and D to a function of the meter's state and time.
 * Values are in the base unit (Wh, W, V, A, Hz); the object's scaler makes an integer of them.
 */
import { type ObisGroups } from "../../cosem/obis.js";
import {
  energyOf,
  type EnergyQuantity,
  maximumDemand,
  tariffPart,
  tariffShares,
} from "../behaviours/billing.js";
import { monthStart } from "../behaviours/calendar.js";
import { frequencyHz, type PhaseValues, phaseValues, totalValues } from "../behaviours/supply.js";
import { type MeterState } from "../meter-state.js";

/** The register's integer at `t`, given its scaler. */
export type RawValue = (meter: MeterState, t: number, scaler: number) => number;

/** C of the totals: 1 and 15 import and sum of active, 2 active export, 3 and 93 reactive, 4 its export, 9 apparent. */
const ENERGY: ReadonlyMap<number, EnergyQuantity> = new Map([
  [1, "active"],
  [15, "active"],
  [2, "none"],
  [3, "reactive"],
  [93, "reactive"],
  [4, "none"],
  [9, "apparent"],
]);

/** C of the instantaneous values of a phase is 20, 40, 60 plus this; 80 is the neutral. */
const PHASE_FIELDS: ReadonlyMap<number, keyof PhaseValues> = new Map([
  [1, "activeW"],
  [3, "reactiveVar"],
  [9, "apparentVa"],
  [11, "currentA"],
  [12, "voltageV"],
  [13, "powerFactor"],
]);

/** The value behind a code, or undefined when the code measures nothing this meter knows. */
export function measured(groups: ObisGroups): RawValue | undefined {
  if (groups.a !== 1) return undefined;
  switch (groups.d) {
    case 8:
      return energyRegister(groups);
    case 6:
      return groups.c === 0 ? undefined : demandRegister(groups);
    case 7:
      return instantaneous(groups.c);
    default:
      return undefined;
  }
}

/** When the maximum demand of a code occurred, epoch ms. */
export function demandTime({ c, e, f }: ObisGroups): ((meter: MeterState, t: number) => number) | undefined {
  const quantity = ENERGY.get(c);
  if (quantity === undefined) return undefined;
  return (meter, t) => demandOf(meter, quantity, e, f, t).at;
}

/** F 255 is now, F 1 to 12 the end of that many months ago. */
function energyRegister({ c, e, f }: ObisGroups): RawValue | undefined {
  const quantity = ENERGY.get(c);
  if (quantity === undefined || e > 4) return undefined;
  return (meter, t, scaler) => {
    const { utcOffsetMinutes } = meter.options;
    const at = f === 255 ? t : monthStart(t, f - 1, utcOffsetMinutes);
    const total = Math.floor(energyOf(meter.history.standAt(at), quantity) / 10 ** scaler);
    return e === 0 ? total : tariffPart(total, tariffShares(meter.load, utcOffsetMinutes), e);
  };
}

function demandRegister({ c, e, f }: ObisGroups): RawValue | undefined {
  const quantity = ENERGY.get(c);
  if (quantity === undefined) return undefined;
  return (meter, t, scaler) => scaled(demandOf(meter, quantity, e, f, t).power, scaler);
}

function demandOf(meter: MeterState, quantity: EnergyQuantity, e: number, f: number, t: number) {
  return maximumDemand(meter.history, quantity, e, t, f === 255 ? 0 : f, meter.options.utcOffsetMinutes);
}

function instantaneous(c: number): RawValue | undefined {
  if (c === 14) return (_meter, t, scaler) => scaled(frequencyHz(t), scaler);
  // No export, and on this meter nothing returns through the neutral but what phase 1 sends.
  if (c === 2) return () => 0;
  const phase = Math.floor(c / 20);
  const field = PHASE_FIELDS.get(c % 20);
  if (field === undefined || phase > 4) return undefined;
  return (meter, t, scaler) => {
    const supplied = meter.suppliedAt(t);
    const values =
      phase === 0
        ? totalValues(meter.load, t, supplied)
        : phaseValues(meter.load, phase === 4 ? 1 : (phase as 1 | 2 | 3), t, supplied);
    return scaled(values[field], scaler);
  };
}

function scaled(value: number, scaler: number): number {
  // A negative power would make 230 × 10 inexact as 230 / 0.1.
  return Math.round(scaler < 0 ? value * 10 ** -scaler : value / 10 ** scaler);
}
