/**
 * A prepaid token as text: checked, and coded for a request. Only what can be known without keys is checked: twenty
 * digits, within 66 bits. The number inside is never corrected and never printed.
 */
import { fromLatin1 } from "../bytes/hex.js";
import { usageError } from "../core/errors.js";
import { tokenMax } from "./token-rules.js";

/**
 * @param value text of 20 digits; spaces and dashes between them are dropped.
 * @throws DlmsError TOKEN_REQUIRED, TOKEN_INVALID. The text never repeats the token.
 */
export function parseToken(value: unknown, field = "token"): string {
  if (value === undefined || value === null || value === "")
    throw usageError("TOKEN_REQUIRED", field, `${field} is missing`);
  if (typeof value === "number" || typeof value === "bigint")
    throw usageError("TOKEN_INVALID", field, `${field} must be text: a number has already lost digits`);
  if (typeof value !== "string")
    throw usageError("TOKEN_INVALID", field, `${field} must be text of 20 digits`);
  if (value.length > 64) throw usageError("TOKEN_INVALID", field, `${field} must have 20 digits, not more`);
  const digits = value.replace(/[\s-]+/g, "");
  if (digits === "") throw usageError("TOKEN_REQUIRED", field, `${field} is empty`);
  if (!/^\d{20}$/.test(digits))
    throw usageError("TOKEN_INVALID", field, `${field} must be exactly 20 digits (spaces and dashes aside)`);
  if (BigInt(digits) > tokenMax)
    throw usageError("TOKEN_INVALID", field, `${field} is above 2^66 − 1, so it cannot be a token`);
  return digits;
}

/** Two digits an octet, first digit in the high half. */
export function packBcd(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function unpackBcd(bytes: Uint8Array): string {
  let digits = "";
  for (const octet of bytes) digits += octet.toString(16).padStart(2, "0");
  return digits;
}

/** The digits of a token as an octet-string carries them, packed or as text; undefined when the octets are neither. */
export function tokenFromOctets(bytes: Uint8Array): string | undefined {
  const text = bytes.length === 10 ? unpackBcd(bytes) : String.fromCharCode(...bytes.subarray(0, 20));
  return /^\d{20}$/.test(text) && (bytes.length === 10 || bytes.length === 20) ? text : undefined;
}

export function asciiDigits(digits: string): Uint8Array {
  return fromLatin1(digits);
}
