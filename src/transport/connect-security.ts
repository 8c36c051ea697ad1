/**
 * What a script says of authentication and ciphering to `connectMeter`, and what a session is told of it.
 */
import {
  type CertificateTrust,
  type CipheredForm,
  type ClientOptions,
  type KeyTransportName,
  type Mechanism,
  type SecurityOptions,
} from "../association/index.js";
import { usageError } from "../core/errors.js";
import {
  protectionOf,
  type SecurityKeys,
  type SecurityMode,
  type SecurityQuirks,
  type SecuritySuite,
} from "../security/index.js";
import { type KeySet } from "../xdlms/index.js";
import { type CounterSource } from "./outside.js";

export interface ConnectSecurity {
  /** Security suite 0 (default), 1 or 2: keys of 16, 16, 32 octets. */
  readonly suite?: SecuritySuite;
  /**
   * `unicast` (GUEK) and `authentication` (GAK); `master` for wrapped keys; `curve` for mechanism hls-ecdsa, signatures
   * and key agreement.
   */
  readonly keys: SecurityKeys;
  /** Our own system title, 8 octets. */
  readonly systemTitle: Uint8Array;
  /** The meter's. Default: the one it shows is taken. */
  readonly meterSystemTitle?: Uint8Array;
  /** Default `authenticated-encrypted`. */
  readonly mode?: SecurityMode;
  /** `dedicated`: a key made for this association alone. Default `global`. */
  readonly keySet?: KeySet;
  /** The form of what we send. Default: general where general protection is negotiated. */
  readonly form?: CipheredForm;
  /** General-ciphering: how the meter learns the key. Default `identified`. */
  readonly keyTransport?: KeyTransportName;
  /** Signs every APDU, before or after it is enciphered, and demands the meter's signature: suites 1 and 2. */
  readonly signing?: "inside" | "outside";
  /** Ours (DER), shown in the AARQ. */
  readonly certificate?: Uint8Array;
  /** The meter's signing key is taken from the certificate it shows. */
  readonly peerCertificate?: CertificateTrust;
  /**
   * Gives out invocation counters and remembers them: one used twice under the same key gives the key away. A store
   * (`openStore`) does; `MemoryCounters` only where keys do not outlive the process. Needed unless `mode` is `none`
   * and the mechanism is another than hls-gmac.
   */
  readonly counters?: CounterSource;
  /** The name under which they are counted. Default: our system title in hex. */
  readonly counterKey?: string;
  /** False: the RLRQ goes out in clear, for meters that do not know a protected one. Default true. */
  readonly protectedRelease?: boolean;
  /**
   * Reads meters whose authentication key is unknown: their tags are not checked, and every reading says
   * `unauthenticated`. Default false.
   */
  readonly withoutAuthenticationKey?: boolean;
  readonly quirks?: SecurityQuirks;
}

/** @throws DlmsError FIELD_INVALID for what the mechanism or the mode cannot do without. */
export function securityOptions(
  mechanism: Mechanism,
  security: ConnectSecurity | undefined,
): Pick<ClientOptions, "security"> {
  if (security === undefined) {
    if (mechanism === "hls-gmac" || mechanism === "hls-sha256" || mechanism === "hls-ecdsa")
      throw usageError("FIELD_INVALID", "security", `${mechanism} needs system titles or keys`);
    return {};
  }
  const {
    mode = "authenticated-encrypted",
    meterSystemTitle,
    counters,
    suite,
    keys,
    systemTitle,
    ...rest
  } = security;
  const protection = protectionOf(mode);
  if (counters === undefined && (protection !== undefined || mechanism === "hls-gmac"))
    throw usageError("FIELD_INVALID", "security.counters", "something has to keep the invocation counters");
  const options: SecurityOptions = {
    ...rest,
    keys,
    systemTitle,
    suite: suite ?? 0,
    ...(protection === undefined ? {} : { protection }),
    ...(meterSystemTitle === undefined ? {} : { peerSystemTitle: meterSystemTitle }),
  };
  return { security: options };
}
