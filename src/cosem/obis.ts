/**
 * OBIS codes (IEC 62056-61): text to logical name and back. Takes every textual form that is in use; refuses a
 * short form that could mean two objects. What the code stands for is the dictionary's business.
 */
import { usageError } from "../core/errors.js";

/** The value groups A to F, 0..255 each. */
export interface ObisGroups {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

const LETTERS = ["A", "B", "C", "D", "E", "F"] as const;
/** `1-0:1.8.0`, the F group behind `.`, `*` or `&` (the last: reset by hand), or missing (255). */
const FULL = /^(\d+)-(\d+):(\d+)\.(\d+)\.(\d+)(?:[.*&](\d+))?$/;
/** `1.0.1.8.0.255`, F behind any separator, or missing. */
const DOTTED = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.(\d+)(?:[.*&](\d+))?$/;
/** `1.8.0` and `1.8.0*255`, the reduced form of IEC 62056-21 read-outs. Four dotted groups would be unclear. */
const SHORT = /^(\d+)\.(\d+)\.(\d+)(?:[*&](\d+))?$/;
/** `0100010800FF`, pairs optionally parted by one kind of separator. */
const HEX = /^(?:0x)?[0-9a-f]{2}([ :,-]?)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$/i;

/** A longer text is cut in messages. */
const LONGEST_QUOTED = 40;

/** Why a text is no OBIS code, for whoever words it. */
export type ObisProblem =
  | { readonly problem: "empty" }
  /** A group does not fit into an octet. */
  | { readonly problem: "group"; readonly letter: string; readonly value: string }
  /** The short form of something that exists in several media. */
  | { readonly problem: "ambiguous" }
  | { readonly problem: "character"; readonly character: string }
  | { readonly problem: "count"; readonly count: number }
  | { readonly problem: "form" };

/**
 * The six octets of an OBIS code: `1-0:1.8.0*255`, `1-0:1.8.0.255`, `1-0:1.8.0`, `1.0.1.8.0.255`, `1.0.1.8.0`,
 * `0100010800FF` (also `01 00 01 08 00 FF`), and `1.8.0` where it can only be electricity (see `isElectricity`).
 * @param field what an error calls the text.
 * @throws UsageError OBIS_INVALID naming `field` and the group that is wrong.
 */
export function parseObis(text: string, field = "obisCode"): Uint8Array {
  if (typeof text !== "string")
    throw usageError("OBIS_INVALID", field, `${field} must be an OBIS code as text, such as 1-0:1.8.0.255`);
  const found = readObis(text);
  if (found instanceof Uint8Array) return found;
  throw usageError("OBIS_INVALID", field, `${field}${sentence(found, text.trim())}`);
}

/** As `parseObis`, with the problem as data. */
export function readObis(text: string): Uint8Array | ObisProblem {
  const trimmed = text.trim();
  if (trimmed === "") return { problem: "empty" };
  // 29 characters are the longest form there is: six octets of three digits, or hex with separators, are shorter.
  if (trimmed.length <= 29) {
    if (HEX.test(trimmed)) return hexGroups(trimmed);
    const match = FULL.exec(trimmed) ?? DOTTED.exec(trimmed);
    if (match !== null) return groups(match.slice(1), 0);
    const short = SHORT.exec(trimmed);
    if (short !== null) return shortForm(short.slice(1));
  }
  return complaint(trimmed);
}

/** @returns `1-0:1.8.0.255`. @throws UsageError OBIS_INVALID unless there are six octets. */
export function formatObis(logicalName: Uint8Array): string {
  if (logicalName.length !== 6)
    throw usageError("OBIS_INVALID", "logicalName", `a logical name has 6 octets, not ${logicalName.length}`);
  const [a, b, c, d, e, f] = logicalName;
  return `${a}-${b}:${c}.${d}.${e}.${f}`;
}

/** The value groups of an OBIS code given as text or as six octets. @throws UsageError OBIS_INVALID. */
export function obisGroups(obis: string | Uint8Array): ObisGroups {
  const octets = typeof obis === "string" ? parseObis(obis) : obis;
  if (octets.length !== 6) return obisGroups(formatObis(octets));
  const [a, b, c, d, e, f] = octets as unknown as [number, number, number, number, number, number];
  return { a, b, c, d, e, f };
}

/** Any accepted spelling as `1-0:1.8.0.255`: the form to compare and to key maps with. */
export function normaliseObis(obis: string | Uint8Array, field = "obisCode"): string {
  return formatObis(typeof obis === "string" ? parseObis(obis, field) : obis);
}

function groups(texts: readonly (string | undefined)[], first: number): Uint8Array | ObisProblem {
  const octets = new Uint8Array(texts.length).fill(255);
  for (const [i, text] of texts.entries()) {
    if (text === undefined) continue;
    if (Number(text) > 255) return { problem: "group", letter: LETTERS[first + i] as string, value: text };
    octets[i] = Number(text);
  }
  return octets;
}

function hexGroups(text: string): Uint8Array {
  const digits = text.replace(/^0x/i, "").replace(/[^0-9a-f]/gi, "");
  return Uint8Array.from({ length: 6 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

function shortForm(texts: readonly (string | undefined)[]): Uint8Array | ObisProblem {
  const tail = groups(texts, 2);
  if (!(tail instanceof Uint8Array)) return tail;
  const [c, d] = tail as unknown as [number, number];
  return isElectricity(c, d) ? Uint8Array.of(1, 0, ...tail) : { problem: "ambiguous" };
}

/**
 * Whether C.D alone means electricity, channel 0. Not so where abstract objects of the same C.D exist: clock 1.0.0,
 * modem 2.0..2.3, payment 19.*, M-Bus 24.*, internet and push 25.*, other link layers 20..35 with D up to 6,
 * general and profile objects 93..99, and all maker-specific codes.
 */
function isElectricity(c: number, d: number): boolean {
  const quantity = c >= 1 && c <= 92;
  const measurement = (d >= 2 && d <= 9) || d === 29;
  const abstractToo = (c === 2 && d < 4) || c === 19 || c === 24 || c === 25 || (c >= 20 && c <= 35 && d < 7);
  return quantity && measurement && !abstractToo;
}

function complaint(text: string): ObisProblem {
  if (text.length > LONGEST_QUOTED) return { problem: "form" };
  const stray = /[^0-9a-f.:*&,\s-]/iu.exec(text);
  if (stray !== null) return { problem: "character", character: stray[0] };
  const count = text.split(/[^0-9]+/).filter((part) => part !== "").length;
  return count < 5 ? { problem: "count", count } : { problem: "form" };
}

/** What follows the field's name. */
function sentence(found: ObisProblem, text: string): string {
  const shown = text.length > LONGEST_QUOTED ? `${text.slice(0, LONGEST_QUOTED)}…` : text;
  switch (found.problem) {
    case "empty":
      return " is empty; an OBIS code is expected";
    case "group":
      return `: group ${found.letter} is ${found.value}, above 255`;
    case "ambiguous":
      return `: the short form ${text} is ambiguous; write groups A and B too, such as 0-0:${text} or 1-0:${text}`;
    case "character":
      return ` "${shown}" is no OBIS code: "${found.character}" does not belong there`;
    case "count":
      return ` "${shown}" is no OBIS code: it has ${found.count} groups, 5 or 6 are expected`;
    case "form":
      return ` "${shown}" is no OBIS code; a form such as 1-0:1.8.0.255 is expected`;
  }
}
