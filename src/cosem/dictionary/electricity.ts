/**
 * Electricity (IEC 62056-61, A = 1): quantities C, measurements D, general objects C = 0. Data only; describe.ts
 * puts the words together. Consortia, country and maker codes (C 93, 94, from 128) have no rule.
 */
import { type Row } from "./pattern.js";

/** A quantity as power and, integrated over time, as energy. Without `energy` both have the same name. */
export interface Quantity {
  readonly power: string;
  readonly unit?: string;
  readonly energy?: string;
  readonly energyUnit?: string;
}

function active(what: string): Quantity {
  return { power: `Active power${what}`, unit: "W", energy: `Active energy${what}`, energyUnit: "Wh" };
}
function reactive(what: string): Quantity {
  return {
    power: `Reactive power${what}`,
    unit: "var",
    energy: `Reactive energy${what}`,
    energyUnit: "varh",
  };
}
function apparent(what: string): Quantity {
  return { power: `Apparent power${what}`, unit: "VA", energy: `Apparent energy${what}`, energyUnit: "VAh" };
}

/** C = 1..20 for the sum of the phases; 21..40, 41..60 and 61..80 repeat it for L1, L2 and L3. */
export const phaseQuantities: readonly Quantity[] = [
  active(" import (+A)"),
  active(" export (−A)"),
  reactive(" import (+R)"),
  reactive(" export (−R)"),
  reactive(" QI"),
  reactive(" QII"),
  reactive(" QIII"),
  reactive(" QIV"),
  apparent(" import (+VA)"),
  apparent(" export (−VA)"),
  { power: "Current", unit: "A", energy: "Ampere-hours", energyUnit: "Ah" },
  { power: "Voltage", unit: "V" },
  { power: "Power factor" },
  { power: "Frequency", unit: "Hz" },
  active(", absolute (|+A| + |−A|)"),
  active(", net (|+A| − |−A|)"),
  active(" QI"),
  active(" QII"),
  active(" QIII"),
  active(" QIV"),
];

/** C from 81. */
export const singleQuantities: Readonly<Record<number, Quantity>> = {
  81: { power: "Phase angle", unit: "°" },
  82: { power: "Pulses or pieces" },
  83: { power: "Transformer and line losses" },
  84: { power: "Power factor, export" },
  85: { power: "Power factor L1, export" },
  86: { power: "Power factor L2, export" },
  87: { power: "Power factor L3, export" },
  88: { power: "Ampere-squared hours", unit: "A²h" },
  89: { power: "Volt-squared hours", unit: "V²h" },
  90: { power: "Current, sum of the phases", unit: "A" },
  91: { power: "Neutral current", unit: "A" },
  92: { power: "Neutral voltage", unit: "V" },
};

/** Quantities whose instantaneous value has harmonics in E. */
export const harmonicQuantities = new Set([11, 12, 15, 31, 32, 35, 51, 52, 55, 71, 72, 75, 90, 91, 92]);

/** What is measured, by D: words, class, whether it is an integral over time, whether E is a tariff. */
export interface Measurement {
  readonly words: string;
  readonly classId: number;
  readonly integral: boolean;
  readonly tariff: boolean;
}

function rate(words: string, classId = 3): Measurement {
  return { words, classId, integral: false, tariff: true };
}
function integral(words: string): Measurement {
  return { words, classId: 3, integral: true, tariff: true };
}
function limit(words: string, classId = 3): Measurement {
  return { words, classId, integral: false, tariff: false };
}

export const measurements: Readonly<Record<number, Measurement>> = {
  0: rate("billing period average"),
  1: rate("cumulative minimum 1"),
  2: rate("cumulative maximum 1"),
  3: rate("minimum 1", 4),
  4: rate("current average 1", 5),
  5: rate("last average 1"),
  6: rate("maximum demand", 4),
  7: limit("instantaneous"),
  8: integral(""),
  9: integral("since the last reset"),
  10: integral("above the threshold"),
  11: rate("cumulative minimum 2"),
  12: rate("cumulative maximum 2"),
  13: rate("minimum 2", 4),
  14: rate("current average 2", 5),
  15: rate("last average 2"),
  16: rate("maximum demand 2", 4),
  17: integral("time integral 7"),
  18: integral("time integral 8"),
  19: integral("time integral 9"),
  20: integral("time integral 10"),
  21: rate("cumulative minimum 3"),
  22: rate("cumulative maximum 3"),
  23: rate("minimum 3", 4),
  24: rate("current average 3", 5),
  25: rate("last average 3"),
  26: rate("maximum demand 3", 4),
  27: rate("current average, recording interval 1", 5),
  28: rate("current average, recording interval 2", 5),
  29: integral("in recording interval 1"),
  30: integral("in recording interval 2"),
  31: limit("under-limit threshold"),
  32: limit("under-limit occurrences", 1),
  33: limit("under-limit duration"),
  34: limit("under-limit magnitude"),
  35: limit("over-limit threshold"),
  36: limit("over-limit occurrences", 1),
  37: limit("over-limit duration"),
  38: limit("over-limit magnitude"),
  39: limit("missing threshold"),
  40: limit("missing occurrences", 1),
  41: limit("missing duration"),
  42: limit("missing magnitude"),
  43: limit("time threshold, under limit"),
  44: limit("time threshold, over limit"),
  45: limit("time threshold, missing"),
  46: limit("contracted value"),
  51: rate("minimum, recording interval 1", 4),
  52: rate("minimum, recording interval 2", 4),
  53: rate("maximum, recording interval 1", 4),
  54: rate("maximum, recording interval 2", 4),
  55: rate("test average"),
  58: integral("test"),
};

export const electricityRows: readonly Row[] = [
  ["1-b:0.0.0..9", 1, "Electricity ID {e}"],
  ["1-b:0.1.0", 1, "Billing period counter"],
  ["1-b:0.1.1", 1, "Number of available billing periods"],
  ["1-b:0.1.2..9", 1, "Time stamp of a billing period ({e})"],
  ["1-b:0.2.0", 1, "Firmware version, active"],
  ["1-b:0.2.1", 1, "Parameter record number"],
  ["1-b:0.2.2", 1, "Time switch program number"],
  ["1-b:0.2.3", 1, "Ripple control program number"],
  ["1-b:0.2.4", 1, "Meter connection diagram ID"],
  ["1-b:0.2.7", 1, "Passive calendar name"],
  ["1-b:0.2.8", 1, "Firmware signature, active"],
  ["1-b:0.3.0", 1, "Meter constant, active energy, LED"],
  ["1-b:0.3.1", 1, "Meter constant, reactive energy, LED"],
  ["1-b:0.3.2", 1, "Meter constant, apparent energy, LED"],
  ["1-b:0.3.3", 1, "Meter constant, active energy, output pulse"],
  ["1-b:0.3.4", 1, "Meter constant, reactive energy, output pulse"],
  ["1-b:0.3.5", 1, "Meter constant, apparent energy, output pulse"],
  ["1-b:0.4.0", 1, "Reading factor for power"],
  ["1-b:0.4.1", 1, "Reading factor for energy"],
  ["1-b:0.4.2", 1, "Current transformer ratio, numerator"],
  ["1-b:0.4.3", 1, "Voltage transformer ratio, numerator"],
  ["1-b:0.4.4", 1, "Overall transformer ratio, numerator"],
  ["1-b:0.4.5", 1, "Current transformer ratio, denominator"],
  ["1-b:0.4.6", 1, "Voltage transformer ratio, denominator"],
  ["1-b:0.4.7", 1, "Overall transformer ratio, denominator"],
  ["1-b:0.6.0", 3, "Nominal voltage", "V"],
  ["1-b:0.6.1", 3, "Nominal current", "A"],
  ["1-b:0.6.2", 3, "Nominal frequency", "Hz"],
  ["1-b:0.6.3", 3, "Maximum current", "A"],
  ["1-b:0.6.4", 3, "Reference voltage for power quality", "V"],
  ["1-b:0.6.5", 3, "Reference voltage of the auxiliary supply", "V"],
  ["1-b:0.8.0", 3, "Measurement period 1", "s"],
  ["1-b:0.8.1", 3, "Measurement period 2", "s"],
  ["1-b:0.8.2", 3, "Measurement period 3", "s"],
  ["1-b:0.8.4", 3, "Recording interval 1", "s"],
  ["1-b:0.8.5", 3, "Recording interval 2", "s"],
  ["1-b:0.8.6", 3, "Billing period", "d"],
  ["1-b:0.9.0", 3, "Time since the last end of billing period"],
  ["1-b:0.9.1", 1, "Local time"],
  ["1-b:0.9.2", 1, "Local date"],
  ["1-b:0.9.6", 1, "Time of the last reset"],
  ["1-b:0.9.7", 1, "Date of the last reset"],
  ["1-b:0.9.11", 3, "Clock time shift limit", "s"],
  ["1-b:0.11.e", 1, "Measurement algorithm {e}"],
];
