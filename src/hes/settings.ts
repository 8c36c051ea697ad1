/**
 * `meter-write-settings`: its payload checked, and its repetitions recognised. The backend sends the event and then
 * answers its user with an error, so users try again: the same settings as a meter's latest are the same command,
 * while that one is open or has succeeded lately. Other settings in between make it a new one.
 */
import { createHash } from "node:crypto";
import { DlmsError, usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { isRecord } from "../gateway/fields.js";
import { parseCommand, type CommandBase } from "../gateway/messages.js";
import { type Clock } from "../transport/clock.js";

const SETTINGS_CHARS = 65_536;
const REPEAT_MS = 600_000;
const baseFields = ["commandId", "requestId", "correlationId", "expiresAt", "ttl", "requestedBy"];

export interface SettingsCommand extends CommandBase {
  /** The same for the same settings, whatever order their fields have. */
  readonly digest: string;
}

type Payload = Readonly<Record<string, unknown>>;

/** @throws DlmsError FIELD_INVALID, LIMIT_EXCEEDED naming the field. */
export function parseSettings(fields: Payload, meterSerialNumber: string, nowMs: number): SettingsCommand {
  const { settings, metadata } = fields;
  if (!isRecord(settings) && !Array.isArray(settings))
    throw usageError("FIELD_INVALID", "settings", "settings must be an object or a list");
  const text = canonical({ settings, metadata }, 0);
  if (text.length > SETTINGS_CHARS)
    throw usageError("LIMIT_EXCEEDED", "settings", `settings are longer than ${SETTINGS_CHARS} characters`);
  const own = Object.fromEntries(baseFields.map((name) => [name, fields[name]]));
  // What commands have in common is read as with any other; the code only makes it a whole command.
  const { commandId, expiresAt, extra } = parseCommand(
    "read-meter",
    { ...own, meterSerialNumber, obisCode: "0-0:1.0.0.255" },
    { nowMs },
  );
  return {
    commandId,
    meterSerialNumber,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    extra,
    digest: createHash("sha256").update(text).digest("base64"),
  };
}

/** The settings that each meter was given last. */
export class LatestSettings {
  readonly #clock: Clock;
  readonly #latest = new Map<string, { digest: string; commandId: string; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The command that these settings repeat, if any. */
  repeated(serial: string, digest: string): string | undefined {
    const latest = this.#latest.get(serial);
    if (latest === undefined || latest.digest !== digest || latest.until <= this.#clock.now())
      return undefined;
    return latest.commandId;
  }

  remember(serial: string, digest: string, commandId: string): void {
    this.#latest.delete(serial);
    this.#latest.set(serial, { digest, commandId, until: this.#clock.now() + REPEAT_MS });
    for (const oldest of this.#latest.keys()) {
      if (this.#latest.size <= limits.links) return;
      this.#latest.delete(oldest);
    }
  }
}

/** JSON with the fields of every object in one order. @throws DlmsError LIMIT_EXCEEDED */
function canonical(value: unknown, depth: number): string {
  if (depth > limits.dataDepth) {
    throw new DlmsError("LIMIT_EXCEEDED", "settings are nested too deeply", { field: "settings" });
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join()}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? "null";
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name], depth + 1)}`).join()}}`;
}
