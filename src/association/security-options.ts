/**
 * How one association is secured, for either role: keys, titles, what is done to APDUs and what is demanded of the
 * peer's. Needed by ciphering and by the HLS mechanisms that use keys or titles; the other mechanisms do without.
 */
import {
  type Demand,
  type Protection,
  type ReceivedCounters,
  type SecurityKeys,
  type SecurityQuirks,
  type SecuritySuite,
} from "../security/index.js";
import { type KeySet } from "../xdlms/index.js";

/** Service-specific tags (glo-…, ded-…) or the general ones (general-glo, general-ded). */
export type CipheredForm = "service-specific" | "general";

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
  /** The least that every APDU of the peer must have. Default: the same as `protection`. */
  readonly demand?: Demand;
  /**
   * Client: `dedicated` makes a key for this association alone and sends it in the initiate request. Default
   * `global`. A server answers with the key it was asked with.
   */
  readonly keySet?: KeySet;
  /** Client: the form of what we send. Default: general where general protection is negotiated. */
  readonly form?: CipheredForm;
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
