/** A private key for signatures as dialogs take it. */
import {
  fromHex,
  type PrivateKey,
  privateKeyFromPkcs8,
  Secret,
  type SecuritySuite,
} from "../../src/index.js";
import { unusable } from "./fields.js";

/**
 * The scalar in hexadecimal digits, or PKCS #8 (DER) in hexadecimal digits.
 * @throws DlmsError NOT_CONFIGURED naming the field, never what it says; SECURITY_KEY_INVALID
 */
export function privateKeyOf(text: string, field: string, suite: SecuritySuite): PrivateKey {
  const digits = text.replace(/[\s:-]/g, "");
  if (!/^([0-9a-f]{2})+$/i.test(digits)) throw unusable(field, "must be pairs of hexadecimal digits");
  const octets = fromHex(digits);
  const [curve, length] = suite === 2 ? (["P-384", 48] as const) : (["P-256", 32] as const);
  return octets.length === length ? new Secret(octets) : privateKeyFromPkcs8(curve, octets);
}
