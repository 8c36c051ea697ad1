/** A clock that stands still until it is moved, so that sessions run the same however busy the machine is. */
import { type Clock } from "../../transport/clock.js";

export class StillClock implements Clock {
  readonly #timers = new Map<number, { readonly at: number; readonly fire: () => void }>();
  #now = 0;
  #lastId = 0;

  now(): number {
    return this.#now;
  }

  epochMs(): number {
    return Date.UTC(2026, 0, 1) + this.#now;
  }

  at(time: number, fire: () => void): () => void {
    const id = ++this.#lastId;
    this.#timers.set(id, { at: time, fire });
    return () => this.#timers.delete(id);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Fires what becomes due on the way, in order, and lets promises settle in between; `steps` timers at most. */
  async advance(ms: number, steps = 10_000): Promise<void> {
    const target = this.#now + ms;
    await turn();
    for (let i = 0; i < steps; i++) {
      let next: [number, { readonly at: number; readonly fire: () => void }] | undefined;
      for (const timer of this.#timers) if (next === undefined || timer[1].at < next[1].at) next = timer;
      if (next === undefined || next[1].at > target) break;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].fire();
      await turn();
    }
    this.#now = target;
  }
}

/** Lets everything go on that waits for nothing but its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
