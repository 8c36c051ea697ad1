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

export class Shelf<T> {
  readonly #limits: ShelfLimits;
  /** By number, in order; Map gives up its oldest cheaply. */
  #waiting = new Map<number, Shelved<T>>();
  readonly #sent = new Map<number, Shelved<T>>();
  #next = 0;
  #chars = 0;
  #acknowledges = false;
  dropped = 0;

  constructor(limits: ShelfLimits) {
    this.#limits = limits;
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
    send: (value: T, answered: ((received: boolean) => void) | undefined) => boolean,
    again: () => void,
  ): boolean {
    const [next] = this.#waiting;
    if (next === undefined) return false;
    const [number, item] = next;
    if (this.#sent.size >= (this.#acknowledges ? WINDOW : PROBES)) {
      if (this.#acknowledges || !send(item.value, undefined)) return false;
      this.#take(number, item);
      return true;
    }
    const sent = send(item.value, (received) => {
      if (this.#answered(number, received)) again();
    });
    if (!sent) return false;
    this.#take(number, item);
    item.attempts += 1;
    this.#sent.set(number, item);
    return true;
  }

  /** @returns whether there is something to send. */
  #answered(number: number, received: boolean): boolean {
    const item = this.#sent.get(number);
    if (item === undefined) return false;
    this.#sent.delete(number);
    if (received) this.#acknowledges = true;
    else if (this.#acknowledges) {
      if (item.attempts >= ATTEMPTS) this.#acknowledges = false;
      else this.#putBack(number, item);
    }
    return this.#waiting.size > 0;
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
