/**
 * test/vectors/digests.json: SHA-256 of each recording as it was made. A recording that was changed since proves
 * nothing, also where an octet differs that no client printed. Comparing values does not depend on it.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Vector } from "./vector.js";

export type Digests = Readonly<Record<string, string>>;

/** Those that stand beside the recordings; none when there is no such file. */
export function readDigests(directory: string): Digests {
  const path = join(directory, "digests.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Digests) : {};
}

/** Of what was on the wire, its deciphered form and what the client printed. */
export function digestOf({ exchange, plaintextApdus, decoded }: Vector): string {
  return createHash("sha256")
    .update(JSON.stringify([exchange, plaintextApdus, decoded]))
    .digest("hex");
}

export function judgeDigest(vector: Vector, digests: Digests): readonly string[] {
  const listed = digests[vector.name];
  return listed === undefined || listed === digestOf(vector)
    ? []
    : ["the recording is not the one that was made: its digest differs"];
}
