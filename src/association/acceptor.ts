/**
 * How the server lets an association be opened: the AARQ judged, the challenge asked for, the AARE, and with HLS the
 * third pass judged and the fourth sent. What cannot be opened is answered with an exception-response.
 */
import { type Aare, type Aarq, encodeAcse, type Rlrq } from "../acse/index.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type LinkAddresses } from "../core/link.js";
import { type MeterSecurity, type SecurityKeys } from "../security/index.js";
import { encodeApdu } from "../xdlms/index.js";
import {
  type Agreement,
  chooseRule,
  judgeAarq,
  refuseChallenge,
  refuseTitle,
  withChallenge,
} from "./association.js";
import {
  Authentication,
  challengeLength,
  fourthPass,
  isHls,
  thirdPass,
  type ThirdPassApdu,
} from "./authentication.js";
import { type Ciphering } from "./ciphering.js";
import { type Outside } from "./outside.js";
import { exception, securityException } from "./refusal.js";
import { type AcceptRule, type ServerOptions } from "./session-types.js";

export interface AcceptorHost {
  readonly ciphering: Ciphering;
  readonly outside: Outside;
  transmit(now: number, bytes: Uint8Array): void;
  challenged(agreement: Agreement): void;
  agreed(agreement: Agreement): void;
  /** The AARQ was refused; with an error, because the peer failed to prove itself. */
  refused(error?: DlmsError): void;
}

export class Acceptor {
  readonly #options: ServerOptions;
  readonly #host: AcceptorHost;
  /** Changes with every AARQ, so that what comes late from outside is not taken for the newer one. */
  #attempt: object = {};
  #proof: { readonly authentication: Authentication; readonly agreement: Agreement } | undefined;
  #initiate: Uint8Array | undefined;

  constructor(options: ServerOptions, host: AcceptorHost) {
    this.#options = options;
    this.#host = host;
  }

  cancel(): void {
    this.#attempt = {};
    this.#proof = undefined;
  }

  /** AARQ in, AARE out. */
  opened(now: number, aarq: Aarq, peer: LinkAddresses): void {
    this.cancel();
    this.#host.ciphering.begin(undefined);
    const { accept, askKeys = false } = this.#options;
    const systemTitle = aarq.callingApTitle;
    if (!askKeys || systemTitle === undefined) return this.#judge(now, aarq, peer, [accept]);
    const attempt = this.#attempt;
    this.#host.outside.keys({ systemTitle }, (then, known) => {
      if (attempt === this.#attempt) this.#judge(then, aarq, peer, rulesWith(accept, known));
    });
  }

  /** @param rules which let it in; the second ones hold when the message does not open with those before. */
  #judge(
    now: number,
    aarq: Aarq,
    peer: LinkAddresses,
    [accept = [], ...others]: readonly (readonly AcceptRule[])[],
  ): void {
    const { ciphering } = this.#host;
    const rule = chooseRule(aarq, peer, accept, this.#options);
    if ("type" in rule) return this.#refuse(now, rule);
    try {
      ciphering.begin(rule.security);
      if (!this.#knowsPeer(aarq, rule)) return this.#refuse(now, refuseTitle());
      ciphering.certified(aarq.callingAeQualifier);
      const verdict = judgeAarq(aarq, rule, this.#options, (octets) => ciphering.openInitiate(octets));
      const { aare, agreement, dedicatedKey } = verdict;
      if (agreement === undefined) return this.#refuse(now, aare);
      ciphering.negotiated(agreement.conformance.has("general-protection"));
      if (dedicatedKey !== undefined && ciphering.ciphered) ciphering.useDedicatedKey(dedicatedKey);
      if (isHls(rule.mechanism)) this.#challenge(aarq, rule, aare, agreement);
      else this.#accept(now, aare, () => this.#host.agreed(agreement));
    } catch (caught) {
      const error = asDlmsError(caught);
      if (error.code === "SECURITY_TAG" && others.length > 0) return this.#judge(now, aarq, peer, others);
      ciphering.end();
      this.#host.transmit(now, encodeApdu(securityException(error)));
      this.#host.refused(error);
    }
  }

  /** An ACTION, or by short names a READ, while the parties still prove themselves. */
  prove(now: number, request: ThirdPassApdu): void {
    const { ciphering } = this.#host;
    const proof = this.#proof;
    const answer = thirdPass(request);
    if (proof === undefined || answer === undefined)
      return ciphering.send(now, encodeApdu(exception("operation-not-possible")));
    this.#proof = undefined;
    const { authentication, agreement } = proof;
    const reply = (then: number, item: ReturnType<Authentication["response"]>): void =>
      ciphering.send(then, encodeApdu(fourthPass(request, item)));
    try {
      authentication.verifyRequest(answer);
    } catch (caught) {
      const error = asDlmsError(caught);
      reply(now, { result: "read-write-denied" });
      return ciphering.whenReady(now, false, () => this.#host.refused(error));
    }
    ciphering.whenReady(now, authentication.counted, (then) => {
      reply(then, authentication.response());
      ciphering.whenReady(then, false, () => this.#host.agreed(agreement));
    });
  }

  /** Checks what a ciphered RLRQ carries. @returns what the RLRE carries @throws DlmsError */
  released({ userInformation }: Rlrq): Uint8Array | undefined {
    const { ciphering } = this.#host;
    if (userInformation === undefined || !ciphering.ciphered) return undefined;
    ciphering.openInitiate(userInformation);
    return this.#initiate;
  }

  /** Learns the client's title where keys need one; false when it is missing or another one than expected. */
  #knowsPeer({ callingApTitle }: Aarq, { security }: AcceptRule): boolean {
    const { context, ciphered } = this.#host.ciphering;
    if (context === undefined || security === undefined) return true;
    if (callingApTitle === undefined) return !ciphered || security.peerSystemTitle !== undefined;
    try {
      context.learnPeer(callingApTitle);
      return true;
    } catch (caught) {
      if (caught instanceof DlmsError) return false;
      throw caught;
    }
  }

  #challenge(aarq: Aarq, rule: AcceptRule, aare: Aare, agreement: Agreement): void {
    const { mechanism, secret, security } = rule;
    if (!isHls(mechanism)) return;
    const attempt = this.#attempt;
    const { ciphering, outside } = this.#host;
    outside.random(challengeLength(mechanism, security), (then, own) => {
      if (attempt !== this.#attempt) return;
      const { context } = ciphering;
      const known =
        context === undefined || security === undefined ? undefined : { options: security, context };
      let authentication: Authentication;
      try {
        const challenges = { own, peer: aarq.callingAuthenticationValue };
        authentication = new Authentication("server", mechanism, challenges, secret, known);
      } catch (caught) {
        const error = asDlmsError(caught);
        this.#host.transmit(then, encodeAcse(refuseChallenge()));
        ciphering.end();
        return this.#host.refused(error);
      }
      this.#proof = { authentication, agreement };
      this.#accept(then, withChallenge(aare, mechanism, own), () => this.#host.challenged(agreement));
    });
  }

  #accept(now: number, aare: Aare, done: () => void): void {
    const { ciphering } = this.#host;
    const initiate = aare.userInformation ?? new Uint8Array(0);
    this.#initiate = initiate;
    ciphering.whenReady(now, ciphering.counted, (then) => {
      this.#host.transmit(
        then,
        encodeAcse({ ...aare, userInformation: ciphering.protectInitiate(initiate) }),
      );
      done();
    });
  }

  #refuse(now: number, aare: Aare): void {
    this.#host.ciphering.end();
    this.#host.transmit(now, encodeAcse(aare));
    this.#host.refused();
  }
}

/** The rules with what is known of this client in place of their own; after them, with what held before a change. */
function rulesWith(
  accept: readonly AcceptRule[],
  known: MeterSecurity | undefined,
): readonly (readonly AcceptRule[])[] {
  if (known === undefined) return [accept];
  const { suite, secret, systemTitle, received, counterKey, previousCounterKey } = known;
  const given = (keys: SecurityKeys, name: string | undefined): AcceptRule[] =>
    accept.map((rule) => ({
      ...rule,
      ...(secret === undefined ? {} : { secret }),
      ...(rule.security === undefined
        ? {}
        : {
            security: {
              ...rule.security,
              suite,
              keys,
              ...(systemTitle === undefined ? {} : { peerSystemTitle: systemTitle }),
              ...(received === undefined ? {} : { received }),
              ...(name === undefined ? {} : { counterKey: name }),
            },
          }),
    }));
  const { keys, previousKeys } = known;
  return [
    given(keys, counterKey),
    ...(previousKeys === undefined ? [] : [given(previousKeys, previousCounterKey)]),
  ];
}
