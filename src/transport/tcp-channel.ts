/**
 * A socket as a byte channel, TLS or not. It has its error handler from birth; errors arrive as `DlmsError`. Nothing is
 * read from it before somebody listens.
 */
import { type Socket } from "node:net";
import { DlmsError } from "../core/errors.js";
import { plainAddress } from "./access-list.js";
import { type ByteChannel } from "./channel.js";
import { type Clock } from "./clock.js";
import { type ProxySource } from "./proxy-header.js";

export interface TcpChannelOptions {
  readonly keepAliveMs?: number | undefined;
  /** Who is at the other end of a load balancer. */
  readonly source?: ProxySource | undefined;
}

const KEEP_ALIVE_MS = 60_000;
/** A peer that does not end its side after we ended ours is cut off. */
const LINGER_MS = 5_000;

export class TcpChannel implements ByteChannel {
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #closeListeners: ((error?: Error) => void)[] = [];
  #listener: ((bytes: Uint8Array) => void) | undefined;
  #error: DlmsError | undefined;
  #closed = false;
  #cancelLinger: (() => void) | undefined;

  constructor(socket: Socket, clock: Clock, { keepAliveMs = KEEP_ALIVE_MS, source }: TcpChannelOptions = {}) {
    this.#socket = socket;
    this.#clock = clock;
    const { address = socket.remoteAddress, port = socket.remotePort } = source ?? {};
    if (address !== undefined) this.remoteAddress = plainAddress(address);
    if (port !== undefined) this.remotePort = port;
    socket.on("error", (error) => {
      this.#error ??= new DlmsError("LINK_LOST", `the connection broke: ${error.message}`, { cause: error });
    });
    socket.on("close", () => this.#ended());
    socket.setKeepAlive(true, keepAliveMs);
    // Without a data listener the stream stays paused, and the network's own flow control holds the peer back.
    socket.pause();
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    const first = this.#listener === undefined;
    this.#listener = listener;
    if (!first) return;
    this.#socket.on("data", (bytes: Uint8Array) => {
      if (!this.#closed) this.#listener?.(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    });
    this.#socket.resume();
  }

  onClose(listener: (error?: Error) => void): void {
    if (this.#closed) listener(this.#error);
    else this.#closeListeners.push(listener);
  }

  close(): void {
    if (this.#closed || this.#cancelLinger !== undefined) return;
    this.#cancelLinger = this.#clock.at(this.#clock.now() + LINGER_MS, () => this.#socket.destroy());
    this.#socket.end();
    // Nobody may be reading: without it the peer's end would never be seen.
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelLinger?.();
    for (const listener of this.#closeListeners.splice(0)) listener(this.#error);
  }
}
