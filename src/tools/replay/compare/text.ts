/** Our values as the independent clients write them: octets, object names, decimals. */
import { type Data } from "../../../axdr/index.js";
import { toHex } from "../../../bytes/hex.js";
import { scaleDecimal } from "../../../cosem/decimal.js";

/** `0.0.1.0.0.255` for the six octets of a logical name. */
export function dotted(octets: Uint8Array): string {
  return Array.from(octets).join(".");
}

/** A leaf's value: decimal, text as it is, octets in hex; the type where there is no value. */
export function leafText(data: Data): string {
  if (!("value" in data)) return data.type;
  const { value } = data;
  if (value instanceof Uint8Array) return toHex(value);
  return typeof value === "object" ? `${value.length} elements` : String(value);
}

/** What a leaf is, for people. */
export function describeData(data: Data): string {
  return "value" in data ? `${data.type} ${leafText(data)}` : data.type;
}

/** The number a leaf holds; booleans are none. */
export function numberOf(data: Data): number | bigint | undefined {
  if (!("value" in data)) return undefined;
  return typeof data.value === "number" || typeof data.value === "bigint" ? data.value : undefined;
}

/**
 * Whether binary floating point printed `printed` for `value` · 10^`scaler`: equal when rounded to the scaler's digits.
 */
export function sameScaled(printed: number, value: number | bigint, scaler: number): boolean {
  const digits = Math.max(0, -scaler);
  return trimmed(printed.toFixed(Math.min(digits, 100))) === trimmed(scaleDecimal(value, scaler));
}

function trimmed(decimal: string): string {
  const text = decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
  return text === "-0" ? "0" : text;
}
