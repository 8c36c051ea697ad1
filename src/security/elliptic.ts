/**
 * Elliptic curve keys of suites 1 and 2: ECDSA signatures as raw r|s, Diffie-Hellman, keys as raw octets.
 * Signing draws its randomness from node:crypto; keys are made from random octets given in from outside.
 */
import { createECDH, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { concatBytes, fromHex, toHex } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { Secret } from "../core/secret.js";
import { plainOctets, revealKey } from "./octets.js";
import { type Curve } from "./suites.js";

/** x then y, each as long as the curve's field: 64 or 96 octets. */
export type PublicKey = Uint8Array;
/** The scalar, 32 or 48 octets. */
export type PrivateKey = Secret<Uint8Array>;

interface CurveParameters {
  readonly name: "prime256v1" | "secp384r1";
  readonly hash: "sha256" | "sha384";
  /** Octets of a coordinate, a scalar, and each half of a signature. */
  readonly octets: 32 | 48;
  readonly order: bigint;
  /** DER up to the scalar of a PKCS #8 key, and up to x|y of a SubjectPublicKeyInfo. */
  readonly pkcs8: string;
  readonly spki: string;
}

const curves: { readonly [C in Curve]: CurveParameters } = {
  "P-256": {
    name: "prime256v1",
    hash: "sha256",
    octets: 32,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    pkcs8: "3041020100301306072A8648CE3D020106082A8648CE3D030107042730250201010420",
    spki: "3059301306072A8648CE3D020106082A8648CE3D03010703420004",
  },
  "P-384": {
    name: "secp384r1",
    hash: "sha384",
    octets: 48,
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    pkcs8: "304E020100301006072A8648CE3D020106052B81040022043730350201010430",
    spki: "3076301006072A8648CE3D020106052B8104002203620004",
  },
};

const UNCOMPRESSED = 0x04;

/** Octets of a public key and of a signature. */
export function pairOctets(curve: Curve): number {
  return 2 * curves[curve].octets;
}

/** r then s. @throws DlmsError SECURITY_KEY_MISSING, SECURITY_KEY_INVALID */
export function signRaw(curve: Curve, key: PrivateKey | undefined, message: Uint8Array): Uint8Array {
  const { hash, pkcs8 } = curves[curve];
  const scalar = checkScalar(curve, revealKey("signing key", key, curves[curve].octets), "signing key");
  const der = { key: pkcs8 + toHex(scalar), format: "der", type: "pkcs8", encoding: "hex" } as const;
  return plainOctets(sign(hash, message, { key: createPrivateKey(der), dsaEncoding: "ieee-p1363" }));
}

/** @throws DlmsError SECURITY_SIGNATURE when it does not match, SECURITY_KEY_MISSING, SECURITY_KEY_INVALID */
export function verifyRaw(
  curve: Curve,
  key: PublicKey | undefined,
  message: Uint8Array,
  signature: Uint8Array,
): void {
  if (key === undefined)
    throw new DlmsError("SECURITY_KEY_MISSING", "The peer's public signing key is missing.");
  const spki = publicKeyObject(curve, key);
  const matches =
    signature.length === pairOctets(curve) &&
    verify(curves[curve].hash, message, { key: spki, dsaEncoding: "ieee-p1363" }, signature);
  if (!matches) throw new DlmsError("SECURITY_SIGNATURE");
}

/** For node:crypto. @throws DlmsError SECURITY_KEY_INVALID */
export function publicKeyObject(curve: Curve, key: PublicKey): KeyObject {
  if (key.length !== pairOctets(curve))
    throw unfit(`A public key of ${pairOctets(curve)} octets is expected.`);
  const der = { key: curves[curve].spki + toHex(key), format: "der", type: "spki", encoding: "hex" } as const;
  try {
    return createPublicKey(der);
  } catch (cause) {
    throw unfit(`A public key is no point of ${curve}.`, cause);
  }
}

/** Z: the x coordinate both sides come to. @throws DlmsError SECURITY_KEY_INVALID */
export function sharedSecret(curve: Curve, own: Uint8Array, peer: PublicKey): Uint8Array {
  const ecdh = createECDH(curves[curve].name);
  if (peer.length !== pairOctets(curve))
    throw unfit(`A public key of ${pairOctets(curve)} octets is expected.`);
  ecdh.setPrivateKey(checkScalar(curve, own, "agreement key"));
  try {
    return plainOctets(ecdh.computeSecret(concatBytes(Uint8Array.of(UNCOMPRESSED), peer)));
  } catch (cause) {
    throw unfit(`A public key is no point of ${curve}.`, cause);
  }
}

/** The public key that belongs to a private one. */
export function publicKeyOf(curve: Curve, key: PrivateKey): PublicKey {
  const ecdh = createECDH(curves[curve].name);
  ecdh.setPrivateKey(checkScalar(curve, revealKey("private key", key, curves[curve].octets), "private key"));
  return plainOctets(ecdh.getPublicKey().subarray(1));
}

/** @param random at least 8 octets more than a scalar has, so that no value is likelier than another (FIPS 186-4 B.4.1). */
export function privateKeyFromRandom(curve: Curve, random: Uint8Array): PrivateKey {
  const { octets, order } = curves[curve];
  if (random.length < octets + 8) throw unfit(`At least ${octets + 8} random octets are expected.`);
  const scalar = (BigInt(`0x${toHex(random)}`) % (order - 1n)) + 1n;
  return new Secret(fromHex(scalar.toString(16).padStart(2 * octets, "0")));
}

/** @throws DlmsError SECURITY_KEY_INVALID when `der` is no private key of this curve. */
export function privateKeyFromPkcs8(curve: Curve, der: Uint8Array): PrivateKey {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: toHex(der), format: "der", type: "pkcs8", encoding: "hex" });
  } catch {
    // The cause may quote the key.
    throw unfit("The private key is no PKCS #8 key.");
  }
  if (key.asymmetricKeyDetails?.namedCurve !== curves[curve].name)
    throw unfit(`The private key is not of ${curve}.`);
  // Written anew in the one form whose scalar stands at a fixed place.
  const sec1 = key.export({ format: "der", type: "sec1" });
  const start = sec1.indexOf(Uint8Array.of(0x02, 0x01, 0x01, UNCOMPRESSED, curves[curve].octets)) + 5;
  return new Secret(plainOctets(sec1.subarray(start, start + curves[curve].octets)));
}

/** @throws DlmsError SECURITY_KEY_INVALID when `der` is no public key of this curve. */
export function publicKeyFromSpki(curve: Curve, der: Uint8Array): PublicKey {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: toHex(der), format: "der", type: "spki", encoding: "hex" });
  } catch (cause) {
    throw unfit("The public key is no SubjectPublicKeyInfo.", cause);
  }
  return rawPublicKey(curve, key);
}

/** x|y of a key object. */
export function rawPublicKey(curve: Curve, key: KeyObject): PublicKey {
  if (key.asymmetricKeyDetails?.namedCurve !== curves[curve].name)
    throw unfit(`The public key is not of ${curve}.`);
  return plainOctets(key.export({ format: "der", type: "spki" }).subarray(-pairOctets(curve)));
}

function checkScalar(curve: Curve, scalar: Uint8Array, name: string): Uint8Array {
  const { octets, order } = curves[curve];
  const value = scalar.length === octets ? BigInt(`0x${toHex(scalar)}`) : 0n;
  if (value === 0n || value >= order) throw unfit(`The ${name} is no private key of ${curve}.`);
  return scalar;
}

function unfit(message: string, cause?: unknown): DlmsError {
  return new DlmsError("SECURITY_KEY_INVALID", message, cause === undefined ? {} : { cause });
}
