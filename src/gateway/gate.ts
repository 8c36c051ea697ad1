/**
 * Lets a bounded number through at a time. After an outage of the mobile network everybody dials in within minutes:
 * all are accepted and answered, but only so many associate at once.
 */
import { BoundedQueue } from "../core/queue.js";

interface Place {
  readonly enter: () => void;
  readonly refuse: (caught: Error) => void;
}

export class Gate {
  readonly #width: number;
  /** Those somebody's command depends on, and the others; each in the order they came. No more than there are links. */
  readonly #first = new BoundedQueue<Place>(Infinity, "links");
  readonly #others = new BoundedQueue<Place>(Infinity, "links");
  #inside = 0;

  constructor(width: number) {
    this.#width = Math.max(1, width);
  }

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#first.length + this.#others.length;
  }

  /**
   * Runs `task` when there is room.
   * @param first goes before those who only came in: somebody's command depends on it.
   * @param stillWanted asked again when its turn comes; throws to give the turn back.
   */
  async run<T>(task: () => Promise<T>, first: boolean, stillWanted: () => void): Promise<T> {
    if (this.#inside >= this.#width) {
      await new Promise<void>((enter, refuse) => {
        (first ? this.#first : this.#others).push({ enter, refuse });
      });
    } else {
      this.#inside++;
    }
    try {
      stillWanted();
      return await task();
    } finally {
      const next = this.#first.shift() ?? this.#others.shift();
      if (next === undefined) this.#inside--;
      else next.enter();
    }
  }

  /** Everybody who waits is sent away with `error`. */
  close(error: Error): void {
    for (const queue of [this.#first, this.#others])
      for (let place = queue.shift(); place !== undefined; place = queue.shift()) place.refuse(error);
  }
}
