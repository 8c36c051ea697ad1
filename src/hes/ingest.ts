/**
 * `POST /meters/data-ingestion`, the only call of the contract that a backend keeps: readings in the `obisReadings` form
 * (the other form loses zeros), and an empty body per online meter as its life sign, left out where readings went
 * lately. Gathered per meter, in chunks below the backend's limit, repeated with growing waits; bounded, oldest dropped
 * first and counted.
 */
import { DlmsError, asDlmsError } from "../core/errors.js";
import { type MeterReading } from "../gateway/messages.js";
import { type Clock } from "../transport/clock.js";
import { type LogEvent } from "../gateway/events.js";
import { type HttpAnswer } from "./http.js";
import { type RegistryLike, type ResolvedHesOptions } from "./options.js";
import { obisReading, type ObisReading } from "./obis-reading.js";

export interface IngestOptions {
  /** From one life sign to the next; undefined: none are sent. */
  readonly presenceMs: number | undefined;
  readonly gatherMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Readings kept while the backend is away. */
  readonly readings: number;
}

export interface IngestDeps {
  readonly post: (body: Readonly<Record<string, unknown>>) => Promise<HttpAnswer>;
  /** Whether the backend has a record of the meter; without one its readings wait. */
  readonly hasRecord: (serial: string) => boolean;
  readonly clock: Clock;
  /** 0 to below 1. */
  readonly random: () => number;
  /** How many were dropped so far, and why the latest. */
  readonly onDrop: (dropped: number, reason: string) => void;
  /** The call fails, or works again. Told when that changes. */
  readonly onState: (error: DlmsError | undefined) => void;
}

/** By the bridge's settings; undefined when neither readings nor life signs are to be kept. */
export function makeIngest(
  { presence, ingestReadings, times, outbox }: ResolvedHesOptions,
  deps: Pick<IngestDeps, "post" | "clock" | "random"> & {
    readonly registry: RegistryLike;
    readonly log: (level: LogEvent["level"], text: string) => void;
  },
): Ingest | undefined {
  if (presence !== "ingest" && ingestReadings !== true) return undefined;
  const options: IngestOptions = {
    presenceMs: presence === "ingest" ? times.presenceMs : undefined,
    gatherMs: times.gatherMs,
    retryMinMs: times.ingestRetryMinMs,
    retryMaxMs: times.ingestRetryMaxMs,
    readings: outbox.readings,
  };
  const { log, registry } = deps;
  let sayAt = 1;
  return new Ingest(options, {
    ...deps,
    hasRecord: (serial) => registry.find(serial)?.backendId !== undefined,
    onDrop: (dropped, reason) => {
      if (dropped < sayAt) return;
      sayAt = 2 * dropped;
      log("error", `Readings were not kept by the backend, ${dropped} so far: ${reason}`);
    },
    onState: (error) => {
      if (error === undefined) log("info", "data-ingestion works again");
      else log("warn", `${error.message} Tried again by itself`);
    },
  });
}

export interface IngestCounts {
  readonly waiting: number;
  readonly dropped: number;
}

/** A reading that waits; `done` is called once it is the backend's, or nobody's. */
interface Waiting {
  readonly item: ObisReading;
  readonly done: () => void;
}

interface Meter {
  /** By minute, oldest first as they came: one call carries one time. Each minute by code. */
  minutes: Map<number, Map<string, Waiting>>;
  /** When the next life sign is due; undefined while offline. */
  signDue: number | undefined;
  busy: boolean;
}

const PARALLEL = 4;
const SWEEP_MS = 1_000;
/** Readings that a store has as well are taken from there a few at a time. */
const STORED_AT_ONCE = 2_000;
/** The backend's JSON limit is 100 kB. */
const CHUNK_CHARS = 60_000;
const CHUNK_READINGS = 200;

export class Ingest {
  readonly #options: IngestOptions;
  readonly #deps: IngestDeps;
  readonly #meters = new Map<string, Meter>();
  #cancelSweep: (() => void) | undefined;
  #running = 0;
  #waiting = 0;
  #dropped = 0;
  #failures = 0;
  #pausedUntil = 0;
  #stopped = false;

  constructor(options: IngestOptions, deps: IngestDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  get counts(): IngestCounts {
    return { waiting: this.#waiting, dropped: this.#dropped };
  }

  /** The meter is online and has a record. */
  online(serial: string): void {
    const { presenceMs } = this.#options;
    const meter = this.#open(serial);
    if (presenceMs !== undefined && meter.signDue === undefined) {
      // A little later than at once: most meters are read as soon as they are registered, which is a sign as well.
      meter.signDue = this.#deps.clock.now() + presenceMs * 0.02 * (1 + this.#deps.random());
    }
    this.#sweepLater();
  }

  offline(serial: string): void {
    const meter = this.#meters.get(serial);
    if (meter === undefined) return;
    meter.signDue = undefined;
    this.#tidy(serial, meter);
  }

  /** Whether a reading of this meter would leave soon. */
  takes(serial: string): boolean {
    return this.#waiting < STORED_AT_ONCE && this.#deps.hasRecord(serial);
  }

  /** @param done called when the backend has it or it was dropped; not when this is stopped before */
  reading(reading: MeterReading, done: () => void = () => undefined): void {
    const at = Date.parse(reading.timestamp ?? "");
    const atMs = Number.isNaN(at) ? this.#deps.clock.epochMs() : at;
    const item = obisReading(reading);
    if (item === undefined) return done();
    const { minutes } = this.#open(reading.meterSerialNumber);
    const minute = Math.floor(atMs / 60_000);
    const codes = minutes.get(minute) ?? new Map<string, Waiting>();
    minutes.set(minute, codes);
    const key = `${item.obisCode} ${item.attributeId ?? ""}`;
    const replaced = codes.get(key);
    if (replaced === undefined) this.#waiting += 1;
    codes.set(key, { item, done });
    replaced?.done();
    while (this.#waiting > this.#options.readings) this.#dropOldest();
    this.#sweepLater(this.#options.gatherMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelSweep?.();
    this.#meters.clear();
  }

  #open(serial: string): Meter {
    let meter = this.#meters.get(serial);
    if (meter === undefined) {
      meter = { minutes: new Map(), signDue: undefined, busy: false };
      this.#meters.set(serial, meter);
    }
    return meter;
  }

  #tidy(serial: string, meter: Meter): void {
    if (meter.signDue === undefined && meter.minutes.size === 0 && !meter.busy) this.#meters.delete(serial);
  }

  #sweepLater(inMs = SWEEP_MS): void {
    if (this.#cancelSweep !== undefined || this.#stopped) return;
    const { clock } = this.#deps;
    this.#cancelSweep = clock.at(clock.now() + inMs, () => {
      this.#cancelSweep = undefined;
      this.#pump();
      if (this.#meters.size > 0) this.#sweepLater();
    });
  }

  /** Starts as many calls as may run at once. */
  #pump(): void {
    const now = this.#deps.clock.now();
    if (this.#stopped || now < this.#pausedUntil) return;
    // After a failure one call tries whether it works again.
    const parallel = this.#failures > 0 ? 1 : PARALLEL;
    for (const [serial, meter] of this.#meters) {
      if (this.#running >= parallel) return;
      if (meter.busy || !this.#deps.hasRecord(serial)) continue;
      const readings = takeChunk(meter);
      if (readings.length === 0 && (meter.signDue === undefined || meter.signDue > now)) continue;
      this.#waiting -= readings.length;
      meter.busy = true;
      this.#running += 1;
      // Behind the others for next time.
      this.#meters.delete(serial);
      this.#meters.set(serial, meter);
      void this.#send(serial, meter, readings);
    }
  }

  async #send(serial: string, meter: Meter, readings: readonly Timed[]): Promise<void> {
    const newest = readings.at(-1)?.item.timestamp;
    const obisReadings = readings.map(({ item: { timestamp: _, ...rest } }) => rest);
    const body = {
      meterNumber: serial,
      ...(readings.length === 0 ? {} : { obisReadings }),
      ...(newest === undefined ? {} : { timestamp: newest }),
    };
    let failure: DlmsError | undefined;
    let refusal: string | undefined;
    try {
      const { status } = await this.#deps.post(body);
      if (status >= 500 || status === 429 || status === 408 || status === 401) {
        failure = new DlmsError("BACKEND_ERROR", `The backend's data-ingestion answered ${status}.`);
      } else if (status < 200 || status > 299) refusal = `the backend refused them (${status})`;
    } catch (caught) {
      failure = asDlmsError(caught);
    }
    if (this.#stopped) return;
    meter.busy = false;
    this.#running -= 1;
    if (failure === undefined) {
      this.#succeeded(meter, readings.length, refusal);
      for (const { done } of readings) done();
    }
    if (failure !== undefined) this.#failed(meter, readings, failure);
    this.#tidy(serial, meter);
    this.#pump();
  }

  #succeeded(meter: Meter, count: number, refusal: string | undefined): void {
    if (this.#failures > 0) this.#deps.onState(undefined);
    this.#failures = 0;
    if (refusal !== undefined && count > 0) this.#drop(count, refusal);
    const { presenceMs } = this.#options;
    if (presenceMs === undefined || meter.signDue === undefined) return;
    meter.signDue = this.#deps.clock.now() + presenceMs * (0.95 + 0.1 * this.#deps.random());
  }

  #failed(meter: Meter, readings: readonly Timed[], error: DlmsError): void {
    for (const { minute, key, item, done } of readings) {
      const codes = meter.minutes.get(minute) ?? new Map<string, Waiting>();
      meter.minutes.set(minute, codes);
      // What came meanwhile is newer.
      if (codes.has(key)) {
        done();
        continue;
      }
      codes.set(key, { item, done });
      this.#waiting += 1;
    }
    // Back to their place, before what came meanwhile.
    meter.minutes = new Map([...meter.minutes].sort(([a], [b]) => a - b));
    while (this.#waiting > this.#options.readings) this.#dropOldest();
    const { retryMinMs, retryMaxMs } = this.#options;
    const wait = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(this.#failures, 20));
    this.#pausedUntil = this.#deps.clock.now() + wait * (0.75 + this.#deps.random() / 2);
    if (this.#failures === 0) this.#deps.onState(error);
    this.#failures += 1;
    this.#sweepLater();
  }

  #dropOldest(): void {
    for (const [serial, meter] of this.#meters) {
      for (const [minute, codes] of meter.minutes) {
        meter.minutes.delete(minute);
        this.#waiting -= codes.size;
        this.#tidy(serial, meter);
        this.#drop(codes.size, "too many wait for the backend");
        for (const { done } of codes.values()) done();
        return;
      }
    }
  }

  #drop(count: number, reason: string): void {
    this.#dropped += count;
    this.#deps.onDrop(this.#dropped, reason);
  }
}

interface Timed extends Waiting {
  readonly minute: number;
  readonly key: string;
}

/** Takes readings of the oldest minute, as many as one call carries. */
function takeChunk({ minutes }: Meter): Timed[] {
  const chunk: Timed[] = [];
  let chars = 0;
  for (const [minute, codes] of minutes) {
    for (const [key, waiting] of codes) {
      chars += JSON.stringify(waiting.item).length;
      if (chunk.length >= CHUNK_READINGS || (chars > CHUNK_CHARS && chunk.length > 0)) return chunk;
      codes.delete(key);
      chunk.push({ minute, key, ...waiting });
    }
    minutes.delete(minute);
    return chunk;
  }
  return chunk;
}
