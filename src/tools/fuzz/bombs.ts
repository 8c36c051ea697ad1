/** Octets that are small and mean much: deep, many, endless by their own account. */
import { concatBytes } from "../../bytes/hex.js";
import { INPUT_OCTETS } from "./mutate.js";
import { type Random } from "./random.js";

/** A-XDR Data. */
export function dataBomb(random: Random): Uint8Array {
  const repeat = (octets: readonly number[], times: number): Uint8Array =>
    concatBytes(...random.times(times, () => Uint8Array.from(octets)));
  const many = random.pick([100, 4_000, 20_000]);
  switch (random.below(8)) {
    case 0:
      // One in the other.
      return repeat(
        random.pick([
          [1, 1],
          [2, 1],
          [19, 1],
          [2, 2],
        ]),
        many,
      );
    case 1:
      // As many elements as one may have, none of which takes more than an octet.
      return concatBytes(
        Uint8Array.of(random.pick([1, 2]), 0x82, 0xff, 0xff),
        new Uint8Array(INPUT_OCTETS - 4),
      );
    case 2:
      return concatBytes(
        Uint8Array.of(random.pick([1, 2, 4, 9, 10, 12]), 0x84, 0xff, 0xff, 0xff, 0xff),
        random.octets(20),
      );
    case 3: {
      // Rows that take few octets and make many elements.
      const nulls = random.pick([10, 200, 20_000]);
      return concatBytes(
        Uint8Array.of(19, 2, 0x82, (nulls + 1) >> 8, (nulls + 1) & 0xff, 17),
        new Uint8Array(nulls),
        Uint8Array.of(0x82, many >> 8, many & 0xff),
        new Uint8Array(many),
      );
    }
    case 4: {
      // Arrays of arrays by the description alone.
      const levels = random.between(1, 20);
      return concatBytes(
        Uint8Array.of(19),
        repeat([1, 0xff, 0xff], levels),
        Uint8Array.of(random.pick([0, 17, 255]), 0x82, 0x10, 0x00),
        new Uint8Array(0x1000),
      );
    }
    case 5:
      // A description that is wide at each level.
      return concatBytes(
        Uint8Array.of(19),
        repeat([2, 0x20, ...new Array<number>(0x1f).fill(0)], random.between(1, 16)),
        Uint8Array.of(17, 0x82, 0x20, 0x00),
        new Uint8Array(0x2000),
      );
    case 6:
      return concatBytes(Uint8Array.of(4, 0x83, 0x07, 0xff, 0x80), new Uint8Array(0xfff0));
    default:
      return concatBytes(Uint8Array.of(1, 0x82, 0x40, 0x00), repeat([2, 2, 9, 0], 0x3f00));
  }
}

/** First octets of protocols that are not ours. */
export function foreign(random: Random): Uint8Array {
  const text = (words: string): Uint8Array => Uint8Array.from(words, (letter) => letter.charCodeAt(0) & 0xff);
  switch (random.below(7)) {
    case 0:
      return text("GET / HTTP/1.1\r\nHost: meter\r\nUser-Agent: scanner\r\n\r\n");
    case 1:
      return text(
        `POST /connect HTTP/1.1\r\nContent-Length: 99999\r\n\r\n${"{".repeat(random.size(30_000))}`,
      );
    case 2:
      // A TLS ClientHello and what follows it.
      return concatBytes(
        Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3),
        random.octets(random.size(500)),
      );
    case 3:
      return text(`SSH-2.0-${"x".repeat(random.size(2_000))}\r\n`);
    case 4:
      return concatBytes(Uint8Array.of(0x68, 0x32, 0, 0x32, 0, 0x68), random.octets(random.size(60)));
    case 5:
      return new Uint8Array(random.size(INPUT_OCTETS)).fill(
        random.pick([0, 1, 0x0d, 0x55, 0x7e, 0xff, 0x8e]),
      );
    default:
      return random.octets(random.size(INPUT_OCTETS));
  }
}
