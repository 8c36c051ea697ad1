/**
 * A meter type as its simulated meters have it: the client's key pair for signatures turned round. The type holds the
 * client's private key and the meter's public one; a meter needs its own private key and the client's public one.
 */
import { toHex } from "../bytes/hex.js";
import { usageError } from "../core/errors.js";
import { type MeterType } from "../meter-types/meter-type.js";
import { type PrivateKey, publicKeyOf, suiteById } from "../security/index.js";

/** Whether meters of this type sign: to prove themselves, or every message. */
export function wantsSignatures({ association }: MeterType): boolean {
  return association.mechanism === "hls-ecdsa" || association.security?.signing !== undefined;
}

/**
 * @param own the meter's private key; none of the type's keys is it
 * @throws DlmsError FIELD_INVALID naming `meterType` or `signingKey`; SECURITY_KEY_INVALID for what is no private key
 */
export function withMeterSigning(meterType: MeterType, own: PrivateKey): MeterType {
  const { security } = meterType.association;
  const { signing, peerSigning } = security?.keys.curve ?? {};
  const { curve } = suiteById(security?.suite ?? 0);
  if (security === undefined || curve === undefined || signing === undefined)
    throw usageError(
      "FIELD_INVALID",
      "meterType",
      "meterType has no private key of the client for signatures",
    );
  if (peerSigning !== undefined && toHex(publicKeyOf(curve, own)) !== toHex(peerSigning))
    throw usageError(
      "FIELD_INVALID",
      "signingKey",
      "signingKey does not belong to the meter's public key in the meter type",
    );
  const turned = { signing: own, peerSigning: publicKeyOf(curve, signing) };
  const keys = { ...security.keys, curve: turned };
  return { ...meterType, association: { ...meterType.association, security: { ...security, keys } } };
}
