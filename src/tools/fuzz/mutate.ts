/** Octets a little wrong: turned bits, lengths that lie, parts cut out, doubled, or taken from elsewhere. */
import { concatBytes } from "../../bytes/hex.js";
import { type Random } from "./random.js";

/** What lengths, counts and tags break at. */
const edges = [0x00, 0x01, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xc0, 0xe0, 0xfe, 0xff];
/** An input is one read from a socket at most. */
export const INPUT_OCTETS = 65_536;

/** @param others what parts are taken from. */
export function mutate(random: Random, octets: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  let result: Uint8Array = octets.slice();
  for (let left = 1 + random.size(7); left > 0; left--) result = once(random, result, others);
  return result.length > INPUT_OCTETS ? result.subarray(0, INPUT_OCTETS) : result;
}

function once(random: Random, octets: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  if (octets.length === 0) return random.octets(1 + random.size(30));
  const at = random.below(octets.length);
  const length = Math.min(octets.length - at, 1 + random.size(octets.length));
  const part = octets.subarray(at, at + length);
  const [before, behind] = [octets.subarray(0, at), octets.subarray(at + length)];
  switch (random.below(9)) {
    case 0:
      octets[at] = (octets[at] as number) ^ (1 << random.below(8));
      return octets;
    case 1:
      octets[at] = random.pick(edges);
      return octets;
    case 2:
      octets[at] = (octets[at] as number) + random.between(-2, 2);
      return octets;
    case 3:
      return concatBytes(before, behind);
    case 4:
      return concatBytes(before, part, part, behind);
    case 5:
      return concatBytes(before, random.octets(1 + random.size(20)), octets.subarray(at));
    case 6:
      return before;
    case 7: {
      const other = random.pick(others) ?? octets;
      const from = random.below(other.length);
      return concatBytes(before, other.subarray(from, from + 1 + random.size(other.length)), behind);
    }
    default: {
      // Long runs of the same.
      const copies = Math.min(2 ** random.below(12), Math.floor(INPUT_OCTETS / part.length));
      return concatBytes(before, ...Array.from({ length: copies }, () => part), behind);
    }
  }
}

/** The octets in chunks as a network may hand them on: whole, one by one, or anyhow. */
export function chop(random: Random, octets: Uint8Array): Uint8Array[] {
  if (random.once(3)) return [octets];
  const most = random.once(4) ? 1 : 1 + random.size(octets.length);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < octets.length;) {
    // Beyond a few thousand chunks nothing new happens.
    const length = chunks.length > 3_000 ? octets.length : random.between(1, most);
    chunks.push(octets.subarray(at, at + length));
    at += length;
  }
  return chunks;
}
