/**
 * The sending half of one general block transfer: an APDU in numbered blocks, sent window by window; what the peer
 * doesn't acknowledge is sent again from there on. Timers and the blocks' control octet are general-blocks.ts'.
 */
import { DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";

export interface OutgoingBlock {
  readonly blockNumber: number;
  readonly lastBlock: boolean;
  /** More blocks of the same window follow. */
  readonly streaming: boolean;
  readonly blockData: Uint8Array;
}

export class OutgoingBlocks {
  readonly #apdu: Uint8Array;
  readonly #capacity: number;
  readonly #first: number;
  readonly #total: number;
  /** How many blocks the peer has, and how many it was sent. */
  #acknowledged = 0;
  #sent = 0;
  #repetitions = 0;

  /**
   * @param capacity octets of the APDU in one block.
   * @param first number of the first block.
   */
  constructor(apdu: Uint8Array, capacity: number, first = 1) {
    this.#apdu = apdu;
    this.#capacity = capacity;
    this.#first = first;
    this.#total = Math.ceil(apdu.length / capacity);
  }

  get allSent(): boolean {
    return this.#sent === this.#total;
  }

  /** The blocks of the next window, from the first that the peer doesn't have. */
  window(size: number): OutgoingBlock[] {
    const end = Math.min(this.#total, this.#acknowledged + size);
    const blocks: OutgoingBlock[] = [];
    for (let i = this.#acknowledged; i < end; i++) blocks.push(this.#block(i, i + 1 < end));
    this.#sent = Math.max(this.#sent, end);
    return blocks;
  }

  /** The last block that was sent: its repetition makes the peer say what it has. */
  probe(): OutgoingBlock {
    return this.#block(this.#sent - 1, false);
  }

  /**
   * The peer has everything up to this number: all there is, more than before, or the same as before (something got
   * lost). `old`: an acknowledgement that was overtaken.
   * @throws DlmsError BLOCK_SEQUENCE for a number never sent, and when the peer stays where it is for ever.
   */
  acknowledge(blockNumber: number): "all" | "more" | "again" | "old" {
    const count = blockNumber - this.#first + 1;
    if (count > this.#sent) {
      const sent = this.#first + this.#sent - 1;
      throw new DlmsError(
        "BLOCK_SEQUENCE",
        `block ${blockNumber} was acknowledged, ${sent} was the last sent`,
        {
          detail: { blockNumber, sent },
        },
      );
    }
    if (count < this.#acknowledged) return "old";
    if (count === this.#acknowledged) {
      this.#repetitions += 1;
      if (this.#repetitions > limits.blockRepetitions)
        throw new DlmsError("BLOCK_SEQUENCE", `the peer asks for block ${blockNumber + 1} over and over`, {
          detail: { blockNumber },
        });
      return "again";
    }
    this.#repetitions = 0;
    this.#acknowledged = count;
    return count === this.#total ? "all" : "more";
  }

  #block(index: number, streaming: boolean): OutgoingBlock {
    const start = index * this.#capacity;
    return {
      blockNumber: this.#first + index,
      lastBlock: index + 1 === this.#total,
      streaming,
      blockData: this.#apdu.subarray(start, start + this.#capacity),
    };
  }
}
