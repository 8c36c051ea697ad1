/** What a command journal is told, what it tells, and what it keeps: the shapes. */
import { type JsonObject, type StoreUse } from "../../store/index.js";
import { type Clock } from "../../transport/clock.js";
import { type Listener } from "../listener.js";
import { type Command, type CommandResult } from "../messages.js";
import { type Recorder } from "./entry.js";
import { type JournalStatus } from "./journal-store.js";

export interface JournalOptions {
  /** Names this journal in the store: the same after a restart, another for another listener. */
  readonly owner: string;
  readonly listener: Pick<Listener, "attempt" | "execute" | "registry" | "on" | "off" | "options">;
  /** Opens the store; called again after a failure. */
  readonly open: () => Promise<StoreUse>;
  /** What a meter that is away means for a command: it waits until it expires (default), or fails at once. */
  readonly offline?: "wait" | "fail";
  /** How long an unknown outcome is asked for after its command has expired. Default ten minutes. */
  readonly verifyMs?: number;
  /** How long a result waits for its node to come back. Default 30 s. */
  readonly orphanMs?: number;
  /** Pauses between attempts to open the store or to write a result. Default 1 s to 30 s. */
  readonly retryMinMs?: number;
  readonly retryMaxMs?: number;
  readonly clock?: Clock;
}

/** What became of `record`. */
export type RecordedCommand =
  /** Hand it to the flow. */
  | { readonly kind: "new" }
  /** A read, and there is no store: hand it to the flow, whose result is the only one. */
  | { readonly kind: "unrecorded" }
  /** An equal one is open under this id; its result answers both. */
  | { readonly kind: "joined"; readonly commandId: string }
  /** An equal one has ended with this result. */
  | { readonly kind: "answered"; readonly commandId: string; readonly result: CommandResult }
  /** Its outcome was unknown. Hand it to the flow under this id: the executing node asks the meter. */
  | { readonly kind: "verify"; readonly commandId: string };

export interface RecordOptions {
  /** Who emits it again after a restart: best a name that outlives the node, such as the backend's address. */
  readonly origin: string;
  readonly hasBackendId: boolean;
  /** What is handed to the flow; `openCommands` gives it back. */
  readonly message?: JsonObject;
}

/** A command that a bridge recorded and that has no result. */
export interface UnansweredCommand {
  readonly commandId: string;
  readonly command: Command;
  readonly message?: JsonObject;
  readonly state: "waiting" | "sending";
}

export interface FinalEvent {
  readonly result: CommandResult;
  readonly origin: string;
  /** With `bridge` the result was put into the outbox in the same transaction. */
  readonly by: Recorder;
  /** False: the store's file is damaged for good, and this event is all there is. */
  readonly stored: boolean;
}

export interface JournalEvents {
  status: JournalStatus;
  /** Every final result, once it is stored. */
  final: FinalEvent;
  /** A final result whose node is gone. */
  "orphan-result": CommandResult;
  progress: {
    readonly commandId: string;
    readonly meterSerialNumber: string;
    readonly status: "waiting" | "verifying";
  };
  log: { readonly level: "info" | "warn" | "error"; readonly text: string };
}

export type ResolvedJournalOptions = Required<JournalOptions>;
