/**
 * Block transfer of GET, SET and ACTION (IEC 62056-5-3, service-specific), both directions: cutting raw data into
 * blocks that fit the peer's PDU, and collecting them. One instance serves one exchange, which is keyed by its invoke
 * id in session.ts. Leaves out general block transfer.
 */
import { lengthOctets } from "../axdr/length.js";
import { concatBytes } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";

export interface OutgoingBlock {
  readonly lastBlock: boolean;
  readonly blockNumber: number;
  readonly rawData: Uint8Array;
}

/**
 * How many raw octets fit beside `overhead` in one APDU of `maxPdu` octets, length field counted.
 * @throws DlmsError LIMIT_EXCEEDED when not even one fits.
 */
export function rawCapacity(maxPdu: number, overhead: number): number {
  const room = Math.min(maxPdu, limits.apduBytes) - overhead;
  let capacity = room - 1;
  while (capacity > 0 && capacity + lengthOctets(capacity) > room) capacity -= 1;
  if (capacity < 1)
    throw new DlmsError("LIMIT_EXCEEDED", `no block fits the negotiated PDU of ${maxPdu} octets`, {
      detail: { maxPdu, overhead },
    });
  return capacity;
}

/** Cuts `raw` into numbered blocks, the first is number 1. The capacity may differ per block (the first carries descriptors). */
export class BlockSender {
  readonly #raw: Uint8Array;
  #offset = 0;
  #blockNumber = 0;

  constructor(raw: Uint8Array) {
    this.#raw = raw;
  }

  get finished(): boolean {
    return this.#blockNumber > 0 && this.#offset >= this.#raw.length;
  }

  /** Number of the block sent last. */
  get blockNumber(): number {
    return this.#blockNumber;
  }

  next(capacity: number): OutgoingBlock {
    const end = Math.min(this.#raw.length, this.#offset + capacity);
    const rawData = this.#raw.subarray(this.#offset, end);
    this.#offset = end;
    this.#blockNumber += 1;
    return { lastBlock: end >= this.#raw.length, blockNumber: this.#blockNumber, rawData };
  }
}

/**
 * Collects blocks. The first number may be any (some meters begin at 0, some carry on counting); from then on each is
 * one higher. Empty blocks are allowed, the number of blocks and octets is not endless.
 */
export class BlockCollector {
  readonly #maxOctets: number;
  readonly #parts: Uint8Array[] = [];
  #octets = 0;
  #blocks = 0;
  #expected: number | undefined;

  constructor(maxOctets: number = limits.apduBytes) {
    this.#maxOctets = maxOctets;
  }

  /** @throws DlmsError BLOCK_SEQUENCE or LIMIT_EXCEEDED. */
  add(blockNumber: number, rawData: Uint8Array): void {
    if (this.#expected !== undefined && blockNumber !== this.#expected)
      throw new DlmsError("BLOCK_SEQUENCE", `block ${blockNumber} arrived where ${this.#expected} was due`, {
        detail: { blockNumber, expected: this.#expected },
      });
    this.#expected = (blockNumber + 1) >>> 0;
    this.#octets += rawData.length;
    this.#blocks += 1;
    if (this.#octets > this.#maxOctets || this.#blocks > limits.elements)
      throw new DlmsError("LIMIT_EXCEEDED", `more than ${this.#maxOctets} octets came in blocks`, {
        detail: { octets: this.#octets, blocks: this.#blocks },
      });
    this.#parts.push(rawData.slice());
  }

  finish(): Uint8Array {
    return concatBytes(...this.#parts);
  }
}
