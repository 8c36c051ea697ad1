/**
 * So much a second, with a burst: a bucket that fills at `perSecond` and holds `burst`. Time is an argument.
 * Who is refused is told so; nothing waits in here.
 */
/** What rounding may cost a whole one. */
const ALMOST = 1 - 1e-6;

export class Rate {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number | undefined;

  /** @param burst how many may come at once after a quiet time. */
  constructor(perSecond: number, burst: number) {
    this.#perMs = perSecond / 1_000;
    this.#burst = Math.max(1, burst);
    this.#tokens = this.#burst;
  }

  /** Takes one if there is one. @param now monotonic milliseconds */
  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens < ALMOST) return false;
    this.#tokens = Math.max(0, this.#tokens - 1);
    return true;
  }

  /** When the next one can be taken, monotonic milliseconds; `now` when there is one. */
  nextAt(now: number): number {
    this.#fill(now);
    return this.#tokens >= ALMOST ? now : now + (1 - this.#tokens) / this.#perMs;
  }

  #fill(now: number): void {
    const passed = now - (this.#filledAt ?? now);
    this.#filledAt = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, passed) * this.#perMs);
  }
}
