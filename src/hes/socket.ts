/**
 * The bridge's own socket: connected for ever, with jittered waits between attempts. What is sent while the backend is
 * away is the outbox's matter.
 */
import { type DlmsError } from "../core/errors.js";
import { HesConnection, type ConnectionBasics } from "./connection.js";
import { type ConfirmedEvent, type ConfirmedPayload, type GatewayEvents } from "./contract.js";

export interface HesSocketDeps extends ConnectionBasics {
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
  /** 0 to below 1. */
  readonly random: () => number;
  readonly onEvent: (name: string, args: readonly unknown[]) => void;
  readonly onUp: () => void;
  /** After every failed attempt and every loss; `nextMs` is the wait before the next attempt. */
  readonly onDown: (error: DlmsError, nextMs: number) => void;
}

export class HesSocket {
  readonly #deps: HesSocketDeps;
  #connection: HesConnection;
  #cancelTimer: (() => void) | undefined;
  #failures = 0;
  #stopped = true;

  constructor(deps: HesSocketDeps) {
    this.#deps = deps;
    this.#connection = this.#make();
  }

  get connected(): boolean {
    return this.#connection.connected;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#connection.open();
  }

  /** Closes in order: what was emitted before still arrives. No further calls of the deps. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#connection.close();
  }

  /** A fresh connection at once: the only way out of rooms, which the backend lets nobody leave. */
  renew(): void {
    if (this.#stopped) return;
    this.#cancelTimer?.();
    this.#connection.close();
    this.#connection = this.#make();
    this.#connection.open();
  }

  emit<E extends keyof GatewayEvents>(event: E, payload: Parameters<GatewayEvents[E]>[0]): boolean {
    return this.#connection.emit(event, payload);
  }

  confirm<E extends ConfirmedEvent>(
    event: E,
    payload: ConfirmedPayload<E>,
    timeoutMs: number,
    answered: (received: boolean, lost: boolean) => void,
  ): boolean {
    return this.#connection.confirm(event, payload, timeoutMs, answered);
  }

  reply(event: string, payload: unknown): boolean {
    return this.#connection.reply(event, payload);
  }

  #make(): HesConnection {
    return new HesConnection({
      ...this.#deps,
      onUp: () => {
        this.#failures = 0;
        this.#deps.onUp();
      },
      onDown: (error) => this.#down(error),
    });
  }

  #down(error: DlmsError): void {
    if (this.#stopped) return;
    const { clock, random, reconnectMinMs, reconnectMaxMs } = this.#deps;
    const ceiling = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    const nextMs = Math.round(Math.max(reconnectMinMs, ceiling * (0.5 + random() / 2)));
    this.#cancelTimer?.();
    this.#cancelTimer = clock.at(clock.now() + nextMs, () => this.#connection.open());
    this.#deps.onDown(error, nextMs);
  }
}
