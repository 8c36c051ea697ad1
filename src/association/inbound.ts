/**
 * What a unit of the link means to a session: protection off, then ACSE to association control, requests to the
 * answering half, answers to the asking half. What belongs to nothing open is told as noise.
 */
import { isAcseTag } from "../acse/index.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type LinkAddresses } from "../core/link.js";
import { type Apdu, isCipheredTag } from "../xdlms/index.js";
import { type AnsweringSide } from "./answering-side.js";
import { type AskingSide } from "./asking-side.js";
import { type BlockRoute } from "./block-route.js";
import { type Ciphering } from "./ciphering.js";
import { type AssociationControl } from "./control.js";
import { exception, refusal, securityException } from "./refusal.js";
import { type SessionEvent } from "./session-types.js";
import { type Party } from "./transitions.js";
import { type Unasked } from "./unasked.js";
import { readUnit, type Unit } from "./unit.js";

export interface InboundParts {
  readonly us: Party;
  readonly control: AssociationControl;
  readonly ciphering: Ciphering;
  readonly asking: AskingSide;
  readonly answering: AnsweringSide;
  readonly blocks: BlockRoute;
  readonly unasked: Unasked | undefined;
}

export interface InboundOptions {
  readonly strict: boolean;
  /** Notifications that ask for it are answered. */
  readonly confirms: boolean;
}

export interface InboundHost {
  /** Sends an answer; must not fail. */
  answer(now: number, apdu: Apdu): void;
  emit(event: SessionEvent): void;
  /** A message is not genuine. */
  breach(now: number, error: DlmsError): void;
  /** Our RLRQ was answered. */
  endLink(now: number): void;
  /** The asking half may have something to send. */
  next(now: number): void;
  /** The AARQ once more. */
  openAgain(now: number): void;
}

/** Answers of services that were never negotiated: general block transfer, ciphered GET, SET, ACTION. */
const FOREIGN_ANSWERS: ReadonlySet<number> = new Set([0xe0, 0xcc, 0xcd, 0xcf, 0xd4, 0xd5, 0xd7]);
/** What a peer may say in clear although the association is ciphered: that it refuses. */
const CLEAR_REFUSALS: ReadonlySet<number> = new Set([0xd8, 0x0e]);

export class Inbound {
  readonly #parts: InboundParts;
  readonly #host: InboundHost;
  readonly #options: InboundOptions;
  /** The unit that is being handled, to be shown when it turns out to be nobody's. */
  #unit: Uint8Array = new Uint8Array(0);
  #inBlocks = false;
  #peer: LinkAddresses = { client: 0, server: 0 };

  constructor(parts: InboundParts, host: InboundHost, options: InboundOptions) {
    this.#parts = parts;
    this.#host = host;
    this.#options = options;
  }

  /**
   * Puts blocks together and takes the protection off, whichever is outside. In a ciphered association nothing else is
   * heard, but for refusals.
   */
  receive(now: number, bytes: Uint8Array, unconfirmed: boolean, peer: LinkAddresses): void {
    this.#peer = peer;
    const { blocks, ciphering, unasked } = this.#parts;
    const apdu = blocks.receive(now, bytes, false, unconfirmed);
    if (apdu === undefined) return;
    if (!ciphering.ciphered && unasked?.takes(apdu)) return;
    this.#unit = apdu;
    this.#inBlocks = apdu !== bytes;
    const [tag = 0] = apdu;
    if (ciphering.ciphered && !isAcseTag(tag)) {
      if (isCipheredTag(tag)) {
        try {
          this.#unit = ciphering.open(apdu);
        } catch (caught) {
          return this.#notGenuine(now, asDlmsError(caught));
        }
        const whole = blocks.receive(now, this.#unit, true, unconfirmed);
        if (whole === undefined) return;
        this.#inBlocks ||= whole !== this.#unit;
        this.#unit = whole;
      } else if (!CLEAR_REFUSALS.has(tag)) return this.#inClear(now, tag);
    }
    this.#read(now, readUnit(this.#unit, this.#options.strict));
  }

  /** A server answers a counter that is too low and goes on: nothing came of the message. */
  #notGenuine(now: number, error: DlmsError): void {
    if (this.#parts.us === "acceptor" && !this.#parts.asking.busy && error.code === "SECURITY_COUNTER")
      return this.#host.answer(now, securityException(error));
    this.#host.breach(now, error);
  }

  /** Only an answer ends the association: what nobody asked for is not even heard. */
  #inClear(now: number, tag: number): void {
    const { us, asking } = this.#parts;
    if (us === "acceptor" && !asking.busy) return this.#host.answer(now, exception("operation-not-possible"));
    const name = tag.toString(16).toUpperCase().padStart(2, "0");
    const reason = `The peer sent an APDU with tag ${name} in clear although the association is ciphered.`;
    if (asking.busy) this.#host.breach(now, new DlmsError("SECURITY_UNPROTECTED", reason));
    else this.noise(reason);
  }

  #read(now: number, unit: Unit): void {
    switch (unit.kind) {
      case "acse":
        return this.#parts.control.receive(now, unit.acse);
      case "undecodable":
        return this.#undecodable(now, unit);
      case "apdu":
        this.#apdu(now, unit.apdu);
        if (unit.rest.length > 0)
          this.#host.emit({ type: "noise", bytes: unit.rest, reason: "octets after a complete APDU" });
    }
  }

  #apdu(now: number, apdu: Apdu): void {
    switch (apdu.type) {
      case "data-notification":
      case "event-notification":
      case "information-report": {
        const { unauthenticated } = this.#parts.ciphering.info ?? {};
        const mark = unauthenticated === undefined ? {} : { unauthenticated };
        this.#host.emit({ type: "notification", notification: { ...apdu, ...mark } });
        if (apdu.type === "data-notification" && apdu.longInvoke.confirmed && this.#options.confirms)
          this.#parts.blocks.confirm(now, apdu.longInvoke, this.#peer);
        return;
      }
      case "data-notification-confirm":
        return this.#host.emit({ type: "notification-confirmed", longInvoke: apdu.longInvoke });
      case "get-request":
      case "set-request":
      case "action-request":
      case "access-request":
      case "read-request":
      case "write-request":
      case "unconfirmed-write-request": {
        const { state, agreed } = this.#parts.control;
        const proves = apdu.type === "action-request" || apdu.type === "read-request";
        if (state === "proving" && this.#parts.us === "acceptor" && proves)
          return this.#parts.control.prove(now, apdu);
        if (agreed === undefined || !this.#parts.control.mayAsk("peer"))
          return this.#host.answer(now, exception("operation-not-possible"));
        if (!this.#inBlocks) this.#parts.blocks.overtaken(now);
        return this.#parts.answering.receive(now, apdu, agreed);
      }
      case "get-response":
      case "set-response":
      case "action-response":
      case "access-response":
      case "read-response":
      case "write-response":
        return this.#answered(now, apdu);
      case "exception-response":
      case "confirmed-service-error":
        return this.#refused(now, apdu);
      case "initiate-request":
      case "initiate-response":
      case "general-block-transfer":
      case "service-ciphering":
      case "general-glo-ciphering":
      case "general-ded-ciphering":
      case "general-ciphering":
      case "general-signing":
        return this.#foreign(now);
    }
  }

  #answered(now: number, apdu: Apdu): void {
    const { agreed } = this.#parts.control;
    const taken = agreed !== undefined && this.#parts.asking.receive(now, apdu, agreed);
    if (!taken) this.noise(`a ${apdu.type} answers no open request`);
    this.#host.next(now);
  }

  /** Exception-response or confirmed-service-error: to the AARQ, the RLRQ or a request, whichever is open. */
  #refused(now: number, apdu: Apdu): void {
    if (apdu.type === "exception-response" && apdu.serviceError === "invocation-counter-error") {
      if (this.#relearnt(now, apdu.invocationCounter)) return;
    }
    if (this.#parts.control.awaitsAnswer) this.#parts.control.rejected(refusal(apdu) as DlmsError);
    else if (this.#parts.control.state === "releasing") this.#host.endLink(now);
    else this.#answered(now, apdu);
  }

  /** The meter has seen a higher counter of ours: we go on above it and try once more what has no effect twice. */
  #relearnt(now: number, counter: number | undefined): boolean {
    try {
      if (!this.#parts.ciphering.relearn(counter)) return false;
    } catch (caught) {
      this.#host.breach(now, asDlmsError(caught));
      return true;
    }
    if (!this.#parts.control.awaitsAnswer) return this.#parts.asking.repeat(now);
    this.#host.openAgain(now);
    return true;
  }

  #undecodable(now: number, { acse, error }: Extract<Unit, { kind: "undecodable" }>): void {
    if (acse && this.#parts.control.awaitsAnswer) return this.#parts.control.rejected(error);
    // One recorded server gives its RLRE a wrong length; the association is released all the same.
    if (acse && this.#parts.control.state === "releasing") return this.#host.endLink(now);
    if (this.#parts.asking.expects(this.#unit)) this.#parts.asking.fail(error);
    else if (this.#parts.control.mayAsk("peer")) this.#host.answer(now, exception("other-reason"));
    else this.noise(error.message);
    this.#host.next(now);
  }

  /** An APDU of a service we don't speak. */
  #foreign(now: number): void {
    const tag = this.#unit[0] as number;
    const reason = `an APDU with tag ${tag.toString(16).toUpperCase()} is not understood here`;
    if (this.#parts.asking.busy && FOREIGN_ANSWERS.has(tag)) {
      this.#parts.asking.fail(new DlmsError("UNEXPECTED_APDU", reason));
      this.#host.next(now);
    } else if (this.#parts.control.mayAsk("peer")) this.#host.answer(now, exception("service-not-supported"));
    else this.noise(reason);
  }

  noise(reason: string): void {
    this.#host.emit({ type: "noise", bytes: this.#unit, reason });
  }
}
