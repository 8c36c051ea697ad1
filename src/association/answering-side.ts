/**
 * The answering half of a session: exchanges keyed by invoke id, indications that wait for their response.
 * What is not understood or not allowed is answered with an exception-response. At most one exchange per invoke id,
 * so sixteen in all, and of ACCESS as many; of those that wait for the peer's next block only the newest few are kept.
 */
import { DlmsError } from "../core/errors.js";
import { type Apdu } from "../xdlms/index.js";
import { type Answering, type AnswerStep, answer, answerStray, isOpening } from "./answer.js";
import { exception } from "./refusal.js";
import {
  type ExchangeContext,
  invokeOf,
  type ServiceRequest,
  type ServiceRequestApdu,
  type ServiceResponse,
} from "./service.js";

/** Keys of ACCESS, whose invoke ids are long, stand behind those of the other services. */
const ACCESS_KEYS = 16;
/** Short names know no invoke ids: one exchange at a time. */
const SHORT_NAME_KEY = 32;
/** Block transfers that may wait for the peer at the same time. */
const WAITING_EXCHANGES = 4;

interface Exchange {
  readonly answering: Answering;
  readonly request: ServiceRequestApdu;
  /** Set while the owner has to respond; absent while the peer has to go on. */
  indication?: { readonly id: number; readonly request: ServiceRequest };
}

export interface AnsweringOwner {
  reply(now: number, apdu: Apdu): void;
  indicate(id: number, request: ServiceRequest): void;
}

export class AnsweringSide {
  readonly #owner: AnsweringOwner;
  readonly #exchanges = new Map<number, Exchange>();
  #lastId = 0;

  constructor(owner: AnsweringOwner) {
    this.#owner = owner;
  }

  /** A GET, SET, ACTION or ACCESS request of the peer. */
  receive(now: number, apdu: ServiceRequestApdu, agreed: Omit<ExchangeContext, "invoke">): void {
    const key = keyOf(apdu);
    const open = this.#exchanges.get(key);
    if (!isOpening(apdu)) {
      if (open === undefined || open.indication !== undefined) this.#owner.reply(now, answerStray(apdu));
      else this.#step(now, key, open, apdu);
      return;
    }
    const exchange: Exchange = { answering: answer(apdu, agreed), request: apdu };
    this.#exchanges.delete(key);
    this.#exchanges.set(key, exchange);
    this.#step(now, key, exchange);
    this.#bound();
  }

  /**
   * The owner's answer. Ignored when its exchange is gone.
   * @throws DlmsError LOCAL_PROTOCOL when kind or number of results don't fit the request.
   */
  respond(now: number, id: number, response: ServiceResponse): void {
    for (const [key, exchange] of this.#exchanges) {
      const { indication } = exchange;
      if (indication?.id !== id) continue;
      const { request } = indication;
      if (response.type !== request.type || response.results.length !== request.items.length)
        throw new DlmsError(
          "LOCAL_PROTOCOL",
          `a ${request.type} of ${request.items.length} items was answered with a ${response.type} of ${response.results.length}`,
        );
      delete exchange.indication;
      this.#step(now, key, exchange, response);
      return;
    }
  }

  clear(): void {
    this.#exchanges.clear();
  }

  #step(now: number, key: number, exchange: Exchange, input?: ServiceRequestApdu | ServiceResponse): void {
    let step: IteratorResult<AnswerStep, Apdu>;
    try {
      step = exchange.answering.next(input as ServiceRequestApdu);
    } catch (caught) {
      // What the owner gave does not encode, or nothing fits the peer's PDU: the peer still gets an answer.
      this.#exchanges.delete(key);
      this.#owner.reply(now, exception("other-reason"));
      if (input !== undefined && "results" in input) throw caught;
      return;
    }
    const { value, done } = step;
    if (done === true) {
      this.#exchanges.delete(key);
      // What is unconfirmed takes effect and is not answered; a GET without answer would have no sense.
      if (isAnswered(exchange.request)) this.#owner.reply(now, value);
      return;
    }
    if (value.type === "reply") {
      this.#owner.reply(now, value.apdu);
      return;
    }
    this.#lastId += 1;
    exchange.indication = { id: this.#lastId, request: value.request };
    this.#owner.indicate(this.#lastId, value.request);
  }

  /** Forgets the oldest exchanges whose peer went away in the middle. */
  #bound(): void {
    const waiting = [...this.#exchanges].filter(([, exchange]) => exchange.indication === undefined);
    for (const [key] of waiting.slice(0, Math.max(0, waiting.length - WAITING_EXCHANGES)))
      this.#exchanges.delete(key);
  }
}

function isAnswered(apdu: ServiceRequestApdu): boolean {
  if ("variables" in apdu) return apdu.type !== "unconfirmed-write-request";
  return invokeOf(apdu)?.confirmed === true || apdu.type === "get-request";
}

function keyOf(apdu: ServiceRequestApdu): number {
  if ("variables" in apdu) return SHORT_NAME_KEY;
  if (apdu.type === "access-request") return ACCESS_KEYS + (apdu.longInvoke.invokeId & 0x0f);
  return apdu.request.invoke.invokeId;
}
