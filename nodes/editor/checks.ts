/**
 * Field checks. Each gives `true` or the reason in the user's language, which Node-RED shows at the field. A field
 * that holds `${NAME}` is settled at run time, so it passes here.
 */
import { backendLimits, listenerLimits, type ObisProblem, readObis, shownLimit } from "../../src/editor.js";
import { word } from "./words.js";

export type Verdict = true | string;

const fromEnvironment = /^\s*\$\{[^}]+\}\s*$/;

function blank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}

/** A whole number within bounds; empty passes. */
export function integer(value: unknown, min: number, max: number): Verdict {
  if (blank(value)) return true;
  const text = String(value);
  if (fromEnvironment.test(text)) return true;
  const number = /^\s*-?\d{1,15}\s*$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? true : word("check.integer", { min, max });
}

/** A limit of a listener or a connection, in what its dialog shows it in; empty passes. */
export function limit(
  value: unknown,
  name: keyof typeof listenerLimits | keyof typeof backendLimits,
): Verdict {
  const { min, max } = shownLimit(name, { ...listenerLimits, ...backendLimits }[name]);
  return integer(value, min, max);
}

/** Addresses and networks with white space or commas between; the runtime looks closer. Empty passes. */
export function addresses(value: unknown): Verdict {
  if (blank(value) || fromEnvironment.test(String(value))) return true;
  const wrong = String(value)
    .split(/[\s,;]+/)
    .find((entry) => entry !== "" && !/^[0-9a-f.:]+(\/\d{1,3})?$/i.test(entry));
  return wrong === undefined ? true : word("check.address", { entry: wrong.slice(0, 64) });
}

export function port(value: unknown): Verdict {
  return integer(value, 1, 65_535);
}

/** An address of a web server; empty passes. */
export function url(value: unknown): Verdict {
  if (blank(value)) return true;
  const text = String(value);
  if (fromEnvironment.test(text) || /^\s*https?:\/\/[^\s/]+/i.test(text)) return true;
  return word("check.url");
}

/** A choice that the backend's REST is needed for, while it is switched off. */
export function needsRest(): Verdict {
  return word("check.needsRest");
}

/** An OBIS code in any form that the runtime takes; the same parser reads it there. */
export function obis(value: unknown): Verdict {
  if (blank(value) || fromEnvironment.test(String(value))) return true;
  const found = readObis(String(value));
  return found instanceof Uint8Array || wording(found, String(value).trim());
}

function wording(found: ObisProblem, text: string): string {
  switch (found.problem) {
    case "group":
      return word("check.obisGroup", { letter: found.letter, value: found.value });
    case "character":
      return word("check.obisCharacter", { character: found.character });
    case "count":
      return word("check.obisCount", { count: found.count });
    case "ambiguous":
      return word("check.obisAmbiguous", { text });
    case "empty":
    case "form":
      return word("check.obis");
  }
}

/** OBIS codes, one a row. */
export function obisList(rows: unknown): Verdict {
  if (!Array.isArray(rows)) return true;
  for (const row of rows as { readonly obisCode?: unknown }[]) {
    const code = typeof row === "string" ? row : row.obisCode;
    if (blank(code)) return word("check.obisEmpty");
    const verdict = obis(code);
    if (verdict !== true) return `${String(code)}: ${verdict}`;
  }
  return true;
}

/** Octets as hexadecimal digits, spaces allowed; empty passes. */
export function hex(value: unknown): Verdict {
  if (blank(value) || fromEnvironment.test(String(value))) return true;
  return /^([0-9a-f]{2})+$/i.test(String(value).replace(/[\s:-]/g, "")) ? true : word("check.hex");
}

/** So many octets as hexadecimal digits; empty passes. */
export function octets(value: unknown, count: number): Verdict {
  if (blank(value) || fromEnvironment.test(String(value))) return true;
  const verdict = hex(value);
  if (verdict !== true) return verdict;
  const digits = String(value).replace(/[\s:-]/g, "");
  return digits.length === 2 * count ? true : word("check.digits", { count: 2 * count });
}

/** A field that must not be empty. */
export function required(value: unknown): Verdict {
  return blank(value) ? word("check.required") : true;
}

/** Hexadecimal digits that must be there. */
export function requiredHex(value: unknown): Verdict {
  return blank(value) ? word("check.required") : hex(value);
}

/** A whole number within bounds that must be there. */
export function requiredInteger(value: unknown, min: number, max: number): Verdict {
  return blank(value) ? word("check.required") : integer(value, min, max);
}

/** An OBIS code that must be there. */
export function requiredObis(value: unknown): Verdict {
  return blank(value) ? word("check.required") : obis(value);
}

/** Dialects of the user: a JSON list of objects with a name and a match; the runtime looks at the rest. */
export function patterns(value: unknown): Verdict {
  if (blank(value) || fromEnvironment.test(String(value))) return true;
  try {
    const list: unknown = JSON.parse(String(value));
    const fine =
      Array.isArray(list) &&
      list.every((entry: unknown) => {
        const { name, match } = (entry ?? {}) as { readonly name?: unknown; readonly match?: unknown };
        return typeof name === "string" && typeof match === "object" && match !== null;
      });
    return fine || word("check.patterns");
  } catch (caught) {
    return caught instanceof Error ? caught.message : word("check.patterns");
  }
}
