/**
 * The asking half of a session: a bounded queue, one request in flight, invoke ids, the answer's deadline.
 * A request that timed out leaves nothing behind: its late answer carries another invoke id and is nobody's.
 */
import { asDlmsError, DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { type Apdu, encodeApdu } from "../xdlms/index.js";
import { type Asking, ask } from "./ask.js";
import { refusal } from "./refusal.js";
import {
  changesNothing,
  type ExchangeContext,
  invokeOf,
  type ServiceRequest,
  type ServiceResponse,
} from "./service.js";
import { type AskingOptions } from "./session-types.js";

const ACCESS_RESPONSE = 0xda;
const GENERAL_BLOCK_TRANSFER = 0xe0;
/** What an unconfirmed request leaves in; blocks are answered even then. */
const UNANSWERED: ReadonlySet<Apdu["type"]> = new Set(["set-request", "unconfirmed-write-request"]);

export const DEFAULT_RESPONSE_TIMEOUT_MS = 10_000;

export interface PendingRequest {
  readonly id: number;
  readonly request: ServiceRequest;
  readonly timeoutMs?: number;
}

export type Settled =
  | { readonly type: "response"; readonly id: number; readonly response: ServiceResponse }
  | { readonly type: "failed"; readonly id: number; readonly error: DlmsError };

type PduRoom = Pick<ExchangeContext, "maxSendPdu" | "conformance">;

interface Current {
  readonly id: number;
  readonly invokeId: number;
  readonly asking: Asking;
  readonly timeoutMs: number;
  readonly startedAt: number;
  /** It only reads, so it may be sent twice. */
  readonly repeatable: boolean;
  /** Its last APDU is not answered. */
  readonly unconfirmed: boolean;
  deadline: number;
  sent?: Uint8Array;
}

export class AskingSide {
  readonly #options: AskingOptions;
  readonly #transmit: (now: number, bytes: Uint8Array) => void;
  readonly #settle: (settled: Settled) => void;
  readonly #queue: PendingRequest[] = [];
  #current: Current | undefined;
  #invokeId = 0;

  constructor(
    options: AskingOptions,
    transmit: (now: number, bytes: Uint8Array) => void,
    settle: (settled: Settled) => void,
  ) {
    this.#options = options;
    this.#transmit = transmit;
    this.#settle = settle;
  }

  get busy(): boolean {
    return this.#current !== undefined;
  }

  /** How long the open request may be answered by silence. */
  get timeoutMs(): number {
    return this.#current?.timeoutMs ?? DEFAULT_RESPONSE_TIMEOUT_MS;
  }

  get deadline(): number | undefined {
    return this.#current?.deadline;
  }

  /** @throws DlmsError QUEUE_FULL */
  add(pending: PendingRequest): void {
    if (this.#queue.length >= limits.linkQueueApdus) throw new DlmsError("QUEUE_FULL");
    this.#queue.push(pending);
  }

  /** Sends what waits, if nothing is in flight. */
  start(now: number, agreed: Omit<ExchangeContext, "invoke">): void {
    while (this.#current === undefined) {
      const pending = this.#queue.shift();
      if (pending === undefined) return;
      this.#invokeId = (this.#options.nextInvokeId ?? nextInvokeId)(this.#invokeId) & 0x0f;
      const timeoutMs = pending.timeoutMs ?? this.#options.responseTimeoutMs ?? DEFAULT_RESPONSE_TIMEOUT_MS;
      try {
        const unconfirmed = pending.request.type === "set" && pending.request.unconfirmed === true;
        const invoke = {
          invokeId: this.#invokeId,
          confirmed: !unconfirmed,
          highPriority: this.#options.highPriority ?? false,
        };
        const asking = ask(pending.request, { ...agreed, invoke });
        const first = asking.next(undefined as never);
        this.#current = {
          id: pending.id,
          invokeId: this.#invokeId,
          asking,
          timeoutMs,
          startedAt: now,
          repeatable: changesNothing(pending.request),
          unconfirmed,
          deadline: now + timeoutMs,
        };
        this.#step(now, first, agreed);
      } catch (caught) {
        this.#current = undefined;
        this.#settle({ type: "failed", id: pending.id, error: asDlmsError(caught) });
      }
    }
  }

  /**
   * An APDU of the peer. True when it belonged to the open request; false when it is nobody's.
   * Then `start` may have something new to send.
   */
  receive(now: number, apdu: Apdu, agreed: PduRoom): boolean {
    const current = this.#current;
    if (current === undefined) return false;
    const invoke = invokeOf(apdu);
    if (invoke !== undefined && invoke.invokeId !== current.invokeId) return false;
    try {
      const refused = refusal(apdu);
      if (refused !== undefined) throw refused;
      current.deadline = this.#deadlineAfter(now, current);
      this.#step(now, current.asking.next(apdu), agreed);
    } catch (caught) {
      this.fail(asDlmsError(caught));
    }
    return true;
  }

  /** Sends the open request's last APDU once more; false when it is none that may run twice. */
  repeat(now: number): boolean {
    const { repeatable, sent } = this.#current ?? {};
    if (repeatable !== true || sent === undefined) return false;
    this.#transmit(now, sent);
    return true;
  }

  /** Whether octets that don't decode were meant as the answer to the open request. */
  expects(bytes: Uint8Array): boolean {
    const [tag] = bytes;
    if (tag === GENERAL_BLOCK_TRANSFER) return this.busy;
    const invoke = tag === ACCESS_RESPONSE ? bytes[4] : bytes[2];
    const response = tag === 0xc4 || tag === 0xc5 || tag === 0xc7 || tag === ACCESS_RESPONSE;
    return response && invoke !== undefined && (invoke & 0x0f) === this.#current?.invokeId;
  }

  /** Something of a long answer arrived, but not yet an APDU. */
  progress(now: number): void {
    if (this.#current !== undefined) this.#current.deadline = this.#deadlineAfter(now, this.#current);
  }

  handleTimeout(now: number): void {
    const current = this.#current;
    if (current === undefined || now < current.deadline) return;
    this.fail(
      new DlmsError("RESPONSE_TIMEOUT", undefined, {
        detail: { waitedMs: now - current.startedAt, timeoutMs: current.timeoutMs },
      }),
    );
  }

  /** Ends the open request, not those that wait. */
  fail(error: DlmsError): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    this.#settle({ type: "failed", id: current.id, error });
  }

  /** Ends it without a word, for it is asked anew in another way. */
  drop(): void {
    this.#current = undefined;
    this.#queue.splice(0);
  }

  /** Ends everything. A request of the session's own (below 0) is dropped: what it was for is over too. */
  failAll(error: DlmsError): void {
    if (this.#current !== undefined && this.#current.id < 0) this.#current = undefined;
    this.fail(error);
    for (const { id } of this.#queue.splice(0)) if (id >= 0) this.#settle({ type: "failed", id, error });
  }

  #deadlineAfter(now: number, current: Current): number {
    const latest =
      current.startedAt + Math.max(this.#options.requestMs ?? limits.requestTotalMs, current.timeoutMs);
    return Math.min(now + current.timeoutMs, latest);
  }

  #step(
    now: number,
    result: IteratorResult<Apdu, ServiceResponse>,
    { maxSendPdu, conformance }: PduRoom,
  ): void {
    if (result.done === true) {
      const id = (this.#current as Current).id;
      this.#current = undefined;
      this.#settle({ type: "response", id, response: result.value });
      return;
    }
    const bytes = encodeApdu(result.value);
    if (bytes.length > maxSendPdu && !conformance.has("general-block-transfer"))
      throw new DlmsError(
        "LIMIT_EXCEEDED",
        `the request takes ${bytes.length} octets, the meter takes ${maxSendPdu}`,
        {
          detail: { octets: bytes.length, maxSendPdu },
        },
      );
    const current = this.#current as Current;
    current.sent = bytes;
    this.#transmit(now, bytes);
    if (current.unconfirmed && UNANSWERED.has(result.value.type) && this.#current === current)
      this.#step(now, current.asking.next(result.value), { maxSendPdu, conformance });
  }
}

function nextInvokeId(previous: number): number {
  return (previous % 15) + 1;
}
