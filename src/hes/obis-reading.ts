/** A reading in the form in which `data-ingestion` takes it. What has no value to keep is left out. */
import { type MeterReading } from "../gateway/messages.js";

export interface ObisReading {
  readonly obisCode: string;
  /** The scaler is applied already, so none is sent along. */
  readonly value: string | number | boolean;
  readonly unit?: string;
  readonly dataType: string;
  readonly classId?: number;
  readonly attributeId?: number;
  readonly quality: "good";
  /** ISO 8601; goes into the call, not into the entry. */
  readonly timestamp?: string;
}

/** A longer value (a profile, a dump) is for other tools than a table of registers. */
const VALUE_CHARS = 4_096;

/** Undefined when the reading failed, or its value is no single one. */
export function obisReading(reading: MeterReading): ObisReading | undefined {
  const { obisCode, value, unit, valueType, classId, attributeId, timestamp, error } = reading;
  if (error !== undefined) return undefined;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  if (typeof value === "string" && value.length > VALUE_CHARS) return undefined;
  return {
    obisCode,
    value,
    dataType: typeof valueType === "string" ? valueType : typeof value,
    quality: "good",
    ...(typeof unit === "string" ? { unit } : {}),
    ...(typeof classId === "number" ? { classId } : {}),
    ...(typeof attributeId === "number" ? { attributeId } : {}),
    ...(typeof timestamp === "string" ? { timestamp } : {}),
  };
}
