/** What one unit of the link holds: an ACSE or an xDLMS APDU, or octets that are neither. Never throws. */
import { type Acse, decodeAcse, isAcseTag } from "../acse/index.js";
import { Reader } from "../bytes/reader.js";
import { asDlmsError, type DlmsError } from "../core/errors.js";
import { type Apdu, apduCodec } from "../xdlms/index.js";

export type Unit =
  | { readonly kind: "acse"; readonly acse: Acse }
  /** `rest` are octets after the complete APDU, as some meters send them. */
  | { readonly kind: "apdu"; readonly apdu: Apdu; readonly rest: Uint8Array }
  | { readonly kind: "undecodable"; readonly acse: boolean; readonly error: DlmsError };

/** @param strict octets after a complete APDU make it undecodable. */
export function readUnit(bytes: Uint8Array, strict: boolean): Unit {
  const acse = isAcseTag(bytes[0]);
  try {
    if (acse) return { kind: "acse", acse: decodeAcse(bytes) };
    const reader = new Reader(bytes);
    const apdu = apduCodec.decode(reader);
    if (strict) reader.expectEnd();
    return { kind: "apdu", apdu, rest: bytes.subarray(reader.offset) };
  } catch (caught) {
    return { kind: "undecodable", acse, error: asDlmsError(caught) };
  }
}
