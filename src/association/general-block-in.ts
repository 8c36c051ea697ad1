/**
 * The receiving half of one general block transfer: blocks in sequence put together. What comes ahead of a lost block
 * is dropped and asked for again; what comes twice must be the same. Octets and blocks are not endless.
 */
import { concatBytes, equalBytes } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { type GeneralBlockTransfer } from "../xdlms/index.js";

/** The largest window that a block can announce. */
export const LARGEST_WINDOW = 63;

type Block = Pick<GeneralBlockTransfer, "blockNumber" | "lastBlock" | "blockData">;

export class IncomingBlocks {
  readonly #maxOctets: number;
  readonly #parts: Uint8Array[] = [];
  #octets = 0;
  /** Number before the first block. */
  #base = 0;
  #useless = 0;

  constructor(maxOctets: number = limits.apduBytes) {
    this.#maxOctets = maxOctets;
  }

  /** Number of the last block in sequence; 0 when none came. */
  get received(): number {
    return this.begun ? this.#base + this.#parts.length : 0;
  }

  /** Whether this very block is among those received. */
  has({ blockNumber, blockData }: Block): boolean {
    const known = this.#parts[blockNumber - this.#base - 1];
    return known !== undefined && equalBytes(known, blockData);
  }

  get begun(): boolean {
    return this.#parts.length > 0;
  }

  /**
   * @param after the first block may also be numbered one above this: numbers of empty blocks count for some peers.
   * @returns `last`: `finish` gives the whole. `next`: in sequence. The other two brought nothing.
   * @throws DlmsError BLOCK_SEQUENCE, LIMIT_EXCEEDED
   */
  add(block: Block, after = 0): "last" | "next" | "repeated" | "ahead" {
    const { blockNumber, lastBlock, blockData } = block;
    if (!this.begun) this.#base = blockNumber === after + 1 ? after : 0;
    const due = this.#base + this.#parts.length + 1;
    if (blockNumber !== due) return this.#outOfSequence(block, due);
    this.#octets += blockData.length;
    if (this.#octets > this.#maxOctets || this.#parts.length >= limits.elements)
      throw new DlmsError("LIMIT_EXCEEDED", `more than ${this.#maxOctets} octets came in blocks`, {
        detail: { octets: this.#octets, blocks: this.#parts.length + 1 },
      });
    this.#parts.push(blockData.slice());
    this.#useless = 0;
    return lastBlock ? "last" : "next";
  }

  finish(): Uint8Array {
    return concatBytes(...this.#parts);
  }

  #outOfSequence({ blockNumber, blockData }: Block, due: number): "repeated" | "ahead" {
    const wrong = (how: string): DlmsError =>
      new DlmsError("BLOCK_SEQUENCE", `block ${blockNumber} ${how} where ${due} was due`, {
        detail: { blockNumber, expected: due },
      });
    const known = this.#parts[blockNumber - this.#base - 1];
    if (blockNumber < due && known === undefined) throw wrong("arrived");
    if (known !== undefined && !equalBytes(known, blockData)) throw wrong("came again with other octets");
    if (blockNumber - due >= LARGEST_WINDOW) throw wrong("arrived");
    this.#useless += 1;
    if (this.#useless > limits.blockRepetitions) throw wrong("came over and over");
    return known === undefined ? "ahead" : "repeated";
  }
}
