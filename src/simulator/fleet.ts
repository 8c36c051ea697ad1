/**
 * Many simulated meters from a few words: how many, which ways of dialling in, a seed. The n-th meter of a plan is
 * the same meter every time: serial, dialect, meter type and everything its seed decides.
 */
import { usageError } from "../core/errors.js";
import { type Dialect, dialectByName } from "../meter-types/dialects/index.js";
import { type MeterType, type PresetName } from "../meter-types/meter-type.js";
import { presets } from "../meter-types/presets.js";
import { type SimulatedMeterOptions } from "./meter-options.js";

/** A way of dialling in, as plans and command lines name it: the dialect, and the framing where it has a choice. */
interface Way {
  readonly dialect: string;
  readonly preset: PresetName;
  readonly framing?: "hdlc" | "wrapper";
  /** The n-th serial number of this way. No two ways share one. */
  readonly serial: (n: number) => string;
}

const elevenDigits = (prefix: string) => (n: number) => prefix + String(n).padStart(11 - prefix.length, "0");

const ways: Readonly<Record<string, Way>> = {
  "hexcell-login": {
    dialect: "hexcell-login",
    preset: "hexcell",
    // Eleven digits behind a pad in the six octets, or twelve that fill them.
    serial: (n) => (n % 2 === 1 ? elevenDigits("46")(n) : `145${String(n).padStart(9, "0")}`),
  },
  "hexing-heartbeat": {
    dialect: "hexing-heartbeat",
    preset: "hexing",
    serial: (n) => `00039${String(n).padStart(7, "0")}`,
  },
  "plain-wrapper": { dialect: "plain-wrapper", preset: "standard", serial: elevenDigits("37") },
  "plain-hdlc": { dialect: "plain-hdlc", preset: "standard", serial: elevenDigits("38") },
  push: { dialect: "push", preset: "standard", framing: "wrapper", serial: elevenDigits("54") },
  "meter-initiated": {
    dialect: "meter-initiated",
    preset: "readme",
    framing: "wrapper",
    serial: elevenDigits("62"),
  },
  "meter-initiated-hdlc": {
    dialect: "meter-initiated",
    preset: "readme",
    framing: "hdlc",
    serial: elevenDigits("63"),
  },
  "push-hdlc": { dialect: "push", preset: "standard", framing: "hdlc", serial: elevenDigits("55") },
  "ivy-login": {
    dialect: "ivy-login",
    preset: "standard",
    serial: (n) => `71${String(n).padStart(10, "0")}`,
  },
};

/** Every way a plan can name, in the order meters are dealt out. */
export const fleetDialects: readonly string[] = Object.keys(ways);

export interface FleetOptions extends Pick<
  SimulatedMeterOptions,
  | "controlMode"
  | "relayDelayMs"
  | "creditWh"
  | "alarms"
  | "heartbeatMs"
  | "pushMs"
  | "objects"
  | "phases"
  | "faults"
> {
  readonly count: number;
  readonly seed: number;
  /** Names of `fleetDialects`, or own dialects; all of `fleetDialects` when absent or empty. Dealt out in turn. */
  readonly dialects?: readonly (string | Dialect)[];
  /** Meter type of every meter; by default the one that goes with the dialect. */
  readonly meterType?: MeterType;
  /** Number of the first meter, from which serial numbers are made. Default 1. */
  readonly serialBase?: number;
  /** Serial number of the first meter; the following count up from it. */
  readonly firstSerial?: string;
}

/** @throws DlmsError FIELD_INVALID naming the field. */
export function fleetPlan(options: FleetOptions): SimulatedMeterOptions[] {
  const { count, seed, dialects = [], meterType, serialBase = 1, firstSerial, ...same } = options;
  if (!Number.isInteger(count) || count < 0 || count > 100_000)
    throw usageError("FIELD_INVALID", "count", "count must be a whole number from 0 to 100000");
  if (!Number.isInteger(seed)) throw usageError("FIELD_INVALID", "seed", "seed must be a whole number");
  if (!Number.isInteger(serialBase) || serialBase < 0 || serialBase + count > 10_000_000)
    throw usageError("FIELD_INVALID", "serialBase", "serialBase must be a whole number below 10000000");
  const chosen = (dialects.length === 0 ? fleetDialects : dialects).map(wayOf);
  return Array.from({ length: count }, (_, i) => {
    const way = chosen[i % chosen.length] as Dealt;
    const serial = firstSerial === undefined ? way.serial(serialBase + i) : countUp(firstSerial, i);
    return {
      ...same,
      serial,
      dialect: way.dialect,
      meterType: meterType ?? presets[way.preset],
      seed: seed + i,
      ...(way.framing === undefined ? {} : { framing: way.framing }),
    };
  });
}

/** A way with the dialect itself. */
type Dealt = Omit<Way, "dialect"> & { readonly dialect: Dialect };

function wayOf(named: string | Dialect): Dealt {
  if (typeof named !== "string")
    return { dialect: named, preset: named.link.preset ?? "standard", serial: elevenDigits("80") };
  const way = ways[named];
  const dialect = way === undefined ? undefined : dialectByName(way.dialect);
  if (way === undefined || dialect === undefined)
    throw usageError("FIELD_INVALID", "dialects", `${named} is none of ${fleetDialects.join(", ")}`);
  return { ...way, dialect };
}

/** The digits at the end counted up, as wide as they were. */
function countUp(serial: string, by: number): string {
  const digits = /\d*$/.exec(serial)?.[0] ?? "";
  if (by === 0) return serial;
  const next = String(BigInt(digits === "" ? "0" : digits) + BigInt(by)).padStart(digits.length, "0");
  return serial.slice(0, serial.length - digits.length) + next;
}
