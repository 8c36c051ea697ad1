/**
 * Rows of the dictionary: an OBIS pattern, the interface class, words, a usual unit. In a pattern each group A to E
 * is a number, a range `1..9`, or a letter that stands for any value and may be used as `{e}` in the words.
 */
import { type ObisGroups } from "../obis.js";

/** Pattern without F, class id (0: not told by the code), words, and the unit values usually have. */
export type Row = readonly [pattern: string, classId: number, description: string, unit?: string];

export interface Pattern {
  readonly groups: readonly (readonly [low: number, high: number])[];
  readonly classId: number;
  readonly description: string;
  readonly unit?: string;
}

const LETTERS = ["a", "b", "c", "d", "e"] as const;

export function compile([pattern, classId, description, unit]: Row): Pattern {
  const groups = (pattern.match(/\d+\.\.\d+|\d+|[a-e]/g) ?? []).map((text): readonly [number, number] => {
    if (/^[a-e]$/.test(text)) return [0, 255];
    const [low, high = low] = text.split("..").map(Number);
    return [low as number, high as number];
  });
  return { groups, classId, description, ...(unit === undefined ? {} : { unit }) };
}

export function matches(pattern: Pattern, obis: ObisGroups): boolean {
  return LETTERS.every((letter, i) => {
    const [low, high] = pattern.groups[i] as readonly [number, number];
    return obis[letter] >= low && obis[letter] <= high;
  });
}

/** The words with `{e}` and the like filled in. */
export function fill(words: string, obis: ObisGroups): string {
  return words.replace(/\{([a-e])\}/g, (_, letter: (typeof LETTERS)[number]) => String(obis[letter]));
}

/** The first code a pattern covers, on channel 0: what a picker shows for it. */
export function firstOf(pattern: Pattern): ObisGroups {
  const [a, b, c, d, e] = pattern.groups.map(([low]) => low) as [number, number, number, number, number];
  return { a, b, c, d, e, f: 255 };
}
