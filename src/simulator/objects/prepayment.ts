/**
 * What account (class 111), credits (112) and charges (113) of a prepayment meter share. Its currency is energy: all
 * amounts are in 0.01 kWh, the step of the remaining-credit register 1-0:96.66.0.255.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { parseObis } from "../../cosem/obis.js";
import { clockOctets } from "../behaviours/clock.js";
import { type MeterState } from "../meter-state.js";
import { perMeter } from "../per-meter.js";

export const names = {
  account: parseObis("0-0:19.0.0.255"),
  tokenCredit: parseObis("0-0:19.10.0.255"),
  emergencyCredit: parseObis("0-0:19.10.1.255"),
  consumptionCharge: parseObis("0-0:19.20.0.255"),
  debtCharge: parseObis("0-0:19.20.1.255"),
  standingCharge: parseObis("0-0:19.20.2.255"),
} as const;

export const STEP_WH = 10;
export const NEVER = data.octetString(new Uint8Array(12).fill(0xff));

/** Attribute 2 of class 111. */
export const accountStatus = { new: 1, active: 2, closed: 3 } as const;

/** Since when it is so: epoch ms; an account is active since the meter was installed. */
export const accountOf = perMeter(
  (
    meter,
  ): {
    status: (typeof accountStatus)[keyof typeof accountStatus];
    activatedAt: number | undefined;
    closedAt: number | undefined;
  } => ({ status: accountStatus.active, activatedAt: meter.installedAt, closedAt: undefined }),
);

/** Remaining credit; negative is owed. */
export function amount(meter: MeterState, t: number): number {
  return Math.floor(meter.creditWh(t) / STEP_WH);
}

export function shownTime(meter: MeterState, at: number | undefined): Data {
  if (at === undefined) return NEVER;
  return data.octetString(clockOctets(meter.clockAt(at), meter.deviationMinutes));
}
