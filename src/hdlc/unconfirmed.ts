/**
 * UI frames: APDUs without numbers, acknowledgement or turn, as meters push them. A long one is segmented like a
 * numbered one; its segments are told apart from noise only by standing behind each other.
 */
import { type HdlcControl } from "./control.js";
import { type HdlcFrame } from "./frame.js";
import { Reassembly } from "./inbound.js";
import { type LlcSender, stripLlc, withLlc } from "./llc.js";

export interface UnconfirmedFrame {
  readonly control: HdlcControl;
  readonly information: Uint8Array;
  readonly segmented: boolean;
}

/** The frames of one APDU. Only the last frame of an answering station is final; nobody polls with UI. */
export function unconfirmedFrames(apdu: Uint8Array, sender: LlcSender, maxInfo: number): UnconfirmedFrame[] {
  const unit = withLlc(sender, apdu);
  const frames: UnconfirmedFrame[] = [];
  for (let offset = 0; offset < unit.length; offset += maxInfo) {
    const segmented = offset + maxInfo < unit.length;
    frames.push({
      control: { type: "UI", pollFinal: !segmented && sender === "answering" },
      information: unit.subarray(offset, offset + maxInfo),
      segmented,
    });
  }
  return frames;
}

export class UnconfirmedReception {
  readonly #reassembly: Reassembly;

  constructor(maxApduBytes: number) {
    this.#reassembly = new Reassembly(maxApduBytes);
  }

  /** The whole APDU and who its LLC says has sent it. @throws DlmsError LIMIT_EXCEEDED */
  receive(frame: HdlcFrame): ReturnType<typeof stripLlc> | undefined {
    const unit = this.#reassembly.push(frame.information ?? new Uint8Array(0), frame.segmented);
    return unit === undefined ? undefined : stripLlc(unit);
  }
}
