/**
 * A session: one link and one association on it, as a sans-IO machine for either role (IEC 62056-5-3). It composes the
 * data link below, association control, general block transfer, and the asking and answering halves. After `reverse`
 * the acceptor asks.
 */
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type Link, type LinkAddresses, type LinkEvent, type LinkParameters } from "../core/link.js";
import { limits } from "../core/limits.js";
import { type Machine, TimerTable } from "../core/machine.js";
import { BoundedQueue } from "../core/queue.js";
import { type TraceSink } from "../core/trace.js";
import { encodeApdu } from "../xdlms/index.js";
import { AnsweringSide } from "./answering-side.js";
import { AskingSide, DEFAULT_RESPONSE_TIMEOUT_MS, type Settled } from "./asking-side.js";
import { BlockRoute } from "./block-route.js";
import { Ciphering } from "./ciphering.js";
import { AssociationControl } from "./control.js";
import { Inbound } from "./inbound.js";
import { Outside } from "./outside.js";
import { securityException } from "./refusal.js";
import {
  type AssociationInfo,
  type ClientOptions,
  type SessionEvent,
  type SessionIntent,
  type SessionOptions,
} from "./session-types.js";
import { type Party } from "./transitions.js";
import { Unasked } from "./unasked.js";

const DEFAULT_RELEASE_TIMEOUT_MS = 3_000;
/** The request that carries the third pass of HLS; owners count from 0. */
const THIRD_PASS = -1;

export class Session implements Machine<SessionIntent, SessionEvent> {
  readonly #link: Link;
  readonly #us: Party;
  readonly #client: ClientOptions;
  readonly #trace: TraceSink | undefined;
  readonly #events = new BoundedQueue<SessionEvent>(limits.machineEvents + 1, "events");
  readonly #timers = new TimerTable<"association" | "release">();
  readonly #control: AssociationControl;
  readonly #ciphering: Ciphering;
  readonly #outside: Outside;
  readonly #asking: AskingSide;
  readonly #answering: AnsweringSide;
  readonly #inbound: Inbound;
  readonly #blocks: BlockRoute;
  #linkUp = false;
  /** Our own release is under way, down to the link. */
  #releasing = false;
  #ended = false;
  /** Why we end the link ourselves. */
  #endCause: DlmsError | undefined;
  #addresses: LinkAddresses = { client: 0, server: 0 };
  #parameters: LinkParameters | undefined;
  /** The time of the verb under way. */
  #now = 0;

  constructor(options: SessionOptions) {
    const { role, link, client, server, unasked, trace } = options;
    this.#link = link;
    this.#us = role === "client" ? "initiator" : "acceptor";
    this.#client = client ?? { mechanism: "none" };
    this.#trace = trace;
    const accepting = server ?? { accept: [] };
    const own = role === "client" ? this.#client : accepting;
    this.#outside = new Outside((need) => this.#emit(need));
    this.#ciphering = new Ciphering(role, this.#outside, {
      transmit: (now, bytes, unconfirmed) => this.#blocks.sealed(now, bytes, unconfirmed),
      failed: (now, error) => this.#breach(now, error),
    });
    this.#control = new AssociationControl(this.#us, this.#client, accepting, {
      ciphering: this.#ciphering,
      outside: this.#outside,
      transmit: (now, bytes) => this.#guarded(() => this.#put(now, bytes)),
      ask: (now, request) => {
        this.#asking.add({ id: THIRD_PASS, request });
        this.#startNext(now);
      },
      breach: (now, error) => this.#breach(now, error),
      emit: (event) => this.#emit(event),
      noise: (reason) => this.#inbound.noise(reason),
      forget: (error) => this.#forget(error),
      settled: () => this.#timers.clear("association"),
      released: (now) => this.#endLink(now),
      link: () => ({ addresses: this.#addresses, parameters: this.#parameters as LinkParameters }),
    });
    this.#asking = new AskingSide(
      own,
      (now, bytes) => this.#blocks.send(now, bytes),
      (settled) => this.#settled(settled),
    );
    this.#answering = new AnsweringSide({
      reply: (now, apdu) => this.#answer(now, encodeApdu(apdu)),
      indicate: (id, request) =>
        this.#emit({ type: "indication", id, request, info: this.#control.info as AssociationInfo }),
    });
    this.#blocks = new BlockRoute(
      {
        options: own,
        control: this.#control,
        ciphering: this.#ciphering,
        asking: this.#asking,
      },
      {
        put: (now, bytes, unconfirmed, between) => this.#put(now, bytes, unconfirmed, between),
        expect: (now, apdus) => this.#link.send(now, { type: "expect", apdus }),
        answer: (now, apdu) => this.#answer(now, encodeApdu(apdu)),
        next: (now) => this.#startNext(now),
        emit: (event) => this.#emit(event),
      },
    );
    this.#inbound = new Inbound(
      {
        us: this.#us,
        control: this.#control,
        ciphering: this.#ciphering,
        asking: this.#asking,
        answering: this.#answering,
        blocks: this.#blocks,
        unasked: unasked && new Unasked(unasked, this.#outside, (event) => this.#emit(event)),
      },
      {
        answer: (now, apdu) => this.#answer(now, encodeApdu(apdu)),
        emit: (event) => this.#emit(event),
        breach: (now, error) => this.#breach(now, error),
        endLink: (now) => this.#endLink(now),
        next: (now) => this.#startNext(now),
        openAgain: (now) => {
          this.#asking.drop();
          this.#control.enter("associate");
          this.#sendAarq(now);
        },
      },
      { strict: options.strict ?? false, confirms: options.confirmNotifications ?? true },
    );
  }

  receive(now: number, bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#now = now;
    this.#link.receive(now, bytes);
    if (!this.#drain(now)) this.#blocks.progress(now);
  }

  send(now: number, intent: SessionIntent): void {
    if (this.#ended && intent.type === "respond") return;
    if (this.#ended && intent.type !== "abort") throw new DlmsError("NOT_CONNECTED");
    this.#now = now;
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
        this.#blocks.notify(now, encodeApdu(intent.notification));
        break;
      case "provided":
        this.#outside.provided(now, intent);
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
    const times = [
      this.#link.nextTimeout(),
      this.#timers.next(),
      this.#asking.deadline,
      this.#blocks.deadline,
    ];
    const running = times.filter((time) => time !== undefined);
    return running.length === 0 ? undefined : Math.min(...running);
  }

  handleTimeout(now: number): void {
    if (this.#ended) return;
    this.#now = now;
    this.#link.handleTimeout(now);
    this.#drain(now);
    for (const timer of this.#timers.due(now)) {
      if (timer === "release") this.#endLink(now);
      else
        this.#control.rejected(
          new DlmsError("RESPONSE_TIMEOUT", "The meter did not answer the AARQ in time."),
        );
    }
    this.#blocks.handleTimeout(now);
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
    this.#control.open(now);
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
    const over = new DlmsError("LINK_LOST", "The association was released before the answer.");
    if (this.#control.awaitsAnswer) this.#emit({ type: "failed", error: over });
    this.#forget(over);
    if (!rlrq) return this.#endLink(now);
    this.#timers.set("release", now + (this.#client.releaseTimeoutMs ?? DEFAULT_RELEASE_TIMEOUT_MS));
    this.#control.sendRelease(now);
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

  #close(cause?: DlmsError): void {
    const error = this.#endCause ?? cause;
    this.#endCause = undefined;
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
    this.#blocks.drop();
  }

  /**
   * The peer is not who it has to be, or a message is not genuine: the association ends, and with it the link where
   * we opened it. A server says why, once.
   */
  #breach(now: number, error: DlmsError): void {
    const opener = this.#us === "initiator";
    const opening = this.#control.awaitsAnswer;
    if (opening) this.#control.rejected(error);
    else if (!opener) this.#guarded(() => this.#put(now, encodeApdu(securityException(error))));
    this.#control.reset();
    this.#forget(error);
    this.#timers.clearAll();
    if (!opener) return this.#emit({ type: "failed", error });
    this.#endCause = error;
    if (this.#linkUp) this.#link.send(now, { type: "disconnect" });
    this.#drain(now);
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
        return this.#inbound.receive(now, event.bytes, event.unconfirmed, event.peer);
      case "noise":
        this.#emit(event);
        return;
    }
  }

  #settled(settled: Settled): void {
    const failed = settled.type === "failed" ? settled.error : undefined;
    this.#blocks.drop(failed !== undefined);
    const { logicalNameReferencing = true } = this.#control.info ?? {};
    if (failed?.code === "RESPONSE_TIMEOUT" && !logicalNameReferencing) {
      // Without invoke ids a late answer would be taken for the next one: only a new association is free of it.
      this.#emit(settled);
      return this.#breach(this.#now, failed);
    }
    if (settled.id !== THIRD_PASS) return this.#emit(settled);
    if (settled.type === "failed") this.#breach(this.#now, settled.error);
    else if (settled.response.type === "action") this.#control.proven(this.#now, settled.response.results[0]);
  }

  #startNext(now: number): void {
    const { agreed, state } = this.#control;
    const proving = state === "proving" && this.#us === "initiator";
    if (agreed !== undefined && (proving || this.#control.mayAsk("us"))) this.#asking.start(now, agreed);
  }

  #put(now: number, bytes: Uint8Array, unconfirmed = false, between?: LinkAddresses): void {
    this.#trace?.({ at: now, direction: "out", layer: "association", bytes });
    this.#link.send(now, { type: "apdu", bytes, ...(unconfirmed ? { unconfirmed, between } : {}) });
  }

  #answer(now: number, bytes: Uint8Array): void {
    this.#guarded(() => this.#blocks.send(now, bytes));
  }

  /** Answers of ours must not fail into the receiving path: a link that takes no more is given up. */
  #guarded(send: () => void): void {
    try {
      send();
    } catch (caught) {
      this.#abort(asDlmsError(caught));
    }
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
