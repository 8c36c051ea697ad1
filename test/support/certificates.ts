/**
 * Certificates for tests, made anew in every run: an authority, and what it issues for 127.0.0.1 and localhost. Only as
 * much X.509 as TLS asks for.
 */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { concatBytes, fromHex, fromLatin1 } from "../../src/bytes/hex.js";
import { der, derBits, derCommonName, derInteger, derTags } from "../../src/security/der.js";
import { signatureAlgorithm } from "../../src/security/certificate-request.js";

export interface Issued {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** PEM of its own certificate. */
  readonly cert: string;
  issue(commonName: string): Issued;
}

let serial = 0;

export function makeAuthority(name = "Authority of a test"): Authority {
  const own = pair();
  const cert = certificate({
    name,
    issuer: name,
    subjectKey: own,
    issuerKey: own,
    extensions: [isAuthority],
  });
  return {
    cert,
    issue(commonName) {
      const keys = pair();
      const parts = { name: commonName, issuer: name, subjectKey: keys, issuerKey: own };
      return {
        cert: certificate({ ...parts, extensions: [forLoopback] }),
        key: keys.privateKey.export({ format: "pem", type: "pkcs8" }) as string,
      };
    },
  };
}

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function pair(): Pair {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

/** An extension by the last octet of its number, id-ce. */
function extension(id: number, isCritical: boolean, content: Uint8Array): Uint8Array {
  return der(
    derTags.sequence,
    der(derTags.objectIdentifier, Uint8Array.of(0x55, 0x1d, id)),
    ...(isCritical ? [der(0x01, Uint8Array.of(0xff))] : []),
    der(derTags.octetString, content),
  );
}

const isAuthority = extension(19, true, der(derTags.sequence, der(0x01, Uint8Array.of(0xff))));
const forLoopback = extension(
  17,
  false,
  der(derTags.sequence, der(0x87, Uint8Array.of(127, 0, 0, 1)), der(0x82, fromLatin1("localhost"))),
);

function certificate(parts: {
  readonly name: string;
  readonly issuer: string;
  readonly subjectKey: Pair;
  readonly issuerKey: Pair;
  readonly extensions: readonly Uint8Array[];
}): string {
  const time = (text: string): Uint8Array => der(0x18, fromLatin1(text));
  const content = der(
    derTags.sequence,
    der(0xa0, derInteger(Uint8Array.of(2))),
    derInteger(fromHex((++serial).toString(16).padStart(8, "0"))),
    signatureAlgorithm("P-256"),
    derCommonName(parts.issuer),
    der(derTags.sequence, time("20240101000000Z"), time("20990101000000Z")),
    derCommonName(parts.name),
    Uint8Array.from(parts.subjectKey.publicKey.export({ format: "der", type: "spki" })),
    der(0xa3, der(derTags.sequence, concatBytes(...parts.extensions))),
  );
  const signature = sign("sha256", content, { key: parts.issuerKey.privateKey, dsaEncoding: "der" });
  const whole = der(derTags.sequence, content, signatureAlgorithm("P-256"), derBits(signature));
  const lines = Buffer.from(whole).toString("base64").replace(/.{64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
