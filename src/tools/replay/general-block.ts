/**
 * Blocks of general block transfer put together, for the values inside. Only blocks in sequence count; recorded peers
 * that lose step leave their APDU unfinished, which is told once for each direction.
 */
import { concatBytes } from "../../bytes/hex.js";
import { type GeneralBlockTransfer } from "../../xdlms/index.js";
import { type Fault } from "./link-layer.js";

export class GeneralBlocks {
  #parts: Uint8Array[] = [];
  #lastFrame = 0;
  #outOfStep: Fault | undefined;

  /** @returns the whole APDU when this was its last block. */
  take({ lastBlock, blockNumber, blockData }: GeneralBlockTransfer, frame: number): Uint8Array | undefined {
    if (blockData.length === 0) return undefined;
    const due = this.#parts.length + 1;
    if (blockNumber !== due) {
      const reason = `block ${blockNumber} of a general block transfer comes where block ${due} is due`;
      this.#outOfStep ??= { frame, reason };
      if (blockNumber !== 1) return undefined;
      this.#parts = [];
    }
    this.#lastFrame = frame;
    this.#parts.push(blockData);
    if (!lastBlock) return undefined;
    const whole = concatBytes(...this.#parts);
    this.#parts = [];
    return whole;
  }

  /** @returns the first block out of step, or that the recording ends before the last block. */
  end(): Fault | undefined {
    if (this.#outOfStep !== undefined || this.#parts.length === 0) return this.#outOfStep;
    return { frame: this.#lastFrame, reason: "a general block transfer is not carried to its end" };
  }
}
