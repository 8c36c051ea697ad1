/**
 * A command as the store keeps it, and back. The payload holds all that is needed to run the command again; the token
 * stands in it whole until the command has ended.
 */
import { type ReadItem } from "../../client/reading.js";
import { Secret } from "../../core/secret.js";
import { type CommandEntry, type JsonObject, type StoredCommand } from "../../store/index.js";
import {
  changesState,
  type Command,
  type CommandBase,
  type CommandName,
  type RelayAction,
} from "../messages.js";

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
    /** All that writes, methods, profiles, clocks and firmware have of their own; of an image its size and hash. */
    readonly work?: JsonObject;
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
  const work = workOf(command);
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
      ...(work === undefined ? {} : { work }),
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
  switch (name) {
    case "read-meter":
      return { ...base, command: name, items: fields.items ?? [] };
    case "remote-control":
      return fields.action === undefined ? undefined : { ...base, command: name, action: fields.action };
    case "remote-load":
      if (fields.token === undefined) return undefined;
      return {
        ...base,
        command: name,
        token: new Secret(fields.token),
        ...(fields.amount === undefined ? {} : { amount: fields.amount }),
      };
    case "write-meter":
    case "call-method":
    case "read-profile":
    case "meter-clock":
    case "meter-firmware":
      // As it was checked when it came in.
      return fields.work && ({ ...base, ...fields.work, command: name } as unknown as Command);
  }
}

/** JSON; the same command gives the same text. */
function workOf(command: Command): JsonObject | undefined {
  switch (command.command) {
    case "read-meter":
    case "remote-control":
    case "remote-load":
      return undefined;
    case "write-meter":
      return { items: command.items };
    case "call-method": {
      const { classId, methodId, obisCode, type, value } = command;
      return { obisCode, classId, methodId, value, type };
    }
    case "read-profile": {
      const { entries, from, last, obisCode, to } = command;
      return { obisCode, from, to, entries, last };
    }
    case "meter-clock": {
      const { action, toleranceSeconds } = command;
      return { action, toleranceSeconds };
    }
    case "meter-firmware": {
      const { action, identifier, sha256, size } = command;
      return { action, identifier, size, sha256 };
    }
  }
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
  const work = changesState(command) ? workOf(command) : undefined;
  if (work !== undefined) return JSON.stringify(work) !== JSON.stringify(payloadOf(stored)?.command.work);
  if (command.command !== "remote-load" || stored.state === "done") return false;
  return payloadOf(stored)?.command.token !== command.token.reveal();
}
