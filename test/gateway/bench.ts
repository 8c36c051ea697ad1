/**
 * A listener on a free port and simulated meters that dial in over real sockets, with what each side put on the wire.
 * Every test closes its bench; nothing keeps running behind it.
 */
import { Ledger } from "../../src/simulator/ledger.js";
import {
  SimulatedMeter,
  type SimulatorEvent,
  type SimulatorIntent,
} from "../../src/simulator/simulated-meter.js";
import { type SimulatedMeterOptions } from "../../src/simulator/meter-options.js";
import { toHex } from "../../src/bytes/hex.js";
import {
  type LogEvent,
  type MeterEvent,
  type MeterEventName,
  type NotificationEvent,
} from "../../src/gateway/events.js";
import { Listener, type ListenerDeps } from "../../src/gateway/listener.js";
import { type CommandName, type CommandResult, parseCommand } from "../../src/gateway/messages.js";
import { type ListenerOptions } from "../../src/gateway/options.js";
import { type ByteChannel } from "../../src/transport/channel.js";
import { systemClock } from "../../src/transport/clock.js";
import { Driver } from "../../src/transport/driver.js";
import { MemoryCounters, provideOutside } from "../../src/transport/outside.js";
import { connectTcp } from "../../src/transport/tcp.js";

/** Short enough for tests, long enough for a machine that is busy with others. */
export const shortTimes = {
  silenceMs: 200,
  probeTimeoutMs: 1_500,
  conflictProbeMs: 800,
  settleMs: 100,
  retryListenMinMs: 50,
  retryListenMaxMs: 100,
  relayPollMs: [20, 40, 80],
  relayWindowMs: 1_500,
  tokenPollMs: [50, 100],
  tokenWindowMs: 4_000,
} as const;

export interface DialledIn {
  readonly meter: SimulatedMeter;
  readonly counters: MemoryCounters;
  readonly events: SimulatorEvent[];
  /** What the gateway sent to this meter, upper-case hex. */
  readonly received: () => string;
  readonly sent: () => string;
  readonly tell: (intent: SimulatorIntent) => void;
  readonly hangUp: () => void;
  /** Resolves when the connection is over for the meter, too. */
  readonly closed: Promise<unknown>;
}

export class Bench {
  readonly listener: Listener;
  readonly meterEvents: MeterEvent[] = [];
  readonly notifications: NotificationEvent[] = [];
  readonly logs: LogEvent[] = [];
  readonly ledger = new Ledger();
  readonly #channels: ByteChannel[] = [];
  readonly #drivers: { close(): void }[] = [];

  constructor(options: ListenerOptions = {}, deps: ListenerDeps = {}) {
    this.listener = new Listener(
      {
        port: 0,
        host: "127.0.0.1",
        ...options,
        times: { ...shortTimes, ...options.times },
      },
      deps,
    );
    this.listener.on("meter", (event) => this.meterEvents.push(event));
    this.listener.on("notification", (event) => this.notifications.push(event));
    this.listener.on("log", (event) => this.logs.push(event));
  }

  async open(): Promise<this> {
    this.listener.start();
    await until(() => this.listener.state.phase === "listening", "the listener opens");
    return this;
  }

  async close(): Promise<void> {
    for (const driver of this.#drivers) driver.close();
    for (const channel of this.#channels) channel.destroy();
    await this.listener.close();
  }

  async connect(): Promise<ByteChannel> {
    const channel = await connectTcp({ host: "127.0.0.1", port: this.listener.state.port });
    this.#channels.push(channel);
    return channel;
  }

  async dialIn(
    options: Partial<SimulatedMeterOptions> & Pick<SimulatedMeterOptions, "serial" | "meterType" | "dialect">,
    counters = new MemoryCounters(),
  ): Promise<DialledIn> {
    const channel = await this.connect();
    const meter = new SimulatedMeter({
      seed: 7,
      objects: "minimal",
      relayDelayMs: 50,
      ledger: this.ledger,
      startedAt: systemClock.now(),
      ...options,
    });
    const received: string[] = [];
    const sent: string[] = [];
    const events: SimulatorEvent[] = [];
    const driver = new Driver<SimulatorIntent, SimulatorEvent>(meter, channel, systemClock, {
      trace: ({ direction, bytes, layer }) => {
        if (layer === "transport" && bytes !== undefined)
          (direction === "in" ? received : sent).push(toHex(bytes));
      },
      onLost: () => ({ type: "closed" }),
    });
    driver.subscribe((event) => {
      events.push(event);
      if (event.type === "hang-up") channel.close();
    });
    this.#drivers.push(driver);
    provideOutside<SimulatorEvent>(driver, counters, () => channel.destroy());
    driver.start();
    driver.send({ type: "open" });
    return {
      meter,
      counters,
      events,
      received: () => received.join(""),
      sent: () => sent.join(""),
      tell: (intent) => driver.send(intent),
      hangUp: () => channel.destroy(),
      closed: driver.closed,
    };
  }

  /** The same meter, with all it remembers, dials in again. */
  async reconnect({ meter, closed, counters }: DialledIn): Promise<ByteChannel> {
    await closed;
    const channel = await this.connect();
    const driver = new Driver<SimulatorIntent, SimulatorEvent>(meter, channel, systemClock, {
      onLost: () => ({ type: "closed" }),
    });
    this.#drivers.push(driver);
    provideOutside<SimulatorEvent>(driver, counters, () => channel.destroy());
    driver.start();
    driver.send({ type: "open" });
    return channel;
  }

  /** The event of this name, of this meter if one is named. */
  async event(name: MeterEventName, serial?: string): Promise<MeterEvent> {
    const find = (): MeterEvent | undefined =>
      this.meterEvents.find(
        (event) => event.event === name && (serial === undefined || event.meterSerialNumber === serial),
      );
    await until(
      () => find() !== undefined,
      `${name} of ${serial ?? "any meter"}`,
      () =>
        JSON.stringify([
          this.meterEvents.map((e) => [e.event, e.meterSerialNumber, e.reason]),
          this.logs.map((l) => l.text),
        ]),
    );
    return find() as MeterEvent;
  }

  run(name: CommandName, payload: Record<string, unknown>): Promise<CommandResult> {
    return this.listener.execute(parseCommand(name, payload));
  }
}

/** Waits for a condition; generous, since other suites share the machine. */
export async function until(
  condition: () => boolean,
  what: string,
  explain: () => string = () => "",
): Promise<void> {
  const end = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what} ${explain()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
