/**
 * The outbox in a store: what was put in leaves in the order of each meter and kind, and is forgotten when the backend
 * has it, however often either side restarts. Results go first and are never dropped. While the store cannot be had,
 * and for the standing of meters, the volatile outbox stands in.
 */
import { asDlmsError, type DlmsError } from "../core/errors.js";
import { isRecord } from "../gateway/fields.js";
import { type JsonObject, type OutboxKind, type Store, type StoredItem } from "../store/index.js";
import { type MeterReading } from "../gateway/messages.js";
import { type Clock } from "../transport/clock.js";
import { type MeterCommandResult, type MeterUpdate } from "./contract.js";
import { type Ingest } from "./ingest.js";
import { type Outbox, type OutboxCounts, type OutboxDeps, snapshot } from "./outbox.js";
import { Shelf } from "./shelf.js";

export interface DurableOutboxDeps {
  readonly store: () => Promise<Store>;
  /** The bridge whose items these are; others may share the store. */
  readonly origin: string;
  readonly clock: Clock;
  readonly emit: OutboxDeps["emit"];
  readonly standIn: Outbox;
  /** Makes the message of a result that a journal has put in. */
  readonly messageOf: (result: JsonObject, store: Store) => Promise<MeterCommandResult>;
  /** Where readings go that the backend is to keep; absent when none are. */
  readonly ingest: Pick<Ingest, "takes" | "reading"> | undefined;
  /** How soon readings that could not go there yet are looked at again. */
  readonly againMs: number;
  /** The counts changed. */
  readonly onChange: () => void;
  readonly onError: (error: DlmsError) => void;
  /** Messages handed to the socket at once. */
  readonly batch: number;
}

interface Item {
  readonly id: number;
  readonly payload: MeterCommandResult | MeterUpdate;
}

/** Items taken from the store at once. */
const PAGE = 64;
const RETRY_MS = 2_000;
const COUNT_MS = 1_000;
/** Results first. Order is kept within a meter's items of one kind. */
const kinds = ["result", "event", "reading"] as const satisfies readonly OutboxKind[];
const nothing = { count: 0, chars: 0, dropped: 0 };

class Lane {
  readonly shelf: Shelf<Item>;
  /** Taken from the store and not settled there. */
  readonly held = new Set<number>();
  afterId = 0;
  hasMore = true;
  isFilling = false;

  constructor(
    readonly kind: OutboxKind,
    onSettled: (item: Item) => void,
  ) {
    this.shelf = new Shelf({ messages: Infinity, chars: Infinity }, { careful: true, onSettled });
  }
}

export class DurableOutbox implements Outbox {
  readonly #deps: DurableOutboxDeps;
  readonly #lanes: readonly Lane[];
  #settled: number[] = [];
  #settling: Promise<void> | undefined;
  #counts = { result: nothing, event: nothing, reading: nothing };
  #pump: NodeJS.Immediate | undefined;
  #cancelRetry: (() => void) | undefined;
  #cancelCount: (() => void) | undefined;
  #cancelAgain: (() => void) | undefined;
  #isStopped = false;

  constructor(deps: DurableOutboxDeps) {
    this.#deps = deps;
    this.#lanes = kinds.map((kind) => new Lane(kind, ({ id }) => this.#onSettled(id)));
  }

  /** Those of all that use the store, as they were lately. */
  get counts(): OutboxCounts {
    const volatile = this.#deps.standIn.counts;
    const { result, event, reading } = this.#counts;
    return {
      waitingReadings: volatile.waitingReadings + reading.count + event.count,
      waitingResults: volatile.waitingResults + result.count,
      droppedReadings: volatile.droppedReadings + reading.dropped + event.dropped,
      droppedResults: volatile.droppedResults,
    };
  }

  reading(update: MeterUpdate): Promise<void> {
    const { value } = snapshot(update);
    const kind = value.type === "notification" ? "event" : "reading";
    return this.#put(kind, value.meterSerialNumber, { message: value }, () =>
      this.#deps.standIn.reading(value),
    );
  }

  result(result: MeterCommandResult): Promise<void> {
    const { value } = snapshot(result);
    return this.#put("result", value.meterSerialNumber, { message: value }, () =>
      this.#deps.standIn.result(value),
    );
  }

  /** A reading for the backend to keep. @throws DlmsError FIELD_INVALID, at once, when JSON cannot carry it. */
  ingest(reading: MeterReading): Promise<void> {
    const { value } = snapshot(reading);
    const body = { ingest: { timestamp: new Date(this.#deps.clock.epochMs()).toISOString(), ...value } };
    return this.#put("reading", value.meterSerialNumber, body, () => this.#deps.ingest?.reading(value));
  }

  status(update: MeterUpdate): void {
    this.#deps.standIn.status(update);
  }

  /** The backend is back. */
  flush(): void {
    this.#deps.standIn.flush();
    this.#sendLater();
  }

  /** A journal has put a result in. */
  hasResult(): void {
    this.#more("result");
  }

  /** The store was opened anew, or something in it was passed over: everything in it counts. */
  opened(): void {
    for (const lane of this.#lanes) {
      lane.afterId = 0;
      lane.hasMore = true;
    }
    this.#sendLater();
    this.#countLater();
  }

  /** What has not arrived stays in the store. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#pump !== undefined) clearImmediate(this.#pump);
    this.#cancelRetry?.();
    this.#cancelCount?.();
    this.#cancelAgain?.();
    await this.#deps.standIn.stop();
    await this.#settling;
    await this.#settle();
  }

  async #put(
    kind: OutboxKind,
    meterSerialNumber: string | null,
    body: JsonObject,
    otherwise: () => void | Promise<void>,
  ): Promise<void> {
    const { clock, origin, store, onError } = this.#deps;
    try {
      const item = { meterSerialNumber, kind, body, origin };
      await (await store()).enqueue([item], Math.floor(clock.epochMs()));
    } catch (caught) {
      onError(asDlmsError(caught));
      return otherwise();
    }
    this.#more(kind);
  }

  #more(kind: OutboxKind): void {
    for (const lane of this.#lanes) if (lane.kind === kind) lane.hasMore = true;
    this.#sendLater();
    this.#countLater();
  }

  readonly #sendLater = (): void => {
    if (this.#pump === undefined && !this.#isStopped) this.#pump = setImmediate(() => this.#send());
  };

  #send(): void {
    this.#pump = undefined;
    let sent = 0;
    for (const lane of this.#lanes) {
      while (sent < this.#deps.batch && this.#sendOne(lane)) sent += 1;
      if (lane.hasMore && lane.shelf.waiting < PAGE / 2) void this.#fill(lane);
    }
    if (sent >= this.#deps.batch) this.#sendLater();
  }

  #sendOne({ shelf, kind }: Lane): boolean {
    return shelf.sendNext(
      ({ payload }, answered) =>
        kind === "result"
          ? this.#deps.emit("meter-command-result", payload as MeterCommandResult, answered)
          : this.#deps.emit("meter-update", payload as MeterUpdate, answered),
      this.#sendLater,
    );
  }

  async #fill(lane: Lane): Promise<void> {
    if (lane.isFilling || this.#isStopped) return;
    lane.isFilling = true;
    lane.hasMore = false;
    try {
      const store = await this.#deps.store();
      const { kind, afterId } = lane;
      const { origin } = this.#deps;
      const now = Math.floor(this.#deps.clock.epochMs());
      const items = await store.peekOutbox({ limit: PAGE, now, kind, origin, afterId });
      for (const item of items) {
        if (!lane.held.has(item.id)) await this.#take(lane, item, store);
        lane.afterId = Math.max(lane.afterId, item.id);
      }
      if (items.length === PAGE) lane.hasMore = true;
      if (items.length > 0) this.#sendLater();
    } catch (caught) {
      lane.hasMore = true;
      this.#failed(caught);
    } finally {
      lane.isFilling = false;
    }
  }

  async #take({ held, shelf }: Lane, { id, body }: StoredItem, store: Store): Promise<void> {
    const { message, ingest: kept, ...result } = body;
    if (isRecord(kept)) {
      const reading = kept as unknown as MeterReading;
      const { ingest } = this.#deps;
      if (ingest?.takes(reading.meterSerialNumber) === false) return this.#againLater();
      held.add(id);
      // Nobody wants it kept any more.
      if (ingest === undefined) this.#onSettled(id);
      else ingest.reading(reading, () => this.#onSettled(id));
      return;
    }
    const payload = isRecord(message)
      ? (message as unknown as Item["payload"])
      : await this.#deps.messageOf(result, store);
    held.add(id);
    shelf.push({ id, payload }, 0);
  }

  /** The meter has no record yet, or too many wait: they stay in the store, and others overtake them. */
  #againLater(): void {
    if (this.#isStopped || this.#cancelAgain !== undefined) return;
    const { clock } = this.#deps;
    this.#cancelAgain = clock.at(clock.now() + this.#deps.againMs, () => {
      this.#cancelAgain = undefined;
      this.opened();
    });
  }

  #onSettled(id: number): void {
    this.#settled.push(id);
    this.#settling ??= Promise.resolve()
      .then(() => this.#settle())
      .finally(() => {
        this.#settling = undefined;
        if (this.#settled.length > 0 && !this.#isStopped) this.#retryLater();
      });
  }

  /** Whatever arrived meanwhile goes with it. */
  async #settle(): Promise<void> {
    while (this.#settled.length > 0) {
      const ids = this.#settled;
      this.#settled = [];
      try {
        await (await this.#deps.store()).acknowledge(ids);
        for (const lane of this.#lanes) for (const id of ids) lane.held.delete(id);
      } catch (caught) {
        // They stay held, so they are not sent twice in this life.
        this.#settled.push(...ids);
        this.#failed(caught);
        return;
      }
      this.#countLater();
      this.#sendLater();
    }
  }

  #failed(caught: unknown): void {
    this.#deps.onError(asDlmsError(caught));
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#isStopped || this.#cancelRetry !== undefined) return;
    const { clock } = this.#deps;
    this.#cancelRetry = clock.at(clock.now() + RETRY_MS, () => {
      this.#cancelRetry = undefined;
      this.#sendLater();
      if (this.#settling === undefined) void this.#settle();
    });
  }

  #countLater(): void {
    if (this.#isStopped || this.#cancelCount !== undefined) return;
    const { clock } = this.#deps;
    this.#cancelCount = clock.at(clock.now() + COUNT_MS, () => {
      this.#cancelCount = undefined;
      void this.#count();
    });
  }

  async #count(): Promise<void> {
    try {
      this.#counts = await (await this.#deps.store()).outboxCounts();
      if (!this.#isStopped) this.#deps.onChange();
    } catch (caught) {
      this.#failed(caught);
    }
  }
}
