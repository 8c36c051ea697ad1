/** Chance for the fuzzer: every draw depends on the seed, the target's name and the input's number alone. */
import { chance } from "../../simulator/behaviours/random.js";
import { randomFrom } from "../chaos/plan.js";

export class Random {
  readonly #next: () => number;

  constructor(seed: number, name: string, index: number) {
    const letters = [...name].map((letter) => letter.charCodeAt(0));
    this.#next = randomFrom(Math.floor(chance(seed, index, ...letters) * 0x1_0000_0000));
  }

  /** 0 up to, not including, `below`. */
  below(below: number): number {
    return Math.floor(this.#next() * below);
  }

  /** Both ends included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** Mostly small, seldom as large as `max`. */
  size(max: number): number {
    return Math.floor((max + 1) ** this.#next()) - 1;
  }

  octets(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  times<T>(count: number, make: (i: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(i));
  }
}
