/**
 * The periods of a demand register (class 5, Blue Book 4.3.4): one after the other from an anchor on; the running one
 * can be ended early and everything be started anew. Epoch ms.
 */
export interface PeriodAt {
  /** Where the running period began. */
  readonly start: number;
  /** The period before it; from and to are the same when there was none. */
  readonly lastFrom: number;
  readonly lastTo: number;
}

export class Periods {
  #anchor: number;
  #since: number;
  /** The period that the anchor ended. */
  #before: { readonly from: number; readonly to: number };

  /** @param since before it nothing was counted. */
  constructor(anchor: number, since: number) {
    this.#anchor = anchor;
    this.#since = since;
    this.#before = { from: anchor, to: anchor };
  }

  get since(): number {
    return this.#since;
  }

  at(t: number, spanMs: number): PeriodAt {
    const passed = Math.floor((t - this.#anchor) / spanMs);
    const start = this.#anchor + passed * spanMs;
    if (passed > 0) return { start, lastFrom: start - spanMs, lastTo: start };
    const { from, to } = this.#before;
    return { start, lastFrom: from, lastTo: to };
  }

  /** Ends the running period at `t`. */
  next(t: number, spanMs: number): void {
    this.#before = { from: this.at(t, spanMs).start, to: t };
    this.#anchor = t;
  }

  /** Forgets what was counted; a period begins at `t`. */
  reset(t: number): void {
    this.#anchor = t;
    this.#since = t;
    this.#before = { from: t, to: t };
  }
}
