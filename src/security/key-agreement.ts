/**
 * Key agreement of general-ciphering (NIST SP 800-56A as IEC 62056-5-3 profiles it): three schemes, one key derivation.
 * Both sides come to the same key; who is originator and who recipient is said by the system titles.
 */
import { createHash } from "node:crypto";
import { concatBytes } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { Secret } from "../core/secret.js";
import {
  pairOctets,
  type PublicKey,
  publicKeyObject,
  publicKeyOf,
  sharedSecret,
  signRaw,
  verifyRaw,
} from "./elliptic.js";
import { curveKeys, type SecurityKeys, type SymmetricKey } from "./keys.js";
import { plainOctets, revealKey } from "./octets.js";
import { type Curve, type SuiteParameters } from "./suites.js";

/** C(2e, 0s), C(1e, 1s), C(0e, 2s): how many ephemeral and static key pairs take part. */
export type AgreementScheme = "ephemeral-unified" | "one-pass" | "static-unified";

/** The octet of key-parameters. */
export const agreementSchemes: { readonly [S in AgreementScheme]: number } = {
  "ephemeral-unified": 0,
  "one-pass": 1,
  "static-unified": 2,
};

export interface AgreementParties {
  readonly originator: Uint8Array;
  readonly recipient: Uint8Array;
  /** Put behind the originator's title; empty unless a quirk asks for it. */
  readonly partyInformation?: Uint8Array;
}

/** What the originator sends along: its ephemeral public key and a signature over it, or nothing. */
export interface Agreed {
  readonly key: SymmetricKey;
  readonly keyCipheredData: Uint8Array;
}

/** Z is hashed with counter 1, the algorithm and both titles; the key is the leading octets. */
export function deriveKey(suite: SuiteParameters, z: Uint8Array, parties: AgreementParties): SymmetricKey {
  const { originator, recipient, partyInformation = new Uint8Array(0) } = parties;
  const hashed = createHash(suite.hash ?? "sha256")
    .update(
      concatBytes(Uint8Array.of(0, 0, 0, 1), z, suite.algorithmId, originator, partyInformation, recipient),
    )
    .digest();
  return new Secret(plainOctets(hashed.subarray(0, suite.keyOctets)));
}

/** The originator's side. Needs own ephemeral or static key and the peer's, by scheme. */
export function agreeAsOriginator(
  suite: SuiteParameters,
  scheme: AgreementScheme,
  keys: SecurityKeys,
  parties: AgreementParties,
): Agreed {
  const curve = curveOf(suite);
  const own = curveKeys(keys);
  if (scheme === "static-unified") {
    const z = secretWith(curve, "static agreement key", own.agreement, own.peerAgreement);
    return { key: deriveKey(suite, z, parties), keyCipheredData: new Uint8Array(0) };
  }
  const peer = scheme === "one-pass" ? own.peerAgreement : own.peerEphemeral;
  const z = secretWith(curve, "ephemeral key", own.ephemeral, peer);
  const ephemeral = publicKeyOf(curve, own.ephemeral as Secret);
  return {
    key: deriveKey(suite, z, parties),
    keyCipheredData: concatBytes(ephemeral, signRaw(curve, own.signing, ephemeral)),
  };
}

/** The recipient's side. @throws DlmsError SECURITY_SIGNATURE, SECURITY_KEY_TRANSPORT, SECURITY_KEY_MISSING */
export function agreeAsRecipient(
  suite: SuiteParameters,
  scheme: AgreementScheme,
  keys: SecurityKeys,
  parties: AgreementParties,
  keyCipheredData: Uint8Array,
): SymmetricKey {
  const curve = curveOf(suite);
  const own = curveKeys(keys);
  const octets = pairOctets(curve);
  const expected = scheme === "static-unified" ? 0 : 2 * octets;
  if (keyCipheredData.length !== expected)
    throw new DlmsError(
      "SECURITY_KEY_TRANSPORT",
      `Key agreement by ${scheme} carries ${expected} octets, ${keyCipheredData.length} came.`,
    );
  if (scheme === "static-unified")
    return deriveKey(
      suite,
      secretWith(curve, "static agreement key", own.agreement, own.peerAgreement),
      parties,
    );
  const peer = keyCipheredData.subarray(0, octets);
  verifyRaw(curve, own.peerSigning, peer, keyCipheredData.subarray(octets));
  try {
    publicKeyObject(curve, peer);
  } catch (cause) {
    throw new DlmsError("SECURITY_KEY_TRANSPORT", `The ephemeral key that came is no point of ${curve}.`, {
      cause,
    });
  }
  const z =
    scheme === "one-pass"
      ? secretWith(curve, "static agreement key", own.agreement, peer)
      : secretWith(curve, "ephemeral key", own.ephemeral, peer);
  return deriveKey(suite, z, parties);
}

function secretWith(
  curve: Curve,
  name: string,
  own: Secret<Uint8Array> | undefined,
  peer: PublicKey | undefined,
): Uint8Array {
  if (peer === undefined)
    throw new DlmsError("SECURITY_KEY_MISSING", "The peer's public key for key agreement is missing.");
  return sharedSecret(curve, revealKey(name, own, pairOctets(curve) / 2), peer);
}

/** @throws DlmsError SECURITY_SUITE for suite 0, which has no curve. */
export function curveOf(suite: SuiteParameters): Curve {
  if (suite.curve === undefined)
    throw new DlmsError("SECURITY_SUITE", "Security suite 0 has neither signatures nor key agreement.");
  return suite.curve;
}
