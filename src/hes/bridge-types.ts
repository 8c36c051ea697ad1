/** What a bridge tells of itself, and what it may be given besides its settings. */
import { type ErrorPayload } from "../core/errors.js";
import { type LogEvent } from "../gateway/events.js";
import { type BackendCommandName } from "../gateway/messages.js";
import { type Clock } from "../transport/clock.js";
import { type BridgeCommand } from "./command-desk.js";
import { type Fetch } from "./http.js";
import { type IngestCounts } from "./ingest.js";
import { type LoginState } from "./login.js";
import { type OutboxCounts } from "./outbox.js";
import { type JournalLike } from "./recorded.js";
import { type SocketsView } from "./sockets.js";

export interface HesStatus extends OutboxCounts {
  /** `away`: not connected now, and trying. */
  readonly phase: "stopped" | "connecting" | "connected" | "away";
  readonly login: LoginState;
  /** Whether meter records can be asked for. */
  readonly registration: "untried" | "available" | "unavailable";
  /** Commands without a result yet. */
  readonly pending: number;
  /** How the backend is connected, and the sockets of single meters. */
  readonly sockets: SocketsView;
  /** Readings for `data-ingestion`; absent when none are sent there. */
  readonly ingest?: IngestCounts;
  /** Port of the backend's DLMS calls; absent while it is closed. */
  readonly shimPort?: number;
  /** What was accepted survives a restart. */
  readonly durable: boolean;
  /** Why it is away, or the login refused. */
  readonly error?: ErrorPayload;
}

export interface HesEvents {
  command: [name: BackendCommandName, payload: BridgeCommand];
  status: [status: HesStatus];
  /**
   * An event of the backend that is no command of ours; also `meter-write-settings` with meter and id filled in, whose
   * result is taken back like a command's, and `command-refused` and `late-result`.
   */
  other: [name: string, payload: unknown];
  log: [line: LogEvent];
}

export interface HesDeps {
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly fetch?: Fetch;
  /** Keeps commands, results and readings; absent: a restart forgets them. */
  readonly journal?: JournalLike;
}
