/**
 * An attacker in the middle, or a peer that is one: what becomes of the chunks on a wire, told by number, so that a
 * find can be run again. Octets are turned, cut, doubled, held back, or the APDU in the frame is another, with lengths
 * and check sequences right.
 */
import { encodeAll } from "../../bytes/codec.js";
import { concatBytes } from "../../bytes/hex.js";
import { DecodeError } from "../../core/errors.js";
import { decodeHdlcFrame, encodeHdlcFrame, withLlc } from "../../hdlc/index.js";
import { HEADER_OCTETS, wrapperPduCodec } from "../../wrapper/pdu.js";
import { clearApduCodec } from "../../xdlms/index.js";
import { dataBomb } from "./bombs.js";
import { corpus } from "./corpus.js";
import { drawEncoded } from "./draw.js";
import { mutate } from "./mutate.js";
import { type Random } from "./random.js";

export type Spoiling =
  | { readonly how: "drop" | "double" | "hold" | "drip" }
  | { readonly how: "set"; readonly at: number; readonly octet: number }
  | { readonly how: "cut"; readonly at: number; readonly length: number }
  /** Octets in front of it, or instead of it. */
  | { readonly how: "before" | "instead"; readonly octets: Uint8Array }
  /** The same frame with this APDU in it. */
  | { readonly how: "apdu"; readonly octets: Uint8Array };

/** Which chunk of a wire, counted from 0, and what becomes of it. */
export interface Spoiled {
  readonly chunk: number;
  readonly spoiling: Spoiling;
}

const HDLC_INFORMATION = 2_000;

export function drawSpoiled(random: Random, chunks: number, most: number): Spoiled[] {
  return random.times(1 + random.size(most), () => ({
    chunk: random.below(chunks),
    spoiling: drawSpoiling(random),
  }));
}

/** An APDU of somebody who knows the grammar. */
export function drawApdu(random: Random): Uint8Array {
  const { apdus } = corpus();
  const known = random.pick(apdus);
  if (random.once(25))
    return concatBytes(Uint8Array.of(0xc4, 1, 0xc1, 0), dataBomb(random)).subarray(0, 60_000);
  const octets = random.once(2) ? known : drawEncoded(random, clearApduCodec, known);
  return random.once(2) ? octets : mutate(random, octets, apdus).subarray(0, 60_000);
}

function drawSpoiling(random: Random): Spoiling {
  const { hdlc, wrapper } = corpus();
  switch (random.below(8)) {
    case 0:
      return { how: random.pick(["drop", "double", "hold", "drip"] as const) };
    case 1:
      return { how: "set", at: random.below(60), octet: random.below(256) };
    case 2:
      return { how: "cut", at: random.below(30), length: 1 + random.size(30) };
    case 3:
      return {
        how: random.once(2) ? "before" : "instead",
        octets: random.pick(random.once(2) ? hdlc : wrapper),
      };
    default:
      return { how: "apdu", octets: drawApdu(random) };
  }
}

/** The wire of one direction; `held` chunks come with the next one. */
export class SpoiledWire {
  readonly #spoiled: readonly Spoiled[];
  #count = 0;
  #held: Uint8Array = new Uint8Array(0);

  constructor(spoiled: readonly Spoiled[]) {
    this.#spoiled = spoiled;
  }

  /** What arrives when this is sent. */
  carry(chunk: Uint8Array): Uint8Array[] {
    const index = this.#count++;
    let chunks: Uint8Array[] = [chunk.slice()];
    for (const { spoiling } of this.#spoiled.filter((one) => one.chunk === index))
      chunks = chunks.flatMap((one) => this.#spoil(one, spoiling));
    if (this.#held.length > 0 && chunks.length > 0) {
      chunks = [concatBytes(this.#held, chunks[0] as Uint8Array), ...chunks.slice(1)];
      this.#held = new Uint8Array(0);
    }
    return chunks;
  }

  #spoil(chunk: Uint8Array, spoiling: Spoiling): Uint8Array[] {
    switch (spoiling.how) {
      case "drop":
        return [];
      case "double":
        return [chunk, chunk.slice()];
      case "hold":
        this.#held = concatBytes(this.#held, chunk);
        return [];
      case "drip":
        return [...chunk].map((octet) => Uint8Array.of(octet));
      case "set":
        chunk[spoiling.at % chunk.length] = spoiling.octet;
        return [chunk];
      case "cut": {
        const at = spoiling.at % chunk.length;
        return [concatBytes(chunk.subarray(0, at), chunk.subarray(at + spoiling.length))];
      }
      case "before":
        return [spoiling.octets.slice(), chunk];
      case "instead":
        return [spoiling.octets.slice()];
      case "apdu":
        return [reframed(chunk, spoiling.octets)];
    }
  }
}

/** The frame with another APDU; what is no frame is replaced. */
export function reframed(frame: Uint8Array, apdu: Uint8Array): Uint8Array {
  try {
    if (frame[0] === 0x7e) {
      const decoded = decodeHdlcFrame(frame);
      const sender = decoded.information?.[1] === 0xe7 ? "answering" : "asking";
      return encodeHdlcFrame({
        ...decoded,
        information: withLlc(sender, apdu).subarray(0, HDLC_INFORMATION),
      });
    }
    if (frame.length < HEADER_OCTETS) return apdu.slice();
    const view = new DataView(frame.buffer, frame.byteOffset);
    return wrapped(apdu, view.getUint16(2), view.getUint16(4));
  } catch (caught) {
    if (caught instanceof DecodeError) return apdu.slice();
    throw caught;
  }
}

export function wrapped(apdu: Uint8Array, source: number, destination: number): Uint8Array {
  return encodeAll(wrapperPduCodec, { source, destination, apdu });
}
