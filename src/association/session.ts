/**
 * A session: one link and one association on it, as a sans-IO machine for either role (IEC 62056-5-3). It composes the
 * data link below, the transition table, opening and release (association.ts), and the asking and answering halves.
 * Leaves out ciphering, HLS, general block transfer and short-name referencing.
 */
import { type Aarq, type Acse, encodeAcse } from "../acse/index.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type Link, type LinkAddresses, type LinkEvent, type LinkParameters } from "../core/link.js";
import { limits } from "../core/limits.js";
import { type Machine, TimerTable } from "../core/machine.js";
import { BoundedQueue } from "../core/queue.js";
import { type TraceSink } from "../core/trace.js";
import { type Apdu, encodeApdu } from "../xdlms/index.js";
import { AnsweringSide } from "./answering-side.js";
import { AskingSide, DEFAULT_RESPONSE_TIMEOUT_MS } from "./asking-side.js";
import { type Agreement, buildAarq, judgeAare, judgeAarq } from "./association.js";
import { exception, refusal } from "./refusal.js";
import {
  type AskingOptions,
  type AssociationInfo,
  type ClientOptions,
  type ServerOptions,
  type SessionEvent,
  type SessionIntent,
  type SessionOptions,
} from "./session-types.js";
import { type Act, asker, type AssociationState, type Party, transition } from "./transitions.js";
import { readUnit, type Unit } from "./unit.js";

const DEFAULT_RELEASE_TIMEOUT_MS = 3_000;
/** Answers of services that were never negotiated: general block transfer, ACCESS, ciphered GET, SET, ACTION. */
const FOREIGN_ANSWERS: ReadonlySet<number> = new Set([0xe0, 0xda, 0xcc, 0xcd, 0xcf, 0xd4, 0xd5, 0xd7]);

export class Session implements Machine<SessionIntent, SessionEvent> {
  readonly #link: Link;
  readonly #us: Party;
  readonly #peer: Party;
  readonly #client: ClientOptions;
  readonly #server: ServerOptions;
  readonly #trace: TraceSink | undefined;
  readonly #strict: boolean;
  readonly #events = new BoundedQueue<SessionEvent>(limits.machineEvents + 1, "events");
  readonly #timers = new TimerTable<"association" | "release">();
  readonly #asking: AskingSide;
  readonly #answering: AnsweringSide;
  #state: AssociationState = "idle";
  #linkUp = false;
  /** Our own release is under way, down to the link. */
  #releasing = false;
  #ended = false;
  #addresses: LinkAddresses = { client: 0, server: 0 };
  #parameters: LinkParameters | undefined;
  #info: AssociationInfo | undefined;

  constructor({ role, link, client, server, strict, trace }: SessionOptions) {
    this.#link = link;
    this.#us = role === "client" ? "initiator" : "acceptor";
    this.#peer = role === "client" ? "acceptor" : "initiator";
    this.#client = client ?? { mechanism: "none" };
    this.#server = server ?? { accept: [] };
    this.#trace = trace;
    this.#strict = strict ?? false;
    const askingOptions: AskingOptions = role === "client" ? this.#client : this.#server;
    this.#asking = new AskingSide(
      askingOptions,
      (now, bytes) => this.#transmit(now, bytes),
      (settled) => this.#emit(settled),
    );
    this.#answering = new AnsweringSide({
      reply: (now, apdu) => this.#reply(now, apdu),
      indicate: (id, request) =>
        this.#emit({ type: "indication", id, request, info: this.#info as AssociationInfo }),
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
        this.#enter("request");
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
        if (this.#ended) return;
        this.#ended = true;
        this.#linkUp = false;
        this.#close(intent.error);
        return;
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
      else {
        this.#state = "idle";
        this.#emit({
          type: "failed",
          error: new DlmsError("RESPONSE_TIMEOUT", "The meter did not answer the AARQ in time."),
        });
      }
    }
    this.#asking.handleTimeout(now);
    this.#startNext(now);
  }

  // Opening and release.

  #associate(now: number): void {
    this.#enter("associate");
    this.#forget(new DlmsError("LINK_LOST", "A new association took this one's place."));
    this.#releasing = false;
    if (this.#linkUp) this.#sendAarq(now);
    else this.#link.send(now, { type: "connect" });
  }

  #sendAarq(now: number): void {
    const { associationTimeoutMs, responseTimeoutMs = DEFAULT_RESPONSE_TIMEOUT_MS } = this.#client;
    this.#timers.set("association", now + (associationTimeoutMs ?? responseTimeoutMs));
    this.#transmit(now, encodeAcse(buildAarq(this.#client)));
  }

  #reverse(now: number): void {
    const next = transition(this.#state, "reverse", this.#us, this.#us);
    this.#link.send(now, { type: "reverse" });
    this.#state = next;
    const info: AssociationInfo = { ...(this.#info as AssociationInfo), reversed: true };
    this.#info = info;
    this.#emit({ type: "associated", info });
  }

  #release(now: number): void {
    const rlrq =
      (this.#state === "open" || this.#state === "reversed") && (this.#client.releaseRequest ?? true);
    if (rlrq) this.#enter("release");
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
    this.#state = "idle";
    this.#info = undefined;
    if (this.#linkUp) this.#link.send(now, { type: "disconnect" });
    else this.#released();
    this.#drain(now);
  }

  #released(): void {
    this.#releasing = false;
    this.#emit({ type: "released" });
  }

  #close(error?: DlmsError): void {
    const opening = this.#state === "opening";
    this.#timers.clearAll();
    this.#state = "idle";
    this.#info = undefined;
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

  // What the link tells.

  /** Handles the link's events; false when there were none. */
  #drain(now: number): boolean {
    let any = false;
    for (let event = this.#link.pollEvent(); event !== undefined; event = this.#link.pollEvent()) {
      any = true;
      this.#linkEvent(now, event);
    }
    return any;
  }

  #linkEvent(now: number, event: LinkEvent): void {
    switch (event.type) {
      case "connected":
        // A peer that connects anew has forgotten its association, so we do.
        if (this.#us === "acceptor" && this.#state !== "idle") {
          this.#state = "idle";
          this.#forget(new DlmsError("LINK_LOST", "The peer connected anew."));
        }
        this.#linkUp = true;
        this.#parameters = event.parameters;
        this.#addresses = event.peer;
        if (this.#us === "initiator" && this.#state === "opening") this.#sendAarq(now);
        return;
      case "disconnected":
        this.#linkUp = false;
        this.#close(event.error);
        return;
      case "apdu":
        // Pushes may carry other addresses; a client knows whom it called.
        if (this.#us === "acceptor") this.#addresses = event.peer;
        this.#unit(now, event.bytes);
        return;
      case "noise":
        this.#emit(event);
        return;
    }
  }

  #unit(now: number, bytes: Uint8Array): void {
    const unit = readUnit(bytes, this.#strict);
    switch (unit.kind) {
      case "acse":
        return this.#acse(now, unit.acse, bytes);
      case "undecodable":
        return this.#undecodable(now, bytes, unit);
      case "apdu":
        if (unit.rest.length > 0) this.#noise(unit.rest, "octets after a complete APDU");
        return this.#apdu(now, unit.apdu, bytes);
    }
  }

  #apdu(now: number, apdu: Apdu, bytes: Uint8Array): void {
    switch (apdu.type) {
      case "data-notification":
      case "event-notification":
        return this.#emit({ type: "notification", notification: apdu });
      case "get-request":
      case "set-request":
      case "action-request":
        if (!this.#mayAsk(this.#peer)) return this.#reply(now, exception("operation-not-possible"));
        return this.#answering.receive(now, apdu, this.#info as AssociationInfo);
      case "get-response":
      case "set-response":
      case "action-response":
        return this.#answer(now, apdu, bytes);
      case "exception-response":
      case "confirmed-service-error":
        return this.#refused(now, apdu, bytes);
      case "initiate-request":
      case "initiate-response":
      case "opaque":
        return this.#foreign(now, bytes);
    }
  }

  #answer(now: number, apdu: Apdu, bytes: Uint8Array): void {
    const taken = this.#info !== undefined && this.#asking.receive(now, apdu, this.#info.maxSendPdu);
    if (!taken) this.#noise(bytes, `a ${apdu.type} answers no open request`);
    this.#startNext(now);
  }

  /** Exception-response or confirmed-service-error: to the AARQ, the RLRQ or a request, whichever is open. */
  #refused(now: number, apdu: Apdu, bytes: Uint8Array): void {
    if (this.#state === "opening" && this.#us === "initiator") this.#rejected(refusal(apdu) as DlmsError);
    else if (this.#releasing) this.#endLink(now);
    else this.#answer(now, apdu, bytes);
  }

  #rejected(error: DlmsError): void {
    this.#timers.clear("association");
    this.#state = transition(this.#state, "refuse", this.#peer, this.#us);
    this.#emit({ type: "failed", error });
  }

  #acse(now: number, acse: Acse, bytes: Uint8Array): void {
    switch (acse.type) {
      case "aarq":
        if (this.#us === "initiator") return this.#noise(bytes, "an AARQ came from the meter we called");
        return this.#opened(now, acse);
      case "aare": {
        if (this.#us === "acceptor" || this.#state !== "opening")
          return this.#noise(bytes, "an AARE answers no open AARQ");
        const verdict = judgeAare(acse, this.#client);
        if (verdict instanceof DlmsError) return this.#rejected(verdict);
        this.#timers.clear("association");
        return this.#agree("accept", verdict);
      }
      case "rlrq":
        return this.#releasedByPeer(now, bytes);
      case "rlre":
        if (this.#state !== "releasing") return this.#noise(bytes, "an RLRE answers no open RLRQ");
        return this.#endLink(now);
    }
  }

  /** The acceptor's whole part: AARQ in, AARE out. */
  #opened(now: number, aarq: Aarq): void {
    this.#state = transition(this.#state, "associate", this.#peer, this.#us);
    this.#forget(new DlmsError("LINK_LOST", "The peer opened a new association."));
    const verdict = judgeAarq(aarq, this.#addresses, this.#server);
    this.#transmit(now, encodeAcse(verdict.aare));
    if (verdict.agreement === undefined) this.#state = transition(this.#state, "refuse", this.#us, this.#us);
    else this.#agree("accept", verdict.agreement);
  }

  #agree(act: Act, agreement: Agreement): void {
    this.#state = transition(this.#state, act, "acceptor", this.#us);
    const info: AssociationInfo = {
      clientSap: this.#addresses.client,
      serverSap: this.#addresses.server,
      ...agreement,
      logicalNameReferencing: true,
      link: this.#parameters as LinkParameters,
      reversed: false,
    };
    this.#info = info;
    this.#emit({ type: "associated", info });
  }

  /** An RLRQ is always answered; only one that ends an association is told. */
  #releasedByPeer(now: number, bytes: Uint8Array): void {
    if (this.#us === "initiator" && this.#state !== "reversed")
      return this.#noise(bytes, "an RLRQ came from the meter we called");
    const associated = this.#info !== undefined;
    this.#state = "idle";
    this.#info = undefined;
    this.#forget(new DlmsError("LINK_LOST", "The peer released the association."));
    this.#transmit(now, encodeAcse({ type: "rlre", reason: 0 }));
    if (associated) this.#emit({ type: "released" });
  }

  #undecodable(
    now: number,
    bytes: Uint8Array,
    { acse, error }: Extract<Unit, { kind: "undecodable" }>,
  ): void {
    if (acse && this.#state === "opening" && this.#us === "initiator") return this.#rejected(error);
    // One recorded server gives its RLRE a wrong length; the association is released all the same.
    if (acse && this.#state === "releasing") return this.#endLink(now);
    if (this.#asking.expects(bytes)) this.#asking.fail(error);
    else if (this.#mayAsk(this.#peer)) this.#reply(now, exception("other-reason"));
    else this.#noise(bytes, error.message);
    this.#startNext(now);
  }

  /** An APDU of a service we don't speak. */
  #foreign(now: number, bytes: Uint8Array): void {
    const tag = bytes[0] as number;
    const reason = `an APDU with tag ${tag.toString(16).toUpperCase()} is not understood here`;
    if (this.#asking.busy && FOREIGN_ANSWERS.has(tag)) {
      this.#asking.fail(new DlmsError("UNEXPECTED_APDU", reason));
      this.#startNext(now);
    } else if (this.#mayAsk(this.#peer)) this.#reply(now, exception("service-not-supported"));
    else this.#noise(bytes, reason);
  }

  // Small change.

  /** An act of ours. @throws DlmsError when the table doesn't allow it now. */
  #enter(act: Act): void {
    this.#state = transition(this.#state, act, this.#us, this.#us);
  }

  #mayAsk(party: Party): boolean {
    return asker(this.#state) === party && this.#info !== undefined;
  }

  #startNext(now: number): void {
    if (this.#info !== undefined && this.#mayAsk(this.#us)) this.#asking.start(now, this.#info);
  }

  #transmit(now: number, bytes: Uint8Array, unconfirmed = false): void {
    this.#trace?.({ at: now, direction: "out", layer: "association", bytes });
    this.#link.send(now, { type: "apdu", bytes, ...(unconfirmed ? { unconfirmed } : {}) });
  }

  /** Answers of ours must not fail into the receiving path: a link that takes no more is given up. */
  #reply(now: number, apdu: Apdu): void {
    try {
      this.#transmit(now, encodeApdu(apdu));
    } catch (caught) {
      this.send(now, { type: "abort", error: asDlmsError(caught) });
    }
  }

  #noise(bytes: Uint8Array, reason: string): void {
    this.#emit({ type: "noise", bytes, reason });
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
