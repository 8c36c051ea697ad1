/**
 * Opening an association (IEC 62056-5-3): building and judging AARQ and AARE, what both agree on. Mechanisms none and
 * LLS, context logical names without ciphering. Pure functions; when they may be used stands in transitions.ts.
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
import {
  type Apdu,
  type ConformanceBit,
  decodeApdu,
  encodeApdu,
  type InitiateRequest,
} from "../xdlms/index.js";
import { type AcceptRule, type ClientOptions, type Mechanism, type ServerOptions } from "./session-types.js";

/** What AARQ and AARE settle; sizes in octets. */
export interface Agreement {
  readonly mechanism: Mechanism;
  readonly conformance: ReadonlySet<ConformanceBit>;
  readonly maxSendPdu: number;
  readonly maxReceivePdu: number;
}

const DLMS_VERSION = 6;
const MAX_PDU = 0xffff;
/** Below this nothing useful fits. */
const MIN_PDU = 64;
const VAA_NAME_LOGICAL = 7;
/** Codes of the initiate category of a confirmed service error. */
const INITIATE_ERRORS = { versionTooLow: 1, incompatibleConformance: 2, pduTooShort: 3, refused: 4 } as const;

const SERVICES: readonly ConformanceBit[] = ["get", "set", "action"];

/** What this engine can do; the default proposal and grant. */
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

export function buildAarq(options: ClientOptions): Aarq {
  const secret = options.mechanism === "lls" ? (options.secret?.reveal() ?? new Uint8Array(0)) : undefined;
  const aarq: Aarq = {
    type: "aarq",
    applicationContext: applicationContexts["logical-name"],
    ...(secret === undefined
      ? {}
      : {
          senderAcseRequirements: "1",
          mechanism: mechanisms.lls,
          callingAuthenticationValue: secret,
        }),
    userInformation: encodeApdu({
      type: "initiate-request",
      responseAllowed: true,
      dlmsVersion: DLMS_VERSION,
      conformance: options.conformance ?? supportedConformance,
      clientMaxReceivePduSize: options.maxReceivePdu ?? MAX_PDU,
    }),
  };
  return options.shapeAarq?.(aarq) ?? aarq;
}

/** The client's view of the answer: what was agreed, or why not. */
export function judgeAare(aare: Aare, options: ClientOptions): Agreement | DlmsError {
  const user = readInitiate(aare.userInformation);
  if (aare.result !== 0) return rejection(aare, user);
  if (user?.type === "confirmed-service-error") return rejection(aare, user);
  if (user?.type !== "initiate-response")
    return new DlmsError(
      "ASSOCIATION_REJECTED",
      "The meter accepted the association without an initiate response.",
    );
  const proposed = options.conformance ?? supportedConformance;
  return {
    mechanism: options.mechanism,
    conformance: intersection(proposed, user.conformance),
    maxSendPdu: Math.min(unlimited(user.serverMaxReceivePduSize), options.maxSendPdu ?? MAX_PDU),
    maxReceivePdu: options.maxReceivePdu ?? MAX_PDU,
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

/** The server's verdict: the AARE to send, and what is agreed when it accepts. */
export function judgeAarq(
  aarq: Aarq,
  peer: LinkAddresses,
  options: ServerOptions,
): { readonly aare: Aare; readonly agreement?: Agreement } {
  if (aarq.applicationContext !== applicationContexts["logical-name"])
    return { aare: refuse("application-context-name-not-supported") };
  const mechanism = authenticate(aarq, peer, options.accept);
  if (typeof mechanism !== "string") return { aare: refuse(mechanism.diagnostic) };

  const request = readInitiate(aarq.userInformation);
  if (request?.type !== "initiate-request") return { aare: refuseInitiate(INITIATE_ERRORS.refused) };
  if (request.dlmsVersion < DLMS_VERSION) return { aare: refuseInitiate(INITIATE_ERRORS.versionTooLow) };
  const clientSize: number = request.clientMaxReceivePduSize;
  if (clientSize !== 0 && clientSize < MIN_PDU) return { aare: refuseInitiate(INITIATE_ERRORS.pduTooShort) };
  const conformance = intersection(request.conformance, options.conformance ?? supportedConformance);
  // Without any of these services there is nothing to say to each other.
  if (!SERVICES.some((bit) => conformance.has(bit)))
    return { aare: refuseInitiate(INITIATE_ERRORS.incompatibleConformance) };

  const maxReceivePdu = options.maxReceivePdu ?? MAX_PDU;
  return {
    aare: {
      type: "aare",
      applicationContext: aarq.applicationContext,
      result: 0,
      resultSource: "service-user",
      diagnostic: serviceUserDiagnostics.null,
      userInformation: encodeApdu(acceptInitiate(request, conformance, maxReceivePdu)),
    },
    agreement: {
      mechanism,
      conformance,
      maxSendPdu: Math.min(unlimited(clientSize), options.maxSendPdu ?? MAX_PDU),
      maxReceivePdu,
    },
  };
}

function acceptInitiate(
  request: InitiateRequest,
  conformance: ReadonlySet<ConformanceBit>,
  serverMaxReceivePduSize: number,
): Apdu {
  return {
    type: "initiate-response",
    ...(request.proposedQualityOfService === undefined
      ? {}
      : { qualityOfService: request.proposedQualityOfService }),
    dlmsVersion: DLMS_VERSION,
    conformance,
    serverMaxReceivePduSize,
    vaaName: VAA_NAME_LOGICAL,
  };
}

/** Finds the rule that lets this client in; a diagnostic when none does. */
function authenticate(
  aarq: Aarq,
  peer: LinkAddresses,
  accept: readonly AcceptRule[],
): Mechanism | { readonly diagnostic: keyof typeof serviceUserDiagnostics } {
  const rules = accept.filter(({ clientSap }) => clientSap === undefined || clientSap === peer.client);
  if (rules.length === 0) return { diagnostic: "no-reason-given" };
  const { mechanism = mechanisms.none, callingAuthenticationValue: value } = aarq;
  if (mechanism === mechanisms.none)
    return rules.some((rule) => rule.mechanism === "none")
      ? "none"
      : { diagnostic: "authentication-mechanism-name-required" };
  const lls = rules.filter((rule) => rule.mechanism === "lls");
  if (mechanism !== mechanisms.lls || lls.length === 0)
    return { diagnostic: "authentication-mechanism-name-not-recognised" };
  const known = lls.some(
    ({ secret }) => secret !== undefined && value !== undefined && equalBytes(secret.reveal(), value),
  );
  return known ? "lls" : { diagnostic: "authentication-failure" };
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

/** Undefined for what is missing or garbage: result and diagnostic are judged without it. */
function readInitiate(userInformation: Uint8Array | undefined): Apdu | undefined {
  if (userInformation === undefined) return undefined;
  try {
    return decodeApdu(userInformation);
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
