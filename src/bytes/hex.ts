/** Hexadecimal text and back, without `Buffer`. Upper case, as meters' documents print it. */
import { usageError } from "../core/errors.js";

const DIGITS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).toUpperCase().padStart(2, "0"));

/** `separator` stands between octets, e.g. a space for people. */
export function toHex(bytes: Uint8Array, separator = ""): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++)
    text += (i > 0 ? separator : "") + (DIGITS[bytes[i] as number] as string);
  return text;
}

/** Accepts white space between octets, upper and lower case. @throws UsageError FIELD_INVALID naming `field`. */
export function fromHex(text: string, field = "hex"): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits))
    throw usageError("FIELD_INVALID", field, `${field} must be an even number of hexadecimal digits`);
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Whether both hold the same octets. Not constant time: never for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Octets as text, one character per octet (ISO 8859-1): what visible-strings are. */
export function toLatin1(bytes: Uint8Array): string {
  let text = "";
  for (const octet of bytes) text += String.fromCharCode(octet);
  return text;
}

/** @throws UsageError FIELD_INVALID where a character has no octet. */
export function fromLatin1(text: string, field = "text"): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff)
      throw usageError("FIELD_INVALID", field, `${field} holds a character that is no single octet`);
    bytes[i] = code;
  }
  return bytes;
}
