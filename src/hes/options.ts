/**
 * Settings of the backend bridge with final values: resolving fields and environment is the nodes' matter.
 * Also what the bridge needs of a listener, as structure only, so that anything shaped like one will do.
 */
import { DlmsError } from "../core/errors.js";
import { type BackendLimits, backendLimits, settled } from "../core/limits.js";
import { type Secret } from "../core/secret.js";
import { type ListenerEvents } from "../gateway/events.js";
import { type Command, type CommandResult } from "../gateway/messages.js";
import { defaultDeadlines } from "../gateway/options.js";
import { type Binding } from "../gateway/registry.js";
import { type DeskCommand, type RecordDefaults } from "./contract.js";
import { outboxDefaults, type OutboxLimits } from "./outbox.js";
import { type ShimOptions } from "./shim.js";
import { type ClientTls } from "./tls.js";

/**
 * `shared`: one socket for all meters. `per-meter`: besides it one socket for each online meter with a record, in the
 * room of that record, so that a command without an id has a meter. `auto`: shared, until the backend sends a command
 * without an id to a socket that stands in a meter's room; from then on per meter.
 */
export type SocketMode = "shared" | "per-meter" | "auto";

/**
 * How the backend learns who is online. `off`: not at all; `socket`: by `meter-update`, which backends show and do not
 * keep; `ingest`: besides it by an empty `data-ingestion` per meter every few minutes, which they keep.
 */
export type Presence = "off" | "socket" | "ingest";

/** The limits are those of core/limits.ts, each with its default there. */
export interface HesOptions extends Partial<BackendLimits> {
  /** Socket.IO address, `http://localhost:5000`. */
  readonly url: string;
  /** REST address, `http://localhost:5000/api`. Empty: this backend has no REST. */
  readonly apiUrl: string;
  /** Certificates for both addresses, which must then be https. */
  readonly tls?: ClientTls;
  /** A token that the backend has given out for good, in place of a login. */
  readonly token?: Secret<string>;
  /** Both or none; without them nobody logs in. */
  readonly username?: string;
  readonly password?: Secret<string>;
  /** Default `auto`. */
  readonly socketMode?: SocketMode;
  /** Default `socket`. */
  readonly presence?: Presence;
  /** Send readings to `data-ingestion` as well, which keeps them. */
  readonly ingestReadings?: boolean;
  /** Answer the DLMS calls of newer backends over HTTP; absent: closed. */
  readonly shim?: ShimOptions;
  /** Missing records are created with these; absent: a missing record is only reported. */
  readonly createMissing?: RecordDefaults;
  /** Refuse commands for meters without a record. */
  readonly requireRegistration?: boolean;
  /** `command` of a result as `SET`, `ACTION` or `GET`, as the original gateway sent it. */
  readonly legacyCommandNames?: boolean;
  readonly times?: Partial<HesTimes>;
  readonly outbox?: Partial<OutboxLimits>;
  /** How long the flow may take for a command before the bridge ends it itself. */
  readonly resultTimeoutMs?: Partial<Record<DeskCommand, number>>;
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
  /** From one socket of a meter that is opened to the next. */
  readonly joinIntervalMs: number;
  /** How long a command without an id is held back, to see whether everybody got it and not one meter's room. */
  readonly roomCheckMs: number;
  /** How long the backend may take to acknowledge what it was told. */
  readonly ackMs: number;
  /** From one `data-ingestion` of an online meter to the next. Backends take a meter for offline after 5 minutes. */
  readonly presenceMs: number;
  /** How long readings of a meter are gathered before they go to `data-ingestion`. */
  readonly gatherMs: number;
  readonly ingestRetryMinMs: number;
  readonly ingestRetryMaxMs: number;
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
  joinIntervalMs: 20,
  roomCheckMs: 300,
  ackMs: 10_000,
  presenceMs: 240_000,
  gatherMs: 1_000,
  ingestRetryMinMs: 1_000,
  ingestRetryMaxMs: 60_000,
};

/** Commands given out and not answered yet. */
export const pendingLimit = 10_000;
/** Settings are written by the user's own nodes; nobody else knows how long that takes. */
const SETTINGS_MS = 600_000;
/** The flow gets this much longer than the listener's own deadline, which should answer first. */
const FLOW_MARGIN_MS = 120_000;

export interface ResolvedHesOptions extends Omit<HesOptions, keyof BackendLimits>, BackendLimits {
  readonly times: HesTimes;
  readonly outbox: OutboxLimits;
  readonly socketMode: SocketMode;
  readonly presence: Presence;
  readonly resultTimeoutMs: Record<DeskCommand, number>;
}

/** @throws DlmsError NOT_CONFIGURED naming the field, FIELD_INVALID naming a limit. */
export function resolveHesOptions(options: HesOptions): ResolvedHesOptions {
  const { presence = "socket", ingestReadings = false } = options;
  if (options.apiUrl === "" && (presence === "ingest" || ingestReadings)) {
    const field = presence === "ingest" ? "presence" : "ingestReadings";
    throw new DlmsError("NOT_CONFIGURED", `${field} needs the backend's REST address.`, { field });
  }
  return {
    ...options,
    socketMode: options.socketMode ?? "auto",
    presence,
    ...settled(backendLimits, options),
    url: httpAddress(options.url, "url", options.tls),
    apiUrl: options.apiUrl === "" ? "" : httpAddress(options.apiUrl, "apiUrl", options.tls),
    times: { ...hesTimes, ...options.times },
    outbox: { ...outboxDefaults, ...options.outbox },
    resultTimeoutMs: {
      "remote-load": defaultDeadlines.tokenMs + FLOW_MARGIN_MS,
      "remote-control": defaultDeadlines.relayMs + FLOW_MARGIN_MS,
      "read-meter": defaultDeadlines.readMs + FLOW_MARGIN_MS,
      "read-profile": defaultDeadlines.readMs + FLOW_MARGIN_MS,
      "write-meter": defaultDeadlines.writeMs + FLOW_MARGIN_MS,
      "meter-write-settings": SETTINGS_MS,
      ...options.resultTimeoutMs,
    },
  };
}

function httpAddress(text: string, field: string, tls: ClientTls | undefined): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new DlmsError("NOT_CONFIGURED", `${field} must be an address like http://localhost:5000.`, {
      field,
    });
  }
  // Nobody is to believe that this connection is protected.
  if (tls !== undefined && url.protocol !== "https:") {
    throw new DlmsError("NOT_CONFIGURED", `${field} must begin with https where TLS is chosen.`, { field });
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
  /** Runs a command and never rejects; needed by the shim only. */
  readonly execute?: (command: Command) => Promise<CommandResult>;
  on<Name extends "meter">(name: Name, listener: (event: ListenerEvents[Name]) => void): void;
  off<Name extends "meter">(name: Name, listener: (event: ListenerEvents[Name]) => void): void;
}
