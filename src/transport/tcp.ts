/**
 * TCP as a byte channel: listening for meters that dial in, and dialling out. Every socket has its error handler
 * from birth; errors arrive as `DlmsError`. Nothing is read from a socket before somebody listens to it.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { type ByteChannel } from "./channel.js";
import { type Clock, systemClock } from "./clock.js";

export interface TcpListenOptions {
  /** 0 lets the system choose; `TcpServer.port` tells. */
  readonly port: number;
  readonly host?: string;
  readonly onChannel: (channel: ByteChannel) => void;
  /** A dial-in beyond `maxLinks`, already refused. */
  readonly onRefused?: (remoteAddress: string | undefined) => void;
  /** Trouble of the listening socket after it was opened, e.g. no file descriptors left. It goes on listening. */
  readonly onError?: (error: DlmsError) => void;
  readonly maxLinks?: number;
  readonly keepAliveMs?: number;
  readonly clock?: Clock;
}

export interface TcpServer {
  readonly host: string;
  readonly port: number;
  /** Open channels. */
  readonly links: number;
  /** Stops listening and destroys what is open. */
  close(): Promise<void>;
}

export interface TcpConnectOptions {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs?: number;
  readonly keepAliveMs?: number;
  readonly clock?: Clock;
}

const KEEP_ALIVE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** A peer that does not end its side after we ended ours is cut off. */
const LINGER_MS = 5_000;

/** @throws DlmsError PORT_IN_USE or LISTEN_FAILED. */
export function listenTcp(options: TcpListenOptions): Promise<TcpServer> {
  const { port, host = "0.0.0.0", onChannel, onRefused, onError, clock = systemClock } = options;
  const maxLinks = options.maxLinks ?? limits.links;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    if (sockets.size >= maxLinks) {
      const { remoteAddress } = socket;
      // Its error, if any, is of no interest: it is being refused.
      socket.on("error", () => socket.destroy());
      socket.destroy();
      onRefused?.(remoteAddress);
      return;
    }
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    onChannel(new TcpChannel(socket, clock, options.keepAliveMs ?? KEEP_ALIVE_MS));
  });
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, host, port)));
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      server.on("error", (error) => onError?.(listenError(error, host, port)));
      resolve({
        host,
        port: boundPort(server, port),
        get links() {
          return sockets.size;
        },
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}

/** @throws DlmsError CONNECT_TIMEOUT or CONNECT_FAILED. */
export function connectTcp(options: TcpConnectOptions): Promise<ByteChannel> {
  const { host, port, timeoutMs = CONNECT_TIMEOUT_MS, clock = systemClock } = options;
  const where = `${host}:${port}`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const cancel = clock.at(clock.now() + timeoutMs, () => {
      reject(new DlmsError("CONNECT_TIMEOUT", `${where} did not answer within ${timeoutMs} ms`));
      socket.destroy();
    });
    const failed = (error: Error): void => {
      cancel();
      reject(
        new DlmsError("CONNECT_FAILED", `${where} cannot be reached: ${error.message}`, { cause: error }),
      );
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      cancel();
      const channel = new TcpChannel(socket, clock, options.keepAliveMs ?? KEEP_ALIVE_MS);
      socket.removeListener("error", failed);
      resolve(channel);
    });
  });
}

class TcpChannel implements ByteChannel {
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #closeListeners: ((error?: Error) => void)[] = [];
  #listener: ((bytes: Uint8Array) => void) | undefined;
  #error: DlmsError | undefined;
  #closed = false;
  #cancelLinger: (() => void) | undefined;

  constructor(socket: Socket, clock: Clock, keepAliveMs: number) {
    this.#socket = socket;
    this.#clock = clock;
    if (socket.remoteAddress !== undefined) this.remoteAddress = socket.remoteAddress;
    if (socket.remotePort !== undefined) this.remotePort = socket.remotePort;
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

function boundPort(server: Server, asked: number): number {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : asked;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): DlmsError {
  const code = error.code === "EADDRINUSE" ? "PORT_IN_USE" : "LISTEN_FAILED";
  return new DlmsError(code, `${host}:${port} cannot be opened: ${error.message}`, { cause: error });
}
