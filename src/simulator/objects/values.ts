/**
 * Attribute 2 of the listed objects that measure nothing: product information, configuration, credit registers.
 * Everything here is by logical name; the type is that of the maker's list.
 */
import { fromLatin1 } from "../../bytes/hex.js";
import { packBcd } from "../../meter-types/token-digits.js";
import { between } from "../behaviours/random.js";
import { MAX_CREDIT_WH } from "../behaviours/tokens.js";
import { type MeterState } from "../meter-state.js";
import { firmwareVersion } from "./image-transfer.js";
import { setCapturePeriod } from "./profiles.js";

/** A number in the register's own steps, characters, octets or bits: whatever the listed type is made of. */
export type Value = number | string | Uint8Array;

export interface NamedValue {
  readonly get: (meter: MeterState, t: number) => Value;
  /** Only for writable ones: what a written number changes. @returns false to refuse it. */
  readonly set?: (meter: MeterState, value: number, t: number) => boolean;
}

const STEP_WH = 10;
const fixed = (value: Value): NamedValue => ({ get: () => value });

/** Bit 0 of the run status is the relay: 1 = open. */
const RUN_STATUS_BITS = 32;

export const namedValues: Readonly<Record<string, NamedValue>> = {
  "0-0:96.1.1.255": fixed("HW02.10-230415"),
  "1-0:0.2.0.255": { get: firmwareVersion },
  "0-0:96.90.4.255": fixed("600675"),
  "1-0:0.6.0.255": fixed(2300),
  "1-0:0.6.1.255": fixed(5_000),
  "1-0:0.6.3.255": fixed(60_000),
  "1-0:0.6.2.255": fixed(5_000),
  "1-0:0.3.0.255": fixed(1_000),
  "1-0:0.3.1.255": fixed(1_000),
  "0-0:97.97.12.255": {
    get: (meter, t) => (meter.suppliedAt(t) ? "0" : "1").padEnd(RUN_STATUS_BITS, "0"),
  },
  "0-0:96.5.0.255": fixed("00000000"),
  "1-0:129.39.132.255": fixed(0),
  "1-0:129.40.132.255": { get: (meter) => meter.controlMode },
  "1-0:1.31.2.255": {
    get: (meter, t) => Math.floor((t - meter.installedAt) / (30.44 * 86_400_000)),
  },
  "0-0:96.80.0.255": fixed(2),
  "0-0:96.81.0.255": fixed(3),
  "0-0:96.60.0.255": {
    get: (meter) => (meter.prepaid ? 1 : 0),
    set: (meter, value, t) => {
      if (value > 1) return false;
      meter.setPrepaid(t, value === 1);
      return true;
    },
  },
  "0-0:96.61.0.255": {
    get: (meter) => Math.floor(between(3, 60, meter.options.seed, 30)) + meter.tokens.count,
  },
  "0-0:95.51.0.255": {
    get: (meter) => meter.capturePeriodS / 60,
    set: (meter, value, t) => setCapturePeriod(meter, value * 60, t),
  },
  "0-0:128.2.1.255": fixed(fromLatin1("gateway.example:4000;internet".padEnd(80, "\0"))),
  "0-0:95.72.0.255": fixed(0),
  "0-0:95.71.0.255": fixed(MAX_CREDIT_WH / STEP_WH),
  "1-0:96.66.0.255": {
    get: (meter, t) => Math.max(0, Math.floor(meter.creditWh(t) / STEP_WH)),
  },
  "1-0:96.68.0.255": {
    get: (meter, t) => Math.max(0, Math.ceil(-meter.creditWh(t) / STEP_WH)),
  },
  "0-0:96.67.0.255": {
    get: (meter) => Math.floor((meter.lastCredit?.energyWh ?? 0) / STEP_WH),
  },
  "0-0:96.96.1.255": {
    get: (meter) => packBcd(meter.lastCredit?.token ?? ""),
  },
  "1-0:129.39.130.255": fixed(60),
  "1-0:129.39.131.255": fixed(30),
};
