/** The keys of a recording as each of its two parties holds them. */
import { fromHex } from "../../bytes/hex.js";
import { type Role } from "../../core/link.js";
import { Secret } from "../../core/secret.js";
import { privateKeyFromPkcs8, publicKeyFromSpki, type SecurityKeys } from "../../security/index.js";
import { type RecordedSecurity } from "./vector.js";

/** The curve of suite 1, the only one with signatures that was recorded. */
const CURVE = "P-256";

/** @throws DlmsError FIELD_INVALID for what is no hex, SECURITY_KEY_INVALID for what is no key. */
export function recordedKeys({ keys }: RecordedSecurity): Readonly<Record<Role, SecurityKeys>> {
  const octets = (name: string) =>
    keys[name] === undefined ? undefined : fromHex(keys[name], `keys.${name}`);
  const key = (name: string) => {
    const found = octets(name);
    return found === undefined ? undefined : new Secret(found);
  };
  const symmetric: SecurityKeys = {
    unicast: key("guek"),
    authentication: key("gak"),
    dedicated: key("dedicated"),
  };
  const side = (own: Role, peer: Role): SecurityKeys => {
    const [signing, peerSigning] = [octets(`${own}.priv.pkcs8`), octets(`${peer}.pub.spki`)];
    if (signing === undefined || peerSigning === undefined) return symmetric;
    return {
      ...symmetric,
      curve: {
        signing: privateKeyFromPkcs8(CURVE, signing),
        peerSigning: publicKeyFromSpki(CURVE, peerSigning),
      },
    };
  };
  return { client: side("client", "server"), server: side("server", "client") };
}
