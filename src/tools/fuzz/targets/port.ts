/**
 * The real listener over TCP with hostile sockets: octet by octet, half open, never reading, never writing, more than
 * anybody asked for, other protocols, resets in the middle. A meter that was there before is still answered to.
 */
import { connect, type Socket } from "node:net";
import { Listener } from "../../../gateway/listener.js";
import { parseCommand } from "../../../gateway/messages.js";
import { hexcellLogin } from "../../../meter-types/dialects/index.js";
import { presets } from "../../../meter-types/presets.js";
import { SimulatorHost } from "../../../transport/simulator-host.js";
import { foreign } from "../bombs.js";
import { chop } from "../mutate.js";
import { type Random } from "../random.js";
import { drawApdu, wrapped } from "../spoil.js";
import { type AnyTarget, hold, type Target } from "../target.js";
import { drawLogin, drawStream } from "./streams.js";

interface HostileSocket {
  readonly pieces: readonly Uint8Array[];
  /** Between two pieces. */
  readonly pauseMs: 0 | 1;
  readonly reads: boolean;
  readonly ending: "end" | "reset" | "stay";
}

const SERIAL = "46000000001";
const PIECES = 100;
/** Those that stay are there for so long, while others come. */
const STAY_MS = 20;
const WAIT_MS = 15_000;
const READ_EVERY = 8;

class Port implements Target<readonly HostileSocket[]> {
  readonly name = "port";
  readonly about = "hostile sockets on the listener's own port";
  readonly isSlow = true;
  readonly cpuMs = 200;
  #listener: Listener | undefined;
  #host: SimulatorHost | undefined;
  #inputs = 0;

  draw(random: Random): readonly HostileSocket[] {
    return random.times(1 + random.size(6), () => ({
      pieces: random.once(8) ? [] : chop(random, this.#drawOctets(random)).slice(0, PIECES),
      pauseMs: random.once(4) ? 1 : 0,
      reads: !random.once(4),
      ending: random.pick(["end", "reset", "stay"] as const),
    }));
  }

  #drawOctets(random: Random): Uint8Array {
    switch (random.below(5)) {
      case 0:
        return foreign(random);
      case 1:
        return wrapped(drawApdu(random), random.pick([1, 16]), random.pick([1, 16]));
      case 2:
        return drawLogin(random);
      default:
        return drawStream(random);
    }
  }

  async open(): Promise<void> {
    const listener = new Listener({
      port: 0,
      host: "127.0.0.1",
      identifyMs: 300,
      times: { silenceMs: 30, probeTimeoutMs: 60, conflictProbeMs: 50, settleMs: 5 },
    });
    this.#listener = listener;
    listener.start();
    await until(() => listener.state.phase === "listening", "the listener opens");
    const meter = { serial: SERIAL, meterType: presets.hexcell, dialect: hexcellLogin, seed: 1 };
    this.#host = new SimulatorHost({
      meters: [{ ...meter, objects: "minimal" }],
      transport: { mode: "dial", host: "127.0.0.1", port: listener.state.port },
      reconnectMinMs: 10,
    });
    this.#host.start();
    await until(() => listener.registry.find(SERIAL)?.associated === true, "the meter associates");
  }

  async close(): Promise<void> {
    await this.#host?.stop();
    await this.#listener?.close();
  }

  async run(sockets: readonly HostileSocket[]): Promise<void> {
    const listener = this.#listener as Listener;
    await Promise.all(sockets.map((one) => attack(listener.state.port, one)));
    hold(listener.state.phase === "listening", "the listener has closed");
    if (++this.#inputs % READ_EVERY !== 0) return;
    await until(() => listener.state.links < 100, "hostile links are ended");
    const payload = { meterSerialNumber: SERIAL, obisCode: "1-0:1.8.0.255" };
    const { success, error } = await listener.execute(parseCommand("read-meter", payload));
    hold(success, `the meter is not answered to any more: ${error?.message}`);
  }
}

function attack(port: number, { pieces, pauseMs, reads, ending }: HostileSocket): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host: "127.0.0.1", port, noDelay: true });
    // Being thrown out is what is expected.
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    if (reads) socket.resume();
    else socket.pause();
    socket.on("connect", () => {
      void write(socket, pieces, pauseMs).then(() => {
        if (ending === "end") socket.end();
        else if (ending === "reset") socket.resetAndDestroy();
        if (ending !== "reset") setTimeout(() => socket.destroy(), STAY_MS);
      });
    });
  });
}

async function write(socket: Socket, pieces: readonly Uint8Array[], pauseMs: number): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    socket.write(piece);
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + WAIT_MS;
  while (!condition()) {
    hold(performance.now() < end, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export const portTargets: readonly AnyTarget[] = [new Port()];
