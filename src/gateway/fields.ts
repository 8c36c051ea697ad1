/**
 * Reading single fields of a payload that anybody may have written: nulls, arrays, megabytes, numbers that have lost
 * digits. Each function returns the value or throws naming the field.
 */
import { type ErrorCode, usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Text that is not absurdly long. @throws `code` naming the field. */
export function shortText(value: unknown, field: string, code: ErrorCode = "FIELD_INVALID"): string {
  if (typeof value !== "string") throw usageError(code, field, `${field} must be text`);
  if (value.length > limits.textChars)
    throw usageError(code, field, `${field} is longer than ${limits.textChars} characters`);
  return value;
}

/** A name: text or safe integer, trimmed, 1 to 64 printable characters. */
export function idText(value: unknown, field: string): string {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || value < 0)
      throw usageError(
        "FIELD_INVALID",
        field,
        `${field} must be text: this number has lost digits or is none`,
      );
    return String(value);
  }
  if (typeof value !== "string")
    throw usageError("FIELD_INVALID", field, `${field} must be text or a whole number`);
  const text = value.trim();
  if (text === "") throw usageError("FIELD_INVALID", field, `${field} is empty`);
  if (text.length > 64 || !/^[\x21-\x7e\u00a1-\uffff ]+$/.test(text))
    throw usageError("FIELD_INVALID", field, `${field} must be at most 64 printable characters`);
  return text;
}

export function optionalInteger(
  value: unknown,
  field: string,
  low: number,
  high: number,
): number | undefined {
  if (value === undefined) return undefined;
  const number = typeof value === "string" && /^-?\d{1,6}$/.test(value.trim()) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < low || number > high)
    throw usageError("FIELD_INVALID", field, `${field} must be a whole number from ${low} to ${high}`);
  return number;
}

/** A point in time as ISO 8601 text, a Date or epoch milliseconds; returned as ISO 8601 in UTC. */
export function dateText(value: unknown, field: string): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const epochMs = epoch(value);
  if (epochMs === undefined)
    throw usageError("FIELD_INVALID", field, `${field} must be a date and time, ISO 8601`);
  return new Date(epochMs).toISOString();
}

/**
 * When a command ends to be wanted: `expiresAt` (ISO 8601, epoch milliseconds, or epoch seconds when below 10^11) or
 * `ttl` (seconds from now), whichever is earlier.
 */
export function expiry(
  fields: { readonly expiresAt?: unknown; readonly ttl?: unknown },
  nowMs: number,
): number | undefined {
  let earliest: number | undefined;
  if (fields.expiresAt !== undefined && fields.expiresAt !== null) {
    const at =
      typeof fields.expiresAt === "number" && fields.expiresAt > 0 && fields.expiresAt < 1e11
        ? fields.expiresAt * 1_000
        : epoch(fields.expiresAt);
    if (at === undefined)
      throw usageError("FIELD_INVALID", "expiresAt", "expiresAt must be ISO 8601 or epoch milliseconds");
    earliest = at;
  }
  if (fields.ttl !== undefined && fields.ttl !== null) {
    const ttl =
      typeof fields.ttl === "string" && /^\d{1,9}$/.test(fields.ttl) ? Number(fields.ttl) : fields.ttl;
    if (typeof ttl !== "number" || !Number.isFinite(ttl) || ttl < 0 || ttl > 1e9)
      throw usageError("FIELD_INVALID", "ttl", "ttl must be a number of seconds");
    earliest = Math.min(earliest ?? Infinity, nowMs + ttl * 1_000);
  }
  return earliest;
}

function epoch(value: unknown): number | undefined {
  let epochMs: number;
  if (typeof value === "number") epochMs = value;
  else if (value instanceof Date) epochMs = value.getTime();
  else if (typeof value === "string" && value.length <= 64) epochMs = Date.parse(value);
  else return undefined;
  return Number.isFinite(epochMs) && Math.abs(epochMs) <= 8.64e15 ? epochMs : undefined;
}
