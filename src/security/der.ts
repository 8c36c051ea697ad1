/** The little DER (ITU-T X.690) that certificate requests are written in. Reading certificates is node:crypto's. */
import { concatBytes, fromLatin1 } from "../bytes/hex.js";

export const derTags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One element around others; contents of up to 65,535 octets. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const inner = concatBytes(...contents);
  const { length } = inner;
  const header =
    length < 0x80
      ? Uint8Array.of(tag, length)
      : length < 0x100
        ? Uint8Array.of(tag, 0x81, length)
        : Uint8Array.of(tag, 0x82, length >> 8, length & 0xff);
  return concatBytes(header, inner);
}

/** A positive number given as octets, the highest first. */
export function derInteger(octets: Uint8Array): Uint8Array {
  const first = octets.findIndex((octet) => octet !== 0);
  const short = first < 0 ? Uint8Array.of(0) : octets.subarray(first);
  const sign = (short[0] as number) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0);
  return der(derTags.integer, sign, short);
}

/** Whole octets. */
export function derBits(octets: Uint8Array): Uint8Array {
  return der(derTags.bitString, Uint8Array.of(0), octets);
}

const COMMON_NAME = Uint8Array.of(0x55, 0x04, 0x03);

/** A name that is a common name and nothing else. */
export function derCommonName(name: string): Uint8Array {
  const attribute = der(
    derTags.sequence,
    der(derTags.objectIdentifier, COMMON_NAME),
    der(derTags.utf8String, fromLatin1(name)),
  );
  return der(derTags.sequence, der(derTags.set, attribute));
}
