/**
 * The information field of FRMR: rejected control octet, V(S)/C-R/V(R), reason. Implementations disagree on the
 * order of the reason bits; the order here is the one meters were seen to send. It is diagnostic text, nothing
 * more: the recovery is always DISC and SNRM.
 */
import { type Codec, encodeAll, mapped, seq, u8 } from "../bytes/codec.js";
import { toHex } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { controlFromOctet, controlToOctet, formatControl, type HdlcControl } from "./control.js";
import { type HdlcFrame } from "./frame.js";

export type RejectionReason =
  "undefined-control" | "information-not-allowed" | "information-too-long" | "bad-receive-number";

export interface Rejection {
  readonly control: HdlcControl;
  /** The rejecting station's own N(S) and N(R). */
  readonly sendState: number;
  readonly receiveState: number;
  readonly reasons: readonly RejectionReason[];
}

const REASON_BITS: Readonly<Record<RejectionReason, number>> = {
  "undefined-control": 0x80,
  "information-not-allowed": 0x40,
  "information-too-long": 0x20,
  "bad-receive-number": 0x10,
};

const rejectionCodec: Codec<Rejection> = mapped(
  seq({ control: u8, state: u8, reason: u8 }),
  ({ control, state, reason }) => ({
    control: controlFromOctet(control),
    sendState: (state >> 1) & 7,
    receiveState: state >> 5,
    reasons: (Object.keys(REASON_BITS) as RejectionReason[]).filter(
      (name) => (reason & REASON_BITS[name]) !== 0,
    ),
  }),
  ({ control, sendState, receiveState, reasons }) => ({
    control: controlToOctet(control),
    state: (receiveState << 5) | (sendState << 1),
    reason: reasons.reduce((bits, name) => bits | REASON_BITS[name], 0),
  }),
);

export function encodeRejection(rejection: Rejection): Uint8Array {
  return encodeAll(rejectionCodec, rejection);
}

/** One phrase for an error message; a field of another shape is shown as it came. */
export function describeRejection(information: Uint8Array | undefined): string {
  if (information === undefined || information.length === 0) return "no reason given";
  if (information.length !== 3) return `reason field ${toHex(information.subarray(0, 16), " ")}`;
  const [control = 0, state = 0, reason = 0] = information;
  const names = Object.entries(REASON_BITS)
    .filter(([, bit]) => (reason & bit) !== 0)
    .map(([name]) => name.replaceAll("-", " "));
  const why = names.length > 0 ? names.join(", ") : `reason ${toHex(Uint8Array.of(reason))}`;
  return `${why}: ${formatControl(controlFromOctet(control))} against S=${(state >> 1) & 7} R=${state >> 5}`;
}

/** The error of a frame that ends a connection: FRMR, or one that breaks the rules itself. */
export function breach({ control, information }: HdlcFrame): DlmsError {
  return control.type === "FRMR"
    ? new DlmsError("FRAME_REJECTED", `the peer rejected a frame: ${describeRejection(information)}`)
    : new DlmsError("FRAME_INVALID", `${formatControl(control)} acknowledges what was never sent`);
}
