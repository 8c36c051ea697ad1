/**
 * Ways a simulated meter misbehaves, settable while it runs. Rates are per octet sent, chance comes from the
 * meter's seed, so the same run fails the same way. `FaultyLink` stands between session and link and spoils APDUs;
 * `spoil` spoils the octets below them.
 */
import { equalBytes } from "../bytes/hex.js";
import { type Link, type LinkEvent, type LinkIntent } from "../core/link.js";
import { parseObis } from "../cosem/obis.js";
import {
  type AccessItem,
  type AccessItemResult,
  type ServiceRequest,
  type ServiceResponse,
} from "../association/service.js";
import { type ActionResult, type DataAccessResult } from "../xdlms/index.js";
import { type RandomStream } from "./behaviours/random.js";

/** An object whose every access, or one attribute's or method's, is answered with an error and has no effect. */
export interface AnswerError {
  readonly obis: string;
  /** Attribute or method number; all when absent. */
  readonly member?: number;
  readonly result: Exclude<DataAccessResult & ActionResult, "success">;
}

export interface Faults {
  /** Share of octets that get lost, 0 to 1. */
  readonly dropRate?: number;
  /** Share of octets with one bit turned. */
  readonly corruptRate?: number;
  /** Random octets sent before each answer. */
  readonly noiseOctets?: number;
  /** Answers are sent this much later. */
  readonly delayMs?: number;
  /** Nothing is heard and nothing is sent; the connection stays. */
  readonly silent?: boolean;
  /** At the next request of kind `hangUpOn` the connection ends: before it takes effect, or after. Happens once. */
  readonly hangUp?: "before-effect" | "after-effect";
  /** Default: any request. */
  readonly hangUpOn?: ServiceRequest["type"];
  /** Answers carry the invoke id of another request. */
  readonly wrongInvokeId?: boolean;
  readonly answerErrors?: readonly AnswerError[];
}

/** First octets of the answers to GET, SET and ACTION. */
const ANSWER_TAGS = new Set([0xc4, 0xc5, 0xc7]);
/** Where the invoke id stands in each of them. */
const INVOKE_OFFSET = 2;

export class FaultyLink implements Link {
  readonly #inner: Link;
  readonly #faults: () => Faults;

  constructor(inner: Link, faults: () => Faults) {
    this.#inner = inner;
    this.#faults = faults;
  }

  receive(now: number, bytes: Uint8Array): void {
    this.#inner.receive(now, bytes);
  }

  send(now: number, intent: LinkIntent): void {
    const spoilt = intent.type === "apdu" && this.#faults().wrongInvokeId === true;
    this.#inner.send(now, spoilt ? { ...intent, bytes: anotherInvokeId(intent.bytes) } : intent);
  }

  pollTransmit(): Uint8Array | undefined {
    return this.#inner.pollTransmit();
  }

  pollEvent(): LinkEvent | undefined {
    return this.#inner.pollEvent();
  }

  nextTimeout(): number | undefined {
    return this.#inner.nextTimeout();
  }

  handleTimeout(now: number): void {
    this.#inner.handleTimeout(now);
  }
}

function anotherInvokeId(apdu: Uint8Array): Uint8Array {
  const octet = apdu[INVOKE_OFFSET];
  if (octet === undefined || !ANSWER_TAGS.has(apdu[0] as number)) return apdu;
  const changed = Uint8Array.from(apdu);
  changed[INVOKE_OFFSET] = (octet & 0xf0) | ((octet + 7) & 0x0f);
  return changed;
}

/** What arrives of `bytes`. Octets are lost before others are turned. */
export function spoil(
  bytes: Uint8Array,
  { dropRate = 0, corruptRate = 0 }: Faults,
  random: RandomStream,
): Uint8Array {
  if (dropRate === 0 && corruptRate === 0) return bytes;
  const arrived: number[] = [];
  for (const octet of bytes) {
    if (dropRate > 0 && random.next() < dropRate) continue;
    const turned = corruptRate > 0 && random.next() < corruptRate;
    arrived.push(turned ? octet ^ (1 << Math.floor(random.next() * 8)) : octet);
  }
  return Uint8Array.from(arrived);
}

/** The noise before an answer. */
export function noise({ noiseOctets = 0 }: Faults, random: RandomStream): Uint8Array {
  return Uint8Array.from({ length: noiseOctets }, () => random.octet());
}

/**
 * Splits a request into what the meter still does and what an answer error takes away.
 * @returns per item the error, or undefined.
 */
export function answerErrorsOf(
  request: ServiceRequest,
  errors: readonly AnswerError[],
): (AnswerError["result"] | undefined)[] {
  if (errors.length === 0) return request.items.map(() => undefined);
  const parsed = errors.map((error) => ({ ...error, name: parseObis(error.obis) }));
  return request.items.map((item) => {
    const [name, member] =
      "method" in item
        ? [item.method.instanceId, item.method.methodId]
        : [item.attribute.instanceId, item.attribute.attributeId];
    return parsed.find(
      (error) => equalBytes(error.name, name) && (error.member === undefined || error.member === member),
    )?.result;
  });
}

/** Answers a request, leaving out the items that an answer error takes. */
export function answerWith(
  request: ServiceRequest,
  errors: readonly AnswerError[],
  answer: (request: ServiceRequest) => ServiceResponse,
): ServiceResponse {
  const taken = answerErrorsOf(request, errors);
  if (taken.every((error) => error === undefined)) return answer(request);
  const single = (i: number): ServiceResponse =>
    answer({ ...request, items: [request.items[i]] } as ServiceRequest);
  switch (request.type) {
    case "get":
      return {
        type: "get",
        results: taken.flatMap((error, i) =>
          error === undefined
            ? (single(i) as Extract<ServiceResponse, { type: "get" }>).results
            : [{ type: "data-access-error" as const, error }],
        ),
      };
    case "set":
      return {
        type: "set",
        results: taken.flatMap((error, i) =>
          error === undefined ? (single(i) as Extract<ServiceResponse, { type: "set" }>).results : [error],
        ),
      };
    case "action":
      return {
        type: "action",
        results: taken.flatMap((error, i) =>
          error === undefined
            ? (single(i) as Extract<ServiceResponse, { type: "action" }>).results
            : [{ result: error }],
        ),
      };
    case "access":
      return {
        type: "access",
        results: taken.flatMap((error, i): readonly AccessItemResult[] => {
          const { service } = request.items[i] as AccessItem;
          if (error === undefined) return (single(i) as Extract<ServiceResponse, { type: "access" }>).results;
          return service === "get"
            ? [{ service, result: { type: "data-access-error", error } }]
            : [{ service, result: error }];
        }),
      };
  }
}
