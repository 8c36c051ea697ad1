/**
 * What protecting and opening share: forms, the result of opening, and the octets that tags and signatures cover.
 */
import { type OctetField, octetField } from "../axdr/fields.js";
import { encodeAll } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { concatBytes } from "../bytes/hex.js";
import { type CipheredApdu, type GeneralHeader, generalHeader, type KeySet } from "../xdlms/index.js";
import { type PrivateKey, type PublicKey } from "./elliptic.js";
import { type AgreementScheme } from "./key-agreement.js";
import { type KeyName, type SecurityKeys, type SecurityQuirks, type SymmetricKey } from "./keys.js";
import { revealKey } from "./octets.js";
import { controlOctet, type SecurityControl } from "./security-control.js";
import { type SecuritySuite, type SuiteParameters } from "./suites.js";

/** What is done to an APDU. */
export interface Protection {
  readonly authenticated: boolean;
  readonly encrypted: boolean;
  /** The broadcast key instead of the unicast key. */
  readonly broadcast?: boolean;
}

/**
 * What is done to APDUs, in words. `none`: they travel in clear, and titles and keys serve the authentication alone.
 */
export const securityModes = ["none", "authenticated", "encrypted", "authenticated-encrypted"] as const;
export type SecurityMode = (typeof securityModes)[number];

/** Undefined for `none`. */
export function protectionOf(mode: SecurityMode): Protection | undefined {
  if (mode === "none") return undefined;
  return { authenticated: mode !== "encrypted", encrypted: mode !== "authenticated" };
}

/** The least a received message must have. */
export interface Demand {
  readonly authenticated: boolean;
  readonly encrypted: boolean;
  readonly signed?: boolean;
}

/** Fields that say nothing are left out. The originator is the sender. */
export interface HeaderFields {
  readonly transactionId?: Uint8Array;
  readonly recipientSystemTitle?: Uint8Array;
  readonly dateTime?: Uint8Array;
  readonly otherInformation?: Uint8Array;
}

/** How the recipient of general-ciphering learns the key. */
export type KeyTransport =
  /** The global key that `Protection.broadcast` chooses. */
  | { readonly type: "identified" }
  /** A key made for this message, wrapped under the master key. */
  | { readonly type: "wrapped"; readonly key: SymmetricKey }
  | {
      readonly type: "agreed";
      readonly scheme: AgreementScheme;
      /** Ours for this message alone. Default: the one among the keys. */
      readonly ephemeral?: PrivateKey;
    };

/** The wrapping an APDU gets. */
export type ProtectionForm =
  /** glo-… or ded-…: the tag still tells the service. Only for APDUs that have such a tag. */
  | { readonly type: "service-ciphering"; readonly keySet: KeySet }
  /** `withoutTitle` leaves the system title empty. */
  | { readonly type: "general-glo-ciphering"; readonly withoutTitle?: boolean }
  | { readonly type: "general-ded-ciphering"; readonly withoutTitle?: boolean }
  /** Without `key` no key information is sent. */
  | { readonly type: "general-ciphering"; readonly header: HeaderFields; readonly key?: KeyTransport };

/** What every use of keys needs to know. */
export interface SecurityUse {
  readonly suite: SecuritySuite;
  readonly keys: SecurityKeys;
  readonly quirks?: SecurityQuirks;
}

/** A message opened by one layer. */
export interface Unprotected {
  /** What was inside; it may be protected once more. */
  readonly apdu: Uint8Array;
  readonly form: CipheredApdu["type"];
  /** System title of whoever protected it. */
  readonly originator: Uint8Array;
  readonly key: KeyName;
  /** A tag or signature was there and is right. False also where a tag was there but could not be checked. */
  readonly authenticated: boolean;
  readonly encrypted: boolean;
  readonly signed: boolean;
  /** All but general-signing. */
  readonly control?: SecurityControl;
  readonly counter?: number;
  /** General-ciphering and general-signing. */
  readonly header?: GeneralHeader;
  /** Agreed keys: by which scheme, and the ephemeral public key that came along, if it has one. */
  readonly scheme?: AgreementScheme;
  readonly peerEphemeral?: PublicKey;
}

const KEY_SET_BITS = 0xc0;
const signedPart = merged(generalHeader, octetField("content"));

/** Control octet, authentication key, header fields; nothing when no tag is wanted. */
export function additionalData(
  use: SecurityUse,
  suite: SuiteParameters,
  control: SecurityControl,
  header: GeneralHeader | undefined,
): Uint8Array {
  if (!control.authenticated) return new Uint8Array(0);
  const { keySetBitsAuthenticated = true, generalHeaderAuthenticated = true } = use.quirks ?? {};
  const octet = controlOctet(control);
  const cleared = !control.encrypted && !keySetBitsAuthenticated;
  return concatBytes(
    Uint8Array.of(cleared ? octet & ~KEY_SET_BITS : octet),
    revealKey("authentication key", use.keys.authentication, suite.keyOctets),
    header !== undefined && generalHeaderAuthenticated ? encodeAll(generalHeader, header) : new Uint8Array(0),
  );
}

/** What general-signing signs: header and content, with or without the lengths of the fields. */
export function signedOctets(
  message: GeneralHeader & OctetField<"content">,
  quirks: SecurityQuirks = {},
): Uint8Array {
  if (quirks.signedLengths ?? true) return encodeAll(signedPart, message);
  const { transactionId, originatorSystemTitle, recipientSystemTitle, dateTime, otherInformation } = message;
  return concatBytes(
    transactionId,
    originatorSystemTitle,
    recipientSystemTitle,
    dateTime,
    otherInformation,
    message.content,
  );
}
