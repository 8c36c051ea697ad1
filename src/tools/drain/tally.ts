/** What arrives of numbered readings: in order per meter, whole, how often twice. Pure. */

export interface TallyCounts {
  readonly arrived: number;
  /** The first arrival of each reading. */
  readonly distinct: number;
  readonly duplicates: number;
  /** Readings whose first arrival came after that of a later one of the same meter. */
  readonly outOfOrder: number;
  /** No reading of this run. */
  readonly strange: number;
}

interface Seen {
  readonly numbers: Set<number>;
  highest: number;
}

export class Tally {
  readonly #meters: ReadonlyMap<string, Seen>;
  readonly #perMeter: number;
  #arrived = 0;
  #duplicates = 0;
  #outOfOrder = 0;
  #strange = 0;

  /** @param perMeter each meter's readings are numbered from 0 up to, not including, this. */
  constructor(serials: readonly string[], perMeter: number) {
    this.#perMeter = perMeter;
    this.#meters = new Map(serials.map((serial) => [serial, { numbers: new Set(), highest: -1 }]));
  }

  arrived(serial: unknown, number: unknown): void {
    this.#arrived += 1;
    const seen = typeof serial === "string" ? this.#meters.get(serial) : undefined;
    if (seen === undefined || typeof number !== "number" || !(number >= 0 && number < this.#perMeter)) {
      this.#strange += 1;
      return;
    }
    if (seen.numbers.has(number)) {
      this.#duplicates += 1;
      return;
    }
    seen.numbers.add(number);
    if (number < seen.highest) this.#outOfOrder += 1;
    else seen.highest = number;
  }

  get counts(): TallyCounts {
    const distinct = this.#arrived - this.#duplicates - this.#strange;
    return {
      arrived: this.#arrived,
      distinct,
      duplicates: this.#duplicates,
      outOfOrder: this.#outOfOrder,
      strange: this.#strange,
    };
  }
}
