/** Small pieces every file here needs: plain octets of what node:crypto gives, comparison in constant time, checks. */
import { timingSafeEqual } from "node:crypto";
import { toHex } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { type Secret } from "../core/secret.js";

export const TITLE_OCTETS = 8;
export const MAX_COUNTER = 0xffff_ffff;

/** A copy that is a `Uint8Array` and nothing more, not a view into a shared pool. */
export function plainOctets(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** Takes as long for octets that differ early as for octets that differ late. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The key's octets. @throws DlmsError SECURITY_KEY_MISSING, SECURITY_KEY_INVALID naming the key, never its octets. */
export function revealKey(name: string, key: Secret<Uint8Array> | undefined, octets: number): Uint8Array {
  if (key === undefined)
    throw new DlmsError("SECURITY_KEY_MISSING", `The ${name} is missing.`, { field: name });
  const bytes = key.reveal();
  if (bytes.length !== octets)
    throw new DlmsError(
      "SECURITY_KEY_INVALID",
      `The ${name} must have ${octets} octets, not ${bytes.length}.`,
      {
        field: name,
      },
    );
  return bytes;
}

/** @throws DlmsError SECURITY_TITLE */
export function checkTitle(whose: string, title: Uint8Array | undefined): Uint8Array {
  if (title === undefined || title.length === 0)
    throw new DlmsError("SECURITY_TITLE", `The system title of the ${whose} is not known.`);
  if (title.length !== TITLE_OCTETS)
    throw new DlmsError(
      "SECURITY_TITLE",
      `The system title of the ${whose} must have 8 octets: ${toHex(title)}.`,
    );
  return title;
}

/** The counter as four octets, most significant first. */
export function counterOctets(counter: number): Uint8Array {
  if (!Number.isInteger(counter) || counter < 0 || counter > MAX_COUNTER)
    throw new DlmsError("FIELD_INVALID", "an invocation counter from 0 to 4294967295 is expected", {
      field: "counter",
    });
  return Uint8Array.of(counter >>> 24, (counter >>> 16) & 0xff, (counter >>> 8) & 0xff, counter & 0xff);
}
