/**
 * What the store takes: ids that both engines keep apart, whole times, JSON objects. The caller's mistakes are
 * UsageErrors that name the field.
 */
import { DlmsError, usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { type CommandEntry, type JsonObject, type OutboxItem, storedCommandNames } from "./store.js";

const MAX_TIME_MS = 8.64e15;
const MAX_IDS = 10_000;

// Control characters and halves of surrogate pairs are the two things that could make two texts one in the database.
const unfit = /[\u0000-\u001f]|\p{Surrogate}/u;

export function checkText(field: string, value: unknown): string {
  if (typeof value !== "string" || value.length === 0 || value.length > limits.textChars || unfit.test(value))
    throw usageError(
      "FIELD_INVALID",
      field,
      `${field} must be a text of 1 to ${limits.textChars} characters`,
    );
  return value;
}

export function checkTime(field: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value) || Math.abs(value) > MAX_TIME_MS)
    throw usageError("FIELD_INVALID", field, `${field} must be a time in whole epoch milliseconds`);
  return value;
}

export function checkCount(field: string, value: unknown, max: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > max)
    throw usageError("FIELD_INVALID", field, `${field} must be a whole number from 1 to ${max}`);
  return value;
}

/** As JSON text. */
export function checkJson(field: string, value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw usageError("FIELD_INVALID", field, `${field} must be an object`);
  return JSON.stringify(value);
}

export function checkIds(ids: readonly number[]): readonly number[] {
  if (!Array.isArray(ids) || !ids.every((id) => Number.isSafeInteger(id)))
    throw usageError("FIELD_INVALID", "ids", "ids must be a list of whole numbers");
  if (ids.length > MAX_IDS) throw new DlmsError("LIMIT_EXCEEDED", `more than ${MAX_IDS} ids at once`);
  return ids as readonly number[];
}

export function checkEntry(entry: CommandEntry): void {
  checkText("commandId", entry.commandId);
  checkText("meterSerialNumber", entry.meterSerialNumber);
  checkText("origin", entry.origin);
  checkTime("acceptedAt", entry.acceptedAt);
  checkTime("expiresAt", entry.expiresAt);
  checkJson("payload", entry.payload);
  if (entry.echo !== undefined) checkJson("echo", entry.echo);
  const { command, action, token } = entry;
  if (!storedCommandNames.some((name) => name === command))
    throw usageError("FIELD_INVALID", "command", `command must be one of ${storedCommandNames.join(", ")}`);
  if ((command === "remote-load") !== (token !== undefined))
    throw usageError("FIELD_INVALID", "token", "a token goes with remote-load and with nothing else");
  if (token !== undefined && !/^\d{4,64}$/.test(token))
    throw usageError("FIELD_INVALID", "token", "token must be digits");
  if ((command === "remote-control") !== (action !== undefined))
    throw usageError("FIELD_INVALID", "action", "an action goes with remote-control and with nothing else");
  if (action !== undefined && action !== "connect" && action !== "disconnect")
    throw usageError("FIELD_INVALID", "action", "action must be connect or disconnect");
}

export function checkItem(item: OutboxItem): void {
  if (item.meterSerialNumber !== null) checkText("meterSerialNumber", item.meterSerialNumber);
  if (item.kind !== "result" && item.kind !== "reading" && item.kind !== "event")
    throw usageError("FIELD_INVALID", "kind", "kind must be result, reading or event");
  if (item.origin !== undefined) checkText("origin", item.origin);
  checkJson("body", item.body);
}

/** The outcome of a result, which decides how a repetition of its command is answered. */
export function outcomeOf(result: JsonObject): string {
  checkJson("result", result);
  return checkText("outcome", result["outcome"]);
}
