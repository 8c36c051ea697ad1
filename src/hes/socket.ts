/**
 * The Socket.IO connection in shared mode: one socket for all meters, websocket only, reconnecting for ever with
 * jittered waits. The login's token goes into the handshake afresh each time. Nothing is queued here: what is sent
 * while the backend is away is the outbox's matter.
 */
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { DlmsError } from "../core/errors.js";
import { type Clock } from "../transport/clock.js";
import { type BackendEvents, type GatewayEvents } from "./contract.js";

export interface HesSocketOptions {
  readonly url: string;
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
}

export interface HesSocketDeps {
  readonly clock: Clock;
  /** 0 to below 1. */
  readonly random: () => number;
  /** Token for the handshake, undefined without one. May reject: then the connection is tried without. */
  readonly token: () => Promise<string | undefined>;
  /** The backend turned the handshake with this token down. */
  readonly onDenied: (token: string | undefined) => void;
  /** Every event of the backend, its arguments as they came. */
  readonly onEvent: (name: string, args: readonly unknown[]) => void;
  readonly onUp: () => void;
  /** After every failed attempt and every loss; `nextMs` is the wait before the next attempt. */
  readonly onDown: (error: DlmsError, nextMs: number) => void;
}

/** Opening the transport, and then again for the answer to the Socket.IO handshake. */
const CONNECT_TIMEOUT_MS = 20_000;
/** One message of the backend; a longer one ends the connection, which is then made anew. */
const MESSAGE_BYTES = 16_777_216;

type GatewaySocket = Socket<BackendEvents, GatewayEvents>;

export class HesSocket {
  readonly #options: HesSocketOptions;
  readonly #deps: HesSocketDeps;
  readonly #socket: GatewaySocket;
  #cancelTimer: (() => void) | undefined;
  #failures = 0;
  #token: string | undefined;
  #stopped = true;

  constructor(options: HesSocketOptions, deps: HesSocketDeps) {
    this.#options = options;
    this.#deps = deps;
    const settings: Partial<ManagerOptions & SocketOptions> & { maxPayload: number } = {
      transports: ["websocket"],
      autoConnect: false,
      forceNew: true,
      // The library stops for good when the server refuses or disconnects; the waits are therefore our own.
      reconnection: false,
      timeout: CONNECT_TIMEOUT_MS,
      // Handed on to the websocket by the Node.js transport.
      maxPayload: MESSAGE_BYTES,
    };
    this.#socket = io(options.url, settings);
    this.#socket.on("connect", () => {
      this.#clearTimer();
      this.#failures = 0;
      deps.onUp();
    });
    this.#socket.on("connect_error", (caught) => this.#connectFailed(caught));
    this.#socket.on("disconnect", (reason) => this.#down(new DlmsError("BACKEND_UNREACHABLE", lost(reason))));
    this.#socket.onAny((name: string, ...args: unknown[]) => deps.onEvent(name, args));
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#connect();
  }

  /** Closes in order: what was emitted before still arrives. No further calls of the deps. */
  stop(): void {
    this.#stopped = true;
    this.#clearTimer();
    // A DISCONNECT packet would make the server drop events that arrived just before it; closing the transport
    // below it does not.
    if (this.#socket.connected) this.#socket.io.engine.close();
    else this.#socket.disconnect();
  }

  /** False when there is no connection now; then nothing was queued. */
  emit<E extends keyof GatewayEvents>(event: E, ...args: Parameters<GatewayEvents[E]>): boolean {
    if (!this.#socket.connected) return false;
    this.#socket.emit(event, ...args);
    return true;
  }

  #connect(): void {
    this.#deps
      .token()
      .catch(() => undefined) // a refused login is told by the login itself; many backends want no token here
      .then((token) => {
        if (this.#stopped) return;
        this.#token = token;
        this.#socket.auth = token === undefined ? {} : { token };
        // A peer that opens the transport and then never answers the handshake would hold us for ever.
        this.#timer(2 * CONNECT_TIMEOUT_MS, () => {
          this.#socket.disconnect();
          this.#down(
            new DlmsError("BACKEND_UNREACHABLE", "The backend did not answer the Socket.IO handshake."),
          );
        });
        this.#socket.connect();
      })
      .catch((caught: unknown) => this.#connectFailed(caught));
  }

  #connectFailed(caught: unknown): void {
    if (this.#stopped) return;
    // `active` is false when the server itself turned the handshake down.
    if (this.#socket.active) {
      this.#down(new DlmsError("BACKEND_UNREACHABLE", `The backend cannot be reached: ${reasonOf(caught)}.`));
      return;
    }
    const text = caught instanceof Error ? caught.message.slice(0, 200) : "";
    const shown = this.#token === undefined ? text : text.replaceAll(this.#token, "[redacted]");
    this.#deps.onDenied(this.#token);
    this.#down(new DlmsError("BACKEND_LOGIN", `The backend refused the Socket.IO connection: ${shown}`));
  }

  #down(error: DlmsError): void {
    if (this.#stopped) return;
    const { reconnectMinMs, reconnectMaxMs } = this.#options;
    const ceiling = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    const nextMs = Math.round(Math.max(reconnectMinMs, ceiling * (0.5 + this.#deps.random() / 2)));
    this.#timer(nextMs, () => this.#connect());
    this.#deps.onDown(error, nextMs);
  }

  #timer(inMs: number, fire: () => void): void {
    this.#clearTimer();
    this.#cancelTimer = this.#deps.clock.at(this.#deps.clock.now() + inMs, () => {
      this.#cancelTimer = undefined;
      if (!this.#stopped) fire();
    });
  }

  #clearTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}

/** The system's error code when there is one; the library's own words ("timeout") otherwise. */
function reasonOf(caught: unknown): string {
  if (!(caught instanceof Error)) return "unknown reason";
  const description: unknown = (caught as { description?: unknown }).description;
  const inner: unknown = (description as { error?: unknown } | undefined)?.error;
  const code: unknown = (inner as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : caught.message.slice(0, 100);
}

function lost(reason: string): string {
  return `The connection to the backend ended: ${reason}.`;
}
