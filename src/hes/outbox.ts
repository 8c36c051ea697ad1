/**
 * What waits for the backend: the interface of both outboxes, in memory and in a store. A backend that acknowledges
 * gets again what it did not acknowledge; one that never did is believed once a message was sent.
 */
import { usageError } from "../core/errors.js";
import {
  type ConfirmedEvent,
  type ConfirmedPayload,
  type MeterCommandResult,
  type MeterUpdate,
} from "./contract.js";

export interface OutboxLimits {
  readonly readings: number;
  readonly results: number;
  /** Characters of JSON kept per kind. */
  readonly chars: number;
  /** Characters of one message; a Socket.IO server ends the connection at 1 MB by default. */
  readonly messageChars: number;
  /** Messages handed to the socket at once when the backend is back. */
  readonly batch: number;
}

export const outboxDefaults: OutboxLimits = {
  readings: 10_000,
  results: 2_000,
  chars: 33_554_432,
  messageChars: 900_000,
  batch: 200,
};

export interface OutboxCounts {
  readonly waitingReadings: number;
  readonly waitingResults: number;
  readonly droppedReadings: number;
  readonly droppedResults: number;
}

export interface OutboxDeps {
  /**
   * False when there is no connection. With `answered` the backend is asked to acknowledge; it is called once, false
   * when no acknowledgement came in time or the connection ended (`lost`).
   */
  readonly emit: <E extends ConfirmedEvent>(
    event: E,
    payload: ConfirmedPayload<E>,
    answered?: (received: boolean, lost?: boolean) => void,
  ) => boolean;
  readonly onDrop: (kind: "reading" | "result", dropped: number) => void;
}

/** A promise resolves when what was given is safe; in memory nothing ever is, and there is none. */
export interface Outbox {
  readonly counts: OutboxCounts;
  /** A reading or notification. @throws DlmsError FIELD_INVALID, at once, when JSON cannot carry it. */
  reading(update: MeterUpdate): void | Promise<void>;
  /** @throws DlmsError FIELD_INVALID, at once, when JSON cannot carry it. */
  result(result: MeterCommandResult): void | Promise<void>;
  /** A meter's newest standing; replaces one that still waits. */
  status(update: MeterUpdate): void;
  /** The backend is back. */
  flush(): void;
  stop(): void | Promise<void>;
}

/** A copy as JSON will carry it: the flow may change its object later, and BigInt or a cycle must not throw on emit. */
export function snapshot<T extends object>(message: T): { value: T; size: number } {
  try {
    const text = JSON.stringify(message);
    return { value: JSON.parse(text) as T, size: text.length };
  } catch {
    throw usageError("FIELD_INVALID", "payload", "payload cannot be written as JSON");
  }
}
