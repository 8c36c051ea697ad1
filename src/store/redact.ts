/**
 * Cuts a token that is no longer needed to its last four digits, wherever it stands in a JSON value, however grouped.
 */
import { maskToken } from "../core/secret.js";

export function redactToken(value: unknown, token: string): unknown {
  if (typeof value === "string") return redactText(value, token);
  if (Array.isArray(value)) return value.map((item) => redactToken(item, token));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redactToken(item, token)]));
}

/** The token's digits with any blanks and dashes between them. */
function redactText(text: string, token: string): string {
  if (text.length < token.length) return text;
  return text.replace(new RegExp(token.split("").join("[\\s-]*"), "g"), maskToken(token));
}
