/**
 * A request for a certificate (PKCS #10, RFC 2986): the system title as common name, the public key, signed with the
 * private one, so that who issues the certificate knows that its owner has it. No attributes.
 */
import { concatBytes, fromHex, toHex } from "../bytes/hex.js";
import { der, derBits, derCommonName, derInteger, derTags } from "./der.js";
import { type PrivateKey, publicKeyObject, publicKeyOf, signRaw } from "./elliptic.js";
import { plainOctets } from "./octets.js";
import { type Curve } from "./suites.js";

/** ecdsa-with-SHA256 and -SHA384, the hash that goes with the curve. */
const SIGNATURE_ALGORITHMS: { readonly [C in Curve]: string } = {
  "P-256": "2A8648CE3D040302",
  "P-384": "2A8648CE3D040303",
};

export function signatureAlgorithm(curve: Curve): Uint8Array {
  return der(derTags.sequence, der(derTags.objectIdentifier, fromHex(SIGNATURE_ALGORITHMS[curve])));
}

/** DER of whatever was signed, its algorithm and its signature: requests and certificates alike. */
export function derSigned(curve: Curve, key: PrivateKey, content: Uint8Array): Uint8Array {
  const raw = signRaw(curve, key, content);
  const half = raw.length / 2;
  const signature = der(derTags.sequence, derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half)));
  return der(derTags.sequence, content, signatureAlgorithm(curve), derBits(signature));
}

/** SubjectPublicKeyInfo of the key that belongs to a private one. */
export function derPublicKey(curve: Curve, key: PrivateKey): Uint8Array {
  return plainOctets(publicKeyObject(curve, publicKeyOf(curve, key)).export({ format: "der", type: "spki" }));
}

/** @throws DlmsError SECURITY_KEY_INVALID */
export function certificateRequest(curve: Curve, key: PrivateKey, systemTitle: Uint8Array): Uint8Array {
  const VERSION_1 = derInteger(Uint8Array.of(0));
  const NO_ATTRIBUTES = Uint8Array.of(0xa0, 0x00);
  const content = concatBytes(
    VERSION_1,
    derCommonName(toHex(systemTitle)),
    derPublicKey(curve, key),
    NO_ATTRIBUTES,
  );
  return derSigned(curve, key, der(derTags.sequence, content));
}
