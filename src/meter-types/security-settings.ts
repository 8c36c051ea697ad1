/**
 * How meters of a type are to be proved and their messages protected (IEC 62056-5-3, 9.2): suite, policy, keys, titles,
 * and the switches for what the standard leaves open. Keys of single meters stand in a key directory.
 */
import { type KeyTransportName } from "../association/index.js";
import {
  type SecurityKeys,
  type SecurityMode,
  type SecurityQuirks,
  type SecuritySuite,
} from "../security/index.js";

/** `auto`: general-glo and general-ded where the meter knows general protection, else the services' own tags. */
export const cipheredForms = ["auto", "service-specific", "general", "general-ciphering"] as const;

export interface SecuritySettings {
  readonly suite: SecuritySuite;
  /** What is done to every APDU, ours and the meter's alike. */
  readonly mode: SecurityMode;
  readonly form: (typeof cipheredForms)[number];
  /** `dedicated`: a key made for each association. */
  readonly keySet: "global" | "dedicated";
  /** General-ciphering: how the meter learns the key. Default: it is the global one. */
  readonly keyTransport?: KeyTransportName;
  /** Every message is signed too, before it is enciphered or after (suites 1 and 2). */
  readonly signing?: "inside" | "outside";
  /** Our own, 8 octets. Two gateways that use the same keys must not share one. */
  readonly clientSystemTitle: Uint8Array;
  /** The meter's, where all have the same or there is one: another one is refused. */
  readonly meterSystemTitle?: Uint8Array;
  /** Keys that all meters of the type share, and ours. */
  readonly keys: SecurityKeys;
  /** Where the public client reads the invocation counter that the meter expects of us (class 1, attribute 2). */
  readonly counterObis?: string | undefined;
  /** False: the RLRQ goes out in clear, for meters that do not know a protected one. */
  readonly protectedRelease: boolean;
  /** Reads meters whose authentication key is unknown; nobody vouches for what they say. */
  readonly withoutAuthenticationKey: boolean;
  readonly quirks: SecurityQuirks;
}

/** Nothing of it is done until a mechanism or a mode asks for it. */
export const defaultSecurity = {
  suite: 0,
  mode: "authenticated-encrypted",
  form: "auto",
  keySet: "global",
  keys: {},
  counterObis: "0-0:43.1.0.255",
  protectedRelease: true,
  withoutAuthenticationKey: false,
  quirks: {},
} as const satisfies Omit<SecuritySettings, "clientSystemTitle">;
