/**
 * Lets a store forget what has had its time: commands long ended, readings nobody fetched. Every opened store needs it,
 * else it fills up with its own past.
 */
import { type Store } from "../../store/index.js";
import { type Clock } from "../../transport/clock.js";

export interface HousekeepingOptions {
  readonly clock: Clock;
  readonly store: () => Promise<Store>;
  readonly failed: (caught: unknown) => void;
}

const FIRST_MS = 60_000;
const EVERY_MS = 600_000;
/** The store forgets so many at once; where there was much, there is more. */
const MANY = 1_000;
const SOON_MS = 1_000;

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #cancel: (() => void) | undefined;
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  /** A store was opened. */
  start(inMs = FIRST_MS): void {
    if (this.#isClosed) return;
    const { clock } = this.#options;
    this.#cancel?.();
    this.#cancel = clock.at(clock.now() + inMs, () => {
      this.#work = this.#tidy();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#work;
  }

  async #tidy(): Promise<void> {
    const { clock, store, failed } = this.#options;
    try {
      const { commands, readings } = await (await store()).prune(Math.floor(clock.epochMs()));
      this.start(commands + readings >= MANY ? SOON_MS : EVERY_MS);
    } catch (caught) {
      failed(caught);
      this.start(EVERY_MS);
    }
  }
}
