/**
 * Finds as files that can be run again: JSON with tags for what JSON lacks (octets, big integers, undefined, numbers
 * that are none, long runs of one letter).
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { concatBytes, fromHex, toHex } from "../../bytes/hex.js";

export interface Find {
  readonly target: string;
  /** Which rule was broken. */
  readonly kind: "threw" | "uncaught" | "slow" | "memory";
  readonly why: string;
  readonly seed: number;
  readonly index: number;
  readonly input: unknown;
}

const LONG_RUN = 100;

export function findText(find: Find): string {
  return `${JSON.stringify({ ...find, input: tagged(find.input) }, null, 1)}\n`;
}

export function readFind(path: string): Find {
  const find = JSON.parse(readFileSync(path, "utf8")) as Find;
  return { ...find, input: untagged(find.input) };
}

/** @returns where it was written; the same input goes to the same file. */
export function writeFind(folder: string, find: Find): string {
  mkdirSync(folder, { recursive: true });
  const text = findText(find);
  const name = createHash("sha256")
    .update(JSON.stringify(tagged(find.input)))
    .digest("hex")
    .slice(0, 12);
  const path = join(folder, `${find.target}-${name}.json`);
  writeFileSync(path, text);
  return path;
}

export function tagged(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $octets: runs(value) };
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (value === undefined) return { $undefined: true };
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return { $number: Object.is(value, -0) ? "-0" : String(value) };
  if (value instanceof Date) return { $date: value.getTime() };
  if (typeof value === "string" && value.length > LONG_RUN) {
    const [first = ""] = value;
    if (value === first.repeat(value.length)) return { $run: [first, value.length] };
  }
  if (Array.isArray(value)) return value.map(tagged);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, tagged(member)] as const);
  // A name that means something else when it is assigned, or that reads as a tag.
  const isOdd = members.some(([name]) => name.startsWith("$") || name === "__proto__");
  return isOdd ? { $object: members } : Object.fromEntries(members);
}

/** Hexadecimal; long runs of one octet as the octet and how often it stands there. */
function runs(octets: Uint8Array): (string | [string, number])[] {
  const parts: (string | [string, number])[] = [];
  let plainFrom = 0;
  for (let at = 0, end = 0; at < octets.length; at = end) {
    for (end = at + 1; octets[end] === octets[at] && end < octets.length;) end++;
    if (end - at < LONG_RUN && end < octets.length) continue;
    const isRun = end - at >= LONG_RUN;
    if (plainFrom < (isRun ? at : end)) parts.push(toHex(octets.subarray(plainFrom, isRun ? at : end)));
    if (isRun) parts.push([toHex(octets.subarray(at, at + 1)), end - at]);
    plainFrom = end;
  }
  return parts;
}

export function untagged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untagged);
  if (typeof value !== "object" || value === null) return value;
  const [[tag, held] = ["", undefined]] = Object.entries(value) as [string, unknown][];
  switch (tag) {
    case "$octets":
      return concatBytes(
        ...(held as (string | [string, number])[]).map((part) =>
          typeof part === "string" ? fromHex(part) : fromHex(part[0].repeat(part[1])),
        ),
      );
    case "$bigint":
      return BigInt(held as string);
    case "$undefined":
      return undefined;
    case "$number":
      return Number(held);
    case "$date":
      return new Date(held as number);
    case "$run": {
      const [letter, length] = held as [string, number];
      return letter.repeat(length);
    }
    case "$object": {
      const object: Record<string, unknown> = {};
      for (const [name, member] of held as [string, unknown][])
        Object.defineProperty(object, name, {
          ...{ value: untagged(member), enumerable: true, writable: true, configurable: true },
        });
      return object;
    }
    default:
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, untagged(member)]));
  }
}
