/**
 * The outbox without a store. Results and readings are kept in order up to a bound, oldest dropped first and counted;
 * of a meter's status only the newest counts. A restart loses it.
 */
import { type MeterCommandResult, type MeterUpdate } from "./contract.js";
import { type Outbox, type OutboxCounts, type OutboxDeps, type OutboxLimits, snapshot } from "./outbox.js";
import { Shelf } from "./shelf.js";

export class VolatileOutbox implements Outbox {
  readonly #limits: OutboxLimits;
  readonly #deps: OutboxDeps;
  readonly #results: Shelf<MeterCommandResult>;
  readonly #readings: Shelf<MeterUpdate>;
  readonly #statuses = new Map<string, MeterUpdate>();
  #pump: NodeJS.Immediate | undefined;
  #stopped = false;

  constructor(limits: OutboxLimits, deps: OutboxDeps) {
    this.#limits = limits;
    this.#deps = deps;
    this.#results = new Shelf({ messages: limits.results, chars: limits.chars });
    this.#readings = new Shelf({ messages: limits.readings, chars: limits.chars });
  }

  /** What was sent and may have to be sent again counts as waiting. */
  get counts(): OutboxCounts {
    return {
      waitingReadings: this.#readings.waiting + this.#readings.unconfirmed,
      waitingResults: this.#results.waiting + this.#results.unconfirmed,
      droppedReadings: this.#readings.dropped,
      droppedResults: this.#results.dropped,
    };
  }

  /** A reading or notification. @throws DlmsError FIELD_INVALID when JSON cannot carry it. */
  reading(update: MeterUpdate): void {
    const { value, size } = snapshot(update);
    const isFirst = this.#readings.waiting === 0;
    const dropped = this.#readings.push(value, size);
    if (isFirst && this.#idle) this.#sendReading();
    if (dropped > 0) this.#deps.onDrop("reading", this.#readings.dropped);
  }

  /** @throws DlmsError FIELD_INVALID when JSON cannot carry it. */
  result(result: MeterCommandResult): void {
    const { value, size } = snapshot(result);
    const isFirst = this.#results.waiting === 0;
    const dropped = this.#results.push(value, size);
    if (isFirst && this.#idle) this.#sendResult();
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
  readonly flush = (): void => {
    if (this.#pump === undefined && !this.#stopped) this.#pump = setImmediate(() => this.#send());
  };

  /** Sends at once what a present connection takes; the rest is lost. */
  stop(): void {
    this.#stopped = true;
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
    return this.#sendResult() || this.#sendReading();
  }

  #sendResult(): boolean {
    return this.#results.sendNext(
      (value, answered) => this.#deps.emit("meter-command-result", value, answered),
      this.flush,
    );
  }

  #sendReading(): boolean {
    return this.#readings.sendNext(
      (value, answered) => this.#deps.emit("meter-update", value, answered),
      this.flush,
    );
  }
}
