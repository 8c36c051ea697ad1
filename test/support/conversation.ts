/**
 * Reads a recorded exchange (test/vectors, their README) down to whole APDUs per direction: frames as their sender
 * wrote them, the link parameters the client used, and the steps the client took. Uses the codecs, not the machines.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { concatBytes, fromHex } from "../../src/bytes/hex.js";
import { DecodeError } from "../../src/core/errors.js";
import { decodeHdlcFrame, type HdlcFrame, stripLlc } from "../../src/hdlc/index.js";
import { decodeWrapperPdu, HEADER_OCTETS } from "../../src/wrapper/index.js";

export type Direction = "c2s" | "s2c";

export interface RecordedFrame {
  /** Place in the file's `exchange`. */
  readonly index: number;
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  /** The step that was going on, for files that have notes. */
  readonly note?: string;
}

export interface RecordedApdu {
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  /** Places in `frames` of its first and last frame. */
  readonly firstFrame: number;
  readonly lastFrame: number;
}

export interface Conversation {
  readonly name: string;
  readonly transport: "hdlc" | "wrapper";
  readonly quality: string;
  readonly decoded: readonly unknown[];
  readonly frames: readonly RecordedFrame[];
  readonly apdus: readonly RecordedApdu[];
}

const vectors = join(__dirname, "..", "vectors");

interface RecordedEntry {
  readonly dir?: Direction;
  readonly hex?: string;
  readonly note?: string;
}

export function vectorNames(): readonly string[] {
  const index = JSON.parse(readFileSync(join(vectors, "INDEX.json"), "utf8")) as { name: string }[];
  return index.map(({ name }) => name);
}

export function readConversation(name: string): Conversation {
  const file = JSON.parse(readFileSync(join(vectors, `${name}.json`), "utf8")) as {
    readonly transport: "hdlc" | "wrapper";
    readonly quality: string;
    readonly decoded?: readonly unknown[];
    readonly exchange: readonly RecordedEntry[];
  };
  const frames: RecordedFrame[] = [];
  let note: string | undefined;
  file.exchange.forEach((entry, index) => {
    if (entry.note !== undefined) note = entry.note;
    if (entry.dir === undefined || entry.hex === undefined) return;
    const frame = { index, direction: entry.dir, bytes: fromHex(entry.hex) };
    frames.push(note === undefined ? frame : { ...frame, note });
  });
  const { transport, quality, decoded = [] } = file;
  return { name, transport, quality, decoded, frames, apdus: apdusOf(frames) };
}

/** APDU tags of ciphered conversations, see the vectors' README. */
function isCiphered(tag: number): boolean {
  const initiate = [0x21, 0x28, 0x41, 0x48].includes(tag);
  return initiate || (tag >= 0xc8 && tag <= 0xd7) || (tag >= 0xdb && tag <= 0xdd);
}

/** Whether any APDU, or the initiate inside an AARQ or AARE, is ciphered. */
export function ciphered({ apdus }: Conversation): boolean {
  return apdus.some(({ bytes }) => {
    if (isCiphered(bytes[0] as number)) return true;
    if (bytes[0] !== 0x60 && bytes[0] !== 0x61) return false;
    // User information stands last: BE len 04 len tag …
    for (let at = 2; at + 4 < bytes.length; at++)
      if (bytes[at] === 0xbe && bytes[at + 2] === 0x04 && at + 2 + (bytes[at + 1] as number) === bytes.length)
        return isCiphered(bytes[at + 4] as number);
    return false;
  });
}

/** Wrapper PDUs and HDLC frames may stand in one file (one recorded client slips); each tells by its first octet. */
export function isHdlc(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7e;
}

function apdusOf(frames: readonly RecordedFrame[]): RecordedApdu[] {
  const apdus: RecordedApdu[] = [];
  const open = new Map<Direction, { parts: Uint8Array[]; first: number }>();
  frames.forEach(({ bytes, direction }, i) => {
    if (!isHdlc(bytes)) {
      apdus.push({ direction, bytes: wrapped(bytes), firstFrame: i, lastFrame: i });
      return;
    }
    const frame: HdlcFrame = decodeHdlcFrame(bytes);
    if (frame.control.type !== "I" && frame.control.type !== "UI") return;
    const unit = open.get(direction) ?? { parts: [], first: i };
    unit.parts.push(frame.information ?? new Uint8Array(0));
    if (frame.segmented) {
      open.set(direction, unit);
      return;
    }
    open.delete(direction);
    const { apdu } = stripLlc(concatBytes(...unit.parts));
    apdus.push({ direction, bytes: apdu, firstFrame: unit.first, lastFrame: i });
  });
  return apdus;
}

/** One recorded server announces more octets than it sends; what is there still counts. */
function wrapped(bytes: Uint8Array): Uint8Array {
  try {
    return decodeWrapperPdu(bytes).apdu;
  } catch (caught) {
    if (caught instanceof DecodeError) return bytes.subarray(HEADER_OCTETS);
    throw caught;
  }
}
