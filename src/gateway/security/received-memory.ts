/**
 * Invocation counters of what the gateway has received, by key: loaded from the store before the key is used, written
 * back as they rise. A counter is durable a moment after its message was taken, not before.
 */
import { asDlmsError, type DlmsError } from "../../core/errors.js";
import { ReceivedCounters } from "../../security/index.js";
import { type Store } from "../../store/index.js";

export interface ReceivedMemoryOptions {
  readonly store: () => Promise<Store>;
  /** What was received could not be written; it is tried again with the next counter. */
  readonly failed: (error: DlmsError) => void;
}

/** Keys whose counters are in memory, and meters that may use one key. */
const MAX_KEYS = 20_000;
const MAX_STREAMS = 60_000;
const BATCH = 1_000;

export class ReceivedMemory {
  readonly #options: ReceivedMemoryOptions;
  readonly #known = new Map<string, Promise<ReceivedCounters>>();
  #unwritten = new Map<string, number>();
  #writing: Promise<void> | undefined;

  constructor(options: ReceivedMemoryOptions) {
    this.#options = options;
  }

  /** The counters under the key of this fingerprint; the same object for all who use it. @throws DlmsError of the store */
  of(fingerprint: string): Promise<ReceivedCounters> {
    let known = this.#known.get(fingerprint);
    if (known !== undefined) return known;
    known = this.#load(fingerprint);
    this.#known.set(fingerprint, known);
    known.catch(() => this.#known.delete(fingerprint));
    // One that is still being written must stay: what the store holds is older.
    if (this.#known.size > MAX_KEYS && this.#writing === undefined) {
      const oldest = this.#known.keys().next();
      if (oldest.done !== true) this.#known.delete(oldest.value);
    }
    return known;
  }

  /** Resolves when all that was received has been written, or could not be. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #load(fingerprint: string): Promise<ReceivedCounters> {
    const prefix = `rx/${fingerprint}/`;
    const rows = Object.entries(await (await this.#options.store()).counters(prefix));
    const seen = Object.fromEntries(rows.map(([key, counter]) => [key.slice(prefix.length), counter]));
    return new ReceivedCounters(seen, (name, counter) => this.#raise(prefix + name, counter), MAX_STREAMS);
  }

  #raise(key: string, counter: number): void {
    // A dedicated key ends with its association.
    if (key.includes("/dedicated/")) return;
    this.#unwritten.set(key, counter);
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    // What the same message raises besides goes along.
    await Promise.resolve();
    while (this.#unwritten.size > 0) {
      const batch = [...this.#unwritten].slice(0, BATCH);
      for (const [key] of batch) this.#unwritten.delete(key);
      try {
        await (await this.#options.store()).raiseCounters(Object.fromEntries(batch));
      } catch (caught) {
        for (const [key, counter] of batch)
          this.#unwritten.set(key, Math.max(counter, this.#unwritten.get(key) ?? 0));
        this.#options.failed(asDlmsError(caught));
        return;
      }
    }
  }
}
