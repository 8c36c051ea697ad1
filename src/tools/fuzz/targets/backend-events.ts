/**
 * What a backend sends over Socket.IO: its commands with any arguments, events nobody knows, packets that are none. The
 * bridge goes on, and answers the next right command once.
 */
import { createServer, type Server as HttpServer } from "node:http";
import { type AddressInfo } from "node:net";
import { Server } from "socket.io";
import { DlmsError } from "../../../core/errors.js";
import { refuse } from "../../../gateway/messages.js";
import { HesBridge } from "../../../hes/bridge.js";
import { deskCommands, requestEvents } from "../../../hes/contract.js";
import { type ListenerLike } from "../../../hes/options.js";
import { type Random } from "../random.js";
import { type AnyTarget, hold, type Target } from "../target.js";
import { drawFields, drawJson, drawText } from "../texts.js";
import { rightFields } from "./messages.js";
import { registry } from "./shim.js";

type Sent =
  | { readonly name: string; readonly args: readonly unknown[]; readonly asksAck: boolean }
  /** A packet below Socket.IO. */
  | { readonly packet: string };

const names = [...deskCommands, ...requestEvents, "meter-update", "unheard-of"] as const;
/** Names that Socket.IO keeps for itself: emitting them throws at the sender. */
const reserved: ReadonlySet<string> = new Set([
  ...["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"],
]);
const packets = [
  "2",
  '2["remote-load"',
  "2[]",
  "2[null]",
  '2[""]',
  "2[1,2]",
  "9",
  "51-",
  '451-["a",{"_placeholder":true,"num":7}]',
  "0{",
  "3[",
  '3999999["x"]',
  "4[",
  "1",
  "2/other,[]",
  '2["read-meter",',
];
const WAIT_MS = 15_000;
const quick = {
  reconnectMinMs: 5,
  reconnectMaxMs: 20,
  roomCheckMs: 5,
  ackMs: 50,
  joinIntervalMs: 1,
  sweepMs: 1_000,
};
const settingsMs = { "meter-write-settings": 20 };

class BackendEvents implements Target<readonly Sent[]> {
  readonly name = "backend-events";
  readonly about = "Socket.IO events and packets of the backend";
  readonly isSlow = true;
  readonly cpuMs = 300;
  #http: HttpServer | undefined;
  #io: Server | undefined;
  #bridge: HesBridge | undefined;
  #results = new Map<string, number>();
  #sentinels = 0;

  draw(random: Random): readonly Sent[] {
    return random.times(1 + random.size(20), (): Sent => {
      if (random.once(20)) return { packet: random.once(2) ? random.pick(packets) : drawText(random, 2_000) };
      const drawn = random.once(8) ? drawText(random, 100) : random.pick(names);
      const name = reserved.has(drawn) ? "unheard-of" : drawn;
      const { image, ...fields } = rightFields;
      const args = random.once(3)
        ? random.times(random.size(4), () => (random.once(6) ? image : drawJson(random)))
        : [drawFields(random, { ...fields, origin: "elsewhere", startDate: "2026-01-01" })];
      return { name, args, asksAck: random.once(3) };
    });
  }

  async open(): Promise<void> {
    const http = createServer();
    this.#http = http;
    this.#io = new Server(http, { maxHttpBufferSize: 2_000_000 });
    this.#io.on("connection", (socket) => {
      socket.on("meter-command-result", (result: { readonly commandId?: string }) => {
        const id = String(result.commandId);
        if (id.startsWith("sentinel-")) this.#results.set(id, (this.#results.get(id) ?? 0) + 1);
      });
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const listener: ListenerLike = { registry, on: () => undefined, off: () => undefined };
    const bridge = new HesBridge({ url, apiUrl: "", times: quick, resultTimeoutMs: settingsMs }, listener);
    bridge.on("command", (name, payload) => {
      void bridge.submit(refuse(name, payload, new DlmsError("METER_OFFLINE")));
    });
    this.#bridge = bridge;
    bridge.start();
    await this.#until(() => bridge.status.phase === "connected", "the bridge connects");
  }

  async close(): Promise<void> {
    await this.#bridge?.stop();
    this.#http?.closeAllConnections();
    await this.#io?.close();
  }

  async run(sent: readonly Sent[]): Promise<void> {
    const [io, bridge] = [this.#io as Server, this.#bridge as HesBridge];
    for (const one of sent) {
      await this.#until(() => io.sockets.sockets.size > 0, "the bridge connects again");
      const [socket] = io.sockets.sockets.values();
      if (socket === undefined) continue;
      // What the packet is, the other side has to find out.
      if ("packet" in one) socket.conn.write(one.packet);
      else if (one.asksAck) socket.timeout(1_000).emit(one.name, ...one.args, () => undefined);
      else socket.emit(one.name, ...one.args);
    }
    const commandId = `sentinel-${++this.#sentinels}`;
    const ask = { meterSerialNumber: "46000000001", obisCode: "1-0:1.8.0.255", commandId };
    let asked: object | undefined;
    await this.#until(() => {
      // A packet that is none ends the connection, perhaps with the command in it.
      const [socket] = io.sockets.sockets.values();
      if (socket !== undefined && socket !== asked) {
        asked = socket;
        socket.emit("read-meter", ask);
      }
      return this.#results.has(commandId);
    }, "a right command is answered");
    hold(bridge.status.pending < 1_000, `${bridge.status.pending} commands are pending`);
    this.#results.clear();
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const end = performance.now() + WAIT_MS;
    while (!condition()) {
      hold(performance.now() < end, `waited in vain: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

export const backendEventTargets: readonly AnyTarget[] = [new BackendEvents()];
