/** Results that no meter had a part in, and results as the store keeps them. */
import { type DlmsError } from "../../core/errors.js";
import { type JsonObject, type StoredCommand } from "../../store/index.js";
import { actionOf, type Command, type CommandResult, type Outcome } from "../messages.js";
import { commandOf } from "./entry.js";

/** Characters of JSON of a stored result; a larger one is kept without its readings. */
const KEPT_CHARS = 262_144;

/** The result of a command that ends without having been sent. */
export function unsentResult(
  stored: StoredCommand,
  outcome: Outcome,
  error: DlmsError,
  nowMs: number,
): CommandResult {
  const command = commandOf(stored);
  const action = command && actionOf(command);
  return {
    ...stored.echo,
    meterSerialNumber: stored.meterSerialNumber,
    commandId: stored.commandId,
    command: stored.command,
    success: false,
    outcome,
    ...(action === undefined ? {} : { action }),
    startedAt: new Date(stored.acceptedAt).toISOString(),
    finishedAt: new Date(nowMs).toISOString(),
    attempts: stored.sends,
    error: error.toPayload(),
  };
}

/** The result of a command that never got into the journal. */
export function refusedResult(command: Command, error: DlmsError, nowMs: number): CommandResult {
  const now = new Date(nowMs).toISOString();
  const action = actionOf(command);
  return {
    ...command.extra,
    meterSerialNumber: command.meterSerialNumber,
    commandId: command.commandId,
    command: command.command,
    success: false,
    outcome: error.code === "COMMAND_EXPIRED" ? "expired" : isInvalid(error) ? "invalid" : "not-sent",
    ...(action === undefined ? {} : { action }),
    startedAt: now,
    finishedAt: now,
    attempts: 0,
    error: error.toPayload(),
  };
}

function isInvalid({ code }: DlmsError): boolean {
  return code === "COMMAND_CONFLICT" || code === "FIELD_INVALID" || code === "AMBIGUOUS_METER";
}

/** The result of an earlier command as the answer to a later one that repeats it. */
export function answerFrom(result: CommandResult, command: Command): CommandResult {
  if (result.commandId === command.commandId) return { ...result, ...command.extra };
  return { ...result, ...command.extra, commandId: command.commandId, repeats: result.commandId };
}

/** Characters of JSON of a result on its way to the backend; more would not fit into one message. */
const SENT_CHARS = 1_000_000;

/** As it goes into the outbox. */
export function outboxResult(result: CommandResult): JsonObject {
  return keptResult(result, SENT_CHARS);
}

/** What the store keeps of a result. Readings of a long profile have been handed on and need not be kept. */
export function keptResult(result: CommandResult, maximumChars = KEPT_CHARS): JsonObject {
  const { readings, rows, ...rest } = result;
  const contents = readings ?? rows;
  if (contents === undefined || JSON.stringify(contents).length <= maximumChars) return result;
  return {
    ...rest,
    ...(readings === undefined ? {} : { readingsLeftOut: readings.length }),
    ...(rows === undefined ? {} : { rowsLeftOut: rows.length }),
  };
}
