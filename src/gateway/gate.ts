/**
 * Lets a bounded number through at a time. After an outage of the mobile network everybody dials in within minutes:
 * all are accepted and answered, but only so many associate at once.
 */
export class Gate {
  readonly #width: number;
  readonly #waiting: { readonly enter: () => void; readonly refuse: (caught: Error) => void }[] = [];
  #inside = 0;

  constructor(width: number) {
    this.#width = Math.max(1, width);
  }

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Runs `task` when there is room.
   * @param first goes in front of those who wait: somebody's command depends on it.
   * @param stillWanted asked again when its turn comes; throws to give the turn back.
   */
  async run<T>(task: () => Promise<T>, first: boolean, stillWanted: () => void): Promise<T> {
    if (this.#inside >= this.#width) {
      await new Promise<void>((enter, refuse) => {
        const place = { enter, refuse };
        if (first) this.#waiting.unshift(place);
        else this.#waiting.push(place);
      });
    } else {
      this.#inside++;
    }
    try {
      stillWanted();
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside--;
      else next.enter();
    }
  }

  /** Everybody who waits is sent away with `error`. */
  close(error: Error): void {
    for (const place of this.#waiting.splice(0)) place.refuse(error);
  }
}
