/**
 * A session: one link and one association on it, as a sans-IO machine for either role (IEC 62056-5-3). It composes the
 * data link below, association control, and the asking and answering halves. After `reverse` the acceptor asks.
 * Leaves out ciphering, HLS, general block transfer and short-name referencing.
 */
import { encodeAcse } from "../acse/index.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type Link, type LinkAddresses, type LinkEvent, type LinkParameters } from "../core/link.js";
import { limits } from "../core/limits.js";
import { type Machine, TimerTable } from "../core/machine.js";
import { BoundedQueue } from "../core/queue.js";
import { type TraceSink } from "../core/trace.js";
import { type Apdu, encodeApdu } from "../xdlms/index.js";
import { AnsweringSide } from "./answering-side.js";
import { AskingSide, DEFAULT_RESPONSE_TIMEOUT_MS } from "./asking-side.js";
import { AssociationControl } from "./control.js";
import { exception, refusal } from "./refusal.js";
import {
  type AssociationInfo,
  type ClientOptions,
  type SessionEvent,
  type SessionIntent,
  type SessionOptions,
} from "./session-types.js";
import { type Party } from "./transitions.js";
import { readUnit, type Unit } from "./unit.js";

const DEFAULT_RELEASE_TIMEOUT_MS = 3_000;
/** Answers of services that were never negotiated: general block transfer, ACCESS, ciphered GET, SET, ACTION. */
const FOREIGN_ANSWERS: ReadonlySet<number> = new Set([0xe0, 0xda, 0xcc, 0xcd, 0xcf, 0xd4, 0xd5, 0xd7]);

export class Session implements Machine<SessionIntent, SessionEvent> {
  readonly #link: Link;
  readonly #us: Party;
  readonly #client: ClientOptions;
  readonly #trace: TraceSink | undefined;
  readonly #strict: boolean;
  readonly #events = new BoundedQueue<SessionEvent>(limits.machineEvents + 1, "events");
  readonly #timers = new TimerTable<"association" | "release">();
  readonly #control: AssociationControl;
  readonly #asking: AskingSide;
  readonly #answering: AnsweringSide;
  #linkUp = false;
  /** Our own release is under way, down to the link. */
  #releasing = false;
  #ended = false;
  #addresses: LinkAddresses = { client: 0, server: 0 };
  #parameters: LinkParameters | undefined;
  /** The unit that is being handled, to be shown when it turns out to be nobody's. */
  #unit: Uint8Array = new Uint8Array(0);

  constructor({ role, link, client, server, strict, trace }: SessionOptions) {
    this.#link = link;
    this.#us = role === "client" ? "initiator" : "acceptor";
    this.#client = client ?? { mechanism: "none" };
    this.#trace = trace;
    this.#strict = strict ?? false;
    const accepting = server ?? { accept: [] };
    this.#control = new AssociationControl(this.#us, this.#client, accepting, {
      answer: (now, acse) => this.#answer(now, encodeAcse(acse)),
      emit: (event) => this.#emit(event),
      noise: (reason) => this.#noise(reason),
      forget: (error) => this.#forget(error),
      settled: () => this.#timers.clear("association"),
      released: (now) => this.#endLink(now),
      link: () => ({ addresses: this.#addresses, parameters: this.#parameters as LinkParameters }),
    });
    this.#asking = new AskingSide(
      role === "client" ? this.#client : accepting,
      (now, bytes) => this.#transmit(now, bytes),
      (settled) => this.#emit(settled),
    );
    this.#answering = new AnsweringSide({
      reply: (now, apdu) => this.#answer(now, encodeApdu(apdu)),
      indicate: (id, request) =>
        this.#emit({ type: "indication", id, request, info: this.#control.info as AssociationInfo }),
    });
  }

  receive(now: number, bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#link.receive(now, bytes);
    if (!this.#drain(now)) this.#asking.progress(now);
  }

  send(now: number, intent: SessionIntent): void {
    if (this.#ended && intent.type !== "abort") throw new DlmsError("NOT_CONNECTED");
    switch (intent.type) {
      case "associate":
        this.#associate(now);
        break;
      case "request":
        this.#control.enter("request");
        this.#asking.add(intent);
        this.#startNext(now);
        break;
      case "respond":
        this.#answering.respond(now, intent.id, intent.response);
        break;
      case "notify":
        this.#transmit(now, encodeApdu(intent.notification), true);
        break;
      case "release":
        this.#release(now);
        break;
      case "reverse":
        this.#reverse(now);
        break;
      case "abort":
        return this.#abort(intent.error);
    }
    this.#drain(now);
  }

  pollTransmit(): Uint8Array | undefined {
    return this.#ended ? undefined : this.#link.pollTransmit();
  }

  pollEvent(): SessionEvent | undefined {
    return this.#events.shift();
  }

  nextTimeout(): number | undefined {
    if (this.#ended) return undefined;
    const times = [this.#link.nextTimeout(), this.#timers.next(), this.#asking.deadline];
    const running = times.filter((time) => time !== undefined);
    return running.length === 0 ? undefined : Math.min(...running);
  }

  handleTimeout(now: number): void {
    if (this.#ended) return;
    this.#link.handleTimeout(now);
    this.#drain(now);
    for (const timer of this.#timers.due(now)) {
      if (timer === "release") this.#endLink(now);
      else
        this.#control.rejected(
          new DlmsError("RESPONSE_TIMEOUT", "The meter did not answer the AARQ in time."),
        );
    }
    this.#asking.handleTimeout(now);
    this.#startNext(now);
    this.#drain(now);
  }

  #associate(now: number): void {
    this.#control.enter("associate");
    this.#forget(new DlmsError("LINK_LOST", "A new association took this one's place."));
    this.#timers.clearAll();
    this.#releasing = false;
    if (this.#linkUp) this.#sendAarq(now);
    else this.#link.send(now, { type: "connect" });
  }

  #sendAarq(now: number): void {
    const { associationTimeoutMs, responseTimeoutMs = DEFAULT_RESPONSE_TIMEOUT_MS } = this.#client;
    this.#timers.set("association", now + (associationTimeoutMs ?? responseTimeoutMs));
    this.#transmit(now, encodeAcse(this.#control.aarq()));
  }

  #reverse(now: number): void {
    // Both have to agree, so that a forbidden swap changes neither.
    this.#control.expect("reverse");
    this.#link.send(now, { type: "reverse" });
    this.#control.enter("reverse");
    this.#emit({ type: "associated", info: this.#control.reversed() });
  }

  #release(now: number): void {
    const { state } = this.#control;
    const associated = state === "open" || state === "reversed";
    const rlrq = associated && this.#linkUp && (this.#client.releaseRequest ?? true);
    if (rlrq) this.#control.enter("release");
    this.#timers.clear("association");
    this.#releasing = true;
    this.#forget(new DlmsError("LINK_LOST", "The association was released before the answer."));
    if (!rlrq) return this.#endLink(now);
    this.#timers.set("release", now + (this.#client.releaseTimeoutMs ?? DEFAULT_RELEASE_TIMEOUT_MS));
    this.#transmit(now, encodeAcse({ type: "rlrq", reason: 0 }));
  }

  /** The last part of our release: after the RLRE, or without it when the peer doesn't know RLRQ. */
  #endLink(now: number): void {
    this.#timers.clear("release");
    this.#control.reset();
    if (this.#linkUp) this.#link.send(now, { type: "disconnect" });
    else this.#released();
    this.#drain(now);
  }

  #released(): void {
    this.#releasing = false;
    this.#emit({ type: "released" });
  }

  #abort(error?: DlmsError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#linkUp = false;
    this.#close(error);
  }

  #close(error?: DlmsError): void {
    const opening = this.#control.awaitsAnswer;
    this.#timers.clearAll();
    this.#control.reset();
    const lost = error ?? new DlmsError("LINK_LOST");
    if (opening) this.#emit({ type: "failed", error: lost });
    this.#forget(lost);
    if (this.#releasing) this.#released();
    else this.#emit(error === undefined ? { type: "closed" } : { type: "closed", error });
  }

  /** Ends what is open in both halves. */
  #forget(error: DlmsError): void {
    this.#asking.failAll(error);
    this.#answering.clear();
  }

  /** Handles the link's events; false when there were none. */
  #drain(now: number): boolean {
    let any = false;
    for (let event = this.#link.pollEvent(); event !== undefined; event = this.#link.pollEvent()) {
      any = true;
      if (!this.#ended) this.#linkEvent(now, event);
    }
    return any;
  }

  #linkEvent(now: number, event: LinkEvent): void {
    switch (event.type) {
      case "connected":
        // A peer that connects anew has forgotten its association, so we do.
        if (this.#us === "acceptor" && this.#control.state !== "idle") {
          this.#control.reset();
          this.#forget(new DlmsError("LINK_LOST", "The peer connected anew."));
        }
        this.#linkUp = true;
        this.#parameters = event.parameters;
        this.#addresses = event.peer;
        if (this.#control.awaitsAnswer) this.#sendAarq(now);
        return;
      case "disconnected":
        this.#linkUp = false;
        this.#close(event.error);
        return;
      case "apdu":
        // Pushes may carry other addresses; a client knows whom it called.
        if (this.#us === "acceptor") this.#addresses = event.peer;
        this.#unit = event.bytes;
        return this.#read(now, readUnit(event.bytes, this.#strict));
      case "noise":
        this.#emit(event);
        return;
    }
  }

  #read(now: number, unit: Unit): void {
    switch (unit.kind) {
      case "acse":
        return this.#control.receive(now, unit.acse);
      case "undecodable":
        return this.#undecodable(now, unit);
      case "apdu":
        this.#apdu(now, unit.apdu);
        if (unit.rest.length > 0)
          this.#emit({ type: "noise", bytes: unit.rest, reason: "octets after a complete APDU" });
    }
  }

  #apdu(now: number, apdu: Apdu): void {
    switch (apdu.type) {
      case "data-notification":
      case "event-notification":
        return this.#emit({ type: "notification", notification: apdu });
      case "get-request":
      case "set-request":
      case "action-request": {
        const { info } = this.#control;
        if (info === undefined || !this.#control.mayAsk("peer"))
          return this.#answer(now, encodeApdu(exception("operation-not-possible")));
        return this.#answering.receive(now, apdu, info);
      }
      case "get-response":
      case "set-response":
      case "action-response":
        return this.#answered(now, apdu);
      case "exception-response":
      case "confirmed-service-error":
        return this.#refused(now, apdu);
      case "initiate-request":
      case "initiate-response":
      case "data-notification-confirm":
      case "access-request":
      case "access-response":
      case "general-block-transfer":
      case "read-request":
      case "read-response":
      case "write-request":
      case "write-response":
      case "unconfirmed-write-request":
      case "information-report":
      case "service-ciphering":
      case "general-glo-ciphering":
      case "general-ded-ciphering":
      case "general-ciphering":
      case "general-signing":
        return this.#foreign(now);
    }
  }

  #answered(now: number, apdu: Apdu): void {
    const { info } = this.#control;
    const taken = info !== undefined && this.#asking.receive(now, apdu, info.maxSendPdu);
    if (!taken) this.#noise(`a ${apdu.type} answers no open request`);
    this.#startNext(now);
  }

  /** Exception-response or confirmed-service-error: to the AARQ, the RLRQ or a request, whichever is open. */
  #refused(now: number, apdu: Apdu): void {
    if (this.#control.awaitsAnswer) this.#control.rejected(refusal(apdu) as DlmsError);
    else if (this.#control.state === "releasing") this.#endLink(now);
    else this.#answered(now, apdu);
  }

  #undecodable(now: number, { acse, error }: Extract<Unit, { kind: "undecodable" }>): void {
    if (acse && this.#control.awaitsAnswer) return this.#control.rejected(error);
    // One recorded server gives its RLRE a wrong length; the association is released all the same.
    if (acse && this.#control.state === "releasing") return this.#endLink(now);
    if (this.#asking.expects(this.#unit)) this.#asking.fail(error);
    else if (this.#control.mayAsk("peer")) this.#answer(now, encodeApdu(exception("other-reason")));
    else this.#noise(error.message);
    this.#startNext(now);
  }

  /** An APDU of a service we don't speak. */
  #foreign(now: number): void {
    const tag = this.#unit[0] as number;
    const reason = `an APDU with tag ${tag.toString(16).toUpperCase()} is not understood here`;
    if (this.#asking.busy && FOREIGN_ANSWERS.has(tag)) {
      this.#asking.fail(new DlmsError("UNEXPECTED_APDU", reason));
      this.#startNext(now);
    } else if (this.#control.mayAsk("peer"))
      this.#answer(now, encodeApdu(exception("service-not-supported")));
    else this.#noise(reason);
  }

  #startNext(now: number): void {
    const { info } = this.#control;
    if (info !== undefined && this.#control.mayAsk("us")) this.#asking.start(now, info);
  }

  #transmit(now: number, bytes: Uint8Array, unconfirmed = false): void {
    this.#trace?.({ at: now, direction: "out", layer: "association", bytes });
    this.#link.send(now, { type: "apdu", bytes, ...(unconfirmed ? { unconfirmed } : {}) });
  }

  /** Answers of ours must not fail into the receiving path: a link that takes no more is given up. */
  #answer(now: number, bytes: Uint8Array): void {
    try {
      this.#transmit(now, bytes);
    } catch (caught) {
      this.#abort(asDlmsError(caught));
    }
  }

  #noise(reason: string): void {
    this.#emit({ type: "noise", bytes: this.#unit, reason });
  }

  #emit(event: SessionEvent): void {
    if (this.#events.length < limits.machineEvents) this.#events.push(event);
    else if (!this.#ended) {
      // Nobody reads; the last event says why this is the end.
      this.#ended = true;
      this.#events.push({ type: "closed", error: new DlmsError("LIMIT_EXCEEDED", "too many unread events") });
    }
  }
}
