/**
 * What waits for the backend while it is away. Results and readings are kept in order up to a bound, oldest dropped
 * first and counted; of a meter's status only the newest counts. In memory only: a restart of the gateway loses it.
 */
import { usageError } from "../core/errors.js";
import { type GatewayEvents, type MeterCommandResult, type MeterUpdate } from "./contract.js";

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
  /** False when there is no connection. */
  readonly emit: <E extends keyof GatewayEvents>(event: E, ...args: Parameters<GatewayEvents[E]>) => boolean;
  readonly onDrop: (kind: "reading" | "result", dropped: number) => void;
}

/** A bounded queue; Map keeps the order and gives up its oldest cheaply. */
class Shelf<T> {
  readonly #items = new Map<number, { value: T; size: number }>();
  readonly #maximum: number;
  readonly #maximumChars: number;
  #next = 0;
  #chars = 0;
  dropped = 0;

  constructor(maximum: number, maximumChars: number) {
    this.#maximum = maximum;
    this.#maximumChars = maximumChars;
  }

  get size(): number {
    return this.#items.size;
  }

  /** How many had to go. */
  push(value: T, size: number): number {
    this.#items.set(this.#next++, { value, size });
    this.#chars += size;
    let dropped = 0;
    while (this.#items.size > this.#maximum || (this.#chars > this.#maximumChars && this.#items.size > 1)) {
      this.#take();
      dropped += 1;
    }
    this.dropped += dropped;
    return dropped;
  }

  peek(): T | undefined {
    return this.#items.values().next().value?.value;
  }

  #take(): void {
    for (const [key, { size }] of this.#items) {
      this.#items.delete(key);
      this.#chars -= size;
      return;
    }
  }

  shift(): void {
    this.#take();
  }
}

export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #deps: OutboxDeps;
  readonly #results: Shelf<MeterCommandResult>;
  readonly #readings: Shelf<MeterUpdate>;
  readonly #statuses = new Map<string, MeterUpdate>();
  #pump: NodeJS.Immediate | undefined;

  constructor(limits: OutboxLimits, deps: OutboxDeps) {
    this.#limits = limits;
    this.#deps = deps;
    this.#results = new Shelf(limits.results, limits.chars);
    this.#readings = new Shelf(limits.readings, limits.chars);
  }

  get counts(): OutboxCounts {
    return {
      waitingReadings: this.#readings.size,
      waitingResults: this.#results.size,
      droppedReadings: this.#readings.dropped,
      droppedResults: this.#results.dropped,
    };
  }

  /** A reading or notification. @throws DlmsError FIELD_INVALID when JSON cannot carry it. */
  reading(update: MeterUpdate): void {
    const { value, size } = snapshot(update);
    if (this.#readings.size === 0 && this.#idle && this.#deps.emit("meter-update", value)) return;
    const dropped = this.#readings.push(value, size);
    if (dropped > 0) this.#deps.onDrop("reading", this.#readings.dropped);
  }

  /** @throws DlmsError FIELD_INVALID when JSON cannot carry it. */
  result(result: MeterCommandResult): void {
    const { value, size } = snapshot(result);
    if (this.#results.size === 0 && this.#idle && this.#deps.emit("meter-command-result", value)) return;
    const dropped = this.#results.push(value, size);
    if (dropped > 0) this.#deps.onDrop("result", this.#results.dropped);
  }

  /** A meter's newest standing; replaces one that still waits. */
  status(update: MeterUpdate): void {
    const { value } = snapshot(update);
    if (this.#idle && this.#deps.emit("meter-update", value)) return;
    this.#statuses.delete(value.meterSerialNumber);
    this.#statuses.set(value.meterSerialNumber, value);
  }

  /** The backend is back: sends in batches, statuses first, then results, then readings. */
  flush(): void {
    if (this.#pump === undefined) this.#pump = setImmediate(() => this.#send());
  }

  /** Sends at once what a present connection takes; the rest is lost. */
  stop(): void {
    if (this.#pump !== undefined) clearImmediate(this.#pump);
    this.#pump = undefined;
    while (this.#sendOne());
  }

  get #idle(): boolean {
    return this.#pump === undefined;
  }

  #send(): void {
    this.#pump = undefined;
    for (let sent = 0; sent < this.#limits.batch; sent += 1) if (!this.#sendOne()) return;
    this.flush();
  }

  #sendOne(): boolean {
    for (const [serial, update] of this.#statuses) {
      if (!this.#deps.emit("meter-update", update)) return false;
      this.#statuses.delete(serial);
      return true;
    }
    const result = this.#results.peek();
    if (result !== undefined) {
      if (!this.#deps.emit("meter-command-result", result)) return false;
      this.#results.shift();
      return true;
    }
    const reading = this.#readings.peek();
    if (reading === undefined || !this.#deps.emit("meter-update", reading)) return false;
    this.#readings.shift();
    return true;
  }
}

/** A copy as JSON will carry it: the flow may change its object later, and BigInt or a cycle must not throw on emit. */
function snapshot<T extends object>(message: T): { value: T; size: number } {
  try {
    const text = JSON.stringify(message);
    return { value: JSON.parse(text) as T, size: text.length };
  } catch {
    throw usageError("FIELD_INVALID", "payload", "payload cannot be written as JSON");
  }
}
