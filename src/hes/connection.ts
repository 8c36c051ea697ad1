/**
 * One Socket.IO connection, one attempt at a time: websocket only, the login's token in the handshake, a bound on the
 * handshake and on messages. When to try again is its owner's matter; nothing is queued here.
 */
import { type Agent } from "node:https";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { DlmsError } from "../core/errors.js";
import { type Clock } from "../transport/clock.js";
import {
  type BackendEvents,
  type ConfirmedEvent,
  type ConfirmedPayload,
  type GatewayEvents,
} from "./contract.js";
import { dropOddPackets } from "./packets.js";

/** What all connections of one bridge share. */
export interface ConnectionBasics {
  /** Certificates of the gateway's own; else what the system knows. */
  readonly agent?: Agent | undefined;
  readonly url: string;
  readonly clock: Clock;
  /** Id of this gateway, told in the handshake: a backend may gather its sockets by it. */
  readonly gateway: string;
  /** Token for the handshake, undefined without one. May reject: then the connection is tried without. */
  readonly token: () => Promise<string | undefined>;
  /** The backend turned the handshake with this token down. */
  readonly onDenied: (token: string | undefined) => void;
}

export interface ConnectionDeps extends ConnectionBasics {
  /** Every event of the backend, its arguments as they came. */
  readonly onEvent: (name: string, args: readonly unknown[]) => void;
  readonly onUp: () => void;
  /** The attempt failed or the connection ended, once per `open`. Not after `close`. */
  readonly onDown: (error: DlmsError) => void;
}

/** Opening the transport, and then again for the answer to the Socket.IO handshake. */
const CONNECT_TIMEOUT_MS = 20_000;
/** One message of the backend; a longer one ends the connection, which is then made anew. */
const MESSAGE_BYTES = 16_777_216;

export class HesConnection {
  readonly #deps: ConnectionDeps;
  readonly #socket: Socket<BackendEvents, GatewayEvents>;
  #cancelTimer: (() => void) | undefined;
  #token: string | undefined;
  #trying = false;
  #closed = false;

  constructor(deps: ConnectionDeps) {
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
      // Of the engine's Node.js transport; its types know the browser's only.
      ...(deps.agent === undefined ? {} : { agent: deps.agent as never }),
    };
    this.#socket = io(deps.url, settings);
    // Whoever sends such packets is no Socket.IO server: as with octets that are no packet, the connection ends.
    dropOddPackets(this.#socket.io, () => this.#socket.io.engine.close());
    this.#socket.on("connect", () => {
      this.#clearTimer();
      if (!this.#closed) deps.onUp();
    });
    this.#socket.on("connect_error", (caught) => this.#failed(caught));
    this.#socket.on("disconnect", (reason) => this.#down(new DlmsError("BACKEND_UNREACHABLE", lost(reason))));
    this.#socket.onAny((name: string, ...args: unknown[]) => {
      if (!this.#closed) deps.onEvent(name, args);
    });
  }

  get connected(): boolean {
    return this.#socket.connected && !this.#closed;
  }

  /** Ends in `onUp` and later `onDown`, or in `onDown`. */
  open(): void {
    if (this.#trying || this.#closed) return;
    this.#trying = true;
    this.#deps
      .token()
      .catch(() => undefined) // a refused login is told by the login itself; many backends want no token here
      .then((token) => {
        if (this.#closed) return;
        this.#token = token;
        this.#socket.auth = { gateway: this.#deps.gateway, ...(token === undefined ? {} : { token }) };
        // A peer that opens the transport and then never answers the handshake would hold us for ever.
        const { clock } = this.#deps;
        this.#clearTimer();
        this.#cancelTimer = clock.at(clock.now() + 2 * CONNECT_TIMEOUT_MS, () => {
          this.#socket.disconnect();
          this.#down(
            new DlmsError("BACKEND_UNREACHABLE", "The backend did not answer the Socket.IO handshake."),
          );
        });
        this.#socket.connect();
      })
      .catch((caught: unknown) => this.#failed(caught));
  }

  /** For good, in order: what was emitted before still arrives. No further calls of the deps. */
  close(): void {
    this.#closed = true;
    this.#clearTimer();
    // A DISCONNECT packet would make the server drop events that arrived just before it; closing the transport
    // below it does not.
    if (this.#socket.connected) this.#socket.io.engine.close();
    else this.#socket.disconnect();
  }

  /** False when there is no connection now; then nothing was sent. */
  emit<E extends keyof GatewayEvents>(event: E, payload: Parameters<GatewayEvents[E]>[0]): boolean {
    if (!this.connected) return false;
    this.#socket.emit(event, ...([payload] as unknown as Parameters<GatewayEvents[E]>));
    return true;
  }

  /**
   * The same, asking for an acknowledgement: `answered` is called once, false after a loss or `timeoutMs`.
   * `lost`: the connection ended before.
   */
  confirm<E extends ConfirmedEvent>(
    event: E,
    payload: ConfirmedPayload<E>,
    timeoutMs: number,
    answered: (received: boolean, lost: boolean) => void,
  ): boolean {
    if (!this.connected) return false;
    const timed = this.#socket.timeout(timeoutMs) as unknown as {
      emit(event: string, payload: unknown, answer: (error: Error | null) => void): void;
    };
    timed.emit(event, payload, (error) => answered(error === null, !this.connected));
    return true;
  }

  /** An event whose name is only known now. */
  reply(event: string, payload: unknown): boolean {
    if (!this.connected) return false;
    (this.#socket as unknown as Socket).emit(event, payload);
    return true;
  }

  #failed(caught: unknown): void {
    // `active` is false when the server itself turned the handshake down.
    if (this.#socket.active) {
      this.#down(new DlmsError("BACKEND_UNREACHABLE", `The backend cannot be reached: ${reasonOf(caught)}.`));
      return;
    }
    if (this.#closed) return;
    const text = caught instanceof Error ? caught.message.slice(0, 200) : "";
    const shown = this.#token === undefined ? text : text.replaceAll(this.#token, "[redacted]");
    this.#deps.onDenied(this.#token);
    this.#down(new DlmsError("BACKEND_LOGIN", `The backend refused the Socket.IO connection: ${shown}`));
  }

  #down(error: DlmsError): void {
    if (this.#closed || !this.#trying) return;
    this.#trying = false;
    this.#clearTimer();
    this.#deps.onDown(error);
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
