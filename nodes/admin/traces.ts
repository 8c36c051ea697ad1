/**
 * Frame traces that somebody watches: the newest frames of a few meters, kept as long as they are asked for and no
 * longer. Two editors that watch one meter share its trace.
 */
import { DlmsError, type Listener, type TraceEntry } from "../../src/index.js";

export interface NumberedEntry extends TraceEntry {
  readonly number: number;
}

export interface TracePage {
  readonly entries: readonly NumberedEntry[];
  /** Entries that fell out before they were asked for. */
  readonly missed: number;
  readonly last: number;
}

interface Trace {
  readonly entries: NumberedEntry[];
  readonly listener: Listener;
  readonly stop: () => void;
  /** Editors that watch. */
  readonly readers: Set<string>;
  last: number;
  timer: NodeJS.Timeout;
}

const ENTRIES = 300;
/** Characters of all entries of one trace. */
const CHARACTERS = 2_000_000;
const TRACES = 20;
const READERS = 20;
const INTEREST_MS = 15_000;

export class Traces {
  readonly #traces = new Map<string, Trace>();
  readonly #interestMs: number;

  constructor(interestMs = INTEREST_MS) {
    this.#interestMs = interestMs;
  }

  /**
   * Begins to record, or goes on.
   * @param reader which editor asks.
   * @param after the number of the last entry that it knows.
   */
  read(id: string, listener: Listener, serial: string, reader: string, after: number): TracePage {
    const key = `${id}/${serial}`;
    let trace = this.#traces.get(key);
    // After a deploy the listener is another.
    if (trace !== undefined && trace.listener !== listener) {
      this.#end(key);
      trace = undefined;
    }
    trace ??= this.#begin(key, listener, serial);
    if (trace.readers.size < READERS) trace.readers.add(reader);
    clearTimeout(trace.timer);
    trace.timer = this.#expiry(key);
    const from = after > trace.last ? 0 : after;
    const entries = trace.entries.filter(({ number }) => number > from);
    const first = trace.entries[0]?.number ?? trace.last + 1;
    return { entries, missed: Math.max(0, first - from - 1), last: trace.last };
  }

  /** This editor watches no more; without any other, nothing is recorded any more. */
  end(id: string, serial: string, reader: string): void {
    const key = `${id}/${serial}`;
    const readers = this.#traces.get(key)?.readers;
    readers?.delete(reader);
    if (readers?.size === 0) this.#end(key);
  }

  /** The last entry's number of each trace. */
  get places(): Record<string, number> {
    return Object.fromEntries([...this.#traces].map(([key, { last }]) => [key, last]));
  }

  #begin(key: string, listener: Listener, serial: string): Trace {
    if (this.#traces.size >= TRACES)
      throw new DlmsError("LIMIT_EXCEEDED", `${TRACES} meters are being watched already.`);
    const entries: NumberedEntry[] = [];
    let characters = 0;
    const size = ({ hex, table, summary }: TraceEntry): number => hex.length + table.length + summary.length;
    const stop = listener.watch(serial, (entry) => {
      trace.last++;
      entries.push({ ...entry, number: trace.last });
      characters += size(entry);
      while (entries.length > ENTRIES || (characters > CHARACTERS && entries.length > 1))
        characters -= size(entries.shift() as NumberedEntry);
    });
    const trace: Trace = { entries, listener, stop, readers: new Set(), last: 0, timer: this.#expiry(key) };
    this.#traces.set(key, trace);
    return trace;
  }

  #expiry(key: string): NodeJS.Timeout {
    const timer = setTimeout(() => this.#end(key), this.#interestMs);
    timer.unref();
    return timer;
  }

  #end(key: string): void {
    const trace = this.#traces.get(key);
    if (trace === undefined) return;
    clearTimeout(trace.timer);
    trace.stop();
    this.#traces.delete(key);
  }
}
