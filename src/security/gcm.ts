/**
 * AES-GCM as DLMS uses it (IEC 62056-5-3): 12-octet tag, nonce = sender's system title and invocation counter.
 * Authentication only carries the plaintext in the additional data; encryption only has no tag at all.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { concatBytes } from "../bytes/hex.js";
import { DecodeError, DlmsError } from "../core/errors.js";
import { counterOctets, equalInConstantTime, plainOctets } from "./octets.js";
import { type SuiteParameters } from "./suites.js";

export const TAG_OCTETS = 12;

export interface GcmUse {
  readonly suite: SuiteParameters;
  readonly key: Uint8Array;
  /** Sender's system title and invocation counter; see `nonce`. */
  readonly iv: Uint8Array;
  readonly authenticated: boolean;
  readonly encrypted: boolean;
  /** Security control octet, authentication key, and what the form of protection adds. Unused without a tag. */
  readonly additionalData: Uint8Array;
}

/** @param counter the 32-bit invocation counter; the same pair must never be used twice with one key. */
export function nonce(systemTitle: Uint8Array, counter: number): Uint8Array {
  return concatBytes(systemTitle, counterOctets(counter));
}

/** The protected body: plaintext or ciphertext, then the tag when authenticated. */
export function seal(use: GcmUse, plaintext: Uint8Array): Uint8Array {
  const { authenticated, encrypted } = use;
  if (!authenticated && !encrypted) return plaintext;
  if (!encrypted) return concatBytes(plaintext, tagOf(use, plaintext));
  const cipher = createCipheriv(use.suite.gcm, use.key, use.iv, { authTagLength: TAG_OCTETS });
  if (authenticated) cipher.setAAD(use.additionalData);
  const ciphertext = concatBytes(cipher.update(plaintext), cipher.final());
  return authenticated ? concatBytes(ciphertext, cipher.getAuthTag()) : ciphertext;
}

/** The plaintext of a protected body. @throws DecodeError when no tag fits, DlmsError SECURITY_TAG */
export function open(use: GcmUse, body: Uint8Array): Uint8Array {
  const { authenticated, encrypted } = use;
  if (!authenticated) return encrypted ? decipherUnchecked(use, body) : plainOctets(body);
  const { payload, tag } = splitTag(body);
  if (!encrypted) {
    if (!equalInConstantTime(tagOf(use, payload), tag)) throw new DlmsError("SECURITY_TAG");
    return plainOctets(payload);
  }
  const decipher = createDecipheriv(use.suite.gcm, use.key, use.iv, { authTagLength: TAG_OCTETS });
  decipher.setAAD(use.additionalData);
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(payload);
  try {
    decipher.final();
  } catch {
    // The cause says nothing more than that the tag differs.
    throw new DlmsError("SECURITY_TAG");
  }
  return plainOctets(plaintext);
}

/** Without the authentication key no tag can be checked: GCM's ciphertext is CTR's, counted from 2. */
export function openWithoutTag(use: GcmUse, body: Uint8Array): Uint8Array {
  const { payload } = use.authenticated ? splitTag(body) : { payload: body };
  return use.encrypted ? decipherUnchecked(use, payload) : plainOctets(payload);
}

/** The tag over the additional data, then `authenticatedText`, with nothing encrypted. */
export function tagOf(use: GcmUse, authenticatedText: Uint8Array): Uint8Array {
  const cipher = createCipheriv(use.suite.gcm, use.key, use.iv, { authTagLength: TAG_OCTETS });
  cipher.setAAD(concatBytes(use.additionalData, authenticatedText));
  cipher.final();
  return plainOctets(cipher.getAuthTag());
}

function decipherUnchecked({ suite, key, iv }: GcmUse, ciphertext: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(suite.ctr, key, concatBytes(iv, Uint8Array.of(0, 0, 0, 2)));
  return concatBytes(decipher.update(ciphertext), decipher.final());
}

function splitTag(body: Uint8Array): { readonly payload: Uint8Array; readonly tag: Uint8Array } {
  if (body.length < TAG_OCTETS)
    throw new DecodeError(`${TAG_OCTETS} octets of tag expected, ${body.length} left`, 0, "ciphered content");
  return { payload: body.subarray(0, -TAG_OCTETS), tag: body.subarray(-TAG_OCTETS) };
}
