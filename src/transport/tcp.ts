/**
 * TCP: listening for meters that dial in, and dialling out. Who is let in is reception.ts; what a socket becomes is
 * tcp-channel.ts. Errors arrive as `DlmsError`.
 */
import { connect, createServer, type Server } from "node:net";
import { DlmsError } from "../core/errors.js";
import { type ByteChannel } from "./channel.js";
import { type Clock, systemClock } from "./clock.js";
import { Reception, type ReceptionOptions } from "./reception.js";
import { TcpChannel } from "./tcp-channel.js";

export interface TcpListenOptions extends ReceptionOptions {
  /** 0 lets the system choose; `TcpServer.port` tells. */
  readonly port: number;
  readonly host?: string;
  /** Trouble of the listening socket after it was opened, e.g. no file descriptors left. It goes on listening. */
  readonly onError?: (error: DlmsError) => void;
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

const CONNECT_TIMEOUT_MS = 10_000;

/** @throws DlmsError PORT_IN_USE or LISTEN_FAILED; FIELD_INVALID, TLS_UNUSABLE for settings that cannot be used. */
export async function listenTcp(options: TcpListenOptions): Promise<TcpServer> {
  const { port, host = "0.0.0.0", onError } = options;
  const reception = new Reception(options);
  const server = createServer({ noDelay: true }, (socket) => reception.receive(socket));
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, host, port)));
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      server.on("error", (error) => onError?.(listenError(error, host, port)));
      resolve({
        host,
        port: boundPort(server, port),
        get links() {
          return reception.links;
        },
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            reception.close();
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
      const channel = new TcpChannel(socket, clock, options);
      socket.removeListener("error", failed);
      resolve(channel);
    });
  });
}

function boundPort(server: Server, asked: number): number {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : asked;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): DlmsError {
  const code = error.code === "EADDRINUSE" ? "PORT_IN_USE" : "LISTEN_FAILED";
  return new DlmsError(code, `${host}:${port} cannot be opened: ${error.message}`, { cause: error });
}
