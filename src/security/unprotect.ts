/**
 * Opens protected APDUs by their own tag, never by what was asked. One layer a call; `unprotectAll` peels them all.
 * Counters are reported, not judged: see received-counters.ts.
 */
import { decodeAll } from "../bytes/codec.js";
import { equalBytes } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import {
  type CipheredApdu,
  decodeCipheredApdu,
  type GeneralCiphering,
  type GeneralHeader,
  isCipheredTag,
  type KeyInfo,
  plainTagOf,
} from "../xdlms/index.js";
import { type PublicKey, verifyRaw } from "./elliptic.js";
import { nonce, open, openWithoutTag } from "./gcm.js";
import { agreeAsRecipient, type AgreementScheme, agreementSchemes, curveOf } from "./key-agreement.js";
import { curveKeys, type KeyName, type SymmetricKey } from "./keys.js";
import { unwrapKey } from "./key-wrap.js";
import { checkTitle, revealKey } from "./octets.js";
import {
  additionalData,
  type Demand,
  type SecurityUse,
  signedOctets,
  type Unprotected,
} from "./protection.js";
import { checkControl, cipheredContent, type SecurityControl } from "./security-control.js";
import { securitySuites } from "./suites.js";

export interface UnprotectOptions extends SecurityUse {
  /** The sender's. A message that names another one is refused; without it the message must name one. */
  readonly peerSystemTitle?: Uint8Array;
  /** Our own. A message addressed to another title is refused. */
  readonly systemTitle?: Uint8Array;
  /**
   * Opens messages although no authentication key is configured. Their tags are not checked and the result says
   * `authenticated: false`: anybody may have made them. Default false.
   */
  readonly withoutAuthenticationKey?: boolean;
}

export interface UnprotectAllOptions extends UnprotectOptions {
  /** What all layers together must have: nobody may take a tag off and clear its bit. Default: nothing. */
  readonly demand?: Demand;
}

/** Layers inside one another; more is no sensible message. */
const MAX_LAYERS = 4;

interface FoundKey {
  readonly name: KeyName;
  readonly title: string;
  readonly key: SymmetricKey | undefined;
  readonly scheme?: AgreementScheme;
  readonly peerEphemeral?: PublicKey;
}

/**
 * @throws DlmsError SECURITY_UNPROTECTED for a clear APDU; SECURITY_TAG, SECURITY_SIGNATURE, SECURITY_SUITE,
 *   SECURITY_COMPRESSION, SECURITY_TITLE, SECURITY_KEY_MISSING, SECURITY_KEY_TRANSPORT; DecodeError.
 */
export function unprotect(bytes: Uint8Array, options: UnprotectOptions): Unprotected {
  if (!isCipheredTag(bytes[0]))
    throw new DlmsError("SECURITY_UNPROTECTED", "The APDU is not protected at all.");
  const apdu = decodeCipheredApdu(bytes);
  switch (apdu.type) {
    case "service-ciphering": {
      const originator = checkTitle("peer", options.peerSystemTitle);
      const opened = openContent(apdu, originator, options, ({ broadcast }) =>
        apdu.keySet === "dedicated" ? dedicated(options) : global(options, broadcast),
      );
      // No tag covers the outer tag, so it must agree with the service inside.
      if (opened.apdu[0] !== plainTagOf(apdu.service))
        throw new DlmsError("SECURITY_TAG", "The APDU inside is not the one that the tag announces.");
      return opened;
    }
    case "general-glo-ciphering":
    case "general-ded-ciphering":
      return openContent(apdu, titleOf(apdu.systemTitle, options), options, ({ broadcast }) =>
        apdu.type === "general-ded-ciphering" ? dedicated(options) : global(options, broadcast),
      );
    case "general-ciphering": {
      const originator = checkHeader(apdu, options);
      const find = ({ broadcast }: SecurityControl) => transported(apdu, originator, broadcast, options);
      return { ...openContent(apdu, originator, options, find, apdu), header: fieldsOf(apdu) };
    }
    case "general-signing": {
      const originator = checkHeader(apdu, options);
      const curve = curveOf(securitySuites[options.suite]);
      const message = signedOctets(apdu, options.quirks);
      verifyRaw(curve, curveKeys(options.keys).peerSigning, message, apdu.signature);
      return {
        apdu: new Uint8Array(apdu.content),
        form: apdu.type,
        originator: new Uint8Array(originator),
        key: "signature",
        authenticated: true,
        encrypted: false,
        signed: true,
        header: fieldsOf(apdu),
      };
    }
  }
}

/**
 * All layers, outermost first; the last one's `apdu` is in clear.
 * @throws what `unprotect` throws; SECURITY_UNPROTECTED when less was done than is demanded; LIMIT_EXCEEDED
 */
export function unprotectAll(bytes: Uint8Array, options: UnprotectAllOptions): readonly Unprotected[] {
  const layers = [unprotect(bytes, options)];
  for (let inner = layers[0] as Unprotected; isCipheredTag(inner.apdu[0]);) {
    if (layers.length >= MAX_LAYERS)
      throw new DlmsError("LIMIT_EXCEEDED", `A message is protected more than ${MAX_LAYERS} times.`);
    inner = unprotect(inner.apdu, options);
    layers.push(inner);
  }
  if (options.demand !== undefined) checkDemand(layers, options.demand, options);
  return layers;
}

function checkDemand(
  layers: readonly Unprotected[],
  { authenticated, encrypted, signed = false }: Demand,
  { withoutAuthenticationKey = false }: UnprotectOptions,
): void {
  const has = (what: "authenticated" | "encrypted" | "signed") => layers.some((layer) => layer[what]);
  // With the opt-in a tag that cannot be checked is as much as can be demanded.
  const hasUncheckedTag = withoutAuthenticationKey && layers.some(({ control }) => control?.authenticated);
  const lacking = [
    ...(authenticated && !has("authenticated") && !hasUncheckedTag ? ["authentication"] : []),
    ...(encrypted && !has("encrypted") ? ["encryption"] : []),
    ...(signed && !has("signed") ? ["a signature"] : []),
  ];
  if (lacking.length > 0)
    throw new DlmsError("SECURITY_UNPROTECTED", `The peer's message lacks ${lacking.join(" and ")}.`);
}

function openContent(
  apdu: Exclude<CipheredApdu, { readonly type: "general-signing" }>,
  originator: Uint8Array,
  options: UnprotectOptions,
  find: (control: SecurityControl) => FoundKey,
  header?: GeneralHeader,
): Unprotected {
  const { control, counter, body } = decodeAll(cipheredContent, apdu.content);
  const suite = checkControl(control, options.suite);
  const { authenticated, encrypted } = control;
  const found = find(control);
  const unverified =
    authenticated && options.keys.authentication === undefined && options.withoutAuthenticationKey === true;
  const use = {
    suite,
    key:
      encrypted || (authenticated && !unverified)
        ? revealKey(found.title, found.key, suite.keyOctets)
        : new Uint8Array(0),
    iv: nonce(originator, counter),
    authenticated,
    encrypted,
    additionalData: unverified ? new Uint8Array(0) : additionalData(options, suite, control, header),
  };
  return {
    apdu: unverified ? openWithoutTag(use, body) : open(use, body),
    form: apdu.type,
    originator: new Uint8Array(originator),
    key: found.name,
    authenticated: authenticated && !unverified,
    encrypted,
    signed: false,
    control,
    counter,
    ...(found.scheme === undefined ? {} : { scheme: found.scheme }),
    ...(found.peerEphemeral === undefined ? {} : { peerEphemeral: found.peerEphemeral }),
  };
}

function global({ keys }: SecurityUse, broadcast: boolean): FoundKey {
  return broadcast
    ? { name: "broadcast", title: "broadcast encryption key", key: keys.broadcast }
    : { name: "unicast", title: "unicast encryption key", key: keys.unicast };
}

function dedicated({ keys }: SecurityUse): FoundKey {
  return { name: "dedicated", title: "dedicated key", key: keys.dedicated };
}

function titleOf(named: Uint8Array, { peerSystemTitle }: UnprotectOptions): Uint8Array {
  if (named.length === 0) return checkTitle("peer", peerSystemTitle);
  checkTitle("peer", named);
  if (peerSystemTitle !== undefined && !equalBytes(named, peerSystemTitle))
    throw new DlmsError("SECURITY_TITLE", "The message names another system title than the peer's.");
  return named;
}

/** Judges both titles. @returns the originator's. */
function checkHeader(header: GeneralHeader, options: UnprotectOptions): Uint8Array {
  const { recipientSystemTitle } = header;
  const { systemTitle } = options;
  if (
    systemTitle !== undefined &&
    recipientSystemTitle.length > 0 &&
    !equalBytes(recipientSystemTitle, systemTitle)
  )
    throw new DlmsError("SECURITY_TITLE", "The message is addressed to another system title.");
  return titleOf(header.originatorSystemTitle, options);
}

/** The five fields alone, as octets of their own. */
function fieldsOf(header: GeneralHeader): GeneralHeader {
  return {
    transactionId: new Uint8Array(header.transactionId),
    originatorSystemTitle: new Uint8Array(header.originatorSystemTitle),
    recipientSystemTitle: new Uint8Array(header.recipientSystemTitle),
    dateTime: new Uint8Array(header.dateTime),
    otherInformation: new Uint8Array(header.otherInformation),
  };
}

function transported(
  apdu: GeneralCiphering,
  originator: Uint8Array,
  broadcast: boolean,
  options: UnprotectOptions,
): FoundKey {
  const { keyInfo } = apdu;
  switch (keyInfo?.type) {
    case undefined:
      return global(options, broadcast);
    case "identified-key":
      if (keyInfo.keyId > 1) throw unknownKey("key", keyInfo.keyId);
      return global(options, keyInfo.keyId === 1);
    case "wrapped-key":
      if (keyInfo.kekId !== 0) throw unknownKey("key encryption key", keyInfo.kekId);
      return {
        name: "wrapped",
        title: "wrapped key",
        key: unwrapKey(options.suite, options.keys.master, keyInfo.keyCipheredData),
      };
    case "agreed-key":
      return agreed(keyInfo, apdu, originator, options);
  }
}

function agreed(
  keyInfo: Extract<KeyInfo, { readonly type: "agreed-key" }>,
  header: GeneralHeader,
  originator: Uint8Array,
  options: UnprotectOptions,
): FoundKey {
  const { keyParameters } = keyInfo;
  const scheme = (Object.keys(agreementSchemes) as AgreementScheme[]).find(
    (name) => keyParameters.length === 1 && agreementSchemes[name] === keyParameters[0],
  );
  if (scheme === undefined)
    throw new DlmsError("SECURITY_KEY_TRANSPORT", "The scheme of key agreement is unknown.");
  const parties = {
    originator,
    recipient: checkTitle("recipient", header.recipientSystemTitle),
    ...(options.quirks?.transactionIdInKeyDerivation === true && scheme === "static-unified"
      ? { partyInformation: header.transactionId }
      : {}),
  };
  const suite = securitySuites[options.suite];
  const key = agreeAsRecipient(suite, scheme, options.keys, parties, keyInfo.keyCipheredData);
  const peerEphemeral = keyInfo.keyCipheredData.slice(0, keyInfo.keyCipheredData.length / 2);
  return {
    name: "agreed",
    title: "agreed key",
    key,
    scheme,
    ...(scheme === "static-unified" ? {} : { peerEphemeral }),
  };
}

function unknownKey(what: string, id: number): DlmsError {
  return new DlmsError("SECURITY_KEY_MISSING", `The message names the ${what} ${id}, which does not exist.`);
}
