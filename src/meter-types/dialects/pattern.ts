/**
 * Dialects of the user: hexadecimal octets with `??` for any octet, or a regular expression over the first octets as
 * ISO 8859-1 text; where the id stands and how it is coded; what to answer. The same shape JSON settings carry.
 */
import { fromHex, fromLatin1, toLatin1 } from "../../bytes/hex.js";
import { usageError } from "../../core/errors.js";
import { limits } from "../../core/limits.js";
import { type Framing, type PresetName } from "../meter-type.js";
import { type Dialect } from "./dialect.js";
import {
  buildLayout,
  type IdCoding,
  idCodings,
  type Layout,
  readId,
  type Recognition,
  recogniseLayout,
} from "./layout.js";

export interface PatternDeclaration {
  readonly name: string;
  /**
   * `hex`: octets from the start of the stream, `??` for any. `regex`: matched from the start; the id is the group
   * `id`, else the first group, else `id.offset` and `id.length`.
   */
  readonly match: { readonly hex: string } | { readonly regex: string };
  readonly id?: {
    readonly offset: number;
    readonly length: number;
    readonly coding: IdCoding;
    /** Characters removed from both ends of the id's text. */
    readonly strip?: string;
  };
  /** Hexadecimal octets; `{id}` repeats the id's octets, `{frame}` the whole frame. None: no answer. */
  readonly reply?: string;
  readonly framing?: Framing;
  readonly delayMs?: number;
  readonly heartbeatMs?: number;
  readonly preset?: PresetName;
}

/** @throws DlmsError FIELD_INVALID naming the field of the declaration. */
export function patternDialect(declaration: PatternDeclaration): Dialect {
  checkForm(declaration);
  const { id, match, name } = declaration;
  if (typeof name !== "string" || !/^[a-z0-9-]{1,40}$/.test(name))
    throw usageError("FIELD_INVALID", "name", "name must be 1 to 40 small letters, digits and dashes");
  if (id !== undefined) {
    whole(id.offset, "id.offset", 0);
    whole(id.length, "id.length", 1);
    if (id.offset + id.length > limits.patternBytes)
      throw usageError("FIELD_INVALID", "id", `id must lie within the first ${limits.patternBytes} octets`);
  }
  const reply = declaration.reply === undefined ? undefined : replyTemplate(declaration.reply);
  const recognise = "hex" in match ? hexRecogniser(match.hex, id) : regexRecogniser(match.regex, id);
  const idOctets = (frame: Uint8Array): Uint8Array =>
    id === undefined ? new Uint8Array(0) : frame.subarray(id.offset, id.offset + id.length);
  return {
    name,
    opening: "login",
    link: {
      framing: declaration.framing ?? "auto",
      delayMs: whole(declaration.delayMs ?? 0, "delayMs", 0),
      ...(declaration.heartbeatMs === undefined
        ? {}
        : { heartbeatMs: whole(declaration.heartbeatMs, "heartbeatMs", 1) }),
      ...(declaration.preset === undefined ? {} : { preset: declaration.preset }),
    },
    recognise,
    ...("hex" in match ? {} : { costly: true }),
    ...(reply === undefined ? {} : { reply: (_values, frame) => reply(idOctets(frame), frame) }),
    ...("hex" in match ? { build: (serial: string) => buildLayout(hexLayout(match.hex, id), serial) } : {}),
  };
}

type IdPlace = PatternDeclaration["id"];

/** The declaration is JSON that somebody typed. @throws DlmsError FIELD_INVALID */
function checkForm(declaration: PatternDeclaration): void {
  const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
  const must = (holds: boolean, field: string, form: string): void => {
    if (!holds) throw usageError("FIELD_INVALID", field, `${field} must be ${form}`);
  };
  must(isObject(declaration), "pattern", "an object");
  const { id, match, reply } = declaration;
  const { hex, regex } = (isObject(match) ? match : {}) as {
    readonly hex?: unknown;
    readonly regex?: unknown;
  };
  must(typeof (hex ?? regex) === "string", "match", "an object with hex or regex as text");
  must(reply === undefined || typeof reply === "string", "reply", "text");
  if (id === undefined) return;
  must(isObject(id), "id", "an object");
  must((idCodings as readonly unknown[]).includes(id.coding), "id.coding", `one of ${idCodings.join(", ")}`);
  must(id.strip === undefined || typeof id.strip === "string", "id.strip", "text");
}

function hexRecogniser(hex: string, id: IdPlace): (bytes: Uint8Array) => Recognition {
  const layout = hexLayout(hex, id);
  return (bytes) => {
    const found = recogniseLayout(layout, bytes.subarray(0, limits.patternBytes));
    return found.state === "match" ? { ...found, id: stripped(found.id, id) } : found;
  };
}

/** The octets with the id's place cut out of them; the id may reach beyond the pattern. */
function hexLayout(hex: string, id: IdPlace): Layout {
  const octets = hexPattern(hex);
  if (id === undefined) return [{ field: "octets", value: octets }];
  const before = [...octets.slice(0, id.offset)];
  while (before.length < id.offset) before.push(undefined);
  return [
    { field: "octets", value: before },
    { field: "id", octets: id.length, coding: id.coding },
    { field: "octets", value: octets.slice(id.offset + id.length) },
  ];
}

function hexPattern(hex: string): (number | undefined)[] {
  const pairs = hex.replace(/\s+/g, "").match(/[0-9a-f]{2}|\?\?/gi) ?? [];
  if (pairs.length === 0 || pairs.length > limits.patternBytes || pairs.join("") !== hex.replace(/\s+/g, ""))
    throw usageError(
      "FIELD_INVALID",
      "match.hex",
      `match.hex must be 1 to ${limits.patternBytes} octets in hexadecimal, ?? for any octet`,
    );
  return pairs.map((pair) => (pair === "??" ? undefined : Number.parseInt(pair, 16)));
}

function regexRecogniser(source: string, id: IdPlace): (bytes: Uint8Array, atRest: boolean) => Recognition {
  const { expression, octets } = boundedRegex(source);
  return (bytes, atRest) => {
    const text = toLatin1(bytes.subarray(0, octets));
    const match = expression.exec(text);
    const full = bytes.length >= octets;
    if (match === null || match[0] === "")
      return atRest || full ? { state: "no" } : { state: "partial", open: true };
    // The expression may want to take more than has arrived.
    if (match[0].length === text.length && !atRest && !full) return { state: "partial", open: true };
    const group = match.groups?.id ?? match[1];
    const found =
      group ??
      (id === undefined ? undefined : readId(bytes.subarray(id.offset, id.offset + id.length), id.coding));
    return { state: "match", length: match[0].length, id: stripped(found, id), values: {} };
  };
}

/** Steps of one attempt at most: about a millisecond. */
const MOST_STEPS = 200_000;
const WAYS = [1, 1, 2, 6];
/** A login that is longer than what a pattern may look at would never be found. */
const LEAST_OCTETS = 64;

/**
 * A regular expression whose running time is bounded by its form: no repeated groups, no back references, few
 * repetitions. A pattern runs on bytes that anybody may send: the more it can try, the fewer octets it looks at.
 */
function boundedRegex(source: string): { readonly expression: RegExp; readonly octets: number } {
  const refuse = (message: string): never => {
    throw usageError("FIELD_INVALID", "match.regex", `match.regex ${message}`);
  };
  if (typeof source !== "string" || source.length === 0 || source.length > limits.patternBytes)
    return refuse(`must have 1 to ${limits.patternBytes} characters`);
  const bare = source.replace(/\\[^1-9k]/g, "_").replace(/\[[^\]]*\]/g, "_");
  if (/\\[1-9k]/.test(bare)) return refuse("must not refer back to a group");
  if (/\)[*+{?]/.test(bare)) return refuse("must not repeat a group");
  const repetitions = (bare.match(/[*+]|\{\d*,\d*\}/g) ?? []).length;
  const optional = (bare.match(/[^(*+}]\?/g) ?? []).length;
  if (repetitions > 3) return refuse("may hold at most three open repetitions");
  if (optional > 6) return refuse("may hold at most six optional characters");
  // So many ways are there to share n octets out to the repetitions, for each choice of the optional characters.
  const steps = (n: number): number => (n ** repetitions / (WAYS[repetitions] ?? 1)) * 2 ** optional;
  let octets: number = limits.patternBytes;
  while (steps(octets) > MOST_STEPS) octets--;
  if (octets < LEAST_OCTETS) return refuse("holds too many repetitions and optional characters together");
  try {
    return { expression: new RegExp(`^(?:${source})`, "s"), octets };
  } catch (caught) {
    return refuse(`does not compile: ${caught instanceof Error ? caught.message : String(caught)}`);
  }
}

function stripped(text: string | undefined, id: IdPlace): string | undefined {
  if (text === undefined) return undefined;
  let result = text.trim().toUpperCase();
  const strip = id?.strip ?? "";
  while (result !== "" && strip.includes(result[0] as string)) result = result.slice(1);
  while (result !== "" && strip.includes(result.at(-1) as string)) result = result.slice(0, -1);
  return result === "" ? undefined : result;
}

function replyTemplate(template: string): (id: Uint8Array, frame: Uint8Array) => Uint8Array {
  const parts = template.split(/(\{id\}|\{frame\})/);
  const fixed = parts.map((part) => (part.startsWith("{") ? part : fromHex(part, "reply")));
  return (id, frame) => {
    let text = "";
    for (const part of fixed)
      text += toLatin1(part === "{id}" ? id : part === "{frame}" ? frame : (part as Uint8Array));
    return fromLatin1(text);
  };
}

function whole(value: number, field: string, low: number): number {
  if (!Number.isSafeInteger(value) || value < low || value > 86_400_000)
    throw usageError("FIELD_INVALID", field, `${field} must be a whole number, ${low} or more`);
  return value;
}
