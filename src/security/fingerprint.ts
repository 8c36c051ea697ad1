/**
 * A name for a key and a system title together, under which invocation counters are kept: the same pair has one row of
 * numbers wherever it is used, another pair another. The key cannot be found from it.
 */
import { createHash } from "node:crypto";
import { concatBytes, fromLatin1, toHex } from "../bytes/hex.js";
import { type SymmetricKey } from "./keys.js";

const SALT = fromLatin1("invocation counters");
const OCTETS = 8;

/** 16 hexadecimal digits. */
export function fingerprintOf(key: SymmetricKey, title: Uint8Array): string {
  const octets = concatBytes(SALT, title, key.reveal());
  return toHex(new Uint8Array(createHash("sha256").update(octets).digest().subarray(0, OCTETS)));
}
