/**
 * The port of a listener: opened as soon as it is free, tried again while it is taken, closed for good. Who gets in is
 * the transport's matter; what is said about those who do not, stands here.
 */
import { asDlmsError, type DlmsError, type ErrorPayload } from "../core/errors.js";
import { type ByteChannel } from "../transport/channel.js";
import { type Clock } from "../transport/clock.js";
import { type Refusal, type RefusalReason } from "../transport/reception.js";
import { listenTcp, type TcpServer } from "../transport/tcp.js";
import { type ListenerPhase, type LogEvent } from "./events.js";
import { type ResolvedOptions } from "./options.js";

export interface ListeningHooks {
  readonly arrived: (channel: ByteChannel) => void;
  /** The port is full: ends a link that may go. @returns whether there was one. */
  readonly makeRoom: () => boolean;
  readonly refused: (refusal: Refusal, text: string) => void;
  /** Phase, error or port have changed. */
  readonly changed: () => void;
  readonly say: (level: LogEvent["level"], text: string) => void;
}

const why: Readonly<Record<RefusalReason, string>> = {
  links: "too many links",
  "address-links": "too many links from one address",
  rate: "too many new links a second",
  list: "not among those who may connect",
  proxy: "no usable PROXY header of the load balancer",
  tls: "no TLS",
  handshake: "too slow with the handshake",
};

export class Listening {
  readonly #options: ResolvedOptions;
  readonly #clock: Clock;
  readonly #hooks: ListeningHooks;
  #phase: ListenerPhase = "closed";
  #error: ErrorPayload | undefined;
  #server: TcpServer | undefined;
  #opening: Promise<void> = Promise.resolve();
  #cancelRetry: (() => void) | undefined;
  #retryMs = 0;
  #isClosed = false;

  constructor(options: ResolvedOptions, clock: Clock, hooks: ListeningHooks) {
    this.#options = options;
    this.#clock = clock;
    this.#hooks = hooks;
  }

  /** What a listener's state says of its port. */
  get state(): { readonly phase: ListenerPhase; readonly error?: ErrorPayload; readonly port: number } {
    return {
      phase: this.#phase,
      ...(this.#error === undefined ? {} : { error: this.#error }),
      port: this.#server?.port ?? this.#options.port,
    };
  }

  open(): void {
    if (this.#isClosed) return;
    const { host } = this.#options;
    this.#become("opening");
    this.#opening = listenTcp({
      ...this.#options,
      clock: this.#clock,
      onChannel: this.#hooks.arrived,
      makeRoom: this.#hooks.makeRoom,
      onRefused: (refusal) => this.#refused(refusal),
      onError: (error) => this.#hooks.say("error", error.message),
    }).then(
      (server) => {
        this.#server = server;
        this.#retryMs = 0;
        if (this.#isClosed) return;
        this.#become("listening");
        this.#hooks.say("info", `listening on ${host}:${server.port}`);
      },
      (caught: unknown) => this.#retry(asDlmsError(caught)),
    );
  }

  /** No new attempt any more; what is open stays open until `close`. */
  stop(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
  }

  async close(): Promise<void> {
    this.stop();
    await this.#opening;
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
    if (this.#phase !== "closed") this.#become("closed");
  }

  #retry(error: DlmsError): void {
    if (this.#isClosed) return;
    const { retryListenMinMs, retryListenMaxMs } = this.#options.times;
    this.#retryMs = Math.min(retryListenMaxMs, Math.max(retryListenMinMs, this.#retryMs * 2));
    this.#become("retrying", error.toPayload());
    this.#hooks.say("error", `${error.message}; next attempt in ${Math.ceil(this.#retryMs / 1_000)} s`);
    this.#cancelRetry = this.#clock.at(this.#clock.now() + this.#retryMs, () => this.open());
  }

  #become(phase: ListenerPhase, error?: ErrorPayload): void {
    this.#phase = phase;
    this.#error = error;
    this.#hooks.changed();
  }

  #refused(refusal: Refusal): void {
    const { reason, remoteAddress = "a peer", detail } = refusal;
    const more = detail === undefined ? "" : ` (${detail})`;
    this.#hooks.refused(refusal, `${remoteAddress} was refused: ${why[reason]}${more}`);
  }
}
