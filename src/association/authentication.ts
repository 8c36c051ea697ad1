/**
 * High level security of one association (IEC 62056-5-3): both challenges, passes 3 and 4, and the ACTION that carries
 * them (class 15, method 1 reply_to_HLS_authentication; by short names the READ of class 12's method 8). The answers themselves are made in security/hls.ts.
 */
import { data } from "../axdr/index.js";
import { DlmsError } from "../core/errors.js";
import { type Role } from "../core/link.js";
import { type Secret } from "../core/secret.js";
import {
  checkChallenge,
  type HlsExchange,
  type HlsMechanism,
  proveIdentity,
  type SecurityContext,
  verifyIdentity,
} from "../security/index.js";
import { type ActionResponseItem, type Apdu } from "../xdlms/index.js";
import { type SecurityOptions } from "./security-options.js";
import { type ServiceRequest } from "./service.js";
import { type Mechanism } from "./session-types.js";

const ASSOCIATION_CLASS = 15;
const REPLY_TO_HLS = 1;
const SHORT_NAME_ASSOCIATION_CLASS = 12;
const SHORT_NAME_REPLY_TO_HLS = 8;
/** Where that method stands: the association at FA00, its methods from 20 on. */
const REPLY_TO_HLS_NAME = 0xfa58;
/** 0-0:40.0.0.255, the current association. */
const CURRENT_ASSOCIATION = Uint8Array.of(0, 0, 40, 0, 0, 255);

/** Octets of a challenge of ours; none where the mechanism has no challenges. */
export function challengeLength(mechanism: Mechanism, security: SecurityOptions | undefined): number {
  if (!isHls(mechanism)) return 0;
  return security?.challengeOctets ?? (mechanism === "hls-ecdsa" ? 32 : 16);
}

export function isHls(mechanism: Mechanism): mechanism is HlsMechanism {
  return mechanism !== "none" && mechanism !== "lls";
}

export class Authentication {
  readonly #role: Role;
  readonly #exchange: HlsExchange;
  readonly #context: SecurityContext | undefined;

  /** @throws DlmsError SECURITY_CHALLENGE for a challenge of the peer that is missing, too short, or ours. */
  constructor(
    role: Role,
    mechanism: HlsMechanism,
    challenges: { readonly own: Uint8Array; readonly peer: Uint8Array | undefined },
    secret: Secret<Uint8Array> | undefined,
    security?: { readonly options: SecurityOptions; readonly context: SecurityContext },
  ) {
    const { own, peer = new Uint8Array(0) } = challenges;
    checkChallenge(mechanism, peer, own);
    const titles = [security?.options.systemTitle, security?.context.peerSystemTitle];
    const [clientSystemTitle, serverSystemTitle] = role === "client" ? titles : titles.reverse();
    this.#role = role;
    this.#context = security?.context;
    this.#exchange = {
      mechanism,
      ctos: role === "client" ? own : peer,
      stoc: role === "client" ? peer : own,
      ...(clientSystemTitle === undefined ? {} : { clientSystemTitle }),
      ...(serverSystemTitle === undefined ? {} : { serverSystemTitle }),
      ...(secret === undefined ? {} : { secret }),
    };
  }

  /** Whether our answer uses up an invocation counter. */
  get counted(): boolean {
    return this.#exchange.mechanism === "hls-gmac";
  }

  /** The client's third pass. */
  request(byShortNames: boolean): ServiceRequest {
    const [classId, methodId] = byShortNames
      ? [SHORT_NAME_ASSOCIATION_CLASS, SHORT_NAME_REPLY_TO_HLS]
      : [ASSOCIATION_CLASS, REPLY_TO_HLS];
    const method = { classId, instanceId: CURRENT_ASSOCIATION, methodId };
    return { type: "action", items: [{ method, parameters: data.octetString(this.#prove()) }] };
  }

  /** The server's fourth pass. */
  response(): ActionResponseItem {
    return { result: "success", returnParameters: { type: "data", data: data.octetString(this.#prove()) } };
  }

  /** Judges the third pass. @throws DlmsError SECURITY_ANSWER, … */
  verifyRequest(answer: Uint8Array): void {
    this.#verify(answer);
  }

  /** Judges the fourth pass. @throws DlmsError AUTHENTICATION_FAILED when the meter refused ours, SECURITY_ANSWER */
  verifyResponse({ result, returnParameters }: ActionResponseItem): void {
    if (result !== "success")
      throw new DlmsError(
        "AUTHENTICATION_FAILED",
        `The meter refused our answer to its challenge: ${result}.`,
        {
          detail: { result },
        },
      );
    const returned = returnParameters?.type === "data" ? returnParameters.data : undefined;
    if (returned?.type !== "octet-string")
      throw new DlmsError("SECURITY_ANSWER", "The meter did not answer our challenge.");
    this.#verify(returned.value);
  }

  #prove(): Uint8Array {
    return this.#context?.prove(this.#exchange) ?? proveIdentity(this.#role, this.#exchange);
  }

  #verify(answer: Uint8Array): void {
    if (this.#context !== undefined) return this.#context.verify(this.#exchange, answer);
    verifyIdentity(this.#role === "client" ? "server" : "client", this.#exchange, answer);
  }
}

export type ThirdPassApdu = Extract<Apdu, { readonly type: "action-request" | "read-request" }>;

/** The APDU that answers a third pass. */
export function fourthPass(apdu: ThirdPassApdu, { result, returnParameters }: ActionResponseItem): Apdu {
  if (apdu.type === "read-request") {
    const refused = { type: "data-access-error", error: "read-write-denied" } as const;
    return {
      type: "read-response",
      results: [result === "success" ? (returnParameters ?? refused) : refused],
    };
  }
  return {
    type: "action-response",
    response: {
      type: "normal",
      invoke: apdu.request.invoke,
      result,
      ...(returnParameters === undefined ? {} : { returnParameters }),
    },
  };
}

/** f(StoC) when the request is a third pass; undefined for every other. */
export function thirdPass(apdu: ThirdPassApdu): Uint8Array | undefined {
  if (apdu.type === "read-request") {
    const [access] = apdu.variables;
    if (access?.type !== "parameterized-access" || access.name !== REPLY_TO_HLS_NAME) return undefined;
    return access.parameter.type === "octet-string" ? access.parameter.value : undefined;
  }
  const { request } = apdu;
  if (request.type !== "normal") return undefined;
  const { method, parameters } = request;
  const [a, b, c, d, , f] = method.instanceId;
  const association = a === 0 && b === 0 && c === 40 && d === 0 && f === 255;
  const passes = method.classId === ASSOCIATION_CLASS && method.methodId === REPLY_TO_HLS && association;
  return passes && parameters?.type === "octet-string" ? parameters.value : undefined;
}
