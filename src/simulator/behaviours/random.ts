/**
 * Repeatable chance: numbers that look random but depend only on a seed and on what they are asked for.
 * No state, so a value at any time can be computed without having lived through the time before it.
 */

/** A number in [0, 1) of the seed and any further keys (a time bucket, a register, a month). */
export function chance(seed: number, ...keys: readonly number[]): number {
  let hash = mix(0x9e3779b9 ^ seed);
  for (const key of keys) {
    hash = mix(hash ^ (key | 0));
    // Keys may be times beyond 32 bits.
    hash = mix(hash + Math.floor(key / 0x1_0000_0000));
  }
  return (hash >>> 0) / 0x1_0000_0000;
}

/** A number in [low, high). */
export function between(low: number, high: number, seed: number, ...keys: readonly number[]): number {
  return low + (high - low) * chance(seed, ...keys);
}

/** A stream of numbers in [0, 1) for things that happen one after the other, such as noise on a line. */
export class RandomStream {
  readonly #seed: number;
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  next(): number {
    return chance(this.#seed, this.#count++);
  }

  octet(): number {
    return Math.floor(this.next() * 256);
  }
}

/** The finaliser of MurmurHash3: every bit of the input reaches every bit of the output. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
