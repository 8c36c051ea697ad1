/**
 * Opening an association (IEC 62056-5-3): building and judging AARQ and AARE, what both agree on. Contexts logical
 * and short names, clear or ciphered. Initiates come here in clear; protecting them, and the passes of HLS, are elsewhere.
 * Pure functions; when they may be used stands in transitions.ts.
 */
import {
  type Aare,
  type Aarq,
  applicationContexts,
  mechanisms,
  serviceUserDiagnostics,
} from "../acse/index.js";
import { equalBytes } from "../bytes/hex.js";
import { DecodeError, DlmsError } from "../core/errors.js";
import { type LinkAddresses } from "../core/link.js";
import { type HlsMechanism } from "../security/index.js";
import {
  type Apdu,
  type ConformanceBit,
  decodeApdu,
  encodeApdu,
  type InitiateRequest,
} from "../xdlms/index.js";
import { isCiphered } from "./security-options.js";
import { type AcceptRule, type ClientOptions, type Mechanism, type ServerOptions } from "./session-types.js";

/** What AARQ and AARE settle; sizes in octets. */
export interface Agreement {
  readonly mechanism: Mechanism;
  readonly conformance: ReadonlySet<ConformanceBit>;
  readonly maxSendPdu: number;
  readonly maxReceivePdu: number;
  /** Otherwise objects go by short names. */
  readonly logicalNameReferencing: boolean;
}

const DLMS_VERSION = 6;
const MAX_PDU = 0xffff;
/** Below this nothing useful fits. */
const MIN_PDU = 64;
const VAA_NAME_LOGICAL = 7;
const VAA_NAME_SHORT = 0xfa00;
/** Codes of the initiate category of a confirmed service error. */
const INITIATE_ERRORS = { versionTooLow: 1, incompatibleConformance: 2, pduTooShort: 3, refused: 4 } as const;

const SERVICES: readonly ConformanceBit[] = ["get", "set", "action", "access"];
const SHORT_NAME_SERVICES: readonly ConformanceBit[] = ["read", "write"];

/** What every meter knows of what this engine can do; the default proposal and grant. */
export const supportedConformance: ReadonlySet<ConformanceBit> = new Set<ConformanceBit>([
  "block-transfer-get",
  "block-transfer-set",
  "block-transfer-action",
  "multiple-references",
  "get",
  "set",
  "selective-access",
  "event-notification",
  "action",
]);

/** The same by short names. */
export const supportedShortNameConformance: ReadonlySet<ConformanceBit> = new Set<ConformanceBit>([
  "read",
  "write",
  "unconfirmed-write",
  "block-transfer-get",
  "block-transfer-set",
  "multiple-references",
  "information-report",
  "parameterized-access",
]);

/** All that this engine can do, by either kind of names; some meters refuse a proposal with bits they don't know. */
export const fullConformance: ReadonlySet<ConformanceBit> = new Set<ConformanceBit>([
  ...supportedConformance,
  ...supportedShortNameConformance,
  "general-protection",
  "general-block-transfer",
  "data-notification",
  "access",
]);

function proposalOf({ conformance, shortNames }: Pick<ClientOptions, "conformance" | "shortNames">) {
  return conformance ?? (shortNames === undefined ? supportedConformance : supportedShortNameConformance);
}

/** The initiate request in clear. */
export function initiateOf(options: ClientOptions, dedicatedKey?: Uint8Array): Uint8Array {
  return encodeApdu({
    type: "initiate-request",
    ...(dedicatedKey === undefined ? {} : { dedicatedKey }),
    responseAllowed: true,
    dlmsVersion: DLMS_VERSION,
    conformance: proposalOf(options),
    clientMaxReceivePduSize: options.maxReceivePdu ?? MAX_PDU,
  });
}

/**
 * @param userInformation the initiate request, protected where the association is ciphered.
 * @param challenge HLS: ours.
 */
export function buildAarq(options: ClientOptions, userInformation: Uint8Array, challenge?: Uint8Array): Aarq {
  const { mechanism, secret, security, shortNames } = options;
  const names = shortNames === undefined ? "logical-name" : "short-name";
  const context = isCiphered(security) ? (`${names}-ciphered` as const) : names;
  const aarq: Aarq = {
    type: "aarq",
    applicationContext: applicationContexts[context],
    ...(security === undefined ? {} : { callingApTitle: security.systemTitle }),
    ...(security?.certificate === undefined ? {} : { callingAeQualifier: security.certificate }),
    ...(mechanism === "none"
      ? {}
      : {
          senderAcseRequirements: "1",
          mechanism: mechanisms[mechanism],
          callingAuthenticationValue: challenge ?? secret?.reveal() ?? new Uint8Array(0),
        }),
    userInformation,
  };
  return options.shapeAarq?.(aarq) ?? aarq;
}

/**
 * The client's view of the answer: what was agreed, or why not.
 * @param open gives the initiate in clear. What it throws for an answer that accepts is thrown on.
 */
export function judgeAare(aare: Aare, options: ClientOptions, open: OpenInitiate): Agreement | DlmsError {
  const user = readInitiate(aare.userInformation, aare.result === 0 ? open : tolerant(open));
  if (aare.result !== 0) return rejection(aare, user);
  if (user?.type === "confirmed-service-error") return rejection(aare, user);
  if (user?.type !== "initiate-response")
    return new DlmsError(
      "ASSOCIATION_REJECTED",
      "The meter accepted the association without an initiate response.",
    );
  const proposed = proposalOf(options);
  return {
    mechanism: options.mechanism,
    conformance: intersection(proposed, user.conformance),
    maxSendPdu: Math.min(unlimited(user.serverMaxReceivePduSize), options.maxSendPdu ?? MAX_PDU),
    maxReceivePdu: options.maxReceivePdu ?? MAX_PDU,
    logicalNameReferencing: options.shortNames === undefined,
  };
}

function rejection(aare: Aare, user: Apdu | undefined): DlmsError {
  const { result, resultSource, diagnostic } = aare;
  const [name = `diagnostic ${diagnostic}`] =
    resultSource === "service-user"
      ? (Object.entries(serviceUserDiagnostics).find(([, code]) => code === diagnostic) ?? [])
      : [];
  const authentication = resultSource === "service-user" && diagnostic >= 11 && diagnostic <= 14;
  const initiate =
    user?.type === "confirmed-service-error"
      ? { initiateError: `${user.error.category} ${user.error.code}` }
      : undefined;
  return new DlmsError(
    authentication ? "AUTHENTICATION_FAILED" : "ASSOCIATION_REJECTED",
    `The meter refused the association: ${name}${initiate === undefined ? "" : `, ${initiate.initiateError}`}.`,
    { detail: { result, resultSource, diagnostic, ...initiate } },
  );
}

const CIPHERED_CONTEXTS: ReadonlySet<string> = new Set([
  applicationContexts["logical-name-ciphered"],
  applicationContexts["short-name-ciphered"],
]);
const SHORT_NAME_CONTEXTS: ReadonlySet<string> = new Set([
  applicationContexts["short-name"],
  applicationContexts["short-name-ciphered"],
]);

/** The rule that lets this client in, or the AARE that refuses it. */
export function chooseRule(
  aarq: Aarq,
  peer: LinkAddresses,
  accept: readonly AcceptRule[],
  { shortNames }: Pick<ServerOptions, "shortNames"> = {},
): AcceptRule | Aare {
  const { applicationContext } = aarq;
  const ciphered = CIPHERED_CONTEXTS.has(applicationContext);
  const short = SHORT_NAME_CONTEXTS.has(applicationContext);
  if (!ciphered && !short && applicationContext !== applicationContexts["logical-name"])
    return refuse("application-context-name-not-supported");
  if (short && shortNames === undefined) return refuse("application-context-name-not-supported");
  const own = accept.filter(({ clientSap }) => clientSap === undefined || clientSap === peer.client);
  if (own.length === 0) return refuse("no-reason-given");
  const rules = own.filter(({ security }) => isCiphered(security) === ciphered);
  if (rules.length === 0) return refuse("application-context-name-not-supported");
  const rule = authenticate(aarq, rules);
  return typeof rule === "string" ? refuse(rule) : rule;
}

/** Refuses a client whose system title is missing or is not the one expected. */
export function refuseTitle(): Aare {
  return refuse("calling-ap-title-not-recognized");
}

/** Refuses a client whose challenge is missing, too short, or the server's own. */
export function refuseChallenge(): Aare {
  return refuse("authentication-failure");
}

/**
 * The server's verdict on the initiate request of a client that `rule` lets in: the AARE to send, its user
 * information still in clear, and what is agreed when it accepts.
 * @param open see `judgeAare`.
 */
export function judgeAarq(
  aarq: Aarq,
  rule: AcceptRule,
  options: ServerOptions,
  open: OpenInitiate,
): { readonly aare: Aare; readonly agreement?: Agreement; readonly dedicatedKey?: Uint8Array } {
  const request = readInitiate(aarq.userInformation, open);
  if (request?.type !== "initiate-request") return { aare: refuseInitiate(INITIATE_ERRORS.refused) };
  if (request.dlmsVersion < DLMS_VERSION) return { aare: refuseInitiate(INITIATE_ERRORS.versionTooLow) };
  const clientSize: number = request.clientMaxReceivePduSize;
  if (clientSize !== 0 && clientSize < MIN_PDU) return { aare: refuseInitiate(INITIATE_ERRORS.pduTooShort) };
  const short = SHORT_NAME_CONTEXTS.has(aarq.applicationContext);
  const grant = options.conformance ?? (short ? supportedShortNameConformance : supportedConformance);
  const conformance = intersection(request.conformance, grant);
  // Without any of these services there is nothing to say to each other.
  if (!(short ? SHORT_NAME_SERVICES : SERVICES).some((bit) => conformance.has(bit)))
    return { aare: refuseInitiate(INITIATE_ERRORS.incompatibleConformance) };

  const maxReceivePdu = options.maxReceivePdu ?? MAX_PDU;
  return {
    aare: {
      type: "aare",
      applicationContext: aarq.applicationContext,
      result: 0,
      resultSource: "service-user",
      diagnostic: serviceUserDiagnostics.null,
      ...(rule.security === undefined ? {} : { respondingApTitle: rule.security.systemTitle }),
      ...(rule.security?.certificate === undefined
        ? {}
        : { respondingAeQualifier: rule.security.certificate }),
      userInformation: encodeApdu(acceptInitiate(request, conformance, maxReceivePdu, short)),
    },
    agreement: {
      mechanism: rule.mechanism,
      conformance,
      maxSendPdu: Math.min(unlimited(clientSize), options.maxSendPdu ?? MAX_PDU),
      maxReceivePdu,
      logicalNameReferencing: !short,
    },
    ...(request.dedicatedKey === undefined ? {} : { dedicatedKey: request.dedicatedKey }),
  };
}

function acceptInitiate(
  request: InitiateRequest,
  conformance: ReadonlySet<ConformanceBit>,
  serverMaxReceivePduSize: number,
  short: boolean,
): Apdu {
  return {
    type: "initiate-response",
    ...(request.proposedQualityOfService === undefined
      ? {}
      : { qualityOfService: request.proposedQualityOfService }),
    dlmsVersion: DLMS_VERSION,
    conformance,
    serverMaxReceivePduSize,
    vaaName: short ? VAA_NAME_SHORT : VAA_NAME_LOGICAL,
  };
}

/** The same AARE with the server's challenge: accepted once passes 3 and 4 are done. */
export function withChallenge(aare: Aare, mechanism: HlsMechanism, challenge: Uint8Array): Aare {
  return {
    ...aare,
    diagnostic: serviceUserDiagnostics["authentication-required"],
    responderAcseRequirements: "1",
    mechanism: mechanisms[mechanism],
    respondingAuthenticationValue: challenge,
  };
}

/** Finds the rule that lets this client in; a diagnostic when none does. */
function authenticate(
  aarq: Aarq,
  rules: readonly AcceptRule[],
): AcceptRule | keyof typeof serviceUserDiagnostics {
  const { mechanism = mechanisms.none, callingAuthenticationValue: value } = aarq;
  const asked = rules.filter((rule) => mechanisms[rule.mechanism] === mechanism);
  if (mechanism === mechanisms.none) return asked[0] ?? "authentication-mechanism-name-required";
  if (asked.length === 0) return "authentication-mechanism-name-not-recognised";
  if (mechanism !== mechanisms.lls) return asked[0] as AcceptRule;
  const known = asked.find(
    ({ secret }) => secret !== undefined && value !== undefined && equalBytes(secret.reveal(), value),
  );
  return known ?? "authentication-failure";
}

function refuse(diagnostic: keyof typeof serviceUserDiagnostics, userInformation?: Uint8Array): Aare {
  return {
    type: "aare",
    applicationContext: applicationContexts["logical-name"],
    result: 1,
    resultSource: "service-user",
    diagnostic: serviceUserDiagnostics[diagnostic],
    ...(userInformation === undefined ? {} : { userInformation }),
  };
}

function refuseInitiate(code: number): Aare {
  return refuse(
    "no-reason-given",
    encodeApdu({
      type: "confirmed-service-error",
      service: "initiate",
      error: { category: "initiate", code },
    }),
  );
}

/** Gives the octets of an initiate in clear. */
export type OpenInitiate = (userInformation: Uint8Array) => Uint8Array;

function tolerant(open: OpenInitiate): OpenInitiate {
  return (userInformation) => {
    try {
      return open(userInformation);
    } catch (caught) {
      if (caught instanceof DlmsError) return new Uint8Array(0);
      throw caught;
    }
  };
}

/** Undefined for what is missing or garbage: result and diagnostic are judged without it. */
function readInitiate(userInformation: Uint8Array | undefined, open: OpenInitiate): Apdu | undefined {
  if (userInformation === undefined) return undefined;
  const clear = open(userInformation);
  try {
    return decodeApdu(clear);
  } catch (caught) {
    if (caught instanceof DecodeError) return undefined;
    throw caught;
  }
}

/** A size of 0 means no limit. */
function unlimited(size: number): number {
  return size === 0 ? MAX_PDU : size;
}

function intersection<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...a].filter((one) => b.has(one)));
}
