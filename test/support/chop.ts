/** Ways a network may cut what was written. */
export type Chop = (bytes: Uint8Array) => readonly Uint8Array[];

export const whole: Chop = (bytes) => [bytes];

export const byteByByte: Chop = (bytes) => Array.from(bytes, (octet) => Uint8Array.of(octet));

/** Cuts of 1 to `max` octets from a seed, so that a failure can be repeated. */
export function randomly(seed: number, max = 16): Chop {
  const random = seededRandom(seed);
  return (bytes) => {
    const chunks: Uint8Array[] = [];
    for (let offset = 0; offset < bytes.length;) {
      const count = 1 + Math.floor(random() * max);
      chunks.push(bytes.subarray(offset, offset + count));
      offset += count;
    }
    return chunks;
  };
}

/** Mulberry32: numbers from 0 to below 1 that depend on the seed alone. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
