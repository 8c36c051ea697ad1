/** General block transfer: any APDU, protected or not, in numbered blocks with a window and acknowledgements. */
import { type Codec, seq, u16, u8 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { usageError } from "../core/errors.js";
import { type OctetField, octetField } from "../axdr/fields.js";

interface BlockControl {
  readonly lastBlock: boolean;
  /** More blocks follow without waiting for an acknowledgement. */
  readonly streaming: boolean;
  /** Blocks this side can take before it acknowledges, 0 to 63. */
  readonly window: number;
}

export interface GeneralBlockTransfer extends BlockControl, OctetField<"blockData"> {
  /** From 1. */
  readonly blockNumber: number;
  /** The last block received in sequence; 0 for none. */
  readonly blockNumberAck: number;
}

const LAST = 0x80;
const STREAMING = 0x40;
const WINDOW = 0x3f;

const fromOctet = (octet: number): BlockControl => ({
  lastBlock: (octet & LAST) !== 0,
  streaming: (octet & STREAMING) !== 0,
  window: octet & WINDOW,
});

const blockControl: Codec<BlockControl> = {
  decode: (reader) => fromOctet(reader.u8()),
  encode: (writer, { lastBlock, streaming, window }) => {
    if (!Number.isInteger(window) || window < 0 || window > WINDOW)
      throw usageError("FIELD_INVALID", "window", `an integer from 0 to ${WINDOW} is expected`);
    writer.u8((lastBlock ? LAST : 0) | (streaming ? STREAMING : 0) | window);
  },
  shape: { kind: "mapped", inner: u8, from: fromOctet },
};

/**
 * General-Block-Transfer ::= SEQUENCE { block-control Unsigned8, block-number Unsigned16, block-number-ack Unsigned16,
 *   block-data OCTET STRING }
 */
export const generalBlockTransfer: Codec<GeneralBlockTransfer> = merged(
  blockControl,
  seq({ blockNumber: u16, blockNumberAck: u16 }),
  octetField("blockData"),
);
