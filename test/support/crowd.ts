/**
 * Thousands of links of one process that dial in as meters do and then say no more than a heartbeat: enough for
 * whoever looks at many meters, and cheap. They answer no association.
 */
import { connect, type Socket } from "node:net";
import { dialectByName } from "../../src/meter-types/dialects/index.js";

export class Crowd {
  readonly #port: number;
  readonly #sockets: { readonly socket: Socket; readonly login: Uint8Array }[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  /** Serial numbers count up from `first`. A few at a time, so that no connection is refused. */
  async dialIn(count: number, first: number): Promise<void> {
    const dialect = dialectByName("hexcell-login");
    for (let at = 0; at < count; at += 100)
      await Promise.all(
        Array.from({ length: Math.min(100, count - at) }, (_, i) => {
          const login = dialect?.build?.(String(first + at + i)) ?? new Uint8Array(0);
          return this.#connect(login);
        }),
      );
  }

  /** This many of them send a heartbeat. */
  beat(count: number): void {
    for (const { socket, login } of this.#sockets.slice(0, count)) socket.write(login);
  }

  close(): void {
    for (const { socket } of this.#sockets.splice(0)) socket.destroy();
  }

  #connect(login: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.#port, host: "127.0.0.1" });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.removeListener("error", reject);
        // The gateway may end a link; nobody minds.
        socket.on("error", () => socket.destroy());
        // What it asks is read and not answered.
        socket.resume();
        socket.write(login);
        this.#sockets.push({ socket, login });
        resolve();
      });
    });
  }
}
