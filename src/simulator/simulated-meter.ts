/**
 * One simulated meter as a machine: dials in by its dialect, repeats heartbeats, pushes, answers as a COSEM server, and
 * misbehaves when told. `open` begins a connection, `closed` tells of its end. Carried by transport/simulator-host.ts.
 */
import { type AssociationInfo, type SessionEvent } from "../association/session-types.js";
import { type ServiceRequest, type ServiceResponse } from "../association/service.js";
import { type Session } from "../association/session.js";
import { limits } from "../core/limits.js";
import { type Machine, TimerTable } from "../core/machine.js";
import { BoundedQueue } from "../core/queue.js";
import { RandomStream } from "./behaviours/random.js";
import { describeAssociation, describeRequest } from "./describe.js";
import { Duties } from "./duties.js";
import { answerWith, type Faults, noise, spoil } from "./faults.js";
import { meterSession } from "./meter-session.js";
import { epochAtZero, framingOf, initialState, type SimulatedMeterOptions } from "./meter-options.js";
import { type SimulatorEvent, type SimulatorEventName, type SimulatorIntent } from "./meter-events.js";
import { secretsOf } from "./meter-secrets.js";
import { type MeterNote, type MeterState } from "./meter-state.js";
import { meterModel } from "./model.js";
import { alarm, dataNotification, regularPush } from "./notifications.js";
import { type Caller, type ObjectStore } from "./object-store.js";
import { ReplyFilter } from "./reply-filter.js";

export { type SimulatorEvent, type SimulatorEventName, type SimulatorIntent } from "./meter-events.js";

interface Connection {
  readonly session: Session;
  readonly filter: ReplyFilter | undefined;
  info: AssociationInfo | undefined;
  unanswered: number;
  /** Answers held back, in order. */
  readonly held: { readonly at: number; readonly id: number; readonly response: ServiceResponse }[];
}

const HEARTBEAT_MS = 60_000;
const PUSH_MS = 15 * 60_000;
const LOGIN_RETRY_MS = 30_000;
const LOGIN_TRIES = 3;

export class SimulatedMeter implements Machine<SimulatorIntent, SimulatorEvent> {
  readonly options: SimulatedMeterOptions;
  readonly state: MeterState;
  readonly model: ObjectStore<MeterState>;
  readonly #duties: Duties<MeterState>;
  readonly #epochAtZero: number;
  readonly #timers = new TimerTable<"heartbeat" | "login" | "push">();
  readonly #events = new BoundedQueue<SimulatorEvent>(limits.machineEvents, "events");
  readonly #out = new BoundedQueue<Uint8Array>(limits.machineEvents, "chunks");
  readonly #random: RandomStream;
  #faults: Faults;
  #connection: Connection | undefined;
  #pushes = 0;

  constructor(options: SimulatedMeterOptions) {
    this.options = options;
    this.state = initialState(options);
    this.model = meterModel(
      options.meterType,
      options.objects ?? "hexcell",
      secretsOf(this.state)?.secured === true,
    );
    this.#epochAtZero = epochAtZero(options);
    this.#duties = new Duties(this.model, this.state, this.state.options.startedAt);
    this.#faults = options.faults ?? {};
    this.#random = new RandomStream(options.seed);
  }

  get serial(): string {
    return this.options.serial;
  }

  get faults(): Faults {
    return this.#faults;
  }

  /** Whether there is a connection, and whether an association on it. */
  get phase(): "offline" | "connected" | "associated" {
    if (this.#connection === undefined) return "offline";
    return this.#connection.info === undefined ? "connected" : "associated";
  }

  receive(now: number, bytes: Uint8Array): void {
    const connection = this.#connection;
    if (connection === undefined || this.#faults.silent) return;
    const { rest, replies } = connection.filter?.push(bytes) ?? { rest: bytes, replies: 0 };
    if (replies > 0) {
      connection.unanswered = 0;
      this.#timers.clear("login");
      this.#tell(now, "login-answered", "login answered");
    }
    let taken = 0;
    // The answer to our own AARQ swaps the roles, and the first request may follow it in the same chunk.
    const most = this.options.dialect.opening === "request" ? 1_024 : 0;
    while (taken < Math.min(most, rest.length) && !connection.info?.reversed) {
      connection.session.receive(now, rest.subarray(taken, ++taken));
      this.#settle(now);
      if (this.#connection !== connection) return;
    }
    if (taken < rest.length) connection.session.receive(now, rest.subarray(taken));
    this.#settle(now);
  }

  send(now: number, intent: SimulatorIntent): void {
    switch (intent.type) {
      case "open":
        this.#open(now);
        break;
      case "closed":
        this.#drop();
        break;
      case "hang-up":
        this.#hangUp(now, "hung up");
        break;
      case "press-button":
        this.#tell(now, "button", "button pressed");
        this.state.relay(
          this.#epoch(now),
          intent.action === "disconnect" ? "manual-disconnect" : "manual-reconnect",
        );
        break;
      case "push":
        this.#push(now);
        break;
      case "heartbeat":
        if (this.options.dialect.opening === "login") this.#login(now);
        break;
      case "provided":
        this.#connection?.session.send(now, intent);
        break;
      case "faults":
        this.#faults = intent.faults;
        break;
    }
    this.#settle(now);
  }

  pollTransmit(): Uint8Array | undefined {
    for (;;) {
      const bytes = this.#out.shift() ?? this.#connection?.session.pollTransmit();
      if (bytes === undefined) return undefined;
      if (this.#faults.silent) continue;
      const arrived = spoil(bytes, this.#faults, this.#random);
      if (arrived.length > 0) return arrived;
    }
  }

  pollEvent(): SimulatorEvent | undefined {
    return this.#events.shift();
  }

  nextTimeout(): number | undefined {
    const own = this.#nextOwn();
    const times = [
      own === undefined ? undefined : own - this.#epochAtZero,
      this.#timers.next(),
      this.#connection?.session.nextTimeout(),
      this.#connection?.held[0]?.at,
    ].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  handleTimeout(now: number): void {
    for (const timer of this.#timers.due(now)) {
      if (timer === "heartbeat") this.#login(now);
      else if (timer === "push") this.#push(now);
      else this.#loginUnanswered(now);
    }
    this.#connection?.session.handleTimeout(now);
    this.#settle(now);
  }

  // Dialling in.

  #open(now: number): void {
    this.#drop();
    const { dialect } = this.options;
    const session = meterSession(this.options, this.model, secretsOf(this.state), () => this.#faults);
    const reply = this.#expectedReply();
    this.#connection = {
      session,
      filter: reply === undefined ? undefined : new ReplyFilter(reply, framingOf(this.options)),
      info: undefined,
      unanswered: 0,
      held: [],
    };
    this.#tell(now, "dialled-in", `dialled in (${dialect.name})`);
    if (dialect.opening === "login") this.#login(now);
    else if (dialect.opening === "push") this.#push(now);
    else if (dialect.opening === "request") session.send(now, { type: "associate" });
  }

  #loginFrame(): Uint8Array {
    const { dialect, login, serial } = this.options;
    return login ?? dialect.build?.(serial) ?? new Uint8Array(0);
  }

  /** What the gateway has to answer to our login: the dialect says it of the login's own values. */
  #expectedReply(): Uint8Array | undefined {
    const { dialect } = this.options;
    const frame = this.#loginFrame();
    const seen = dialect.recognise?.(frame, true);
    if (dialect.opening !== "login" || seen?.state !== "match") return undefined;
    return dialect.reply?.(seen.values, frame);
  }

  #login(now: number): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const { dialect, heartbeatMs = dialect.link.heartbeatMs ?? HEARTBEAT_MS } = this.options;
    this.#out.push(this.#loginFrame());
    if (heartbeatMs > 0) this.#timers.set("heartbeat", now + heartbeatMs);
    if (connection.filter === undefined) return;
    connection.unanswered++;
    if (!this.#timers.has("login")) this.#timers.set("login", now + LOGIN_RETRY_MS);
  }

  #loginUnanswered(now: number): void {
    if (this.#connection === undefined) return;
    if (this.#connection.unanswered >= LOGIN_TRIES) {
      this.#tell(now, "login-unanswered", `login unanswered ${LOGIN_TRIES} times`);
      this.#hangUp(now, "gives this connection up");
    } else this.#login(now);
  }

  #push(now: number): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const caller = connection.info ?? this.#pushCaller();
    const notification = regularPush(this.state, this.model, caller, this.#epoch(now), ++this.#pushes);
    connection.session.send(now, { type: "notify", notification });
    const { dialect, pushMs = PUSH_MS } = this.options;
    if (dialect.opening === "push" && pushMs > 0) this.#timers.set("push", now + pushMs);
    this.#tell(now, "pushed", "pushed readings");
  }

  /** A push is made for the meter type's own client, associated or not. */
  #pushCaller(): Caller {
    const { clientSap, serverSap, mechanism } = this.options.meterType.association;
    return { clientSap, serverSap, mechanism, conformance: new Set(), maxSendPdu: 0, maxReceivePdu: 0 };
  }

  // The end of a connection.

  #drop(): void {
    this.#connection = undefined;
    this.#timers.clearAll();
    this.#out.clear();
  }

  #hangUp(now: number, why: string): void {
    if (this.#connection === undefined) return;
    this.#drop();
    this.#tell(now, "hung-up", why);
    this.#emit({ type: "hang-up" });
  }

  // Answering.

  /** Brings everything up to date after anything happened. */
  #settle(now: number): void {
    this.#advance(this.#epoch(now));
    const connection = this.#connection;
    for (;;) {
      const event = this.#connection === connection ? connection?.session.pollEvent() : undefined;
      if (event === undefined) break;
      this.#sessionEvent(now, event);
    }
    this.#sendPushes(now);
    this.#tellNotes(now);
    for (let held = this.#connection?.held[0]; held !== undefined && held.at <= now;) {
      this.#connection?.held.shift();
      this.#answer(now, held.id, held.response);
      held = this.#connection?.held[0];
    }
  }

  /** When the meter does something by itself, epoch ms. */
  #nextOwn(): number | undefined {
    const state = this.state.nextDeadline();
    const duty = this.#duties.next();
    if (state === undefined || duty === undefined) return state ?? duty;
    return Math.min(state, duty);
  }

  /** Lets what state and objects have to do up to `t` happen, in the order of their times. */
  #advance(t: number): void {
    for (let next = this.#nextOwn(); next !== undefined && next <= t; next = this.#nextOwn()) {
      this.state.advance(next);
      this.#duties.act(next);
    }
  }

  /** What objects have to say, over the connection there is. */
  #sendPushes(now: number): void {
    const t = this.#epoch(now);
    for (const { body, done } of this.state.takePushes()) {
      const connection = this.#connection;
      if (connection !== undefined) {
        const notification = dataNotification(this.state, body, t, ++this.#pushes, false);
        connection.session.send(now, { type: "notify", notification });
        this.#tell(now, "pushed", "pushed its object list");
      }
      done(t, connection !== undefined);
      this.#duties.changed(t);
    }
  }

  /** What is worth a note may concern what objects wait for. */
  #tellNotes(now: number): void {
    const notes = this.state.takeNotes();
    if (notes.length > 0) this.#duties.changed(this.#epoch(now));
    for (const note of notes) this.#note(now, note);
  }

  #sessionEvent(now: number, event: SessionEvent): void {
    const connection = this.#connection as Connection;
    switch (event.type) {
      case "associated":
        connection.info = event.info;
        this.#tell(now, "associated", describeAssociation(event.info));
        // Opened by us: from now on the gateway asks.
        if (this.options.dialect.opening === "request" && !event.info.reversed)
          connection.session.send(now, { type: "reverse" });
        return;
      case "indication":
        return this.#indicated(now, event.id, event.request, event.info);
      case "released":
      case "closed":
        connection.info = undefined;
        if (event.type === "released") this.#tell(now, "released", "association released");
        // It opened the association for the gateway's sake; without one it would be silent for ever.
        if (this.options.dialect.opening === "request") this.#hangUp(now, "association ended");
        return;
      case "failed":
        connection.info = undefined;
        this.#tell(now, "association-failed", `association failed: ${event.error.message}`);
        // A client that was not let in may try again; it opened the connection for nobody else.
        if (this.options.dialect.opening === "request") this.#hangUp(now, "gives this connection up");
        return;
      case "needKeys":
      case "needCounters":
      case "needRandom":
        return this.#emit(event);
      case "notification-confirmed":
        return this.#tell(now, "push-confirmed", "push confirmed");
      case "response":
      case "notification":
      case "noise":
        return;
    }
  }

  #indicated(now: number, id: number, request: ServiceRequest, info: AssociationInfo): void {
    const { hangUp, hangUpOn = request.type, delayMs = 0, answerErrors = [] } = this.#faults;
    const hangsUp = hangUp !== undefined && hangUpOn === request.type;
    // Once: the next connection is a fresh try.
    if (hangsUp) this.#faults = { ...this.#faults, hangUp: undefined };
    if (hangsUp && hangUp === "before-effect") return this.#hangUp(now, `hung up at a ${request.type}`);
    const t = this.#epoch(now);
    const response = answerWith(request, answerErrors, (asked) =>
      this.model.answer(this.state, asked, t, info),
    );
    if (request.type !== "get") this.#duties.changed(t);
    this.#tell(now, "request", describeRequest(request, response));
    if (hangsUp) return this.#hangUp(now, `hung up after a ${request.type}`);
    if (delayMs > 0) this.#connection?.held.push({ at: now + delayMs, id, response });
    else this.#answer(now, id, response);
  }

  #answer(now: number, id: number, response: ServiceResponse): void {
    const rubbish = noise(this.#faults, this.#random);
    if (rubbish.length > 0) this.#out.push(rubbish);
    this.#connection?.session.send(now, { type: "respond", id, response });
  }

  #note(now: number, note: MeterNote): void {
    this.#emit({ type: "event", serial: this.serial, at: note.at, name: note.name, text: note.text });
    const about = note.name === "relay" ? "relay" : note.name === "token-credited" ? "credit" : undefined;
    if (!this.options.alarms || about === undefined || this.#connection?.info === undefined) return;
    const notification = alarm(this.state, this.#epoch(now), about);
    this.#connection.session.send(now, { type: "notify", notification });
    this.#tell(now, "alarm", `reported ${about} change`);
  }

  #tell(now: number, name: SimulatorEventName, text: string): void {
    this.#emit({ type: "event", serial: this.serial, at: this.#epoch(now), name, text });
  }

  /** What nobody takes is dropped, all but the end of the connection. */
  #emit(event: SimulatorEvent): void {
    if (event.type === "event" && this.#events.length >= limits.machineEvents / 2) return;
    this.#events.push(event);
  }

  #epoch(now: number): number {
    return this.#epochAtZero + now;
  }
}
