/** Ways a byte stream may arrive: whole, octet by octet, cut at random with a seed. */
export type Cut = (bytes: Uint8Array) => Uint8Array[];

/** Small seeded generator (mulberry32): numbers from 0 up to 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

export const whole: Cut = (bytes) => [bytes];

export const octetByOctet: Cut = (bytes) => Array.from(bytes, (octet) => Uint8Array.of(octet));

export function randomly(seed: number, longest = 24): Cut {
  const random = seeded(seed);
  return (bytes) => {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = 1 + Math.floor(random() * longest);
      chunks.push(bytes.subarray(at, at + length));
      at += length;
    }
    return chunks;
  };
}
