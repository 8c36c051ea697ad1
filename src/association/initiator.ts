/**
 * How the client opens an association: challenge and dedicated key from outside, AARQ, AARE, and with HLS the third
 * pass out and the fourth judged. States, timers and the link are control.ts' and session.ts'.
 */
import { type Aare, encodeAcse } from "../acse/index.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { securitySuites } from "../security/index.js";
import { type ActionResponseItem } from "../xdlms/index.js";
import { type Agreement, buildAarq, initiateOf, judgeAare } from "./association.js";
import { Authentication, challengeLength, isHls } from "./authentication.js";
import { type Ciphering } from "./ciphering.js";
import { type Outside } from "./outside.js";
import { type ServiceRequest } from "./service.js";
import { type ClientOptions } from "./session-types.js";

export interface InitiatorHost {
  readonly ciphering: Ciphering;
  readonly outside: Outside;
  /** Sends ACSE. */
  transmit(now: number, bytes: Uint8Array): void;
  /** The AARE accepts, but both still have to prove themselves. */
  challenged(agreement: Agreement): void;
  /** Sends the third pass; its answer comes back to `proven`. */
  ask(now: number, request: ServiceRequest): void;
  agreed(agreement: Agreement): void;
  /** The meter refused, or its AARE is not to be understood. */
  rejected(error: DlmsError): void;
  /** The peer is not who it has to be: the link must go too. */
  breach(now: number, error: DlmsError): void;
}

interface Opening {
  readonly challenge?: Uint8Array;
  readonly dedicatedKey?: Uint8Array;
}

export class Initiator {
  readonly #options: ClientOptions;
  readonly #host: InitiatorHost;
  #opening: Opening = {};
  #proof: { readonly authentication: Authentication; readonly agreement: Agreement } | undefined;

  constructor(options: ClientOptions, host: InitiatorHost) {
    this.#options = options;
    this.#host = host;
  }

  /** Asks for what the AARQ needs from outside, then sends it. */
  begin(now: number): void {
    const { mechanism, security } = this.#options;
    const { ciphering, outside } = this.#host;
    ciphering.begin(security);
    const opening: Opening = {};
    this.#opening = opening;
    this.#proof = undefined;
    const challenge = challengeLength(mechanism, security);
    const dedicated =
      ciphering.ciphered && security?.keySet === "dedicated"
        ? securitySuites[security.suite ?? 0].keyOctets
        : 0;
    if (challenge + dedicated === 0) return this.#send(now, opening);
    outside.random(challenge + dedicated, (then, random) => {
      // Another try, or the end, has come in between.
      if (this.#opening !== opening) return;
      this.#opening = {
        ...(challenge === 0 ? {} : { challenge: random.subarray(0, challenge) }),
        ...(dedicated === 0 ? {} : { dedicatedKey: random.subarray(challenge) }),
      };
      this.#send(then, this.#opening);
    });
  }

  /** Nothing that is still to come from outside counts any more. */
  cancel(): void {
    this.#opening = {};
    this.#proof = undefined;
  }

  answered(now: number, aare: Aare): void {
    const { ciphering } = this.#host;
    try {
      const { context } = ciphering;
      if (context !== undefined && aare.respondingApTitle !== undefined && aare.result === 0)
        context.learnPeer(aare.respondingApTitle);
      if (aare.result === 0) ciphering.certified(aare.respondingAeQualifier);
      const verdict = judgeAare(aare, this.#options, (octets) => ciphering.openInitiate(octets));
      if (verdict instanceof DlmsError) return this.#host.rejected(verdict);
      ciphering.negotiated(verdict.conformance.has("general-protection"));
      if (this.#opening.dedicatedKey !== undefined) ciphering.useDedicatedKey(this.#opening.dedicatedKey);
      if (!isHls(this.#options.mechanism)) return this.#host.agreed(verdict);
      this.#prove(now, aare, verdict);
    } catch (caught) {
      this.#host.breach(now, asDlmsError(caught));
    }
  }

  /** The fourth pass. */
  proven(now: number, item: ActionResponseItem | undefined): void {
    const proof = this.#proof;
    if (proof === undefined || item === undefined) return;
    this.#proof = undefined;
    try {
      proof.authentication.verifyResponse(item);
    } catch (caught) {
      return this.#host.breach(now, asDlmsError(caught));
    }
    this.#host.agreed(proof.agreement);
  }

  /** The user information of an RLRQ in a ciphered association. */
  releaseInformation(): Uint8Array | undefined {
    const { ciphering } = this.#host;
    if (!ciphering.ciphered || ciphering.options?.protectedRelease === false) return undefined;
    return ciphering.protectInitiate(initiateOf(this.#options));
  }

  #send(now: number, { challenge, dedicatedKey }: Opening): void {
    const { ciphering } = this.#host;
    ciphering.whenReady(now, ciphering.counted, (then) => {
      const initiate = ciphering.protectInitiate(initiateOf(this.#options, dedicatedKey));
      this.#host.transmit(then, encodeAcse(buildAarq(this.#options, initiate, challenge)));
    });
  }

  #prove(now: number, aare: Aare, agreement: Agreement): void {
    const { mechanism, secret, security } = this.#options;
    const { challenge } = this.#opening;
    if (!isHls(mechanism) || challenge === undefined) return;
    const { ciphering } = this.#host;
    const { context } = ciphering;
    const authentication = new Authentication(
      "client",
      mechanism,
      { own: challenge, peer: aare.respondingAuthenticationValue },
      secret,
      context === undefined || security === undefined ? undefined : { options: security, context },
    );
    const proof = { authentication, agreement };
    this.#proof = proof;
    this.#host.challenged(agreement);
    ciphering.whenReady(now, authentication.counted, (then) => {
      if (this.#proof === proof)
        this.#host.ask(then, authentication.request(!agreement.logicalNameReferencing));
    });
  }
}
