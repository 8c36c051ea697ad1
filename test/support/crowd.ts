/**
 * Thousands of links of one process that dial in as meters do, refuse every association and say no more than a
 * heartbeat: enough for whoever looks at many meters, and cheap.
 */
import { connect, type Socket } from "node:net";
import { dialectByName } from "../../src/meter-types/dialects/index.js";

/** AARE: rejected, authentication failure; initiate error inside. */
const REFUSAL = Buffer.from("611FA109060760857405080101A203020101A305A10302010DBE0604040E010601", "hex");

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
        socket.on("data", (asked: Buffer) => {
          // An AARQ behind its wrapper header, itself perhaps behind the answer to a login.
          const at = asked.findIndex(
            (octet, i) => octet === 0 && asked[i + 1] === 1 && asked[i + 8] === 0x60,
          );
          if (at < 0) return;
          // The ports change places in the answer.
          const header = Buffer.from([0, 1, 0, 0, 0, 0, 0, REFUSAL.length]);
          asked.copy(header, 2, at + 4, at + 6);
          asked.copy(header, 4, at + 2, at + 4);
          socket.write(Buffer.concat([header, REFUSAL]));
        });
        socket.write(login);
        this.#sockets.push({ socket, login });
        resolve();
      });
    });
  }
}
