/**
 * A command as the store keeps it, and back. The payload holds all that is needed to run the command again; the token
 * stands in it whole until the command has ended.
 */
import { type ReadItem } from "../../client/reading.js";
import { Secret } from "../../core/secret.js";
import { type CommandEntry, type JsonObject, type StoredCommand } from "../../store/index.js";
import { type Command, type CommandBase, type CommandName, type RelayAction } from "../messages.js";

/** Who recorded it. What a bridge records comes to an executing node later, by way of the flow. */
export type Recorder = "bridge" | "node";

/** As the payload column holds it. */
export interface JournalPayload {
  /** The journal that took it. */
  readonly owner: string;
  readonly by: Recorder;
  readonly command: {
    readonly meterSerialNumber: string;
    readonly backendId?: string;
    readonly extra: Readonly<Record<string, unknown>>;
    readonly token?: string;
    readonly amount?: number;
    readonly action?: RelayAction;
    readonly items?: readonly ReadItem[];
  };
  /** What the bridge hands to the flow, and hands again after a restart. */
  readonly message?: JsonObject;
}

export interface EntryFacts {
  readonly owner: string;
  readonly by: Recorder;
  readonly origin: string;
  readonly hasBackendId: boolean;
  readonly message?: JsonObject;
  /** Normalised. */
  readonly serial: string;
  readonly acceptedAt: number;
  readonly expiresAt: number;
}

export function entryOf(command: Command, facts: EntryFacts): CommandEntry {
  const { owner, by, message, origin, hasBackendId, serial, acceptedAt, expiresAt } = facts;
  const token = command.command === "remote-load" ? command.token.reveal() : undefined;
  const payload: JournalPayload = {
    owner,
    by,
    command: {
      meterSerialNumber: command.meterSerialNumber,
      ...(command.backendId === undefined ? {} : { backendId: command.backendId }),
      extra: command.extra,
      ...(token === undefined ? {} : { token }),
      ...(command.command === "remote-load" && command.amount !== undefined
        ? { amount: command.amount }
        : {}),
      ...(command.command === "remote-control" ? { action: command.action } : {}),
      ...(command.command === "read-meter" ? { items: command.items } : {}),
    },
    ...(message === undefined ? {} : { message }),
  };
  return {
    commandId: command.commandId,
    command: command.command,
    meterSerialNumber: serial,
    ...(command.command === "remote-control" ? { action: command.action } : {}),
    ...(token === undefined ? {} : { token }),
    payload: payload as unknown as JsonObject,
    echo: { ...command.extra },
    origin,
    acceptedAt,
    expiresAt,
    hasBackendId,
  };
}

/** Undefined when the row is none that a journal wrote. */
export function payloadOf(stored: StoredCommand): JournalPayload | undefined {
  const payload = stored.payload as Partial<JournalPayload>;
  return typeof payload.owner === "string" && payload.command !== undefined
    ? (payload as JournalPayload)
    : undefined;
}

/** The command to run again. Its deadline is the journal's business. */
export function commandOf(stored: StoredCommand): Command | undefined {
  const fields = payloadOf(stored)?.command;
  if (fields === undefined) return undefined;
  const base: CommandBase = {
    commandId: stored.commandId,
    meterSerialNumber: fields.meterSerialNumber,
    ...(fields.backendId === undefined ? {} : { backendId: fields.backendId }),
    extra: fields.extra,
  };
  const name: CommandName = stored.command;
  if (name === "read-meter") return { ...base, command: name, items: fields.items ?? [] };
  if (name === "remote-control")
    return fields.action === undefined ? undefined : { ...base, command: name, action: fields.action };
  if (fields.token === undefined) return undefined;
  return {
    ...base,
    command: name,
    token: new Secret(fields.token),
    ...(fields.amount === undefined ? {} : { amount: fields.amount }),
  };
}

/** Whether a message with this commandId asks for something else than what was recorded under it. */
export function contradicts(
  stored: StoredCommand,
  command: Command,
  normalise: (serial: string) => string,
): boolean {
  if (stored.command !== command.command) return true;
  if (normalise(stored.meterSerialNumber) !== normalise(command.meterSerialNumber)) return true;
  if (command.command === "remote-control") return stored.action !== command.action;
  if (command.command !== "remote-load" || stored.state === "done") return false;
  return payloadOf(stored)?.command.token !== command.token.reveal();
}
