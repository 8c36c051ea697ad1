/**
 * Settings of the backend bridge with final values: resolving fields and environment is the nodes' matter.
 * Also what the bridge needs of a listener, as structure only, so that anything shaped like one will do.
 */
import { DlmsError } from "../core/errors.js";
import { type Secret } from "../core/secret.js";
import { type ListenerEvents } from "../gateway/events.js";
import { type CommandName } from "../gateway/messages.js";
import { defaultDeadlines } from "../gateway/options.js";
import { type Binding } from "../gateway/registry.js";
import { type RecordDefaults } from "./contract.js";
import { outboxDefaults, type OutboxLimits } from "./outbox.js";

export interface HesOptions {
  /** Socket.IO address, `http://localhost:5000`. */
  readonly url: string;
  /** REST address, `http://localhost:5000/api`. Empty: this backend has no REST. */
  readonly apiUrl: string;
  /** Both or none; without them nobody logs in. */
  readonly username?: string;
  readonly password?: Secret<string>;
  /** One socket for all meters, the id in the payload. */
  readonly socketMode?: "shared";
  /** Missing records are created with these; absent: a missing record is only reported. */
  readonly createMissing?: RecordDefaults;
  /** Refuse commands for meters without a record. */
  readonly requireRegistration?: boolean;
  /** `command` of a result as `SET`, `ACTION` or `GET`, as the original gateway sent it. */
  readonly legacyCommandNames?: boolean;
  readonly times?: Partial<HesTimes>;
  readonly outbox?: Partial<OutboxLimits>;
  /** How long the flow may take for a command before the bridge ends it itself. */
  readonly resultTimeoutMs?: Partial<Record<CommandName, number>>;
}

export interface HesTimes {
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
  readonly requestTimeoutMs: number;
  readonly loginRetryMinMs: number;
  readonly loginRetryMaxMs: number;
  /** How long a found record, a missing one and an unreachable backend are believed. */
  readonly positiveMs: number;
  readonly negativeMs: number;
  readonly unavailableMs: number;
  /** How often meters without a record are looked through. */
  readonly sweepMs: number;
}

export const hesTimes: HesTimes = {
  reconnectMinMs: 1_000,
  reconnectMaxMs: 30_000,
  requestTimeoutMs: 10_000,
  loginRetryMinMs: 5_000,
  loginRetryMaxMs: 300_000,
  positiveMs: 3_600_000,
  negativeMs: 300_000,
  unavailableMs: 30_000,
  sweepMs: 10_000,
};

/** Commands given out and not answered yet. */
export const pendingLimit = 10_000;
/** The flow gets this much longer than the listener's own deadline, which should answer first. */
const FLOW_MARGIN_MS = 120_000;

export interface ResolvedHesOptions extends HesOptions {
  readonly times: HesTimes;
  readonly outbox: OutboxLimits;
  readonly resultTimeoutMs: Record<CommandName, number>;
}

/** @throws DlmsError NOT_CONFIGURED naming the field. */
export function resolveHesOptions(options: HesOptions): ResolvedHesOptions {
  return {
    ...options,
    url: httpAddress(options.url, "url"),
    apiUrl: options.apiUrl === "" ? "" : httpAddress(options.apiUrl, "apiUrl"),
    times: { ...hesTimes, ...options.times },
    outbox: { ...outboxDefaults, ...options.outbox },
    resultTimeoutMs: {
      "remote-load": defaultDeadlines.tokenMs + FLOW_MARGIN_MS,
      "remote-control": defaultDeadlines.relayMs + FLOW_MARGIN_MS,
      "read-meter": defaultDeadlines.readMs + FLOW_MARGIN_MS,
      ...options.resultTimeoutMs,
    },
  };
}

function httpAddress(text: string, field: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new DlmsError("NOT_CONFIGURED", `${field} must be an address like http://localhost:5000.`, {
      field,
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new DlmsError(
      "NOT_CONFIGURED",
      `${field} must not hold a login; user name and password have their own fields.`,
      {
        field,
      },
    );
  }
  return text.trim().replace(/\/+$/, "");
}

/** What the bridge asks about one meter. */
export interface MeterLike {
  readonly meterSerialNumber: string;
  readonly online: boolean;
  readonly backendId?: string;
  readonly dialect?: string;
  readonly meterType?: string;
  readonly remoteAddress?: string;
}

export interface RegistryLike {
  list(): readonly MeterLike[];
  find(serial: string): MeterLike | undefined;
  byBackendId(id: string): MeterLike | undefined;
  normalise(serial: string): string;
  bind(serial: string, outcome: Binding): void;
}

export interface ListenerLike {
  readonly registry: RegistryLike;
  on<Name extends "meter">(name: Name, listener: (event: ListenerEvents[Name]) => void): void;
  off<Name extends "meter">(name: Name, listener: (event: ListenerEvents[Name]) => void): void;
}
