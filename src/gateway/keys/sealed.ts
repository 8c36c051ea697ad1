/**
 * Secrets at rest: AES-256-GCM under one master key, each value bound to what it belongs to, so that none can be moved
 * to another meter or field unnoticed. `sealed:` and, in base64, 12 octets nonce, ciphertext, 16 octets tag.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { DlmsError } from "../../core/errors.js";
import { Secret } from "../../core/secret.js";

export const SEALED_PREFIX = "sealed:";
const MASTER_OCTETS = 32;
const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** 32 octets in hexadecimal digits or base64. @throws DlmsError KEY_LIST_INVALID */
export function masterKeyOf(text: string): Secret<Uint8Array> {
  const trimmed = text.trim();
  const octets = /^[0-9a-f]{64}$/i.test(trimmed)
    ? Buffer.from(trimmed, "hex")
    : Buffer.from(BASE64.test(trimmed) ? trimmed : "", "base64");
  if (octets.length !== MASTER_OCTETS)
    throw new DlmsError(
      "KEY_LIST_INVALID",
      "The master key of the key list must be 32 octets: 64 hexadecimal digits, or base64.",
      { field: "masterKey" },
    );
  return new Secret(new Uint8Array(octets));
}

/** A master key of the system's randomness, in hexadecimal digits. */
export function newMasterKey(): string {
  return randomBytes(MASTER_OCTETS).toString("hex");
}

export function isSealed(text: string): boolean {
  return text.startsWith(SEALED_PREFIX);
}

/** @param belongsTo what the value is and whose. */
export function seal(text: string, masterKey: Secret<Uint8Array>, belongsTo: string): string {
  const nonce = randomBytes(NONCE_OCTETS);
  const cipher = createCipheriv("aes-256-gcm", masterKey.reveal(), nonce);
  cipher.setAAD(Buffer.from(belongsTo, "utf8"));
  const sealed = [nonce, cipher.update(text, "utf8"), cipher.final()];
  return SEALED_PREFIX + Buffer.concat([...sealed, cipher.getAuthTag()]).toString("base64");
}

/** @throws DlmsError KEY_LIST_INVALID when another key sealed it, or for something else, or it was changed. */
export function unseal(sealed: string, masterKey: Secret<Uint8Array>, belongsTo: string): string {
  const text = sealed.slice(SEALED_PREFIX.length);
  const octets = Buffer.from(BASE64.test(text) ? text : "", "base64");
  const end = octets.length - TAG_OCTETS;
  try {
    const decipher = createDecipheriv("aes-256-gcm", masterKey.reveal(), octets.subarray(0, NONCE_OCTETS));
    decipher.setAAD(Buffer.from(belongsTo, "utf8"));
    decipher.setAuthTag(octets.subarray(end));
    const clear = [decipher.update(octets.subarray(NONCE_OCTETS, end)), decipher.final()];
    return Buffer.concat(clear).toString("utf8");
  } catch {
    // What the engine of the system says would add nothing.
    throw new DlmsError(
      "KEY_LIST_INVALID",
      "does not decrypt: another master key, another meter or field, or it was changed",
    );
  }
}
