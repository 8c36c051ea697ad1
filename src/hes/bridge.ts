/**
 * The bridge between one listener and one backend: commands in, results and readings out, every meter's standing told.
 * Each command of the backend gets exactly one final result: the flow's, the bridge's own refusal, or `unknown` when
 * the flow let it fall. Nothing here is durable: a restart forgets what was under way.
 */
import { randomUUID } from "node:crypto";
import { asDlmsError, DlmsError, type ErrorPayload } from "../core/errors.js";
import { type LogEvent } from "../gateway/events.js";
import { isRecord } from "../gateway/fields.js";
import { type CommandName, type MeterReading } from "../gateway/messages.js";
import { systemClock, type Clock } from "../transport/clock.js";
import { HesApi, type Lookup } from "./api.js";
import { CommandDesk, type BridgeCommand } from "./command-desk.js";
import { settingsEvent } from "./contract.js";
import { requestJson, httpDefaults, type Fetch, type HttpAnswer, type HttpRequest } from "./http.js";
import { type Ingest, type IngestCounts, makeIngest } from "./ingest.js";
import { Inbound } from "./inbound.js";
import { Login, type LoginState } from "./login.js";
import { resolveHesOptions, type HesOptions, type ListenerLike, type ResolvedHesOptions } from "./options.js";
import { fitReading, notificationUpdate, readingUpdate, readReply, type UpdateContext } from "./outgoing.js";
import { Outbox, type OutboxCounts } from "./outbox.js";
import { Registration } from "./registration.js";
import { DlmsShim } from "./shim.js";
import { Signals } from "./signals.js";
import { HesSockets, type SocketsView } from "./sockets.js";
import { Standing } from "./standing.js";
import { parseSubmission } from "./submission.js";

export interface HesStatus extends OutboxCounts {
  /** `away`: not connected now, and trying. */
  readonly phase: "stopped" | "connecting" | "connected" | "away";
  readonly login: LoginState;
  /** Whether meter records can be asked for. */
  readonly registration: "untried" | "available" | "unavailable";
  /** Commands without a result yet. */
  readonly pending: number;
  /** How the backend is connected, and the sockets of single meters. */
  readonly sockets: SocketsView;
  /** Readings for `data-ingestion`; absent when none are sent there. */
  readonly ingest?: IngestCounts;
  /** Port of the backend's DLMS calls; absent while it is closed. */
  readonly shimPort?: number;
  /** Why it is away, or the login refused. */
  readonly error?: ErrorPayload;
}

export interface HesEvents {
  command: [name: CommandName, payload: BridgeCommand];
  status: [status: HesStatus];
  /**
   * An event of the backend that is no command of ours; also `meter-write-settings` with meter and id filled in, whose
   * result is taken back like a command's, and `command-refused` and `late-result`.
   */
  other: [name: string, payload: unknown];
  log: [line: LogEvent];
}

export interface HesDeps {
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly fetch?: Fetch;
}

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
  readonly #outbox: Outbox;
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
    const httpLimits = { ...httpDefaults, timeoutMs: times.requestTimeoutMs };
    const request = (call: HttpRequest): Promise<HttpAnswer> => requestJson(call, httpLimits, deps.fetch);
    const onState = (state: LoginState, error?: DlmsError): void => this.#onLogin(state, error);
    this.#login = new Login(
      { ...resolved, retryMinMs: times.loginRetryMinMs, retryMaxMs: times.loginRetryMaxMs },
      { request, clock, random, onState },
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
    this.#shim = this.#makeShim();
    this.#outbox = new Outbox(resolved.outbox, {
      emit: (event, payload, answered) =>
        answered === undefined
          ? this.#sockets.shared.emit(event, payload)
          : this.#sockets.shared.confirm(event, payload, times.ackMs, answered),
      onDrop: (kind, dropped) => {
        if (dropped === 1 || dropped % 1_000 === 0) {
          this.#log(
            "error",
            `The backend is away and the buffer is full: ${dropped} ${kind}s dropped so far`,
          );
        }
      },
    });
    this.#desk = new CommandDesk(resolved, {
      registry: listener.registry,
      clock,
      send: (result, reply) => {
        this.#outbox.result(result);
        // Whoever asked gives up soon, so this one does not wait for a connection.
        if (reply !== undefined && result.meterId !== null)
          this.#sockets.shared.reply(`${reply}-${result.meterId}`, readReply(result));
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
  }

  get status(): HesStatus {
    const error = this.#socketError ?? this.#loginError;
    return {
      phase: this.#phase,
      login: this.#login.state,
      registration: this.#reachable,
      pending: this.#desk.open,
      sockets: this.#sockets.view,
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
    this.#setPhase("connecting");
    this.#standing.start();
    this.#sockets.start();
    this.#shim?.start();
  }

  /** Ends what is under way with a result each, then closes the connection. */
  async stop(): Promise<void> {
    this.#started = true;
    this.#standing.stop();
    this.#inbound.stop();
    this.#desk.stop();
    this.#registration.stop();
    this.#login.stop();
    this.#outbox.stop();
    this.#ingest?.stop();
    this.#sockets.stop();
    await this.#shim?.stop();
    this.#setPhase("stopped");
  }

  /**
   * A result, a reading, a notification, or a list of them, on its way to the backend.
   * @throws DlmsError FIELD_INVALID naming the field when it is none of these.
   */
  submit(input: unknown): void {
    for (const item of parseSubmission(input)) {
      if (item.type === "result") {
        this.#desk.submit(item.result);
        const { readings } = item.result;
        if (Array.isArray(readings)) for (const reading of readings) this.#keep(reading);
      } else if (item.type === "reading") {
        this.#keep(item.reading);
        const update = readingUpdate(item.reading, this.#context(item.reading.meterSerialNumber));
        this.#outbox.reading(fitReading(update, this.#options.outbox.messageChars));
      } else if (item.type === "notification") {
        const serial = item.meterSerialNumber;
        this.#outbox.reading(notificationUpdate(serial, item, this.#context(serial)));
      }
    }
  }

  /** A reading for the backend to keep. The flow may send it alone and within a result; then it is the same one. */
  #keep(reading: unknown): void {
    if (!this.#options.ingestReadings || !isRecord(reading)) return;
    const { obisCode, meterSerialNumber } = reading;
    if (typeof obisCode !== "string" || typeof meterSerialNumber !== "string") return;
    this.#ingest?.reading(reading as unknown as MeterReading);
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

  /** @throws DlmsError NOT_CONFIGURED when there is nothing to run the calls. */
  #makeShim(): DlmsShim | undefined {
    const { shim } = this.#options;
    if (shim === undefined) return undefined;
    const { execute, registry } = this.#listener;
    if (execute === undefined)
      throw new DlmsError("NOT_CONFIGURED", "shim needs a listener that runs commands.", { field: "shim" });
    return new DlmsShim(shim, {
      registry,
      execute: (command) => execute.call(this.#listener, command),
      clock: this.#clock,
      log: (level, text) => {
        this.#log(level, text);
        this.#tellStatus();
      },
    });
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
      if (this.#login.state !== "refused") {
        this.#log("warn", `Registration unavailable: ${result.error.message}`);
      }
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
