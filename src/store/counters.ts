/**
 * Numbers and short texts that outlive the process: invocation counters given out, invocation counters seen, and what
 * is known of keys under change.
 */
import { DlmsError, usageError } from "../core/errors.js";
import { checkCount, checkText } from "./check.js";
import { type StoreContext } from "./context.js";

const MAX_AT_ONCE = 1_000;
const MAX_KEPT_CHARS = 65_536;
/** Rows of one answer. */
const MAX_ROWS = 100_000;

/** See `Operations.reserveCounter`. */
export function reserveCounter(
  { database }: StoreContext,
  key: string,
  atLeast: number,
  count: number,
): { readonly from: number; readonly to: number } {
  checkText("key", key);
  checkCount("count", count, 1_000_000);
  checkNumber("atLeast", atLeast);
  const next = Number(database.get("SELECT next FROM counters WHERE key = ?", key)?.["next"] ?? 0);
  const from = Math.max(next, atLeast);
  if (!Number.isSafeInteger(from + count))
    throw new DlmsError("LIMIT_EXCEEDED", "The counter has come to its end.");
  database.run(
    "INSERT INTO counters (key, next) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET next = ?2",
    key,
    from + count,
  );
  return { from, to: from + count - 1 };
}

export function raiseCounters({ database }: StoreContext, seen: Readonly<Record<string, number>>): void {
  const rows = Object.entries(seen);
  if (rows.length > MAX_AT_ONCE)
    throw new DlmsError("LIMIT_EXCEEDED", `more than ${MAX_AT_ONCE} counters at once`);
  for (const [key, counter] of rows) {
    checkText("key", key);
    checkNumber("counter", counter);
  }
  for (const [key, counter] of rows)
    database.run(
      "INSERT INTO counters (key, next) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET next = MAX(next, ?2)",
      key,
      counter,
    );
}

export function counters({ database }: StoreContext, prefix: string): Readonly<Record<string, number>> {
  const rows = database.all(
    `SELECT key, next FROM counters WHERE ${STARTS_WITH} LIMIT ${MAX_ROWS}`,
    checkText("prefix", prefix),
  );
  return Object.fromEntries(rows.map((row) => [String(row["key"]), Number(row["next"])]));
}

export function keep({ database }: StoreContext, key: string, value: string | undefined): void {
  checkText("key", key);
  if (value === undefined) {
    database.run("DELETE FROM kept WHERE key = ?", key);
    return;
  }
  if (typeof value !== "string" || value.length > MAX_KEPT_CHARS)
    throw usageError("FIELD_INVALID", "value", `value must be a text of up to ${MAX_KEPT_CHARS} characters`);
  database.run(
    "INSERT INTO kept (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
    key,
    value,
  );
}

export function kept({ database }: StoreContext, prefix: string): Readonly<Record<string, string>> {
  const rows = database.all(
    `SELECT key, value FROM kept WHERE ${STARTS_WITH} LIMIT ${MAX_ROWS}`,
    checkText("prefix", prefix),
  );
  return Object.fromEntries(rows.map((row) => [String(row["key"]), String(row["value"])]));
}

/** By the index, whatever stands in the prefix. */
const STARTS_WITH = "key >= ?1 AND key < ?1 || char(1114111)";

function checkNumber(field: string, value: unknown): void {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw new DlmsError("FIELD_INVALID", `${field} must be a whole number from 0`, { field });
}
