/**
 * The link layer of a recorded conversation: every frame decoded and encoded again, LLC removed, HDLC segments put
 * together. Gives the APDUs in order, each with the number of the frame it ended in.
 */
import { concatBytes, fromHex, toHex } from "../../bytes/hex.js";
import { DecodeError, DlmsError } from "../../core/errors.js";
import {
  type HdlcFrame,
  decodeHdlcFrame,
  decodeParameterField,
  encodeHdlcFrame,
  encodeParameterField,
  stripLlc,
  withLlc,
} from "../../hdlc/index.js";
import { decodeWrapperPdu, encodeWrapperPdu } from "../../wrapper/index.js";
import { type Direction, type Vector } from "./vector.js";

/** What is wrong with one frame; `frame` is the index in `exchange`. */
export interface Fault {
  readonly frame: number;
  readonly reason: string;
  /** It does decode, but does not encode to the same octets. */
  readonly decoded?: true;
}

/** Puts an error of ours down to a frame. @throws what is no `DlmsError`. */
export function faultOf(frame: number, caught: unknown): Fault {
  if (!(caught instanceof DlmsError)) throw caught;
  const { message } = caught;
  return caught instanceof DecodeError
    ? { frame, reason: message }
    : { frame, reason: message, decoded: true };
}

export interface RecordedApdu {
  readonly frame: number;
  /** Index of the note that stands before it, -1 when none. */
  readonly step: number;
  readonly dir: Direction;
  readonly bytes: Uint8Array;
  /** HDLC UI frames and unasked wrapper PDUs. */
  readonly unconfirmed: boolean;
}

export interface LinkResult {
  readonly frames: number;
  readonly apdus: readonly RecordedApdu[];
  readonly faults: readonly Fault[];
}

export function replayLink(vector: Vector): LinkResult {
  const apdus: RecordedApdu[] = [];
  const faults: Fault[] = [];
  const open: Record<Direction, Segments> = { c2s: new Segments(), s2c: new Segments() };
  let frames = 0;
  let step = -1;
  vector.exchange.forEach((entry, frame) => {
    if ("note" in entry) step++;
    if (!("hex" in entry)) return;
    frames++;
    try {
      const bytes = fromHex(entry.hex, `exchange[${frame}].hex`);
      const arrived =
        vector.transport === "hdlc"
          ? hdlc(bytes, open[entry.dir])
          : { apdu: wrapper(bytes), unconfirmed: false };
      if (arrived !== undefined)
        apdus.push({ frame, step, dir: entry.dir, bytes: arrived.apdu, unconfirmed: arrived.unconfirmed });
    } catch (caught) {
      faults.push(faultOf(frame, caught));
    }
  });
  return { frames, apdus, faults };
}

function wrapper(bytes: Uint8Array): Uint8Array {
  const pdu = decodeWrapperPdu(bytes);
  expectSame("wrapper PDU", encodeWrapperPdu(pdu), bytes);
  return pdu.apdu;
}

/** Segments of an APDU that is not yet whole, and the last N(S) seen, so that repetitions do not count twice. */
class Segments {
  parts: Uint8Array[] = [];
  last: number | undefined;
}

function hdlc(bytes: Uint8Array, open: Segments): { apdu: Uint8Array; unconfirmed: boolean } | undefined {
  const frame = decodeHdlcFrame(bytes);
  expectSame("HDLC frame", encodeHdlcFrame(frame), bytes);
  const { control, information = new Uint8Array(0) } = frame;
  if (control.type === "SNRM" || control.type === "UA") parameters(frame);
  if (control.type === "SNRM" || control.type === "UA" || control.type === "DISC") {
    open.parts = [];
    open.last = undefined;
  }
  if (control.type !== "I" && control.type !== "UI") return undefined;
  if (control.type === "I") {
    if (control.sendSequence === open.last) return undefined;
    open.last = control.sendSequence;
  }
  open.parts.push(information);
  if (frame.segmented) return undefined;
  const whole = concatBytes(...open.parts);
  open.parts = [];
  const { apdu, sender } = stripLlc(whole);
  if (sender !== undefined) expectSame("LLC", withLlc(sender, apdu), whole);
  return { apdu, unconfirmed: control.type === "UI" };
}

function parameters({ information }: HdlcFrame): void {
  if (information === undefined || information.length === 0) return;
  expectSame("link parameters", encodeParameterField(decodeParameterField(information)), information);
}

/** @throws DlmsError when encoding did not give the received octets back. */
export function expectSame(what: string, encoded: Uint8Array, received: Uint8Array): void {
  const [ours, theirs] = [toHex(encoded), toHex(received)];
  if (ours !== theirs) throw new DlmsError("INTERNAL", `${what} encodes to ${ours} instead of ${theirs}`);
}
