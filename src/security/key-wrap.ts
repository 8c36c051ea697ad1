/** AES key wrap (RFC 3394): how one symmetric key travels under another, in key transfer and in wrapped-key messages. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { concatBytes } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { Secret } from "../core/secret.js";
import { revealKey } from "./octets.js";
import { type SecuritySuite, securitySuites } from "./suites.js";

const INITIAL_VALUE = new Uint8Array(8).fill(0xa6);

/** Octets that wrapping adds. */
const OVERHEAD = 8;

/** @param master the key encryption key (KEK). @returns 8 octets more than the key. */
export function wrapKey(
  suite: SecuritySuite,
  master: Secret<Uint8Array> | undefined,
  key: Secret<Uint8Array>,
): Uint8Array {
  const { wrap, keyOctets } = securitySuites[suite];
  const cipher = createCipheriv(wrap, revealKey("master key", master, keyOctets), INITIAL_VALUE);
  return concatBytes(cipher.update(revealKey("key to wrap", key, keyOctets)), cipher.final());
}

/** @throws DlmsError SECURITY_KEY_TRANSPORT when the check value inside does not come out right. */
export function unwrapKey(
  suite: SecuritySuite,
  master: Secret<Uint8Array> | undefined,
  wrapped: Uint8Array,
): Secret<Uint8Array> {
  const { wrap, keyOctets } = securitySuites[suite];
  const kek = revealKey("master key", master, keyOctets);
  if (wrapped.length !== keyOctets + OVERHEAD)
    throw new DlmsError(
      "SECURITY_KEY_TRANSPORT",
      `A wrapped key of ${keyOctets + OVERHEAD} octets is expected, ${wrapped.length} came.`,
    );
  const decipher = createDecipheriv(wrap, kek, INITIAL_VALUE);
  try {
    return new Secret(concatBytes(decipher.update(wrapped), decipher.final()));
  } catch {
    // OpenSSL's message would add nothing: the check value differs.
    throw new DlmsError("SECURITY_KEY_TRANSPORT", "The wrapped key does not unwrap under the master key.");
  }
}
