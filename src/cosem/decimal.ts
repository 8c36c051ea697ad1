/**
 * Scaling in decimal (COSEM scaler_unit: value · 10^scaler), on digits, never in binary floating point, so that
 * 2304 with scaler −1 is 230.4 and nothing else. Floats are scaled by their shortest decimal form.
 */
import { usageError } from "../core/errors.js";

/** Digits a double carries for certain, both ways. */
const EXACT_DIGITS = 15;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * `value · 10^scaler` as decimal text without exponent. Fraction digits follow the scaler: (2300, −1) is `230.0`.
 * @param value an integer of any size, or a float as the meter sent it; not-a-number and infinities print as such.
 * @param scaler −128..127. @throws UsageError FIELD_INVALID for another scaler.
 */
export function scaleDecimal(value: number | bigint, scaler: number): string {
  if (!Number.isInteger(scaler) || scaler < -128 || scaler > 127)
    throw usageError("FIELD_INVALID", "scaler", "scaler must be an integer from -128 to 127");
  const match = DECIMAL.exec(String(value));
  // Only "NaN", "Infinity" and "-Infinity" do not match.
  if (match === null) return String(value);
  const [, sign, whole, fraction = "", exponent = "0"] = match;
  const digits = `${whole}${fraction}`;
  const text = shift(digits, Number(exponent) - fraction.length + scaler);
  return sign === "-" && /[1-9]/.test(digits) ? `-${text}` : text;
}

/** Puts the point: `digits · 10^power`, no needless leading zeros. */
function shift(digits: string, power: number): string {
  if (power >= 0) return stripZeros(digits + "0".repeat(power));
  const padded = digits.padStart(1 - power, "0");
  return `${stripZeros(padded.slice(0, power))}.${padded.slice(power)}`;
}

function stripZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, "");
}

/**
 * A JSON number where none of the digits is lost, else the text itself: at most 15 significant digits (zeros at the
 * end of a fraction do not count, zeros at the end of an integer do).
 */
export function toJsonNumber(decimalText: string): number | string {
  const match = DECIMAL.exec(decimalText);
  if (match === null || match[4] !== undefined) return decimalText;
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  const significant = `${match[2]}${fraction}`.replace(/^0+/, "");
  if (significant.length > EXACT_DIGITS) return decimalText;
  const value = Number(decimalText);
  return value === 0 ? 0 : value;
}

/** The shortest decimal that gives the same 32-bit float: 0.1, where the double reads 0.10000000149011612. */
export function float32Decimal(value: number): number {
  for (let precision = 1; precision < 9; precision++) {
    const short = Number(value.toPrecision(precision));
    if (Math.fround(short) === value) return short;
  }
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : value;
}
