/**
 * The keys of one meter or association by their role, and the switches for where the standard is read differently.
 * Where keys come from is the key store's matter.
 */
import { DlmsError } from "../core/errors.js";
import { type Secret } from "../core/secret.js";
import { type PrivateKey, type PublicKey } from "./elliptic.js";

/** 16 octets with suites 0 and 1, 32 with suite 2. */
export type SymmetricKey = Secret<Uint8Array>;

export interface SecurityKeys {
  /** Global unicast encryption key (GUEK). */
  readonly unicast?: SymmetricKey;
  /** Global broadcast encryption key (GBEK). */
  readonly broadcast?: SymmetricKey;
  /** Global authentication key (GAK), for every set of keys. */
  readonly authentication?: SymmetricKey;
  /** The key of this association alone. */
  readonly dedicated?: SymmetricKey;
  /** Master key (KEK): wraps other keys. */
  readonly master?: SymmetricKey;
  readonly curve?: CurveKeys;
}

/** Keys for signatures and key agreement, ours and the peer's. */
export interface CurveKeys {
  readonly signing?: PrivateKey;
  readonly agreement?: PrivateKey;
  /** For one exchange only. */
  readonly ephemeral?: PrivateKey;
  readonly peerSigning?: PublicKey;
  readonly peerAgreement?: PublicKey;
  readonly peerEphemeral?: PublicKey;
}

/** Each default is what the standard says, or what most sources do where it is not certain; see docs/standards.md. */
export interface SecurityQuirks {
  /** General-ciphering: the header fields are part of the authenticated data. Default true. */
  readonly generalHeaderAuthenticated?: boolean;
  /** Authentication only: bits 6 and 7 of the control octet are authenticated as sent. Default true. */
  readonly keySetBitsAuthenticated?: boolean;
  /** Static unified key agreement: the transaction id follows the originator's title. Default false. */
  readonly transactionIdInKeyDerivation?: boolean;
  /** General-signing: the lengths of the fields are signed too. Default true. */
  readonly signedLengths?: boolean;
  /** HLS mechanism 2: how a maker enciphers the challenge. Default "aes-ecb". */
  readonly vendorHls?: "aes-ecb" | "aes-cbc";
}

/** Which key protected a message. */
export type KeyName = "unicast" | "broadcast" | "dedicated" | "wrapped" | "agreed" | "signature";

/** The curve's keys. @throws DlmsError SECURITY_KEY_MISSING */
export function curveKeys(keys: SecurityKeys): CurveKeys {
  if (keys.curve === undefined)
    throw new DlmsError("SECURITY_KEY_MISSING", "Keys for signatures and key agreement are missing.");
  return keys.curve;
}
