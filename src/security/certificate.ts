/**
 * The peer's X.509 certificate (DER), as far as keys need it: whose it is, its public key, whether its issuer signed it
 * and it is valid now. The common name holds the system title as 16 hexadecimal digits. Left out: revocation, chains.
 */
import { X509Certificate } from "node:crypto";
import { equalBytes, fromHex } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { type PublicKey, publicKeyObject, rawPublicKey } from "./elliptic.js";
import { type Curve } from "./suites.js";

export interface CertificateDemand {
  readonly curve: Curve;
  /** Whose certificate it must be. */
  readonly systemTitle?: Uint8Array;
  /** The public key of who must have signed it. */
  readonly issuer?: PublicKey;
  /** Epoch milliseconds at which it must be valid; not judged when absent. */
  readonly at?: number;
}

export interface CertifiedKey {
  readonly systemTitle: Uint8Array;
  readonly publicKey: PublicKey;
}

/** @throws DlmsError SECURITY_CERTIFICATE saying what does not fit; SECURITY_KEY_INVALID for an unfit `issuer` */
export function certifiedKey(der: Uint8Array, demand: CertificateDemand): CertifiedKey {
  const certificate = parse(der);
  const title = /(?:^|\n)CN=([0-9a-fA-F]{16})(?:\n|$)/.exec(certificate.subject)?.[1];
  if (title === undefined) throw unfit("names no system title");
  const systemTitle = fromHex(title);
  if (demand.systemTitle !== undefined && !equalBytes(systemTitle, demand.systemTitle))
    throw unfit(`belongs to the system title ${title.toUpperCase()}`);
  if (demand.at !== undefined) {
    if (demand.at < Date.parse(certificate.validFrom)) throw unfit("is not valid yet");
    if (demand.at > Date.parse(certificate.validTo)) throw unfit("is no longer valid");
  }
  if (demand.issuer !== undefined && !certificate.verify(publicKeyObject(demand.curve, demand.issuer)))
    throw unfit("was not signed by the expected issuer");
  return { systemTitle, publicKey: keyOf(certificate, demand.curve) };
}

/** What is written in a certificate besides the key, as it is listed and looked for. */
export interface CertificateNames {
  readonly serialNumber: Uint8Array;
  /** As text: `CN=…`, a comma between parts. */
  readonly issuer: string;
  readonly subject: string;
  /** From the key usage; a certificate that names none is for signatures. */
  readonly use: "signature" | "agreement";
}

/** @throws DlmsError SECURITY_CERTIFICATE when it does not decode */
export function certificateNames(der: Uint8Array): CertificateNames {
  const { serialNumber, issuer, subject } = parse(der);
  return {
    serialNumber: fromHex(serialNumber.padStart(serialNumber.length + (serialNumber.length % 2), "0")),
    issuer: issuer.replaceAll("\n", ", "),
    subject: subject.replaceAll("\n", ", "),
    use: mayAgree(der) ? "agreement" : "signature",
  };
}

/** The extension keyUsage: id-ce 15, its bits in an octet-string, bit 4 for key agreement. */
const KEY_USAGE = Uint8Array.of(0x06, 0x03, 0x55, 0x1d, 0x0f);
const KEY_AGREEMENT = 0x08;

function mayAgree(der: Uint8Array): boolean {
  const at = der.findIndex((_, i) => equalBytes(der.subarray(i, i + KEY_USAGE.length), KEY_USAGE));
  if (at < 0) return false;
  const rest = der.subarray(at + KEY_USAGE.length);
  // A boolean "critical" may come first; then octet-string and bit-string with the number of unused bits.
  const bits = rest.subarray(rest[0] === 0x01 ? 3 : 0)[5] ?? 0;
  return (bits & KEY_AGREEMENT) !== 0;
}

function parse(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw unfit("does not decode", cause);
  }
}

function keyOf(certificate: X509Certificate, curve: Curve): PublicKey {
  try {
    return rawPublicKey(curve, certificate.publicKey);
  } catch (cause) {
    throw unfit(`holds no public key of ${curve}`, cause);
  }
}

function unfit(what: string, cause?: unknown): DlmsError {
  return new DlmsError(
    "SECURITY_CERTIFICATE",
    `The certificate ${what}.`,
    cause === undefined ? {} : { cause },
  );
}
