/**
 * The bridge between one listener and one backend: commands in, results and readings out, every meter's standing told.
 * Each command of the backend gets exactly one final result: the flow's, the bridge's own refusal, or `unknown` when
 * the flow let it fall. Nothing here is durable: a restart forgets what was under way.
 */
import { randomUUID } from "node:crypto";
import { asDlmsError, type DlmsError, type ErrorPayload } from "../core/errors.js";
import { type LogEvent, type MeterEvent } from "../gateway/events.js";
import { isRecord } from "../gateway/fields.js";
import { type CommandName } from "../gateway/messages.js";
import { systemClock, type Clock } from "../transport/clock.js";
import { HesApi, type Lookup } from "./api.js";
import { CommandDesk, type BridgeCommand } from "./command-desk.js";
import { commandEvents } from "./contract.js";
import { requestJson, httpDefaults, type Fetch } from "./http.js";
import { Login, type LoginState } from "./login.js";
import {
  resolveHesOptions,
  type HesOptions,
  type ListenerLike,
  type MeterLike,
  type ResolvedHesOptions,
} from "./options.js";
import {
  fitReading,
  notificationUpdate,
  readingUpdate,
  statusUpdate,
  type UpdateContext,
} from "./outgoing.js";
import { Outbox, type OutboxCounts } from "./outbox.js";
import { Registration } from "./registration.js";
import { Signals } from "./signals.js";
import { HesSocket } from "./socket.js";
import { parseSubmission } from "./submission.js";

export interface HesStatus extends OutboxCounts {
  /** `away`: not connected now, and trying. */
  readonly phase: "stopped" | "connecting" | "connected" | "away";
  readonly login: LoginState;
  /** Whether meter records can be asked for. */
  readonly registration: "untried" | "available" | "unavailable";
  /** Commands without a result yet. */
  readonly pending: number;
  /** Why it is away, or the login refused. */
  readonly error?: ErrorPayload;
}

export interface HesEvents {
  command: [name: CommandName, payload: BridgeCommand];
  status: [status: HesStatus];
  /** An event of the backend that is no command; also `command-refused` and `late-result`. */
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
  readonly #socket: HesSocket;
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
  #started = false;

  /** @throws DlmsError NOT_CONFIGURED naming the field. */
  constructor(options: HesOptions, listener: ListenerLike, deps: HesDeps = {}) {
    const resolved = (this.#options = resolveHesOptions(options));
    const { times, url, apiUrl } = resolved;
    const clock = (this.#clock = deps.clock ?? systemClock);
    const random = deps.random ?? Math.random;
    this.#listener = listener;
    const httpLimits = { ...httpDefaults, timeoutMs: times.requestTimeoutMs };
    const request = (call: Parameters<typeof requestJson>[0]) => requestJson(call, httpLimits, deps.fetch);
    const onState = (state: LoginState, error?: DlmsError): void => this.#onLogin(state, error);
    this.#login = new Login(
      { ...resolved, retryMinMs: times.loginRetryMinMs, retryMaxMs: times.loginRetryMaxMs },
      { request, clock, random, onState },
    );
    this.#registration = new Registration({
      api: new HesApi({ ...resolved, ...times }, { request, login: this.#login, clock, random }),
      registry: listener.registry,
      clock,
      sweepMs: times.sweepMs,
      onLookup: (_serial, result) => this.#onLookup(result, apiUrl),
    });
    this.#socket = new HesSocket(
      { url, ...times },
      {
        clock,
        random,
        token: () => this.#login.token(),
        onDenied: (token) => {
          if (token !== undefined) this.#login.drop(token);
        },
        onEvent: (name, args) => this.#onEvent(name, args),
        onUp: () => this.#onUp(),
        onDown: (error, nextMs) => this.#onDown(error, nextMs),
      },
    );
    this.#outbox = new Outbox(resolved.outbox, {
      emit: (event, ...args) => this.#socket.emit(event, ...args),
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
      send: (result) => this.#outbox.result(result),
      hand: (name, payload) => this.#signals.emit("command", name, payload),
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
  }

  get status(): HesStatus {
    const error = this.#socketError ?? this.#loginError;
    return {
      phase: this.#phase,
      login: this.#login.state,
      registration: this.#reachable,
      pending: this.#desk.open,
      ...this.#outbox.counts,
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
    this.#listener.on("meter", this.#onMeter);
    for (const meter of this.#listener.registry.list()) {
      if (meter.online) this.#registration.follow(meter.meterSerialNumber);
    }
    this.#socket.start();
  }

  /** Ends what is under way with a result each, then closes the connection. */
  stop(): Promise<void> {
    this.#started = true;
    this.#listener.off("meter", this.#onMeter);
    this.#desk.stop();
    this.#registration.stop();
    this.#login.stop();
    this.#outbox.stop();
    this.#socket.stop();
    this.#setPhase("stopped");
    return Promise.resolve();
  }

  /**
   * A result, a reading, a notification, or a list of them, on its way to the backend.
   * @throws DlmsError FIELD_INVALID naming the field when it is none of these.
   */
  submit(input: unknown): void {
    for (const item of parseSubmission(input)) {
      if (item.type === "result") this.#desk.submit(item.result);
      else if (item.type === "reading") {
        const update = readingUpdate(item.reading, this.#context(item.reading.meterSerialNumber));
        this.#outbox.reading(fitReading(update, this.#options.outbox.messageChars));
      } else if (item.type === "notification") {
        const serial = item.meterSerialNumber;
        this.#outbox.reading(notificationUpdate(serial, item, this.#context(serial)));
      }
    }
  }

  #onEvent(name: string, args: readonly unknown[]): void {
    const command = commandEvents.find((event) => event === name);
    const payload = typeof args[0] === "function" ? undefined : args[0];
    if (command === undefined) {
      if (!(isRecord(payload) && payload.origin === this.origin)) this.#signals.emit("other", name, payload);
      return;
    }
    this.#desk.receive(command, args);
  }

  readonly #onMeter = (event: MeterEvent): void => {
    const serial = event.meterSerialNumber;
    if (serial === undefined) return;
    const meter = this.#listener.registry.find(serial);
    switch (event.event) {
      case "identified":
        this.#registration.follow(serial);
        return;
      case "disconnected":
        // One of two links that claimed the number has gone, the meter has not.
        if (meter?.online) return;
        this.#registration.forget(serial);
        this.#tellStanding(serial, event.event, meter && { ...meter, online: false });
        return;
      case "registered":
      case "unknown-to-backend":
      case "registration-unavailable":
      case "identity-conflict":
        this.#tellStanding(serial, event.event, meter);
        return;
      case "connected":
      case "associated":
      case "replaced":
        return; // steps on the way; the backend sees online and offline
    }
  };

  #tellStanding(serial: string, event: string, meter: MeterLike | undefined): void {
    this.#outbox.status(statusUpdate(serial, event, { ...this.#context(serial), meter }));
  }

  #onUp(): void {
    this.#socketError = undefined;
    this.#setPhase("connected");
    this.#log("info", `Connected to the backend at ${this.#options.url}`);
    // A backend that was restarted knows nobody: everything present is told again.
    for (const meter of this.#listener.registry.list()) {
      if (meter.online) this.#tellStanding(meter.meterSerialNumber, "present", meter);
    }
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
