/** A clock that stands still until a test moves it. Timers fire in the order of their times. */
import { type Clock } from "../../src/transport/clock.js";

export class FakeClock implements Clock {
  readonly #timers = new Map<number, { readonly at: number; readonly fire: () => void }>();
  #now: number;
  #epochOffset: number;
  #lastId = 0;

  constructor(now = 0, epochMs = Date.UTC(2026, 0, 1)) {
    this.#now = now;
    this.#epochOffset = epochMs - now;
  }

  now(): number {
    return this.#now;
  }

  epochMs(): number {
    return this.#now + this.#epochOffset;
  }

  at(time: number, fire: () => void): () => void {
    const id = (this.#lastId += 1);
    this.#timers.set(id, { at: time, fire });
    return () => this.#timers.delete(id);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time on and fires what becomes due on the way, also what that sets anew. */
  advance(ms: number): void {
    const target = this.#now + ms;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.at > target) break;
      this.#timers.delete(next.id);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
    this.#now = target;
  }

  /** As `advance`, but lets promises settle between timers, for code that awaits. */
  async advanceAsync(ms: number): Promise<void> {
    const target = this.#now + ms;
    await settle();
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.at > target) break;
      this.#timers.delete(next.id);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
      await settle();
    }
    this.#now = target;
    await settle();
  }

  #next(): { readonly id: number; readonly at: number; readonly fire: () => void } | undefined {
    let next: { readonly id: number; readonly at: number; readonly fire: () => void } | undefined;
    for (const [id, timer] of this.#timers)
      if (next === undefined || timer.at < next.at) next = { id, at: timer.at, fire: timer.fire };
    return next;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
