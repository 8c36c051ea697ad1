/**
 * Layouts of login and heartbeat frames: a list of fields that serves both ways, to recognise a frame at the start of
 * a byte stream and to build one. Only what such frames need; DLMS itself is declared in the codecs.
 */
import { toLatin1 } from "../../bytes/hex.js";

/** digits: text of digits, NUL anywhere; a NUL between digits stands for 0, as Hexing writes it. */
export const idCodings = ["bcd", "ascii", "digits", "hex"] as const;
export type IdCoding = (typeof idCodings)[number];

export type LayoutField =
  /** Fixed octets; undefined stands for any octet (built as 00). */
  | { readonly field: "octets"; readonly value: readonly (number | undefined)[] }
  /** Two octets, kept under a name, so that an answer can repeat them. */
  | { readonly field: "u16"; readonly name: string; readonly built: number }
  /** Two octets: how many follow in this frame. */
  | { readonly field: "length16" }
  /** The meter's id. `octets` long, or behind one octet that counts it. */
  | {
      readonly field: "id";
      readonly octets: number | "counted";
      /** Text may be padded with NUL and blanks in front and behind. */
      readonly coding: IdCoding;
    }
  /** Sum of all octets before it, modulo 256. */
  | { readonly field: "sum8" };

export type Layout = readonly LayoutField[];

export type Recognition =
  | { readonly state: "no" }
  /** Everything so far fits; more octets decide. `open`: a pattern that never says no before the stream rests. */
  | { readonly state: "partial"; readonly open?: true }
  | {
      readonly state: "match";
      readonly length: number;
      readonly id: string | undefined;
      readonly values: Readonly<Record<string, number>>;
    };

const NO: Recognition = { state: "no" };
const PARTIAL: Recognition = { state: "partial" };

/** Compares `bytes` from their start with the layout. */
export function recogniseLayout(layout: Layout, bytes: Uint8Array): Recognition {
  const values: Record<string, number> = {};
  let id: string | undefined;
  let announcedEnd: number | undefined;
  let at = 0;
  for (const field of layout) {
    switch (field.field) {
      case "octets":
        for (const expected of field.value) {
          if (at >= bytes.length) return PARTIAL;
          if (expected !== undefined && bytes[at] !== expected) return NO;
          at++;
        }
        break;
      case "u16":
      case "length16": {
        if (at + 2 > bytes.length) return PARTIAL;
        const value = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
        at += 2;
        if (field.field === "u16") values[field.name] = value;
        else announcedEnd = at + value;
        break;
      }
      case "id": {
        let count = field.octets;
        if (count === "counted") {
          if (at >= bytes.length) return PARTIAL;
          count = bytes[at++] as number;
          // Tells a heartbeat from a DLMS APDU with the same tag: the count must fit the frame exactly.
          if (count === 0 || (announcedEnd !== undefined && announcedEnd !== at + count)) return NO;
        }
        const octets = bytes.subarray(at, at + count);
        if (!octets.every((octet) => fits(octet, field.coding))) return NO;
        if (octets.length < count) return PARTIAL;
        id = readId(octets, field.coding);
        at += count;
        break;
      }
      case "sum8": {
        if (at >= bytes.length) return PARTIAL;
        let sum = 0;
        for (let i = 0; i < at; i++) sum += bytes[i] as number;
        if ((sum & 0xff) !== bytes[at]) return NO;
        at++;
        break;
      }
    }
  }
  if (announcedEnd !== undefined && announcedEnd !== at) return NO;
  return { state: "match", length: at, id, values };
}

/** Builds a frame. `values` fill the named numbers, `id` the id field. */
export function buildLayout(
  layout: Layout,
  id: string,
  values: Readonly<Record<string, number>> = {},
): Uint8Array {
  const out: number[] = [];
  let lengthAt: number | undefined;
  for (const field of layout) {
    switch (field.field) {
      case "octets":
        for (const octet of field.value) out.push(octet ?? 0);
        break;
      case "u16": {
        const value = values[field.name] ?? field.built;
        out.push((value >> 8) & 0xff, value & 0xff);
        break;
      }
      case "length16":
        lengthAt = out.length;
        out.push(0, 0);
        break;
      case "id": {
        const octets = writeId(id, field.coding, field.octets === "counted" ? undefined : field.octets);
        if (field.octets === "counted") out.push(octets.length & 0xff);
        for (const octet of octets) out.push(octet);
        break;
      }
      case "sum8":
        out.push(out.reduce((sum, octet) => (sum + octet) & 0xff, 0));
        break;
    }
  }
  if (lengthAt !== undefined) {
    const rest = out.length - lengthAt - 2;
    out[lengthAt] = (rest >> 8) & 0xff;
    out[lengthAt + 1] = rest & 0xff;
  }
  return Uint8Array.from(out);
}

/** The id as text; undefined where the octets hold none (blank or nothing but zeros). */
export function readId(octets: Uint8Array, coding: IdCoding): string | undefined {
  if (coding === "digits" || coding === "ascii") {
    const text = toLatin1(octets).replace(/^[\0\s]+|[\0\s]+$/g, "");
    const id = coding === "digits" ? text.replace(/\D/g, "0") : text.toUpperCase();
    return isUnset(id) ? undefined : id;
  }
  let digits = "";
  for (const octet of octets) digits += octet.toString(16).toUpperCase().padStart(2, "0");
  return isUnset(digits) ? undefined : digits;
}

/** Nothing but zeros: a module nobody has configured yet. */
function isUnset(id: string): boolean {
  return /^0*$/.test(id);
}

function writeId(id: string, coding: IdCoding, octets: number | undefined): number[] {
  if (coding === "digits" || coding === "ascii") {
    const codes = Array.from(id, (character) => character.charCodeAt(0) & 0xff);
    if (octets === undefined) return codes;
    return [...codes.slice(0, octets), ...new Array<number>(Math.max(0, octets - codes.length)).fill(0)];
  }
  const width = octets === undefined ? Math.ceil(id.length / 2) * 2 : 2 * octets;
  const digits = id.padStart(width, "0").slice(-width);
  return Array.from(
    { length: width / 2 },
    (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16) || 0,
  );
}

function fits(octet: number, coding: IdCoding): boolean {
  if (coding === "bcd") return octet >> 4 <= 9 && (octet & 15) <= 9;
  if (coding === "digits") return octet === 0 || (octet >= 0x30 && octet <= 0x39);
  // Ids as text are printable; NUL pads them.
  return coding === "hex" || octet === 0 || (octet >= 0x20 && octet <= 0x7e);
}
