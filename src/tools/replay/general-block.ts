/**
 * Blocks of general block transfer put together, for the values inside. Only blocks in sequence count; recorded peers
 * that lose step leave their APDU unfinished.
 */
import { concatBytes } from "../../bytes/hex.js";
import { type GeneralBlockTransfer } from "../../xdlms/index.js";

export class GeneralBlocks {
  #parts: Uint8Array[] = [];

  /** @returns the whole APDU when this was its last block. */
  take({ lastBlock, blockNumber, blockData }: GeneralBlockTransfer): Uint8Array | undefined {
    if (blockData.length === 0) return undefined;
    if (blockNumber === 1) this.#parts = [];
    if (blockNumber !== this.#parts.length + 1) return undefined;
    this.#parts.push(blockData);
    if (!lastBlock) return undefined;
    const whole = concatBytes(...this.#parts);
    this.#parts = [];
    return whole;
  }
}
