/**
 * A first-in first-out queue with a bound, for what a machine has ready for its driver: chunks and events.
 * Taking out costs the same however long the queue is.
 */
import { DlmsError } from "./errors.js";

export class BoundedQueue<T> {
  #items: T[] = [];
  #head = 0;
  readonly #max: number;
  readonly #what: string;

  /** @param what names the items in the error. */
  constructor(max: number, what: string) {
    this.#max = max;
    this.#what = what;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  get full(): boolean {
    return this.length >= this.#max;
  }

  /** @throws DlmsError LIMIT_EXCEEDED when the queue is full. */
  push(item: T): void {
    if (this.full) throw new DlmsError("LIMIT_EXCEEDED", `more than ${this.#max} ${this.#what} are waiting`);
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
