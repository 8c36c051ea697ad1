/**
 * Invocation counters of what the gateway sends: taken from the store in blocks before one is used, handed out in
 * pieces to associations, never twice. So an association that ends early wastes few, and after any crash the next one
 * is above every one ever sent.
 */
import { type CounterRange, isNearEnd } from "../../security/index.js";
import { type Store } from "../../store/index.js";
import { type Clock } from "../../transport/clock.js";
import { type CounterSource } from "../../transport/outside.js";

export interface SentCountersOptions {
  readonly store: () => Promise<Store>;
  readonly clock: Clock;
  /** So few numbers are left under this name that the key should be changed. Told once for each name. */
  readonly nearEnd: (key: string, counter: number) => void;
}

/** Numbers reserved at once; the store is asked about once in so many messages. */
const BLOCK = 1_024;
/** Names with numbers in hand; the oldest gives its numbers up. */
const MAX_NAMES = 20_000;
/** Where counting begins without a memory: above an earlier run that sent less than a message each second. */
const COUNTERS_SINCE = Date.UTC(2025, 0, 1);

export class SentCounters implements CounterSource {
  readonly #options: SentCountersOptions;
  readonly #rest = new Map<string, CounterRange>();
  readonly #turns = new Map<string, Promise<CounterRange>>();
  readonly #alarmed = new Set<string>();
  readonly #highest = new Map<string, number>();

  constructor(options: SentCountersOptions) {
    this.#options = options;
  }

  /** The highest number that this process has given out under the name; 0 when none. */
  highest(key: string): number {
    return this.#highest.get(key) ?? 0;
  }

  /** @throws DlmsError of the store: then nothing may be sent. */
  reserveCounter(key: string, atLeast: number, count: number): Promise<CounterRange> {
    const next = async (): Promise<CounterRange> => this.#take(key, atLeast, count);
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(next, next);
    this.#turns.set(key, turn);
    const over = (): void => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    };
    turn.then(over, over);
    return turn;
  }

  async #take(key: string, atLeast: number, count: number): Promise<CounterRange> {
    const rest = this.#rest.get(key);
    const from = Math.max(rest?.from ?? 0, atLeast);
    const block =
      rest !== undefined && rest.to - from + 1 >= count
        ? { from, to: rest.to }
        : await this.#reserve(key, from, count);
    const taken = { from: block.from, to: block.from + count - 1 };
    this.#rest.delete(key);
    if (block.to > taken.to) this.#rest.set(key, { from: taken.to + 1, to: block.to });
    forgetOldest(this.#rest);
    this.#highest.delete(key);
    this.#highest.set(key, taken.to);
    forgetOldest(this.#highest);
    if (isNearEnd(taken.to) && !this.#alarmed.has(key)) {
      this.#alarmed.add(key);
      this.#options.nearEnd(key, taken.to);
    }
    return taken;
  }

  async #reserve(key: string, atLeast: number, count: number): Promise<CounterRange> {
    const { clock } = this.#options;
    const store = await this.#options.store();
    const first = store.durable ? 1 : Math.floor((clock.epochMs() - COUNTERS_SINCE) / 1_000);
    return store.reserveCounter(key, Math.max(atLeast, first), Math.max(count, BLOCK));
  }
}

function forgetOldest(map: Map<string, unknown>): void {
  const oldest = map.keys().next();
  if (map.size > MAX_NAMES && oldest.done !== true) map.delete(oldest.value);
}
