/**
 * How one association is secured, for either role: keys, titles, what is done to APDUs and what is demanded of the
 * peer's. Needed by ciphering and by the HLS mechanisms that use keys or titles; the other mechanisms do without.
 */
import {
  type AgreementScheme,
  type Demand,
  type Protection,
  type PublicKey,
  type ReceivedCounters,
  type SecurityKeys,
  type SecurityQuirks,
  type SecuritySuite,
} from "../security/index.js";
import { type KeySet } from "../xdlms/index.js";

/** Service-specific tags (glo-…, ded-…), the general ones (general-glo, general-ded), or general-ciphering. */
export type CipheredForm = "service-specific" | "general" | "general-ciphering";

/**
 * How the recipient of general-ciphering learns the key: it is the global one, or one made for the message and wrapped
 * under the master key, or one that both agree on by a scheme (suites 1 and 2).
 */
export type KeyTransportName = "identified" | "wrapped" | AgreementScheme;

/** Which certificates of the peer are believed. */
export interface CertificateTrust {
  /** The public key of who must have signed it. */
  readonly issuer: PublicKey;
  /** Epoch milliseconds at which it must be valid; not judged when absent. */
  readonly at?: number;
}

export interface SecurityOptions {
  /** Default 0. */
  readonly suite?: SecuritySuite;
  readonly keys: SecurityKeys;
  /** Our own, 8 octets. */
  readonly systemTitle: Uint8Array;
  /** The peer's, when it is known beforehand: another one is refused. Otherwise the one it shows is taken. */
  readonly peerSystemTitle?: Uint8Array;
  /** How every APDU is protected. Absent: APDUs stay in clear and only the authentication uses keys and titles. */
  readonly protection?: Protection;
  /** The least that every APDU of the peer must have. Default: the same as `protection`, and `signing`. */
  readonly demand?: Demand;
  /**
   * Client: `dedicated` makes a key for this association alone and sends it in the initiate request. Default
   * `global`. A server answers with the key it was asked with.
   */
  readonly keySet?: KeySet;
  /**
   * Client: the form of what we send. Default: general where general protection is negotiated. A server answers in
   * the form it was asked in.
   */
  readonly form?: CipheredForm;
  /** General-ciphering. Default: `identified`; a server's: the one it was asked with. */
  readonly keyTransport?: KeyTransportName;
  /**
   * Signs every APDU (general-signing, suites 1 and 2) and demands the peer's signature: `inside` before it is
   * enciphered, `outside` after. Without authentication and encryption only the signature is there.
   */
  readonly signing?: "inside" | "outside";
  /** Our own certificate (DER), shown in AARQ or AARE. */
  readonly certificate?: Uint8Array;
  /** The peer's signing key is taken from the certificate it shows; without one it is not let in. */
  readonly peerCertificate?: CertificateTrust;
  /** The form of one APDU (in clear), for meters that insist on an unusual one; undefined keeps ours. */
  readonly shapeForm?: (apdu: Uint8Array) => CipheredForm | undefined;
  /** Opens messages although no authentication key is known; their tags are not checked. Default false. */
  readonly withoutAuthenticationKey?: boolean;
  readonly quirks?: SecurityQuirks;
  /**
   * The name under which counters are reserved. Default: our system title in hex, so that all meters share one row
   * of numbers and none is ever used twice.
   */
  readonly counterKey?: string;
  /** The first number, where nothing is known of earlier ones. Default 1. */
  readonly firstCounter?: number;
  /** Numbers reserved at once. Default 100. */
  readonly counterBlock?: number;
  /** Octets of our challenge, 8 to 64. Default 16, with ECDSA 32. */
  readonly challengeOctets?: number;
  /** Client: the RLRQ carries a ciphered initiate request. Default true. */
  readonly protectedRelease?: boolean;
  /** What was received before this session, to refuse its repetition; kept by the owner. */
  readonly received?: ReceivedCounters;
}

/** Whether APDUs are protected, so that the application context is a ciphered one. */
export function isCiphered(security: SecurityOptions | undefined): boolean {
  return security?.protection !== undefined || security?.signing !== undefined;
}

/** What the peer's APDUs must have. */
export function demandOf({ protection, demand, signing }: SecurityOptions): Demand {
  const { authenticated, encrypted } = protection ?? { authenticated: false, encrypted: false };
  return demand ?? { authenticated, encrypted, signed: signing !== undefined };
}

/** Nobody vouches for what the peer says: its messages need no tag, or their tags are not checked. */
export function isUnauthenticated(security: SecurityOptions): boolean {
  const { authenticated, signed = false } = demandOf(security);
  const checked = security.keys.authentication !== undefined || security.withoutAuthenticationKey !== true;
  return isCiphered(security) && !signed && !(authenticated && checked);
}
