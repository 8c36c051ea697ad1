/**
 * Commands and results as the nodes, the backend bridge and the listener pass them on. The payload's many spellings
 * are read in parse-command.ts; this file is the shapes.
 */
import { type ProfileColumn, type ProfileRow } from "../client/index.js";
import { type Reading, type ReadItem } from "../client/reading.js";
import { type ErrorPayload } from "../core/errors.js";
import { type Secret } from "../core/secret.js";

/** What a backend may ask for by itself. */
export type BackendCommandName =
  "remote-load" | "remote-control" | "read-meter" | "write-meter" | "read-profile";
export type CommandName = BackendCommandName | "call-method" | "meter-clock" | "meter-firmware";
export type RelayAction = "connect" | "disconnect";
export const clockActions = ["read", "compare", "set"] as const;
export type ClockAction = (typeof clockActions)[number];
export const firmwareActions = ["update", "transfer", "activate", "status"] as const;
export type FirmwareAction = (typeof firmwareActions)[number];

export interface CommandBase {
  readonly commandId: string;
  /** As the sender wrote it: trimmed, upper-cased, leading zeros kept. */
  readonly meterSerialNumber: string;
  /** The backend's record id, when the payload carried one; letters as sent. */
  readonly backendId?: string;
  /** Epoch milliseconds after which the command must not start. */
  readonly expiresAt?: number;
  /** Payload fields this gateway does not know, echoed in the result. */
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface RemoteLoad extends CommandBase {
  readonly command: "remote-load";
  /** Exactly 20 digits, not above 2^66 − 1. */
  readonly token: Secret<string>;
  /** Informative, except for the token rule `credit`, which sends it. */
  readonly amount?: number;
}

export interface RemoteControl extends CommandBase {
  readonly command: "remote-control";
  readonly action: RelayAction;
}

export interface ReadMeter extends CommandBase {
  readonly command: "read-meter";
  readonly items: readonly ReadItem[];
}

/** An attribute and what it is to become. */
export interface WriteItem {
  readonly obisCode: string;
  readonly classId?: number;
  readonly attributeId?: number;
  /** JSON; cosem/data-from-json.ts says how it becomes Data. */
  readonly value: unknown;
  /** Without it the declared type of the attribute, else the type of what the meter holds now. */
  readonly type?: string;
}

export interface WriteMeter extends CommandBase {
  readonly command: "write-meter";
  readonly items: readonly WriteItem[];
}

export interface CallMethod extends CommandBase {
  readonly command: "call-method";
  readonly obisCode: string;
  readonly classId?: number;
  readonly methodId: number;
  /** JSON; undefined: `integer` 0, as is the custom; null without a type: none. */
  readonly value?: unknown;
  readonly type?: string;
}

export interface ReadProfile extends CommandBase {
  readonly command: "read-profile";
  readonly obisCode: string;
  readonly from?: string;
  readonly to?: string;
  readonly entries?: { readonly from: number; readonly to?: number };
  readonly last?: number;
}

export interface MeterClock extends CommandBase {
  readonly command: "meter-clock";
  readonly action: ClockAction;
  /** How far off still counts as right; `set` then leaves a right clock alone. */
  readonly toleranceSeconds?: number;
}

export interface MeterFirmware extends CommandBase {
  readonly command: "meter-firmware";
  readonly action: FirmwareAction;
  /** What the meter calls the image. */
  readonly identifier?: string;
  /** Absent when the command was read back from a store: the store keeps the image's size and hash, not the image. */
  readonly image?: Uint8Array;
  readonly size?: number;
  /** Lower-case hexadecimal. */
  readonly sha256?: string;
}

export type Command =
  RemoteLoad | RemoteControl | ReadMeter | WriteMeter | CallMethod | ReadProfile | MeterClock | MeterFirmware;

export type BackendCommand = Extract<Command, { readonly command: BackendCommandName }>;

/** Whether a command may change anything in the meter. Reading may be repeated, this may not. */
export function changesState(command: Command): boolean {
  switch (command.command) {
    case "read-meter":
    case "read-profile":
      return false;
    case "meter-clock":
      return command.action === "set";
    case "meter-firmware":
      return command.action !== "status";
    case "remote-load":
    case "remote-control":
    case "write-meter":
    case "call-method":
      return true;
  }
}

/** The `action` of those commands that have one. */
export function actionOf(command: Command): RelayAction | ClockAction | FirmwareAction | undefined {
  return "action" in command ? command.action : undefined;
}

export type TokenOutcome =
  | "accepted"
  | "used"
  | "old"
  | "rejected"
  | "locked-out"
  | "delivered-unverified"
  | "unknown"
  | "not-sent"
  | "expired"
  | "invalid";
export type RelayOutcome =
  | "connected"
  | "disconnected"
  | "armed"
  | "no-effect"
  | "refused"
  | "unknown"
  | "not-sent"
  | "expired"
  | "superseded"
  | "invalid";
export type ReadOutcome = "read" | "partial" | "failed" | "not-sent" | "expired" | "invalid";
export type WriteOutcome =
  "written" | "partly-written" | "refused" | "unknown" | "not-sent" | "expired" | "invalid";
export type MethodOutcome = "done" | "refused" | "unknown" | "not-sent" | "expired" | "invalid";
export type ClockOutcome =
  | "read"
  | "in-time"
  | "off"
  | "set"
  | "no-effect"
  | "refused"
  | "failed"
  | "unknown"
  | "not-sent"
  | "expired"
  | "invalid";
export type FirmwareOutcome =
  | "read"
  | "verified"
  | "activated"
  | "rejected"
  | "interrupted"
  | "refused"
  | "failed"
  | "unknown"
  | "not-sent"
  | "expired"
  | "invalid";
export type Outcome =
  TokenOutcome | RelayOutcome | ReadOutcome | WriteOutcome | MethodOutcome | ClockOutcome | FirmwareOutcome;

export type MeterReading = Reading & { readonly meterSerialNumber: string };

/** What became of one attribute that was to be written. */
export interface WrittenItem {
  readonly obisCode: string;
  readonly classId: number;
  readonly attributeId: number;
  readonly outcome: "written" | "refused" | "unknown" | "not-sent";
  readonly error?: ErrorPayload;
}

/** The clock as it was looked at last. */
export interface ClockReport {
  /** ISO 8601 as the meter shows it; null for a clock that was never set. */
  readonly time: string | null;
  readonly deviationMinutes?: number;
  readonly clockStatus?: number;
  /** How far it is ahead (behind: negative) of the gateway's; absent where its time zone is not known. */
  readonly differenceSeconds?: number;
  /** With `set`: how far it was off before. */
  readonly differenceBeforeSeconds?: number;
}

export interface FirmwareReport {
  /** The meter's image transfer status. */
  readonly status?: string;
  readonly blocks?: number;
  readonly total?: number;
  /** Blocks that the meter had already were left out. */
  readonly resumed?: boolean;
  /** What the meter would activate: identification and signature in hexadecimal. */
  readonly toActivate?: readonly {
    readonly size: number;
    readonly identification: string;
    readonly signature: string;
  }[];
}

/** What a result carries beside its outcome, by command. */
export interface ResultContent {
  readonly readings?: readonly MeterReading[];
  readonly written?: readonly WrittenItem[];
  /** What a method gave back. */
  readonly returned?: { readonly value: unknown; readonly valueType: string };
  readonly obisCode?: string;
  readonly columns?: readonly ProfileColumn[];
  readonly rows?: readonly ProfileRow[];
  readonly clock?: ClockReport;
  readonly firmware?: FirmwareReport;
}

/** The one final result of a command. Unknown payload fields stand beside these, and never replace one of them. */
export interface CommandResult extends ResultContent {
  readonly meterSerialNumber: string | null;
  readonly commandId: string;
  readonly command: CommandName;
  readonly success: boolean;
  readonly outcome: Outcome;
  readonly action?: RelayAction | ClockAction | FirmwareAction;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** How often a request of this command was handed to a meter's link. */
  readonly attempts: number;
  readonly error?: ErrorPayload;
  readonly [extra: string]: unknown;
}

export { parseCommand, refuse, type CommandDefaults } from "./parse-command.js";
