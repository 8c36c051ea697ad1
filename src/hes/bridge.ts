/**
 * The bridge between one listener and one backend: commands in, results and readings out, every meter's standing told.
 * Each command of the backend gets exactly one final result: the flow's, the bridge's own refusal, or `unknown` when
 * the flow let it fall. With a journal all of it is recorded first, and survives a restart; without one nothing does.
 */
import { randomUUID } from "node:crypto";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type LogEvent } from "../gateway/events.js";
import { bridgeOrigin, type Place } from "../gateway/journal/index.js";
import { type CommandResult } from "../gateway/messages.js";
import { systemClock, type Clock } from "../transport/clock.js";
import { type HesDeps, type HesEvents, type HesStatus } from "./bridge-types.js";
import { HesApi, type Lookup } from "./api.js";
import { CommandDesk, type BridgeCommand } from "./command-desk.js";
import { settingsEvent, type MeterCommandResult } from "./contract.js";
import { eventReply } from "./event-reply.js";
import { handIn } from "./hand-in.js";
import { requestJson, httpDefaults, type HttpAnswer, type HttpRequest } from "./http.js";
import { type Ingest, makeIngest } from "./ingest.js";
import { Inbound } from "./inbound.js";
import { Login, type LoginState } from "./login.js";
import { resolveHesOptions, type HesOptions, type ListenerLike, type ResolvedHesOptions } from "./options.js";
import { type UpdateContext } from "./outgoing.js";
import { makeShim } from "./make-shim.js";
import { makeOutboxes, type Outboxes } from "./outboxes.js";
import { type JournalLike, RecordedCommands } from "./recorded.js";
import { Registration } from "./registration.js";
import { type DlmsShim } from "./shim.js";
import { Signals } from "./signals.js";
import { HesSockets } from "./sockets.js";
import { Standing } from "./standing.js";
import { Takeover } from "./takeover.js";
import { backendWay } from "./tls.js";

export { type HesDeps, type HesEvents, type HesStatus } from "./bridge-types.js";

export class HesBridge {
  /** Marks what this gateway sent, because the backend repeats it to everybody. */
  readonly origin = randomUUID();
  readonly #options: ResolvedHesOptions;
  readonly #listener: ListenerLike;
  readonly #clock: Clock;
  readonly #login: Login;
  readonly #registration: Registration;
  readonly #sockets: HesSockets;
  readonly #inbound: Inbound;
  readonly #standing: Standing;
  readonly #ingest: Ingest | undefined;
  readonly #shim: DlmsShim | undefined;
  readonly #journal: JournalLike | undefined;
  readonly #outboxes: Outboxes;
  readonly #recorded: RecordedCommands | undefined;
  readonly #takeover: Takeover | undefined;
  /** Of several bridges for one backend and listener only the first works. */
  readonly #place: Place | undefined;
  readonly #desk: CommandDesk;
  readonly #signals = new Signals<HesEvents>((name, caught) => {
    if (name !== "log") this.#log("error", `A listener of ${name} failed: ${asDlmsError(caught).message}`);
  });
  #phase: HesStatus["phase"] = "stopped";
  #reachable: HesStatus["registration"] = "untried";
  #socketError: DlmsError | undefined;
  #loginError: DlmsError | undefined;
  #wasAway = false;
  #saidFull = false;
  #started = false;

  /** @throws DlmsError NOT_CONFIGURED naming the field. */
  constructor(options: HesOptions, listener: ListenerLike, deps: HesDeps = {}) {
    const resolved = (this.#options = resolveHesOptions(options));
    const { times, apiUrl } = resolved;
    const clock = (this.#clock = deps.clock ?? systemClock);
    const random = deps.random ?? Math.random;
    this.#listener = listener;
    const { agent, fetchNow } = backendWay(resolved.tls, deps.fetch);
    const httpLimits = { ...httpDefaults, timeoutMs: times.requestTimeoutMs };
    const request = (call: HttpRequest): Promise<HttpAnswer> => requestJson(call, httpLimits, fetchNow);
    this.#login = new Login(
      { ...resolved, retryMinMs: times.loginRetryMinMs, retryMaxMs: times.loginRetryMaxMs },
      { request, clock, random, onState: (state, error) => this.#onLogin(state, error) },
    );
    const api = new HesApi({ ...resolved, ...times }, { request, login: this.#login, clock, random });
    this.#registration = new Registration({
      api,
      registry: listener.registry,
      clock,
      sweepMs: times.sweepMs,
      onLookup: (_serial, result) => this.#onLookup(result, apiUrl),
    });
    this.#sockets = new HesSockets({
      ...resolved,
      ...times,
      clock,
      random,
      agent,
      gateway: this.origin,
      token: () => this.#login.token(),
      onDenied: (token) => {
        if (token !== undefined) this.#login.drop(token);
      },
      onShared: (name, args) => this.#inbound.shared(name, args),
      onMeter: (serial, name, args) => this.#inbound.own(serial, name, args),
      onUp: () => this.#onUp(),
      onDown: (error, nextMs) => this.#onDown(error, nextMs),
      onChange: () => this.#onSockets(),
    });
    this.#ingest = makeIngest(resolved, {
      post: (body) => api.ingest(body),
      registry: listener.registry,
      clock,
      random,
      log: (level, text) => this.#log(level, text),
    });
    const journal = (this.#journal = deps.journal);
    this.#shim = makeShim(resolved, listener, {
      clock,
      journal,
      onLate: (result) => void this.#outbox.result(this.#desk.build(result)),
      log: (level, text) => {
        this.#log(level, text);
        this.#tellStatus();
      },
    });
    const origin = journal === undefined ? "" : bridgeOrigin(resolved.url, journal.owner);
    this.#outboxes = makeOutboxes(resolved, {
      journal,
      origin,
      clock,
      ingest: this.#options.ingestReadings ? this.#ingest : undefined,
      shared: () => this.#sockets.shared,
      messageOf: (result, store) => this.#desk.message(result, store),
      onChange: () => this.#tellStatus(),
      log: (level, text) => this.#log(level, text),
    });
    this.#recorded =
      journal &&
      new RecordedCommands({
        journal,
        origin,
        clock,
        hand: (name, payload) => this.#signals.emit("command", name, payload as BridgeCommand),
        onFinal: (result, reply, stored) => this.#onFinal(result, reply, stored),
        onChange: () => this.#tellStatus(),
        onError: (error) => this.#log("error", error.message),
      });
    this.#desk = new CommandDesk(resolved, {
      registry: listener.registry,
      clock,
      recorded: this.#recorded,
      send: (result, reply) => {
        const kept = this.#outbox.result(result);
        this.#reply(result, reply);
        return kept;
      },
      hand: (name, payload) =>
        name === settingsEvent
          ? this.#signals.emit("other", name, payload)
          : this.#signals.emit("command", name, payload),
      onChange: () => this.#tellStatus(),
      onRefused: (result, error) => {
        this.#log("warn", `${result.command} refused: ${error.message}`, result.meterSerialNumber);
        this.#signals.emit("other", "command-refused", result);
      },
      onLate: (result) => {
        this.#log("warn", `A second result of ${result.command} is not sent to the backend`);
        this.#signals.emit("other", "late-result", result);
      },
      onUnanswered: ({ command, meterSerialNumber }, error) =>
        this.#log("warn", `${command}: ${error.message}`, meterSerialNumber),
    });
    this.#inbound = new Inbound({
      clock,
      registry: listener.registry,
      roomCheckMs: times.roomCheckMs,
      origin: this.origin,
      desk: this.#desk,
      sockets: this.#sockets,
      onOther: (name, payload) => this.#signals.emit("other", name, payload),
      log: (level, text) => this.#log(level, text),
    });
    this.#standing = new Standing({
      listener,
      registration: this.#registration,
      sockets: this.#sockets,
      ingest: this.#ingest,
      outbox: this.#outbox,
      presence: resolved.presence,
      context: (serial) => this.#context(serial),
    });
    this.#takeover =
      journal &&
      new Takeover({
        journal,
        clock,
        backend: resolved.url,
        origin,
        onAdopted: ({ commands, items }) => {
          const left = `${commands} open commands and ${items} messages`;
          this.#log("info", `${left} that another bridge to this backend has left are this one's now`);
          this.#outboxes.durable?.opened();
          this.#recorded?.adopted();
        },
        onError: (error) => this.#log("warn", error.message),
      });
    this.#place = journal?.bridges.take(origin, {
      submit: (input) => this.#submit(input),
      onFirst: () => {
        if (this.#started) this.#begin();
      },
    });
  }

  get #outbox(): Outboxes["outbox"] {
    return this.#outboxes.outbox;
  }

  get status(): HesStatus {
    const error = this.#socketError ?? this.#loginError;
    return {
      phase: this.#phase,
      login: this.#login.state,
      registration: this.#reachable,
      pending: this.#desk.open,
      sockets: this.#sockets.view,
      durable: this.#journal?.status.durable === true,
      ...this.#outbox.counts,
      ...(this.#ingest === undefined ? {} : { ingest: this.#ingest.counts }),
      ...(this.#shim?.port === undefined ? {} : { shimPort: this.#shim.port }),
      ...(error === undefined ? {} : { error: error.toPayload() }),
    };
  }

  on<Name extends keyof HesEvents>(name: Name, listener: (...args: HesEvents[Name]) => void): void {
    this.#signals.on(name, listener);
  }

  off<Name extends keyof HesEvents>(name: Name, listener: (...args: HesEvents[Name]) => void): void {
    this.#signals.off(name, listener);
  }

  /** Once; a stopped bridge stays stopped. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    if (this.#place?.isFirst !== false) return this.#begin();
    this.#socketError = new DlmsError("BRIDGE_DUPLICATE");
    this.#log("error", this.#socketError.message);
    this.#setPhase("away");
  }

  #begin(): void {
    this.#socketError = undefined;
    this.#setPhase("connecting");
    this.#standing.start();
    this.#journal?.on("status", this.#onJournal);
    this.#recorded?.start();
    this.#takeover?.start();
    this.#sockets.start();
    this.#shim?.start();
  }

  /** What is under way stays open in the journal, or ends with a result each; then the connection is closed. */
  async stop(): Promise<void> {
    this.#started = true;
    if (this.#place?.isFirst === false) this.#place.leave();
    this.#standing.stop();
    this.#inbound.stop();
    this.#takeover?.stop();
    this.#recorded?.stop();
    this.#journal?.off("status", this.#onJournal);
    this.#desk.stop();
    this.#registration.stop();
    this.#login.stop();
    // What ends from here on is kept for the next life.
    const closed = this.#shim?.stop();
    // It sends what it can at once, and then writes down what has arrived.
    const written = this.#outbox.stop();
    this.#ingest?.stop();
    this.#sockets.stop();
    await Promise.all([written, closed]);
    this.#place?.leave();
    this.#setPhase("stopped");
  }

  /**
   * A result, a reading, a notification, or a list of them, on its way to the backend. With a journal a promise, which
   * resolves when it is stored.
   * @throws DlmsError FIELD_INVALID, at once, naming the field when it is none of these.
   */
  submit(input: unknown): void | Promise<void> {
    return this.#place === undefined ? this.#submit(input) : this.#place.first.submit(input);
  }

  #submit(input: unknown): void | Promise<void> {
    const { ingestReadings, outbox } = this.#options;
    return handIn(input, {
      desk: this.#desk,
      outboxes: this.#outboxes,
      ingest: ingestReadings ? this.#ingest : undefined,
      context: (serial) => this.#context(serial),
      messageChars: outbox.messageChars,
    });
  }

  readonly #onJournal = ({ phase }: JournalLike["status"]): void => {
    if (phase === "open") this.#outboxes.durable?.opened();
  };

  #onFinal(result: CommandResult, reply: string | undefined, stored: boolean): void {
    if (stored) this.#outboxes.durable?.hasResult();
    else void this.#outbox.result(this.#desk.build(result));
    if (reply !== undefined) this.#reply(this.#desk.build(result), reply);
  }

  /** Whoever asked gives up soon, so this does not wait for a connection. */
  #reply(result: MeterCommandResult, reply: string | undefined): void {
    if (reply !== undefined && result.meterId !== null)
      this.#sockets.shared.reply(`${reply}-${result.meterId}`, eventReply(result));
  }

  #onUp(): void {
    this.#socketError = undefined;
    this.#setPhase("connected");
    this.#log("info", `Connected to the backend at ${this.#options.url}`);
    this.#standing.tellAll();
    if (this.#wasAway) this.#registration.recheck();
    this.#wasAway = false;
    this.#outbox.flush();
  }

  #onDown(error: DlmsError, nextMs: number): void {
    const news = this.#phase !== "away" || this.#socketError?.message !== error.message;
    this.#socketError = error;
    this.#wasAway = true;
    if (news)
      this.#log("warn", `${error.message} Next attempt in ${Math.ceil(nextMs / 1_000)} s, then on and on`);
    this.#setPhase("away");
  }

  #onSockets(): void {
    const { withoutSocket } = this.#sockets.view;
    if (withoutSocket > 0 && !this.#saidFull) {
      const { maxMeterSockets } = this.#options;
      this.#log(
        "error",
        `All ${maxMeterSockets} sockets are taken: further meters get no commands without ids`,
      );
    }
    this.#saidFull = withoutSocket > 0;
    this.#tellStatus();
  }

  #onLogin(state: LoginState, error: DlmsError | undefined): void {
    const news = this.#loginError?.message !== error?.message;
    this.#loginError = error;
    if (error !== undefined && news) {
      this.#log(error.code === "BACKEND_LOGIN" ? "error" : "warn", `${error.message} Tried again by itself`);
    }
    if (state === "ok") {
      this.#log("info", "Logged in at the backend");
      if (news) this.#registration.recheck();
    }
    this.#tellStatus();
  }

  #onLookup(result: Lookup, apiUrl: string): void {
    const reachable = result.type === "unavailable" ? "unavailable" : "available";
    if (reachable === this.#reachable) return;
    this.#reachable = reachable;
    if (result.type === "unavailable") {
      // A refused login has had its own line.
      if (this.#login.state !== "refused")
        this.#log("warn", `Registration unavailable: ${result.error.message}`);
    } else this.#log("info", `Meter records are asked for at ${apiUrl}`);
    this.#tellStatus();
  }

  #context(serial: string): UpdateContext {
    return { origin: this.origin, now: this.#now(), meter: this.#listener.registry.find(serial) };
  }

  #now(): string {
    return new Date(this.#clock.epochMs()).toISOString();
  }

  #setPhase(phase: HesStatus["phase"]): void {
    this.#phase = phase;
    this.#tellStatus();
  }

  #tellStatus(): void {
    this.#signals.emit("status", this.status);
  }

  #log(level: LogEvent["level"], text: string, meterSerialNumber?: string | null): void {
    const serial = !meterSerialNumber ? {} : { meterSerialNumber };
    this.#signals.emit("log", { level, text, at: this.#now(), ...serial });
  }
}
