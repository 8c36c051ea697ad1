/**
 * One HDLC link (IEC 62056-46, unbalanced, normal response mode) as a sans-IO machine, for either station: SNRM/UA
 * with negotiation, DISC, numbered traffic, UI frames, LLC, the reverse link. What may happen when stands in
 * transitions.ts; this file does it. Leaves out: several stations on one channel, XID, TEST, mode E.
 */
import { asDlmsError, DlmsError, usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import {
  type Link,
  type LinkAddresses,
  type LinkEndReason,
  type LinkEvent,
  type LinkIntent,
  type LinkParameters,
} from "../core/link.js";
import { TimerTable } from "../core/machine.js";
import { BoundedQueue } from "../core/queue.js";
import { formatAddress, sameStation } from "./address.js";
import { Addressing } from "./addressing.js";
import { formatControl, type HdlcControl } from "./control.js";
import { HdlcDeframer, type HdlcDeframerItem } from "./deframer.js";
import { encodeHdlcFrame, type HdlcFrame } from "./frame.js";
import { type HdlcLinkOptions, type ResolvedOptions, resolveOptions } from "./link-options.js";
import { type LlcSender, stripLlc, withLlc } from "./llc.js";
import {
  defaultParameters,
  encodeParameterField,
  grantField,
  negotiate,
  readOffer,
  writeParameters,
} from "./parameters.js";
import { breach, encodeRejection } from "./rejection.js";
import { type LinkTimer, Transfer, type TransferOutcome } from "./transfer.js";
import {
  asks,
  forbidden,
  type LinkInput,
  type LinkState,
  originalStation,
  reversedStation,
  type Station,
  transition,
  type Transition,
} from "./transitions.js";
import { unconfirmedFrames, UnconfirmedReception } from "./unconfirmed.js";

export { type HdlcLinkOptions } from "./link-options.js";

interface Ending {
  readonly reason: LinkEndReason;
  readonly error?: DlmsError;
}

const REQUESTED: Ending = { reason: "requested" };

export class HdlcLink implements Link {
  readonly #options: HdlcLinkOptions;
  readonly #resolved: ResolvedOptions;
  readonly #deframer = new HdlcDeframer();
  readonly #timers = new TimerTable<LinkTimer>();
  readonly #outbox = new BoundedQueue<Uint8Array>(limits.machineEvents, "frames");
  readonly #events = new BoundedQueue<LinkEvent>(limits.machineEvents, "events");
  readonly #addressing: Addressing;
  readonly #transfer: Transfer;
  readonly #unconfirmed: UnconfirmedReception;
  #station: Station;
  #state: LinkState = "disconnected";
  #parameters = defaultParameters;
  #bare = false;
  #attempts = 0;
  #ending = REQUESTED;
  #rejection: Uint8Array = new Uint8Array(0);

  constructor(options: HdlcLinkOptions) {
    this.#options = options;
    this.#resolved = resolveOptions(options);
    this.#station = options.station;
    this.#addressing = new Addressing(options);
    this.#unconfirmed = new UnconfirmedReception(this.#resolved.maxApduBytes);
    this.#transfer = new Transfer(
      {
        timers: this.#timers,
        responseTimeoutMs: this.#resolved.responseTimeoutMs,
        retries: this.#resolved.retries,
        maxApduBytes: this.#resolved.maxApduBytes,
        transmit: (now, control, information, segmented) =>
          this.#transmit(now, control, information, segmented),
        deliver: (unit) => this.#deliver(stripLlc(unit).apdu, false, this.#addressing.integers),
      },
      this.#parameters,
    );
  }

  receive(now: number, bytes: Uint8Array): void {
    this.#take(now, () => this.#deframer.push(bytes));
  }

  send(now: number, intent: LinkIntent): void {
    if (intent.type === "apdu") {
      if (intent.bytes.length === 0) throw usageError("FIELD_INVALID", "bytes", "an APDU is not empty");
      if (intent.unconfirmed) return this.#sendUnconfirmed(now, intent.bytes);
    }
    if (intent.type === "expect")
      return this.#state === "connected" ? this.#transfer.expect(now, intent.apdus) : undefined;
    const step = transition(this.#station, this.#state, intent.type);
    if (step === undefined) throw forbidden(intent.type, this.#station, this.#state);
    if (intent.type === "reverse" && !this.#transfer.idle)
      throw new DlmsError("LOCAL_PROTOCOL", "the roles are swapped only while nothing is under way");
    if (intent.type === "apdu")
      return this.#outcome(now, this.#transfer.enqueue(now, withLlc(this.#sender(), intent.bytes)));
    this.#act(now, step);
  }

  pollTransmit(): Uint8Array | undefined {
    return this.#outbox.shift();
  }

  pollEvent(): LinkEvent | undefined {
    return this.#events.shift();
  }

  nextTimeout(): number | undefined {
    return this.#timers.next();
  }

  handleTimeout(now: number): void {
    for (const timer of this.#timers.due(now)) {
      if (timer === "octets") this.#take(now, () => this.#deframer.abandon());
      else if (timer === "inactivity") this.#input(now, "expired");
      else if (this.#state === "connected")
        this.#outcome(now, timer === "poll" ? this.#transfer.poll(now) : this.#transfer.responseTimeout(now));
      else if (timer === "response") this.#answerTimeout(now);
    }
  }

  /** SNRM or DISC was not answered. */
  #answerTimeout(now: number): void {
    if (this.#state !== "connecting" && this.#state !== "disconnecting") return;
    this.#attempts += 1;
    // Ending a connection that is broken anyway is not worth more than one try.
    const retries = this.#ending.error === undefined ? this.#resolved.retries : 0;
    if (this.#attempts > retries) this.#input(now, "expired");
    else if (this.#state === "connecting") this.#sendSnrm(now);
    else this.#sendDisc(now);
  }

  #take(now: number, take: () => HdlcDeframerItem[]): void {
    try {
      for (const item of take()) {
        if (item.type === "noise") this.#noise(item.bytes, item.reason);
        else this.#frame(now, item.frame, item.bytes);
      }
    } catch (caught) {
      // A peer that makes us hold more frames or events than is sane; APDU sizes are handled where they grow.
      if (!(caught instanceof DlmsError) || caught.code !== "LIMIT_EXCEEDED") throw caught;
      this.#outbox.clear();
      this.#events.clear();
      this.#end({ reason: "protocol-error", error: caught });
    }
    if (this.#deframer.incomplete) this.#timers.set("octets", now + this.#resolved.interOctetTimeoutMs);
    else this.#timers.clear("octets");
  }

  #frame(now: number, frame: HdlcFrame, bytes: Uint8Array): void {
    const { control } = frame;
    this.#options.trace?.({ at: now, direction: "in", layer: "hdlc", bytes, text: formatControl(control) });
    if (control.type === "UI") return this.#receiveUnconfirmed(frame, bytes);
    if (!this.#addressing.accepts(frame, this.#state !== "disconnected"))
      return this.#noise(
        bytes,
        `addressed from ${formatAddress(frame.source)} to ${formatAddress(frame.destination)}`,
      );
    if (this.#state === "connected") this.#watchInactivity(now);
    this.#input(now, control.type, frame, bytes);
  }

  #input(now: number, input: LinkInput, frame?: HdlcFrame, bytes?: Uint8Array): void {
    const step = transition(this.#station, this.#state, input);
    if (step === undefined) {
      if (bytes !== undefined) this.#noise(bytes, `unexpected ${input} while ${this.#state}`);
      return;
    }
    this.#act(now, step, frame);
  }

  #act(now: number, step: Transition, frame?: HdlcFrame): void {
    const before = this.#state;
    this.#state = step.next;
    const pollFinal = frame?.control.pollFinal ?? false;
    switch (step.action) {
      case "open":
        this.#bare = this.#resolved.bareSnrm;
        this.#attempts = 0;
        this.#ending = REQUESTED;
        return this.#sendSnrm(now);
      case "opened":
        return this.#start(now, readOffer(frame?.information), true);
      case "refused":
        return this.#refused(now, frame);
      case "accept":
        return this.#accept(now, before, frame);
      case "close":
        return this.#close(now, REQUESTED);
      case "closed":
        return this.#end(this.#ending);
      case "closed-by-peer":
        this.#transmit(now, { type: "UA", pollFinal });
        return this.#end({ reason: "peer" });
      case "lost":
        return this.#end({
          reason: "peer",
          error: new DlmsError("LINK_REFUSED", "the peer answered DM: it has forgotten the connection"),
        });
      case "broken":
        return this.#broken(now, frame);
      case "timed-out":
        return this.#end({ reason: "timeout", error: new DlmsError("RESPONSE_TIMEOUT") });
      case "answer-dm":
        if (frame !== undefined && pollFinal)
          this.#emit(now, {
            segmented: false,
            destination: frame.source,
            source: frame.destination,
            control: { type: "DM", pollFinal },
          });
        return;
      case "reject":
        this.#transfer.stop();
        this.#rejection = encodeRejection({
          control: frame?.control ?? { type: "unknown", octet: 0, pollFinal },
          sendState: this.#transfer.sendState,
          receiveState: this.#transfer.receiveState,
          reasons: [frame?.control.type === "unknown" ? "undefined-control" : "bad-receive-number"],
        });
        this.#transmit(now, { type: "FRMR", pollFinal: true }, this.#rejection);
        return;
      case "answer-frmr":
        if (pollFinal) this.#transmit(now, { type: "FRMR", pollFinal }, this.#rejection);
        return;
      case "transfer":
        return this.#numbered(now, frame);
      case "reverse":
        this.#transfer.reverse();
        this.#station = reversedStation[this.#station];
        return;
      case "enqueue":
      case "ignore":
        return;
    }
  }

  #numbered(now: number, frame: HdlcFrame | undefined): void {
    if (frame === undefined || !("receiveSequence" in frame.control)) return;
    try {
      const outcome = this.#transfer.receive(now, frame.control, frame.information, frame.segmented);
      this.#outcome(now, outcome, frame);
    } catch (caught) {
      const error = asDlmsError(caught);
      if (error.code !== "LIMIT_EXCEEDED" || this.#events.full || this.#outbox.full) throw error;
      this.#ending = { reason: "protocol-error", error };
      this.#input(now, "overflow");
    }
  }

  #outcome(now: number, outcome: TransferOutcome, frame?: HdlcFrame): void {
    if (outcome === "exhausted") this.#input(now, "expired");
    if (outcome === "bad-number") this.#input(now, "bad-number", frame);
  }

  /** The connection is of no use any more; what became of it is told once DISC is answered or given up. */
  #broken(now: number, frame: HdlcFrame | undefined): void {
    if (frame !== undefined) this.#ending = { reason: "protocol-error", error: breach(frame) };
    if (this.#state === "disconnecting") this.#close(now, this.#ending);
    else this.#end(this.#ending);
  }

  #close(now: number, ending: Ending): void {
    this.#ending = ending;
    this.#attempts = 0;
    this.#transfer.stop();
    this.#timers.clear("inactivity");
    this.#sendDisc(now);
  }

  #refused(now: number, frame: HdlcFrame | undefined): void {
    if (!this.#bare && frame?.control.type === "DM") {
      this.#bare = true;
      this.#attempts = 0;
      return this.#sendSnrm(now);
    }
    const fallback = new DlmsError("LINK_REFUSED", "the peer answered SNRM with DM");
    this.#end({ reason: "refused", error: frame?.control.type === "FRMR" ? breach(frame) : fallback });
  }

  #accept(now: number, before: LinkState, frame: HdlcFrame | undefined): void {
    if (frame === undefined) return;
    // An SNRM that only repeats the last one is no new connection; one after traffic is, and is announced as such.
    const repeated =
      before === "connected" &&
      this.#station === "secondary" &&
      !this.#transfer.anyTraffic &&
      sameStation(frame.source, this.#addressing.peer);
    this.#station = "secondary";
    this.#addressing.learn(frame);
    this.#start(now, readOffer(frame.information), !repeated);
    const grant = grantField(frame.information, this.#parameters);
    this.#transmit(now, { type: "UA", pollFinal: frame.control.pollFinal }, grant);
  }

  #start(now: number, offer: LinkParameters, announce: boolean): void {
    this.#parameters = negotiate(this.#resolved.offer, offer);
    this.#timers.clearAll();
    this.#transfer.start(this.#parameters, asks(this.#station));
    this.#watchInactivity(now);
    if (announce)
      this.#events.push({ type: "connected", parameters: this.#parameters, peer: this.#addressing.integers });
  }

  #end(ending: Ending): void {
    this.#state = "disconnected";
    this.#station = originalStation[this.#station];
    this.#parameters = defaultParameters;
    this.#ending = REQUESTED;
    this.#transfer.stop();
    this.#timers.clearAll();
    this.#events.push({ type: "disconnected", ...ending });
  }

  #sendSnrm(now: number): void {
    this.#transmit(
      now,
      { type: "SNRM", pollFinal: true },
      this.#bare ? undefined : encodeParameterField(writeParameters(this.#resolved.offer)),
    );
    this.#timers.set("response", now + this.#resolved.responseTimeoutMs);
  }

  #sendDisc(now: number): void {
    this.#transmit(now, { type: "DISC", pollFinal: true });
    this.#timers.set("response", now + this.#resolved.responseTimeoutMs);
  }

  #sendUnconfirmed(now: number, apdu: Uint8Array): void {
    const frames = unconfirmedFrames(apdu, this.#sender(), this.#parameters.maxInfoTransmit);
    for (const { control, information, segmented } of frames)
      this.#transmit(now, control, information, segmented);
  }

  #receiveUnconfirmed(frame: HdlcFrame, bytes: Uint8Array): void {
    let received: ReturnType<UnconfirmedReception["receive"]>;
    try {
      received = this.#unconfirmed.receive(frame);
    } catch (caught) {
      return this.#noise(bytes, asDlmsError(caught).message);
    }
    if (received === undefined) return;
    const { apdu, sender } = received;
    // A push comes from a server, whichever station it is; only its LLC can tell.
    const fromServer = sender === undefined ? this.#options.station === "primary" : sender === "answering";
    this.#deliver(apdu, true, this.#addressing.ofUnconfirmed(frame, fromServer));
  }

  #deliver(bytes: Uint8Array, unconfirmed: boolean, peer: LinkAddresses): void {
    if (bytes.length > 0) this.#events.push({ type: "apdu", bytes, unconfirmed, peer });
  }

  #transmit(now: number, control: HdlcControl, information?: Uint8Array, segmented = false): void {
    this.#emit(now, {
      segmented,
      destination: this.#addressing.peer,
      source: this.#addressing.own,
      control,
      ...(information === undefined ? {} : { information }),
    });
  }

  #emit(now: number, frame: HdlcFrame): void {
    const bytes = encodeHdlcFrame(frame);
    const text = formatControl(frame.control);
    this.#options.trace?.({ at: now, direction: "out", layer: "hdlc", bytes, text });
    this.#outbox.push(bytes);
  }

  /** Noise is for counters and traces: when nobody takes the events, it is the first to be left out. */
  #noise(bytes: Uint8Array, reason: string): void {
    if (this.#events.length < limits.machineEvents / 2) this.#events.push({ type: "noise", bytes, reason });
  }

  #watchInactivity(now: number): void {
    const { inactivityTimeoutMs } = this.#options;
    if (inactivityTimeoutMs !== undefined) this.#timers.set("inactivity", now + inactivityTimeoutMs);
  }

  #sender(): LlcSender {
    return asks(this.#station) ? "asking" : "answering";
  }
}
