/**
 * Numbered traffic of a connected link in normal response mode: whose turn it is, acknowledgement, repetition,
 * windows, RNR and polling. The asking station passes the turn with P, gets it back with F, and keeps the response
 * timer; the answering station speaks only in its turn. Every frame after a passed turn tells by its N(R) what
 * arrived; the rest is sent again with the same N(S).
 */
import { type LinkParameters } from "../core/link.js";
import { type TimerTable } from "../core/machine.js";
import { type HdlcControl } from "./control.js";
import { type Arrival, Inbound, Reassembly } from "./inbound.js";
import { Outbound } from "./outbound.js";

export type LinkTimer = "response" | "poll" | "inactivity" | "octets";

export type TransferOutcome = "bad-number" | "exhausted" | undefined;

export interface TransferHost {
  readonly timers: TimerTable<LinkTimer>;
  readonly responseTimeoutMs: number;
  readonly retries: number;
  readonly maxApduBytes: number;
  transmit(now: number, control: HdlcControl, information?: Uint8Array, segmented?: boolean): void;
  /** A whole unit, LLC still in front. */
  deliver(unit: Uint8Array): void;
}

type TransferControl = Extract<HdlcControl, { receiveSequence: number }>;

/** First wait before a station that answered without the expected data is polled; it doubles each time. */
const FIRST_POLL_MS = 500;

export class Transfer {
  readonly #host: TransferHost;
  readonly #outbound = new Outbound();
  readonly #inbound = new Inbound();
  readonly #reassembly: Reassembly;
  #parameters: LinkParameters;
  #asking = true;
  #turn = false;
  /** The asking side has the turn and yet was polled: after a role swap, the turn is the peer's gift. */
  #polledInTurn = false;
  #peerBusy = false;
  /** APDUs we asked with that no APDU has answered yet. */
  #answersDue = 0;
  #attempts = 0;
  /** Answers that may come twice because we asked twice. */
  #echoes = 0;
  #echoIgnored = false;
  #pollMs = FIRST_POLL_MS;
  #giveUpAt = 0;
  #anyTraffic = false;

  constructor(host: TransferHost, parameters: LinkParameters) {
    this.#host = host;
    this.#parameters = parameters;
    this.#reassembly = new Reassembly(host.maxApduBytes);
  }

  get sendState(): number {
    return this.#outbound.sequence;
  }

  get receiveState(): number {
    return this.#inbound.expected;
  }

  /** Whether anything was sent or received since `start`. */
  get anyTraffic(): boolean {
    return this.#anyTraffic;
  }

  /** Everything as after SNRM and UA. */
  start(parameters: LinkParameters, asking: boolean): void {
    this.stop();
    this.#parameters = parameters;
    this.#asking = this.#turn = asking;
  }

  stop(): void {
    this.#outbound.reset();
    this.#inbound.reset();
    this.#reassembly.reset();
    this.#turn = this.#polledInTurn = this.#peerBusy = this.#echoIgnored = this.#anyTraffic = false;
    this.#answersDue = this.#attempts = this.#echoes = 0;
    this.#host.timers.clear("response");
    this.#host.timers.clear("poll");
  }

  /** @param unit APDU with its LLC. @throws DlmsError LIMIT_EXCEEDED when too many wait. */
  enqueue(now: number, unit: Uint8Array): TransferOutcome {
    this.#outbound.enqueue(unit);
    this.#anyTraffic = true;
    if (this.#asking) this.#answersDue += 1;
    if (!this.#turn) return undefined;
    if (!this.#asking) return this.#answer(now, true);
    this.#restart(now);
    return this.#ask(now, true);
  }

  /** So many APDUs of the peer are due, whatever was asked. A turn that is ours is passed to it at once. */
  expect(now: number, apdus: number): void {
    if (this.#asking) this.#answersDue = apdus;
    if (!this.#turn || apdus === 0 || this.#peerBusy) return;
    this.#host.timers.clear("poll");
    if (!this.#sendBurst(now)) this.#sendReady(now);
  }

  get idle(): boolean {
    return !this.#outbound.hasNew && (!this.#asking || this.#outbound.unacknowledged === 0);
  }

  /** Swaps who asks. Only while `idle`; numbers and segments carry on. */
  reverse(): void {
    this.#outbound.settle();
    this.#asking = !this.#asking;
    this.#turn = this.#asking || this.#polledInTurn;
    this.#polledInTurn = false;
    this.#answersDue = this.#attempts = this.#echoes = 0;
    this.#host.timers.clear("response");
    this.#host.timers.clear("poll");
  }

  /** @throws DlmsError LIMIT_EXCEEDED when the segments make too long an APDU. */
  receive(
    now: number,
    control: TransferControl,
    information: Uint8Array | undefined,
    segmented: boolean,
  ): TransferOutcome {
    const acknowledged = this.#outbound.acknowledge(control.receiveSequence);
    if (acknowledged === undefined) return "bad-number";
    let arrival: Arrival | undefined;
    let whole = false;
    this.#peerBusy = control.type === "RNR";
    if (control.type === "REJ") this.#outbound.rewind(true);
    if (control.type === "I") {
      this.#anyTraffic = true;
      arrival = this.#inbound.arrive(control.sendSequence, this.#parameters.windowReceive);
      const unit =
        arrival === "new" ? this.#reassembly.push(information ?? new Uint8Array(0), segmented) : undefined;
      if (unit !== undefined) {
        whole = true;
        this.#answersDue = Math.max(0, this.#answersDue - 1);
        this.#host.deliver(unit);
      }
    }
    const progress = acknowledged > 0 || arrival === "new";
    if (progress) this.#restart(now);
    if (this.#asking) return this.#receiveAsking(now, control, arrival, progress);
    if (!control.pollFinal) return undefined;
    this.#turn = true;
    this.#outbound.rewind(true);
    return this.#answer(now, whole);
  }

  /** The response timer fired. */
  responseTimeout(now: number): TransferOutcome {
    this.#attempts += 1;
    if (this.#attempts > this.#host.retries) return "exhausted";
    // An answer taken for an echo may have been the answer itself; then no echo is on its way.
    this.#echoes = this.#echoIgnored ? 0 : this.#echoes + 1;
    this.#echoIgnored = false;
    this.#outbound.rewind(false);
    if (this.#peerBusy || !this.#sendBurst(now)) this.#sendReady(now);
    return undefined;
  }

  /** The poll timer fired: ask again for what is still due. */
  poll(now: number): TransferOutcome {
    this.#sendReady(now);
    return undefined;
  }

  #receiveAsking(
    now: number,
    control: TransferControl,
    arrival: Arrival | undefined,
    progress: boolean,
  ): TransferOutcome {
    if (!control.pollFinal) {
      if (!this.#turn && progress) this.#awaitResponse(now);
      return undefined;
    }
    if (this.#turn) {
      // Nothing was asked: a late answer, or a peer that asks already because the roles are about to be swapped.
      if (arrival !== "new") return undefined;
      if (this.#reassembly.open) return this.#ask(now, true);
      this.#polledInTurn = true;
      return undefined;
    }
    const stuck = this.#outbound.unacknowledged > 0;
    if (!progress && this.#echoes > 0 && (arrival === "duplicate" || stuck)) {
      // The second answer to what we asked twice. Taking it for the answer would repeat everything from here on.
      this.#echoes -= 1;
      this.#echoIgnored = true;
      return undefined;
    }
    this.#turn = true;
    this.#host.timers.clear("response");
    if (!progress && (stuck || arrival === "duplicate")) {
      this.#attempts += 1;
      if (this.#attempts > this.#host.retries) return "exhausted";
      this.#echoes += 1;
    }
    this.#outbound.rewind(true);
    return this.#ask(now, progress || arrival !== undefined);
  }

  /** Uses the asking side's turn. `eager`: more segments may be fetched at once, without waiting. */
  #ask(now: number, eager: boolean): TransferOutcome {
    this.#host.timers.clear("poll");
    if (!this.#peerBusy && this.#sendBurst(now)) return undefined;
    if (this.#reassembly.open && eager && !this.#peerBusy) {
      this.#sendReady(now);
      return undefined;
    }
    const must = this.#reassembly.open || (this.#peerBusy && this.#outbound.hasWork);
    if (!must && this.#answersDue === 0) return undefined;
    if (now >= this.#giveUpAt) {
      this.#answersDue = 0;
      return must ? "exhausted" : undefined;
    }
    this.#host.timers.set("poll", now + this.#pollMs);
    this.#pollMs = Math.min(this.#pollMs * 2, this.#host.responseTimeoutMs);
    return undefined;
  }

  /** Uses the answering side's turn. `hold`: the application is about to answer, so the turn may be kept. */
  #answer(now: number, hold: boolean): TransferOutcome {
    if (!this.#peerBusy && this.#sendBurst(now)) return undefined;
    if (!hold) this.#sendReady(now);
    return undefined;
  }

  #sendBurst(now: number): boolean {
    const { windowTransmit, maxInfoTransmit } = this.#parameters;
    const burst = this.#outbound.takeBurst(windowTransmit, maxInfoTransmit);
    burst.forEach(({ sequence, information, more }, i) =>
      this.#host.transmit(
        now,
        {
          type: "I",
          sendSequence: sequence,
          receiveSequence: this.#inbound.expected,
          pollFinal: i === burst.length - 1,
        },
        information,
        more,
      ),
    );
    if (burst.length > 0) this.#passTurn(now);
    return burst.length > 0;
  }

  #sendReady(now: number): void {
    this.#host.transmit(now, { type: "RR", receiveSequence: this.#inbound.expected, pollFinal: true });
    this.#passTurn(now);
  }

  #passTurn(now: number): void {
    this.#turn = this.#polledInTurn = false;
    if (this.#asking) this.#awaitResponse(now);
  }

  #awaitResponse(now: number): void {
    this.#host.timers.set("response", now + this.#host.responseTimeoutMs);
  }

  #restart(now: number): void {
    this.#attempts = 0;
    this.#pollMs = Math.min(FIRST_POLL_MS, this.#host.responseTimeoutMs);
    this.#giveUpAt = now + this.#host.responseTimeoutMs * (this.#host.retries + 1);
  }
}
