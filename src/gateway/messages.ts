/**
 * Commands and results as the nodes, the backend bridge and the listener pass them on. The payload's many spellings
 * are read in parse-command.ts; this file is the shapes.
 */
import { type Reading, type ReadItem } from "../client/reading.js";
import { type ErrorPayload } from "../core/errors.js";
import { type Secret } from "../core/secret.js";

export type CommandName = "remote-load" | "remote-control" | "read-meter";
export type RelayAction = "connect" | "disconnect";

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

export type Command = RemoteLoad | RemoteControl | ReadMeter;

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
export type Outcome = TokenOutcome | RelayOutcome | ReadOutcome;

export type MeterReading = Reading & { readonly meterSerialNumber: string };

/** The one final result of a command. Unknown payload fields stand beside these, and never replace one of them. */
export interface CommandResult {
  readonly meterSerialNumber: string | null;
  readonly commandId: string;
  readonly command: CommandName;
  readonly success: boolean;
  readonly outcome: Outcome;
  readonly action?: RelayAction;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** How often a request of this command was handed to a meter's link. */
  readonly attempts: number;
  readonly readings?: readonly MeterReading[];
  readonly error?: ErrorPayload;
  readonly [extra: string]: unknown;
}

export { parseCommand, refuse, type CommandDefaults } from "./parse-command.js";
