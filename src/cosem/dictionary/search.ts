/**
 * Finding codes by words: what a picker in the editor asks. Looks through the standard's common codes and all
 * makers' lists; every word must occur in the code, the description, a maker's name or the unit.
 */
import { formatObis, parseObis } from "../obis.js";
import { type ObisDescription, describeObis, makerObjects, patterns, quantityOf } from "./describe.js";
import { firstOf } from "./pattern.js";

interface Entry {
  readonly found: ObisDescription;
  readonly text: string;
}

/** Measurements worth listing for every quantity; others are found by their code. */
const COMMON_D = [7, 6, 4, 5] as const;
const TARIFFS = [0, 1, 2, 3, 4] as const;

/** What people look for first. */
const popular = new Set(
  (
    "1-0:1.8.0 1-0:2.8.0 1-0:3.8.0 1-0:1.7.0 1-0:32.7.0 1-0:52.7.0 1-0:72.7.0 1-0:31.7.0 1-0:51.7.0 1-0:71.7.0 " +
    "1-0:12.7.0 1-0:11.7.0 1-0:13.7.0 1-0:14.7.0 1-0:1.6.0 1-0:99.1.0 1-0:99.2.0 1-0:98.1.0 0-0:1.0.0 0-0:96.1.0 " +
    "0-0:42.0.0 0-0:96.3.10 0-0:19.40.0 0-0:19.10.0 0-0:19.0.0 0-0:96.14.0 1-0:129.129.2 1-0:96.66.0 " +
    "0-1:24.2.1 7-0:3.0.0 8-0:1.0.0 6-0:1.0.0"
  )
    .split(" ")
    .map((code) => `${code}.255`),
);

/** Of what somebody searches for; nothing in the catalogue is as long. */
const MOST_LETTERS = 256;

let built: readonly Entry[] | undefined;

function entries(): readonly Entry[] {
  return (built ??= build());
}

/** Every code that is listed, what people look for first in front. */
export function listedObis(): readonly ObisDescription[] {
  const all = new Map(entries().map(({ found }) => [found.obisCode, found]));
  const first = [...popular].flatMap((code) => all.get(code) ?? []);
  return [...new Set([...first, ...all.values()])];
}

/**
 * @param text words, or an OBIS code in any form (that code comes first, whether listed or not).
 * @param limit at most so many, best first: codes people ask for most, then shorter descriptions.
 */
export function searchObis(text: string, limit = 20): readonly ObisDescription[] {
  const words = text.slice(0, MOST_LETTERS).toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const exact = exactly(text);
  const catalogue = entries();
  const scored: { found: ObisDescription; score: number }[] = [];
  for (const [i, entry] of catalogue.entries()) {
    if (!words.every((word) => entry.text.includes(word))) continue;
    if (entry.found.obisCode === exact?.obisCode) continue;
    scored.push({ found: entry.found, score: score(entry, words) + i / 100_000 });
  }
  scored.sort((a, b) => a.score - b.score);
  const rest = scored.map((hit) => hit.found);
  return (exact === undefined ? rest : [exact, ...rest]).slice(0, Math.max(0, limit));
}

/** Lower is better: whole words first, then popular and present values, then short descriptions. */
function score({ found, text }: Entry, words: readonly string[]): number {
  const whole = words.filter((word) =>
    new RegExp(`(?:^|[^\\p{L}\\d])${escape(word)}(?:$|[^\\p{L}\\d])`, "u").test(text),
  );
  const past = found.obisCode.endsWith(".255") ? 0 : 200;
  const preferred = popular.has(found.obisCode) ? -500 : 0;
  return (words.length - whole.length) * 1_000 + past + preferred + found.description.length;
}

/** In a pattern with `u` only what has a meaning there may be escaped. */
function escape(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function exactly(text: string): ObisDescription | undefined {
  if (!/\d/.test(text)) return undefined;
  try {
    return describeObis(text);
  } catch {
    // Words with digits in them ("tariff 2") are no code; they are searched for as words.
    return undefined;
  }
}

function build(): readonly Entry[] {
  const codes = new Set<string>();
  const add = (...groups: number[]): void => void codes.add(formatObis(Uint8Array.from(groups)));
  for (const pattern of patterns) {
    const { a, b, c, d, e, f } = firstOf(pattern);
    const everyMedium = pattern.groups[0]?.[1] === 255;
    add(everyMedium && c >= 98 ? 1 : a, pattern.description.includes("{b}") ? 1 : b, c, d, e, f);
  }
  for (let c = 1; c <= 92; c++) {
    const quantity = quantityOf(c)?.quantity;
    if (quantity === undefined) continue;
    for (const d of quantity.energy === undefined ? ([7] as const) : ([8, ...COMMON_D] as const))
      for (const e of d === 8 || d === 6 ? TARIFFS : [0]) add(1, 0, c, d, e, 255);
  }
  for (const obis of makerObjects.keys()) codes.add(formatObis(parseObis(obis)));
  return [...codes].flatMap((code) => {
    const found = describeObis(code);
    if (found === undefined) return [];
    const names = Object.entries(found.makerNames ?? {}).flat();
    return [{ found, text: [code, found.description, found.unit ?? "", ...names].join(" ").toLowerCase() }];
  });
}
