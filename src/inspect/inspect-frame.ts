/**
 * The layered byte table of anything seen on a line: HDLC frames, wrapper PDUs or bare APDUs, told by their first
 * octets, then LLC, ACSE or xDLMS APDU, initiate and Data inside. Where decoding stops, the table holds what was
 * understood and the last line says why it stopped. Segments are shown one by one, ciphered APDUs unopened.
 */
import { acseCodec, isAcseTag } from "../acse/index.js";
import { type AnyCodec, fixedBytes, traced } from "../bytes/codec.js";
import { formatTrace, type TraceNode, Tracer } from "../bytes/inspect.js";
import { Reader } from "../bytes/reader.js";
import { DecodeError } from "../core/errors.js";
import {
  FLAG,
  formatControl,
  frameCodec,
  type HdlcFrame,
  parameterFieldCodec,
  stripLlc,
} from "../hdlc/index.js";
import { wrapperPduCodec } from "../wrapper/index.js";
import { apduCodec } from "../xdlms/index.js";

const HEADER = "offset  octets";

/** What was understood of some octets. */
export interface FrameTable {
  readonly bytes: Uint8Array;
  readonly root: TraceNode;
  /** The outermost element of each APDU. */
  readonly apdus: TraceNode[];
  /** Control fields of HDLC frames, as text. */
  readonly controls: string[];
  /** Octets of APDUs that begin or end in another frame. */
  readonly pieces: { readonly start: number; readonly end: number }[];
  /** Why it stopped, if it did. */
  stopped?: string;
}

/** @param bytes one or more HDLC frames or wrapper PDUs, or one APDU. */
export function inspectFrame(bytes: Uint8Array): string {
  return formatTable(frameTable(bytes));
}

/** @param bytes one or more HDLC frames or wrapper PDUs, or one APDU. */
export function frameTable(bytes: Uint8Array): FrameTable {
  const root: TraceNode = { name: "", start: 0, end: bytes.length, children: [] };
  const table: FrameTable = { bytes, root, apdus: [], controls: [], pieces: [] };
  if (bytes.length === 0) table.stopped = "there are no octets";
  let offset = 0;
  while (offset < bytes.length && table.stopped === undefined) offset = unit(table, offset);
  return table;
}

/** @param isHidden octets that are not shown. */
export function formatTable(
  table: FrameTable,
  isHidden?: (offset: number) => boolean,
  maxLines?: number,
): string {
  const lines = [HEADER, formatTrace(table.bytes, table.root, undefined, isHidden, maxLines)];
  if (table.stopped !== undefined) lines.push(`stopped: ${table.stopped}`);
  return lines.join("\n");
}

/** One frame, PDU or APDU at `offset`; returns where the next begins. */
function unit(table: FrameTable, offset: number): number {
  const { bytes, root } = table;
  if (bytes[offset] === FLAG) {
    const [frame, end] = layer(table, root, "HDLC frame", frameCodec, offset, bytes.length);
    if (frame !== undefined) insideHdlc(table, frame as HdlcFrame);
    return end;
  }
  if (bytes[offset] === 0 && bytes[offset + 1] === 1) {
    const [pdu, end] = layer(table, root, "wrapper PDU", wrapperPduCodec, offset, bytes.length);
    if (pdu !== undefined) insideApdu(table, (pdu as { readonly apdu: Uint8Array }).apdu);
    return end;
  }
  apduAt(table, root, offset, bytes.length);
  return bytes.length;
}

/** Decodes with a tracer, hangs what it saw under `parent`, and keeps why it stopped. */
function layer(
  table: FrameTable,
  parent: TraceNode,
  name: string,
  codec: AnyCodec,
  start: number,
  end: number,
  whole = false,
): [value: unknown, end: number] {
  const tracer = new Tracer();
  const reader = new Reader(table.bytes, start, end, tracer);
  let value: unknown;
  try {
    value = name === "" ? codec.decode(reader) : traced(reader, name, codec);
    if (whole) reader.expectEnd();
  } catch (caught) {
    if (!(caught instanceof DecodeError)) throw caught;
    table.stopped ??= caught.message;
    close(tracer.root, reader.offset);
  }
  parent.children.push(...tracer.root.children);
  return [value, reader.offset];
}

/** Elements that were open when decoding stopped end there. */
function close(node: TraceNode, offset: number): void {
  const last = node.children[node.children.length - 1];
  if (last === undefined) return;
  if (last.end <= last.start) last.end = Math.max(last.start, offset);
  close(last, offset);
}

function insideHdlc(table: FrameTable, { control, segmented, information }: HdlcFrame): void {
  table.controls.push(formatControl(control));
  if (information === undefined || information.length === 0) return;
  const start = information.byteOffset - table.bytes.byteOffset;
  const node = nodeAt(table.root, start, start + information.length);
  if (node === undefined) return;
  const end = start + information.length;
  if (control.type === "SNRM" || control.type === "UA") {
    layer(table, node, "link parameters", parameterFieldCodec, start, end);
    return;
  }
  if (control.type !== "I" && control.type !== "UI") return;
  const { apdu, sender } = stripLlc(information);
  // A later segment continues an APDU that began in an earlier frame.
  if (sender === undefined && !looksLikeApdu(apdu)) {
    table.pieces.push({ start, end });
    return;
  }
  const llc = information.length - apdu.length;
  if (llc > 0) layer(table, node, `LLC, ${sender}`, fixedBytes(llc), start, start + llc);
  const before = table.stopped;
  if (segmented) table.pieces.push({ start: start + llc, end });
  apduAt(table, node, start + llc, end);
  if (segmented && before === undefined && table.stopped !== undefined) {
    // The APDU goes on in the next frame: that it ends here is no fault.
    node.children.push({ name: "continued in the next segment", start: end, end, children: [] });
    delete table.stopped;
  }
}

function looksLikeApdu(bytes: Uint8Array): boolean {
  const tag = bytes[0];
  return isAcseTag(tag) || (tag !== undefined && tag >= 0xc0) || tag === 0x0f || tag === 0x0e;
}

function insideApdu(table: FrameTable, apdu: Uint8Array): void {
  const start = apdu.byteOffset - table.bytes.byteOffset;
  const node = nodeAt(table.root, start, start + apdu.length);
  if (node !== undefined) apduAt(table, node, start, start + apdu.length);
}

function apduAt(table: FrameTable, parent: TraceNode, start: number, end: number): void {
  if (start >= end) return;
  const before = parent.children.length;
  const isAcse = isAcseTag(table.bytes[start]);
  const [acse] = layer(table, parent, "", isAcse ? acseCodec : apduCodec, start, end, true);
  table.apdus.push(...parent.children.slice(before, before + 1));
  if (!isAcse) return;
  const information = (acse as { readonly userInformation?: Uint8Array } | undefined)?.userInformation;
  if (information === undefined) return;
  const at = information.byteOffset - table.bytes.byteOffset;
  const node = nodeAround(parent, at, at + information.length) ?? parent;
  apduAt(table, node, at, at + information.length);
}

/** The element that is exactly these octets. */
function nodeAt(node: TraceNode, start: number, end: number): TraceNode | undefined {
  if (node.start === start && node.end === end && node.name !== "") return node;
  for (const child of node.children) {
    const found = nodeAt(child, start, end);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The innermost element around these octets. */
function nodeAround(node: TraceNode, start: number, end: number): TraceNode | undefined {
  if (node.start > start || node.end < end) return undefined;
  for (const child of node.children) {
    const found = nodeAround(child, start, end);
    if (found !== undefined) return found;
  }
  return node;
}
