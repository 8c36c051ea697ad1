/**
 * One kind of message on its way to the backend: waiting in order up to a bound, oldest dropped first and counted, and
 * those that were sent and may still be acknowledged. Whether this backend acknowledges is learnt by asking.
 */
export interface Shelved<T> {
  readonly value: T;
  readonly size: number;
  attempts: number;
}

export interface ShelfLimits {
  readonly messages: number;
  /** Characters of JSON. */
  readonly chars: number;
}

/** Sent and not acknowledged, of a backend that does acknowledge. */
const WINDOW = 200;
/** Asked at the same time while it is not known whether the backend acknowledges at all. */
const PROBES = 16;
/** Sent so often without an answer, the backend is taken for one that does not acknowledge. */
const ATTEMPTS = 5;

export interface ShelfOptions<T> {
  /**
   * Nothing is believed before it is known whether the backend acknowledges: at most a few are on their way until
   * then, and what was on its way when the connection ended is sent again.
   */
  readonly careful?: boolean;
  /** It was acknowledged, or is believed to have arrived. */
  readonly onSettled?: (value: T) => void;
}

export class Shelf<T> {
  readonly #limits: ShelfLimits;
  readonly #options: ShelfOptions<T>;
  /** By number, in order; Map gives up its oldest cheaply. */
  #waiting = new Map<number, Shelved<T>>();
  readonly #sent = new Map<number, Shelved<T>>();
  #next = 0;
  #chars = 0;
  #acknowledges = false;
  /** It was asked, had the time to answer, and did not. */
  #isSilent = false;
  dropped = 0;

  constructor(limits: ShelfLimits, options: ShelfOptions<T> = {}) {
    this.#limits = limits;
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Sent, asked about, not answered yet. */
  get unconfirmed(): number {
    return this.#acknowledges ? this.#sent.size : 0;
  }

  /** How many had to go. */
  push(value: T, size: number): number {
    this.#waiting.set(this.#next++, { value, size, attempts: 0 });
    this.#chars += size;
    return this.#trim();
  }

  /**
   * Sends the oldest that waits.
   * @param send undefined `answered`: no acknowledgement is asked for
   * @returns whether it was sent
   */
  sendNext(
    send: (value: T, answered: ((received: boolean, lost?: boolean) => void) | undefined) => boolean,
    again: () => void,
  ): boolean {
    const [next] = this.#waiting;
    if (next === undefined) return false;
    const [number, item] = next;
    if (this.#sent.size >= (this.#acknowledges ? WINDOW : PROBES)) {
      const asksOnly = this.#acknowledges || (this.#options.careful === true && !this.#isSilent);
      if (asksOnly || !send(item.value, undefined)) return false;
      this.#take(number, item);
      this.#options.onSettled?.(item.value);
      return true;
    }
    const sent = send(item.value, (received, lost = false) => {
      if (this.#answered(number, received, lost)) again();
    });
    if (!sent) return false;
    this.#take(number, item);
    item.attempts += 1;
    this.#sent.set(number, item);
    return true;
  }

  /** @returns whether there is something to send. */
  #answered(number: number, received: boolean, lost: boolean): boolean {
    const item = this.#sent.get(number);
    if (item === undefined) return false;
    this.#sent.delete(number);
    if (this.#hasArrived(item, received, lost)) this.#options.onSettled?.(item.value);
    else this.#putBack(number, item);
    return this.#waiting.size > 0;
  }

  #hasArrived(item: Shelved<T>, received: boolean, lost: boolean): boolean {
    const { careful = false } = this.#options;
    if (received) {
      this.#acknowledges = true;
      return true;
    }
    if (careful && lost) {
      // An attempt that was cut short says nothing about the backend.
      item.attempts -= 1;
      return this.#isSilent && !this.#acknowledges;
    }
    if (this.#acknowledges && item.attempts < ATTEMPTS) return false;
    this.#acknowledges = false;
    this.#isSilent = true;
    return true;
  }

  /** Before everything younger. Rare, so the copy does not matter. */
  #putBack(number: number, item: Shelved<T>): void {
    this.#chars += item.size;
    this.#waiting = new Map([...this.#waiting, [number, item] as const].sort(([a], [b]) => a - b));
    this.#trim();
  }

  #take(number: number, item: Shelved<T>): void {
    if (this.#waiting.delete(number)) this.#chars -= item.size;
  }

  #trim(): number {
    const { messages, chars } = this.#limits;
    let dropped = 0;
    for (const [number, item] of this.#waiting) {
      if (this.#waiting.size <= messages && (this.#chars <= chars || this.#waiting.size === 1)) break;
      this.#take(number, item);
      dropped += 1;
    }
    this.dropped += dropped;
    return dropped;
  }
}
