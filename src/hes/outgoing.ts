/**
 * Builds what goes to the backend: `meter-update` for readings, standing and notifications, `meter-command-result`
 * for the end of a command. Every message carries all spellings of the id. Nothing is sent from here.
 */
import { DlmsError, type ErrorPayload } from "../core/errors.js";
import { type NotificationEvent } from "../gateway/events.js";
import { type CommandName, type MeterReading } from "../gateway/messages.js";
import {
  type DeskCommand,
  type MeterCommandResult,
  type NotificationUpdate,
  type ReadingUpdate,
  type StatusUpdate,
} from "./contract.js";
import { type MeterLike } from "./options.js";
import { type PendingCommand } from "./pending.js";

export interface UpdateContext {
  /** Id of this gateway. */
  readonly origin: string;
  /** ISO 8601. */
  readonly now: string;
  readonly meter: MeterLike | undefined;
}

function fields(serial: string, { origin, now, meter }: UpdateContext) {
  return {
    meterId: meter?.backendId ?? null,
    meterNumber: serial,
    meterSerialNumber: serial,
    origin,
    status: (meter?.online ?? true) ? ("online" as const) : ("offline" as const),
    lastSeen: now,
  };
}

export function readingUpdate(reading: MeterReading, context: UpdateContext): ReadingUpdate {
  const { meterSerialNumber, raw, timestamp, ...rest } = reading;
  return {
    ...rest,
    ...fields(meterSerialNumber, context),
    type: "reading",
    ...(raw === undefined ? {} : { rawHex: raw }),
    timestamp: timestamp ?? context.now,
  };
}

export function statusUpdate(serial: string, event: string, context: UpdateContext): StatusUpdate {
  const { dialect, meterType, remoteAddress } = context.meter ?? {};
  return {
    ...fields(serial, context),
    type: "status",
    event,
    timestamp: context.now,
    ...(dialect === undefined ? {} : { dialect }),
    ...(meterType === undefined ? {} : { meterType }),
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
  };
}

export function notificationUpdate(
  serial: string,
  { kind, body, dateTime }: Pick<NotificationEvent, "kind" | "body" | "dateTime">,
  context: UpdateContext,
): NotificationUpdate {
  return { ...fields(serial, context), type: "notification", kind, body, timestamp: dateTime ?? context.now };
}

const legacyNames: Record<DeskCommand | CommandName, string> = {
  "remote-load": "SET",
  "remote-control": "ACTION",
  "read-meter": "GET",
  "meter-write-settings": "SET",
  "write-meter": "SET",
  "call-method": "ACTION",
  "read-profile": "GET",
  "meter-clock": "SET",
  "meter-firmware": "ACTION",
};

/** xDLMS services that a command always uses; a token's depends on the meter type's rule. */
const services: Partial<Record<DeskCommand | CommandName, string>> = {
  "remote-control": "ACTION",
  "read-meter": "GET",
  "read-profile": "GET",
  "write-meter": "SET",
};

/** The result of anything that ends in one; settings end as commands do, in words of the flow's own. */
export interface DeskResult {
  readonly meterSerialNumber: string | null;
  readonly commandId: string;
  readonly command: DeskCommand | CommandName;
  readonly success: boolean;
  readonly outcome: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly attempts: number;
  readonly error?: ErrorPayload;
  readonly [extra: string]: unknown;
}

export interface ResultContext {
  readonly backendId: string | null;
  readonly legacyCommandNames: boolean;
  /** Characters of JSON that the backend takes in one message. */
  readonly maximumChars: number;
}

/** @throws DlmsError FIELD_INVALID when JSON cannot carry the result. */
export function commandResult(result: DeskResult, context: ResultContext): MeterCommandResult {
  const { command, success, outcome, error, meterSerialNumber, readings, ...rest } = result;
  const service = services[command];
  const built: MeterCommandResult = {
    ...rest,
    meterId: context.backendId,
    meterNumber: meterSerialNumber,
    meterSerialNumber,
    command: context.legacyCommandNames ? legacyNames[command] : command,
    success,
    status: success ? "success" : "failed",
    outcome,
    detail: error?.message ?? outcome,
    // Only once something was sent to the meter.
    ...(service === undefined || result.attempts === 0
      ? {}
      : { dlms: { service, result: error?.code ?? "success" } }),
    ...(readings === undefined ? {} : { readings }),
    ...(error === undefined ? {} : { error }),
  };
  const leftOut = built["readingsLeftOut"] ?? built["rowsLeftOut"];
  const isWhole = leftOut === undefined && length(built) <= context.maximumChars;
  return isWhole ? built : shortened(built, context.maximumChars);
}

/** Too long for one message: the values stay behind and the result says so. */
function shortened(result: MeterCommandResult, maximumChars: number): MeterCommandResult {
  const text = `The result is longer than ${maximumChars} characters; ask for fewer codes or a shorter span.`;
  const field = ["rows", "rowsLeftOut"].some((name) => result[name] !== undefined) ? "rows" : "readings";
  const failure = result["error"] ?? new DlmsError("LIMIT_EXCEEDED", text, { field }).toPayload();
  const { commandId, meterId, meterNumber, meterSerialNumber, command, attempts, startedAt, finishedAt } =
    result;
  const readBack = field === "rows" || Array.isArray(result["readings"]) || "readingsLeftOut" in result;
  return {
    commandId,
    meterId,
    meterNumber,
    meterSerialNumber,
    command,
    // A command that changed something did so, however long its result is.
    success: readBack ? false : result.success,
    status: readBack || !result.success ? "failed" : "success",
    outcome: readBack && result.success ? "partial" : result.outcome,
    detail: readBack ? text : result.detail.slice(0, 1_000),
    attempts,
    startedAt,
    finishedAt,
    truncated: true,
    ...(readBack || !result.success ? { error: failure } : {}),
  };
}

/** A reading too long for one message goes out without its value. */
export function fitReading(update: ReadingUpdate, maximumChars: number): ReadingUpdate {
  if (length(update) <= maximumChars) return update;
  const text = `The value is longer than ${maximumChars} characters; ask for a shorter span.`;
  return {
    ...update,
    rawHex: undefined,
    value: null,
    error: new DlmsError("LIMIT_EXCEEDED", text, { field: "value" }).toPayload(),
  };
}

/** JSON length; zero when JSON cannot carry it, which the outbox then refuses by itself. */
function length(message: object): number {
  try {
    return JSON.stringify(message).length;
  } catch {
    return 0;
  }
}

/** The result of a command that the flow never answered. */
export function unanswered(pending: PendingCommand, finishedAt: string, error: DlmsError): DeskResult {
  const { extra, command, commandId, meterSerialNumber, startedAt } = pending;
  return {
    ...extra,
    meterSerialNumber,
    commandId,
    command,
    success: false,
    // Whether the meter got anything is exactly what nobody knows.
    outcome: "unknown",
    startedAt,
    finishedAt,
    attempts: 0,
    error: error.toPayload(),
  };
}
