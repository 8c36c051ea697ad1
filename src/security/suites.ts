/**
 * The three security suites of DLMS/COSEM (IEC 62056-5-3): which cipher, key lengths, hash and curve go together.
 * Compression (V.44) of suites 1 and 2 is left out.
 */
import { DlmsError } from "../core/errors.js";

export type SecuritySuite = 0 | 1 | 2;

export type Curve = "P-256" | "P-384";

export interface SuiteParameters {
  readonly id: SecuritySuite;
  readonly gcm: "aes-128-gcm" | "aes-256-gcm";
  readonly ctr: "aes-128-ctr" | "aes-256-ctr";
  readonly wrap: "id-aes128-wrap" | "id-aes256-wrap";
  /** Octets of every symmetric key. */
  readonly keyOctets: 16 | 32;
  /** Signatures and key agreement; suite 0 has none. */
  readonly curve?: Curve;
  readonly hash?: "sha256" | "sha384";
  /** The algorithm-id that key derivation names. */
  readonly algorithmId: Uint8Array;
}

const AES_GCM_128 = Uint8Array.of(0x60, 0x85, 0x74, 0x05, 0x08, 0x03, 0x00);
const AES_GCM_256 = Uint8Array.of(0x60, 0x85, 0x74, 0x05, 0x08, 0x03, 0x01);

const aes128 = { gcm: "aes-128-gcm", ctr: "aes-128-ctr", wrap: "id-aes128-wrap", keyOctets: 16 } as const;
const aes256 = { gcm: "aes-256-gcm", ctr: "aes-256-ctr", wrap: "id-aes256-wrap", keyOctets: 32 } as const;

export const securitySuites: { readonly [S in SecuritySuite]: SuiteParameters } = {
  0: { id: 0, ...aes128, algorithmId: AES_GCM_128 },
  1: { id: 1, ...aes128, curve: "P-256", hash: "sha256", algorithmId: AES_GCM_128 },
  2: { id: 2, ...aes256, curve: "P-384", hash: "sha384", algorithmId: AES_GCM_256 },
};

/** @throws DlmsError SECURITY_SUITE when a peer names a suite beyond 2. */
export function suiteById(id: number): SuiteParameters {
  const suite = (securitySuites as Readonly<Record<number, SuiteParameters>>)[id];
  if (suite === undefined) throw new DlmsError("SECURITY_SUITE", `Security suite ${id} does not exist.`);
  return suite;
}
