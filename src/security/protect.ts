/**
 * Protects APDUs (IEC 62056-5-3): service-specific, general-glo, general-ded, general-ciphering, general-signing.
 * The invocation counter is given in and must never have been used with the same key and title.
 */
import { encodeAll } from "../bytes/codec.js";
import { usageError } from "../core/errors.js";
import {
  type CipheredApdu,
  cipheredServiceOf,
  encodeCipheredApdu,
  type GeneralHeader,
  type KeyInfo,
} from "../xdlms/index.js";
import { signRaw } from "./elliptic.js";
import { nonce, seal } from "./gcm.js";
import { agreeAsOriginator, agreementSchemes, curveOf } from "./key-agreement.js";
import { curveKeys, type SymmetricKey } from "./keys.js";
import { wrapKey } from "./key-wrap.js";
import { checkTitle, revealKey } from "./octets.js";
import {
  additionalData,
  type HeaderFields,
  type KeyTransport,
  type Protection,
  type ProtectionForm,
  type SecurityUse,
  signedOctets,
} from "./protection.js";
import { cipheredContent, type SecurityControl } from "./security-control.js";
import { securitySuites, type SuiteParameters } from "./suites.js";

export interface ProtectOptions extends SecurityUse {
  readonly form: ProtectionForm;
  readonly protection: Protection;
  /** Our own. */
  readonly systemTitle: Uint8Array;
  readonly counter: number;
}

const EMPTY = new Uint8Array(0);
const KEY_ID_UNICAST = 0;
const KEY_ID_BROADCAST = 1;
const KEK_ID_MASTER = 0;

/**
 * The protected APDU. Without authentication and encryption only the header is put in front.
 * @throws DlmsError SECURITY_KEY_MISSING, SECURITY_KEY_INVALID, SECURITY_TITLE, SECURITY_SUITE, FIELD_INVALID
 */
export function protect(apdu: Uint8Array, options: ProtectOptions): Uint8Array {
  return encodeCipheredApdu(protectedApdu(apdu, options));
}

function protectedApdu(apdu: Uint8Array, options: ProtectOptions): CipheredApdu {
  const { form, systemTitle } = options;
  checkTitle("sender", systemTitle);
  switch (form.type) {
    case "service-ciphering": {
      const service = cipheredServiceOf(apdu[0] ?? 0);
      if (service === undefined)
        throw usageError("FIELD_INVALID", "form", "this APDU can be protected by general ciphering only");
      const key = form.keySet === "dedicated" ? options.keys.dedicated : globalKey(options);
      const content = contentOf(apdu, options, named(form.keySet, options), key);
      return { type: "service-ciphering", service, keySet: form.keySet, content };
    }
    case "general-glo-ciphering":
    case "general-ded-ciphering": {
      const keySet = form.type === "general-glo-ciphering" ? "global" : "dedicated";
      const key = keySet === "dedicated" ? options.keys.dedicated : globalKey(options);
      const content = contentOf(apdu, options, named(keySet, options), key);
      return { type: form.type, systemTitle: form.withoutTitle === true ? EMPTY : systemTitle, content };
    }
    case "general-ciphering": {
      const header = headerOf(systemTitle, form.header);
      const { keyInfo, key } = transported(form.key, header, options);
      const content = contentOf(apdu, options, "message key", key, header);
      return { type: "general-ciphering", ...header, ...(keyInfo === undefined ? {} : { keyInfo }), content };
    }
  }
}

function contentOf(
  apdu: Uint8Array,
  options: ProtectOptions,
  keyName: string,
  key: SymmetricKey | undefined,
  header?: GeneralHeader,
): Uint8Array {
  const suite: SuiteParameters = securitySuites[options.suite];
  const { authenticated, encrypted, broadcast = false } = options.protection;
  const control: SecurityControl = {
    suite: options.suite,
    authenticated,
    encrypted,
    broadcast,
    compressed: false,
  };
  const body = seal(
    {
      suite,
      key: authenticated || encrypted ? revealKey(keyName, key, suite.keyOctets) : EMPTY,
      iv: nonce(options.systemTitle, options.counter),
      authenticated,
      encrypted,
      additionalData: additionalData(options, suite, control, header),
    },
    apdu,
  );
  return encodeAll(cipheredContent, { control, counter: options.counter, body });
}

function globalKey({ keys, protection }: ProtectOptions): SymmetricKey | undefined {
  return protection.broadcast === true ? keys.broadcast : keys.unicast;
}

function named(keySet: "global" | "dedicated", { protection }: ProtectOptions): string {
  if (keySet === "dedicated") return "dedicated key";
  return protection.broadcast === true ? "broadcast encryption key" : "unicast encryption key";
}

function headerOf(originatorSystemTitle: Uint8Array, fields: HeaderFields): GeneralHeader {
  return {
    transactionId: fields.transactionId ?? EMPTY,
    originatorSystemTitle,
    recipientSystemTitle: fields.recipientSystemTitle ?? EMPTY,
    dateTime: fields.dateTime ?? EMPTY,
    otherInformation: fields.otherInformation ?? EMPTY,
  };
}

function transported(
  transport: KeyTransport | undefined,
  header: GeneralHeader,
  options: ProtectOptions,
): { readonly keyInfo?: KeyInfo; readonly key: SymmetricKey | undefined } {
  const suite = securitySuites[options.suite];
  switch (transport?.type) {
    case undefined:
      return { key: globalKey(options) };
    case "identified": {
      const keyId = options.protection.broadcast === true ? KEY_ID_BROADCAST : KEY_ID_UNICAST;
      return { keyInfo: { type: "identified-key", keyId }, key: globalKey(options) };
    }
    case "wrapped": {
      const keyCipheredData = wrapKey(options.suite, options.keys.master, transport.key);
      return { keyInfo: { type: "wrapped-key", kekId: KEK_ID_MASTER, keyCipheredData }, key: transport.key };
    }
    case "agreed": {
      const { ephemeral } = transport;
      const keys =
        ephemeral === undefined
          ? options.keys
          : { ...options.keys, curve: { ...curveKeys(options.keys), ephemeral } };
      const { key, keyCipheredData } = agreeAsOriginator(suite, transport.scheme, keys, {
        originator: header.originatorSystemTitle,
        recipient: checkTitle("recipient", header.recipientSystemTitle),
        ...(options.quirks?.transactionIdInKeyDerivation === true && transport.scheme === "static-unified"
          ? { partyInformation: header.transactionId }
          : {}),
      });
      const keyParameters = Uint8Array.of(agreementSchemes[transport.scheme]);
      return { keyInfo: { type: "agreed-key", keyParameters, keyCipheredData }, key };
    }
  }
}

/** General-signing: the APDU in clear (or protected already) with our signature over header and content. */
export function signApdu(
  apdu: Uint8Array,
  options: SecurityUse & { readonly systemTitle: Uint8Array; readonly header: HeaderFields },
): Uint8Array {
  const curve = curveOf(securitySuites[options.suite]);
  const header = headerOf(checkTitle("sender", options.systemTitle), options.header);
  const message = signedOctets({ ...header, content: apdu }, options.quirks);
  const signature = signRaw(curve, curveKeys(options.keys).signing, message);
  return encodeCipheredApdu({ type: "general-signing", ...header, content: apdu, signature });
}
