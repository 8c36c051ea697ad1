/** The security fields of the dialog: which of them count depends on mechanism and ciphering. */
import {
  type AuthenticationMechanism,
  type CurveKeys,
  defaultSecurity,
  type DlmsError,
  formatObis,
  fromHex,
  parseObis,
  privateKeyFromPkcs8,
  publicKeyFromSpki,
  Secret,
  type SecurityKeys,
  type SecurityMode,
  type SecuritySettings,
  type SecuritySuite,
} from "../../src/index.js";
import { type Environment, resolveText, unusable } from "../shared/fields.js";
import { choice, defined } from "./choices.js";

export interface SecurityConfig {
  /** `authenticated`, `encrypted`, `authenticated-encrypted`; empty: APDUs travel in clear. */
  readonly ciphering?: string;
  readonly suite?: string;
  readonly clientSystemTitle?: string;
  readonly meterSystemTitle?: string;
  readonly keySet?: string;
  /** `wrapped`: general-ciphering with a key for each message, under the master key. */
  readonly cipheredForm?: string;
  readonly signing?: string;
  readonly counterObis?: string;
  /** `list`: keys and secrets of each meter come from the listener's key list or the flow. */
  readonly secretsFrom?: string;
  readonly publicKey?: string;
  readonly clearRelease?: boolean;
  readonly uncheckedTags?: boolean;
  readonly vendorHls?: string;
  readonly keySetBitsUnauthenticated?: boolean;
  readonly headerUnauthenticated?: boolean;
  readonly transactionIdInKey?: boolean;
  readonly unsignedLengths?: boolean;
}

export interface SecurityCredentials {
  unicastKey: string;
  authenticationKey: string;
  masterKey: string;
  signingKey: string;
}

/** Ours, where the dialog says nothing else. A second gateway with the same keys needs another. */
export const DEFAULT_CLIENT_TITLE = "4757590000000001";
const WITH_TITLES: ReadonlySet<string> = new Set(["hls-gmac", "hls-sha256", "hls-ecdsa"]);

/** What the dialog calls the fields that its errors name. */
const labels: Readonly<Record<string, string>> = {
  unicastKey: "Encryption key",
  authenticationKey: "Auth. key",
  masterKey: "Master key",
  signingKey: "Our private key",
  publicKey: "Meter’s public key",
};

function wrong(field: string, reason: string): DlmsError {
  const label = labels[field];
  return unusable(field, label === undefined ? reason : `(${label} of the meter type) ${reason}`);
}

/** @throws DlmsError NOT_CONFIGURED naming the field, never what a secret one says. */
export function securityOf(
  config: SecurityConfig,
  credentials: Partial<SecurityCredentials>,
  environment: Environment,
  mechanism: AuthenticationMechanism,
): SecuritySettings | undefined {
  const modes = ["authenticated", "encrypted", "authenticated-encrypted"] as const;
  const mode: SecurityMode = choice(config.ciphering, "ciphering", modes) ?? "none";
  const vendorHls = choice(config.vendorHls, "vendorHls", ["aes-ecb", "aes-cbc"] as const);
  if (mode === "none" && !WITH_TITLES.has(mechanism) && vendorHls === undefined) return undefined;
  const text = (field: keyof SecurityConfig, fallback = ""): string =>
    resolveText(config[field], { field, fallback }, environment);
  const suite = Number(choice(config.suite, "suite", ["0", "1", "2"]) ?? "0") as SecuritySuite;
  const keyOctets = suite === 2 ? 32 : 16;
  const secretText = (field: keyof SecurityCredentials): string =>
    resolveText(credentials[field], { field }, environment);
  const key = (field: keyof SecurityCredentials): Secret<Uint8Array> | undefined => {
    const octets = hexOctets(secretText(field), field, keyOctets);
    return octets && new Secret(octets);
  };
  const keys: SecurityKeys = {
    ...defined("unicast", key("unicastKey")),
    ...defined("authentication", key("authenticationKey")),
    ...defined("master", key("masterKey")),
    ...defined("curve", curveOf(suite, secretText("signingKey"), text("publicKey"))),
  };
  const fromList = config.secretsFrom === "list";
  if (!fromList) needKeys(keys, mode, mechanism, config.uncheckedTags === true);
  if (config.signing && suite === 0) throw unusable("suite", "must be 1 or 2 for signatures");
  if (
    config.signing &&
    (keys.curve?.signing === undefined || (!fromList && keys.curve.peerSigning === undefined))
  )
    throw wrong(keys.curve?.signing === undefined ? "signingKey" : "publicKey", "is missing");
  if (config.cipheredForm === "wrapped" && !fromList && keys.master === undefined)
    throw wrong("masterKey", "is missing");
  const counterObis = text("counterObis", defaultSecurity.counterObis);
  const meterSystemTitle = hexOctets(text("meterSystemTitle"), "meterSystemTitle", 8);
  return {
    ...defaultSecurity,
    suite,
    mode,
    keys,
    ...formOf(config.cipheredForm),
    ...defined("signing", choice(config.signing, "signing", ["inside", "outside"] as const)),
    keySet: choice(config.keySet, "keySet", ["global", "dedicated"] as const) ?? "global",
    clientSystemTitle: hexOctets(
      text("clientSystemTitle", DEFAULT_CLIENT_TITLE),
      "clientSystemTitle",
      8,
    ) as Uint8Array,
    ...defined("meterSystemTitle", meterSystemTitle),
    counterObis: counterObis === "none" ? undefined : formatObis(parseObis(counterObis ?? "", "counterObis")),
    protectedRelease: config.clearRelease !== true,
    withoutAuthenticationKey: config.uncheckedTags === true,
    quirks: {
      ...defined("vendorHls", vendorHls),
      ...(config.keySetBitsUnauthenticated === true ? { keySetBitsAuthenticated: false } : {}),
      ...(config.headerUnauthenticated === true ? { generalHeaderAuthenticated: false } : {}),
      ...(config.transactionIdInKey === true ? { transactionIdInKeyDerivation: true } : {}),
      ...(config.unsignedLengths === true ? { signedLengths: false } : {}),
    },
  };
}

function formOf(text: string | undefined): Pick<SecuritySettings, "form" | "keyTransport"> {
  const forms = ["service-specific", "general", "general-ciphering", "wrapped"] as const;
  const form = choice(text, "cipheredForm", forms) ?? "auto";
  return form === "wrapped" ? { form: "general-ciphering", keyTransport: "wrapped" } : { form };
}

function needKeys(
  keys: SecurityKeys,
  mode: SecurityMode,
  mechanism: AuthenticationMechanism,
  uncheckedTags: boolean,
): void {
  const ciphers = mode !== "none" || mechanism === "hls-gmac";
  if (ciphers && keys.unicast === undefined) throw wrong("unicastKey", "is missing");
  const tags = mode === "authenticated" || mode === "authenticated-encrypted" || mechanism === "hls-gmac";
  if (tags && !uncheckedTags && keys.authentication === undefined)
    throw wrong("authenticationKey", "is missing");
  if (mechanism !== "hls-ecdsa") return;
  if (keys.curve?.signing === undefined) throw wrong("signingKey", "is missing");
  if (keys.curve.peerSigning === undefined) throw wrong("publicKey", "is missing");
}

/** The scalar or x and y in hexadecimal digits, or DER (PKCS #8, SubjectPublicKeyInfo) in hexadecimal digits. */
function curveOf(suite: SecuritySuite, own: string, peer: string): CurveKeys | undefined {
  if (own === "" && peer === "") return undefined;
  if (suite === 0) throw unusable("suite", "must be 1 or 2 for signatures");
  const [curve, octets] = suite === 1 ? (["P-256", 32] as const) : (["P-384", 48] as const);
  const scalar = hexOctets(own, "signingKey");
  const point = hexOctets(peer, "publicKey");
  return {
    ...defined(
      "signing",
      scalar && (scalar.length === octets ? new Secret(scalar) : privateKeyFromPkcs8(curve, scalar)),
    ),
    ...defined(
      "peerSigning",
      point && (point.length === 2 * octets ? point : publicKeyFromSpki(curve, point)),
    ),
  };
}

function hexOctets(text: string, field: string, length?: number): Uint8Array | undefined {
  if (text === "") return undefined;
  const digits = text.replace(/[\s:-]/g, "");
  // What stands in the field must not stand in the message.
  if (!/^([0-9a-f]{2})+$/i.test(digits)) throw wrong(field, "must be pairs of hexadecimal digits");
  const octets = fromHex(digits);
  if (length !== undefined && octets.length !== length)
    throw wrong(field, `must have ${2 * length} hexadecimal digits`);
  return octets;
}
