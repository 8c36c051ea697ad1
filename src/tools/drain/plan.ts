/**
 * A day of readings: every quarter of an hour each meter is read for the default codes of its type, as the shipped flow
 * does. A reading carries its number among its meter's, by which the receiving side knows the order.
 */
import { type MeterReading } from "../../gateway/messages.js";

export const QUARTERS_PER_DAY = 96;
const QUARTER_MS = 900_000;
const START = Date.UTC(2026, 0, 1);

/** The default codes of the presets: energy, voltage, current, frequency, credit. */
const codes = [
  { obisCode: "1-0:1.8.0.255", unit: "Wh", scaler: 0, base: 12_345_678 },
  { obisCode: "1-0:32.7.0.255", unit: "V", scaler: -1, base: 230.4 },
  { obisCode: "1-0:31.7.0.255", unit: "A", scaler: -2, base: 4.51 },
  { obisCode: "1-0:14.7.0.255", unit: "Hz", scaler: -2, base: 50.01 },
  { obisCode: "1-0:96.66.0.255", unit: "kWh", scaler: -2, base: 87.32 },
] as const;

export const READINGS_PER_QUARTER = codes.length;

/** What the receiving side finds a reading's number under. */
export const NUMBER = "drainNumber";

export function serialsOf(meters: number): string[] {
  return Array.from({ length: meters }, (_, i) => `46${String(i + 1).padStart(9, "0")}`);
}

/** What one meter shows at one quarter. */
export function readingsOf(meterSerialNumber: string, quarter: number): MeterReading[] {
  const timestamp = new Date(START + quarter * QUARTER_MS).toISOString();
  return codes.map(({ obisCode, unit, scaler, base }, i) => ({
    meterSerialNumber,
    obisCode,
    classId: 3,
    attributeId: 2,
    value: base + quarter,
    valueType: "double-long-unsigned",
    unit,
    scaler,
    timestamp,
    [NUMBER]: quarter * codes.length + i,
  }));
}
