/**
 * What a listener tells: its own state, the life of every meter, what meters send by themselves, and log lines.
 * Plain JSON; no secret and no whole token stands in any of them.
 */
import { type Reading } from "../client/reading.js";
import { type ErrorCode, type ErrorPayload } from "../core/errors.js";
import { type CommandName } from "./messages.js";

export type MeterEventName =
  | "connected"
  | "identified"
  | "associated"
  | "registered"
  | "unknown-to-backend"
  | "registration-unavailable"
  | "replaced"
  | "identity-conflict"
  | "cloned-serial"
  | "disconnected";

export interface MeterEvent {
  readonly event: MeterEventName;
  /** Normalised; absent until the link showed one. */
  readonly meterSerialNumber?: string;
  readonly linkId: string;
  /** Counts the links of one serial number; late bytes of an older one reach no newer command. */
  readonly generation: number;
  readonly dialect: string;
  readonly meterType: string;
  readonly remoteAddress: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly backendId?: string;
  /** Why, in one sentence; with `disconnected`, `identity-conflict`, `cloned-serial`, `unknown-to-backend`. */
  readonly reason?: string;
  /** IDENTITY_CONFLICT, CLONED_SERIAL, LINK_REPLACED, IDENTITY_MISMATCH, IDENTITY_CHANGED: something to look into. */
  readonly code?: ErrorCode;
}

export interface NotificationEvent {
  readonly meterSerialNumber?: string;
  readonly linkId: string;
  readonly kind: "data-notification" | "event-notification" | "information-report";
  /** Filled when the body describes itself; else empty and `body` says all there is. */
  readonly readings: readonly Reading[];
  readonly body: unknown;
  /** ISO 8601, the meter's own. */
  readonly dateTime?: string;
  /** It came protected, but nobody vouches for what it says. */
  readonly unauthenticated?: true;
  /** ISO 8601, UTC, when it arrived. */
  readonly at: string;
}

export type ListenerPhase = "closed" | "opening" | "listening" | "retrying";

export interface ListenerState {
  readonly phase: ListenerPhase;
  readonly error?: ErrorPayload;
  /** The port that is open, or that was asked for. */
  readonly port: number;
  /** Meters with a live link. */
  readonly meters: number;
  readonly links: number;
}

/** Progress of a command that waits for its verification; the final result comes separately. */
export interface ProgressEvent {
  readonly meterSerialNumber: string;
  readonly commandId: string;
  readonly command: CommandName;
  readonly status: "queued" | "running" | "verifying";
  /** Of a firmware: what it is at, and how many of its blocks the meter has. */
  readonly phase?: string;
  readonly done?: number;
  readonly total?: number;
  readonly at: string;
}

export interface LogEvent {
  readonly level: "info" | "warn" | "error";
  readonly text: string;
  readonly at: string;
  readonly meterSerialNumber?: string;
  readonly linkId?: string;
}

/** Something to look into before it becomes a failure. */
export interface AlarmEvent {
  readonly event: "counter-near-end";
  readonly text: string;
  /** The code that commands will end with if nothing is done. */
  readonly code: ErrorCode;
  readonly at: string;
}

export function counterNearEnd(counter: number): Omit<AlarmEvent, "at"> {
  return {
    event: "counter-near-end",
    text: `The invocation counter stands at ${counter}, near its end: change the encryption key.`,
    code: "SECURITY_COUNTER_SPENT",
  };
}

export interface ListenerEvents {
  alarm: AlarmEvent;
  meter: MeterEvent;
  notification: NotificationEvent;
  state: ListenerState;
  progress: ProgressEvent;
  log: LogEvent;
}

/** Typed listeners by name; a throwing listener is reported and does not keep the others from hearing. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();
  readonly #onThrow: (caught: unknown) => void;

  constructor(onThrow: (caught: unknown) => void) {
    this.#onThrow = onThrow;
  }

  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): void {
    let set = this.#listeners.get(name);
    if (set === undefined) this.#listeners.set(name, (set = new Set()));
    set.add(listener);
  }

  off<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): void {
    this.#listeners.get(name)?.delete(listener);
  }

  /** @returns whether anybody listens. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): boolean {
    const listeners = [...(this.#listeners.get(name) ?? [])];
    for (const listener of listeners) {
      try {
        (listener as (event: Events[Name]) => void)(event);
      } catch (caught) {
        this.#onThrow(caught);
      }
    }
    return listeners.length > 0;
  }
}
