/**
 * Values that a console prints as loose words: the words on the page must be exactly what the leaves of the value are
 * written as, in any order. Each leaf has a few ways to be written (octets as hex, text, dotted name or date).
 */
import { type CosemDateTime, type Data, decodeDateTime, decodeTime } from "../../../axdr/index.js";
import { toHex, toLatin1 } from "../../../bytes/hex.js";
import { dotted, leafText } from "./text.js";

type Words = readonly string[];

const LABEL = /[A-Za-z][A-Za-z0-9 ]*: /g;
/** `2:11/22/2026` and `1.0.99.1.0.255:2` are two words each. */
const NUMBERED = /(\b\d+(?=:\d\d\/)|\d+(?:\.\d+){5}(?=:\d)):/g;
/** The console prints uninitialised memory for hundredths of a second. */
const JUNK_FRACTION = /^(\d\d:\d\d:\d\d)\.\d+$/;

export function wordsOf(text: string): string[] {
  return text
    .replace(LABEL, " ")
    .replace(NUMBERED, "$1 ")
    .split(/[\s,[\]{}()|]+/)
    .map((word) => word.replace(JUNK_FRACTION, "$1").replace(/^:|:$/g, ""))
    .filter((word) => word !== "");
}

/** The leaves of a value, arrays and structures opened. */
export function leavesOf(data: Data): Data[] {
  return data.type === "array" || data.type === "structure" ? data.value.flatMap(leavesOf) : [data];
}

/** Whether every word is one of a leaf, and every leaf is written. */
export function sameWords(printed: Words, leaves: readonly Data[]): boolean {
  // The leaf with the fewest ways first, so that wrong tries end early.
  const ways = leaves.map(writings).sort((a, b) => a.length - b.length);
  return consume([...printed], ways, 0);
}

function consume(left: string[], ways: readonly (readonly Words[])[], at: number): boolean {
  const options = ways[at];
  if (options === undefined) return left.length === 0;
  return options.some((words) => {
    const rest = [...left];
    for (const word of words) {
      const found = rest.indexOf(word);
      if (found < 0) return false;
      rest.splice(found, 1);
    }
    return consume(rest, ways, at + 1);
  });
}

function writings(data: Data): Words[] {
  const { type } = data;
  if (type === "null-data") return [[]];
  if (type === "boolean") return [[data.value ? "1" : "0"]];
  if (type === "bit-string")
    return [[String(lowestFirst(data.value))], data.value === "" ? [] : [data.value]];
  if (type === "octet-string" || type === "date-time") return octetWritings(data.value);
  if (type === "visible-string" || type === "utf8-string") return [wordsOf(data.value)];
  // Printed as a signed number in some places.
  if (type === "double-long-unsigned") return [[String(data.value)], [String(data.value | 0)]];
  return [[leafText(data)]];
}

function octetWritings(octets: Uint8Array): Words[] {
  if (octets.length === 0) return [[]];
  const ways: Words[] = [toHex(octets, " ").split(" ")];
  if (octets.length === 4) ways.push([clock(decodeTime(octets))]);
  if (octets.length === 6) ways.push([dotted(octets)]);
  if (octets.length === 12) ways.push(date(decodeDateTime(octets)));
  const text = toLatin1(octets);
  if (/^[\x20-\x7e]+$/.test(text)) ways.push(wordsOf(text));
  return ways;
}

function lowestFirst(bits: string): number {
  return [...bits].reduce((sum, bit, i) => sum + (bit === "1" ? 2 ** i : 0), 0);
}

const two = (value: number): string => String(value).padStart(2, "0");

function clock({ hour, minute, second }: CosemDateTime): string {
  return [hour, minute, second].map((part) => (part === undefined ? "*" : two(part))).join(":");
}

const LAST_DAY = 0xfe;

/** `11/22/2026 07:20:15 UTC+00:00`, parts that are not specified left out; `03/LASTDAY/*` repeats yearly. */
function date(value: CosemDateTime): Words {
  const { year, month, day, deviationMinutes } = value;
  const parts: string[] = [];
  if (month !== undefined) parts.push(two(month));
  if (day !== undefined) parts.push(day === LAST_DAY ? "LASTDAY" : two(day));
  if (year !== undefined) parts.push(String(year));
  else if (day === LAST_DAY) parts.push("*");
  const offset =
    deviationMinutes === undefined
      ? []
      : [`UTC${deviationMinutes > 0 ? "-" : "+"}${span(Math.abs(deviationMinutes))}`];
  return [...(parts.length === 0 ? [] : [parts.join("/")]), clock(value), ...offset];
}

function span(minutes: number): string {
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
