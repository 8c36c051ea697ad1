/**
 * Blocks of general block transfer put together, for the values inside: the engine itself hands such APDUs on unopened.
 * Only blocks in sequence count; recorded peers that lose step leave their APDU unfinished.
 */
import { octetField } from "../../axdr/index.js";
import { type Codec, type CodecValue, decodeAll, encodeAll, seq, u16, u8 } from "../../bytes/codec.js";
import { merged } from "../../bytes/fields.js";
import { concatBytes } from "../../bytes/hex.js";
import { expectSame } from "./link-layer.js";

export const GENERAL_BLOCK_TRANSFER = 0xe0;
const LAST_BLOCK = 0x80;

/**
 * General-Block-Transfer ::= SEQUENCE { block-control Unsigned8, block-number Unsigned16, block-number-ack Unsigned16,
 *   block-data OCTET STRING }
 */
const generalBlock = merged(seq({ control: u8, number: u16, acknowledged: u16 }), octetField("data"));

export class GeneralBlocks {
  #parts: Uint8Array[] = [];

  /** @returns the whole APDU when this was its last block. @throws DecodeError */
  take(bytes: Uint8Array): Uint8Array | undefined {
    const codec: Codec<CodecValue<typeof generalBlock>> = generalBlock;
    const block = decodeAll(codec, bytes);
    expectSame("general block", encodeAll(codec, block), bytes);
    if (block.data.length === 0) return undefined;
    if (block.number === 1) this.#parts = [];
    if (block.number !== this.#parts.length + 1) return undefined;
    this.#parts.push(block.data);
    if ((block.control & LAST_BLOCK) === 0) return undefined;
    const whole = concatBytes(...this.#parts);
    this.#parts = [];
    return whole;
  }
}
