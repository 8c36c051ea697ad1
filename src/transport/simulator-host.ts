/**
 * Runs simulated meters over TCP: each dials in and keeps dialling, with jittered backoff, or listens on a port of
 * its own. One driver and at most one timer per meter; what they share (objects, ledger) is shared, so that one
 * process carries thousands. Leaves out which meters there are (simulator/fleet.ts).
 */
import { asDlmsError, type DlmsError } from "../core/errors.js";
import { RandomStream } from "../simulator/behaviours/random.js";
import { type Faults } from "../simulator/faults.js";
import { Ledger } from "../simulator/ledger.js";
import { type SimulatedMeterOptions } from "../simulator/meter-options.js";
import { SimulatedMeter, type SimulatorEvent, type SimulatorIntent } from "../simulator/simulated-meter.js";
import { type ByteChannel } from "./channel.js";
import { type Clock, systemClock } from "./clock.js";
import { Driver } from "./driver.js";
import { provideOutside } from "./outside.js";
import { SimulatedCounters } from "./simulated-counters.js";
import { connectTcp, listenTcp, type TcpServer } from "./tcp.js";

/** What a meter did, or what became of its connection. `at` is epoch ms. */
export type SimulatorHostEvent =
  | Extract<SimulatorEvent, { type: "event" }>
  | {
      readonly type: "event";
      readonly serial: string;
      readonly at: number;
      readonly name: "dial-failed" | "disconnected" | "listening" | "listen-failed";
      readonly text: string;
    };

export interface SimulatorHostOptions {
  /** Times and ledger are the host's. Serials must differ. */
  readonly meters: readonly SimulatedMeterOptions[];
  /** Where the meters dial in, or from which port on they listen (one port each; 0: the system chooses). */
  readonly transport:
    | { readonly mode: "dial"; readonly host: string; readonly port: number }
    | { readonly mode: "listen"; readonly host?: string; readonly port: number };
  readonly onEvent?: (event: SimulatorHostEvent) => void;
  readonly ledger?: Ledger;
  readonly clock?: Clock;
  /** Pause between the first dials of two meters. Default 5. */
  readonly startGapMs?: number;
  /** Pause before dialling again; doubles up to the maximum while connections fail or end soon. */
  readonly reconnectMinMs?: number;
  readonly reconnectMaxMs?: number;
}

const RECONNECT_MIN_MS = 1_000;
const RECONNECT_MAX_MS = 60_000;
/** A connection that lasted so long was a good one: the next pause is the shortest again. */
const GOOD_MS = 10_000;

export class SimulatorHost {
  readonly ledger: Ledger;
  readonly #runs = new Map<string, MeterRun>();

  constructor(options: SimulatorHostOptions) {
    const { clock = systemClock, ledger = new Ledger() } = options;
    this.ledger = ledger;
    const startedAt = Math.round(clock.now());
    const epochAtZero = Math.round(clock.epochMs() - clock.now());
    options.meters.forEach((meterOptions, index) => {
      const meter = new SimulatedMeter({ startedAt, epochAtZero, ...meterOptions, ledger });
      if (this.#runs.has(meter.serial)) throw new RangeError(`two meters have serial ${meter.serial}`);
      this.#runs.set(meter.serial, new MeterRun(meter, index, options, clock));
    });
  }

  /** Begins to dial or to listen. Connections that fail are told as events and tried again. */
  start(): void {
    for (const run of this.#runs.values()) run.start();
  }

  /** Ends all connections and frees all ports. */
  async stop(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => run.stop()));
  }

  /** @throws RangeError when there is no such meter. */
  meter(serial: string): MeterHandle {
    const run = this.#runs.get(serial);
    if (run === undefined) throw new RangeError(`no simulated meter ${serial}`);
    return run;
  }

  get meters(): readonly MeterHandle[] {
    return [...this.#runs.values()];
  }

  /** Meters that have a connection now. */
  get connected(): number {
    let count = 0;
    for (const run of this.#runs.values()) if (run.meter.phase !== "offline") count++;
    return count;
  }
}

/** One meter of a host, for tests and tools. */
export interface MeterHandle {
  readonly serial: string;
  readonly meter: SimulatedMeter;
  readonly phase: SimulatedMeter["phase"];
  /** Where it listens; undefined while it does not. */
  readonly port: number | undefined;
  setFaults(faults: Faults): void;
  pressButton(action?: "connect" | "disconnect"): void;
  send(intent: SimulatorIntent): void;
}

class MeterRun implements MeterHandle {
  readonly meter: SimulatedMeter;
  readonly #index: number;
  readonly #options: SimulatorHostOptions;
  readonly #clock: Clock;
  readonly #random: RandomStream;
  readonly #counters: SimulatedCounters;
  #running = false;
  #driver: Driver<SimulatorIntent, SimulatorEvent> | undefined;
  #channel: ByteChannel | undefined;
  #server: TcpServer | undefined;
  #cancelWait: (() => void) | undefined;
  #failures = 0;

  constructor(meter: SimulatedMeter, index: number, options: SimulatorHostOptions, clock: Clock) {
    this.meter = meter;
    this.#index = index;
    this.#options = options;
    this.#clock = clock;
    this.#random = new RandomStream(meter.options.seed + 1);
    this.#counters = new SimulatedCounters(clock.epochMs());
  }

  get serial(): string {
    return this.meter.serial;
  }

  get phase(): SimulatedMeter["phase"] {
    return this.meter.phase;
  }

  get port(): number | undefined {
    return this.#server?.port;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#wait(this.#index * (this.#options.startGapMs ?? 5));
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#driver?.detach();
    this.#driver = undefined;
    if (this.#channel !== undefined) {
      this.#channel.destroy();
      this.#channel = undefined;
      this.meter.send(this.#clock.now(), { type: "closed" });
    }
    await this.#server?.close();
    this.#server = undefined;
  }

  setFaults(faults: Faults): void {
    this.send({ type: "faults", faults });
  }

  pressButton(action: "connect" | "disconnect" = "connect"): void {
    this.send({ type: "press-button", action });
  }

  send(intent: SimulatorIntent): void {
    if (this.#driver !== undefined) return this.#driver.send(intent);
    this.meter.send(this.#clock.now(), intent);
    for (let event = this.meter.pollEvent(); event !== undefined; event = this.meter.pollEvent())
      this.#event(event);
  }

  #wait(ms: number): void {
    if (!this.#running) return;
    this.#cancelWait = this.#clock.at(this.#clock.now() + ms, () => {
      this.#cancelWait = undefined;
      void (this.#options.transport.mode === "dial" ? this.#dial() : this.#listen());
    });
  }

  /** Never rejects. */
  async #dial(): Promise<void> {
    const { transport } = this.#options;
    try {
      const { host, port } = transport;
      const channel = await connectTcp({ host: host ?? "127.0.0.1", port, clock: this.#clock });
      if (this.#running) this.#run(channel);
      else channel.destroy();
    } catch (caught) {
      if (this.#running) this.#failed("dial-failed", asDlmsError(caught));
    }
  }

  /** Never rejects. */
  async #listen(): Promise<void> {
    const { host, port } = this.#options.transport;
    try {
      const server = await listenTcp({
        port: port === 0 ? 0 : port + this.#index,
        host: host ?? "0.0.0.0",
        clock: this.#clock,
        // A meter has one line: who calls while it is taken is turned away.
        maxLinks: 1,
        onChannel: (channel) => this.#run(channel),
      });
      this.#server = server;
      if (!this.#running) await this.stop();
      else this.#tell("listening", `listens on port ${server.port}`);
    } catch (caught) {
      if (this.#running) this.#failed("listen-failed", asDlmsError(caught));
    }
  }

  #run(channel: ByteChannel): void {
    const since = this.#clock.now();
    const driver = new Driver<SimulatorIntent, SimulatorEvent>(this.meter, channel, this.#clock, {
      onLost: () => ({ type: "closed" }),
    });
    this.#channel = channel;
    this.#driver = driver;
    driver.subscribe((event) => {
      if (event.type === "hang-up") driver.close();
      else this.#event(event);
    });
    const stopProviding = provideOutside<SimulatorEvent>(driver, this.#counters, () =>
      driver.send({ type: "hang-up" }),
    );
    void driver.closed.then(stopProviding);
    void driver.closed.then((error) => this.#ended(driver, since, error));
    driver.start();
    driver.send({ type: "open" });
  }

  #ended(driver: Driver<SimulatorIntent, SimulatorEvent>, since: number, error: Error | undefined): void {
    // A stopped run has let go of its driver already.
    if (this.#driver !== driver) return;
    this.#driver = undefined;
    this.#channel = undefined;
    if (this.#clock.now() - since >= GOOD_MS) this.#failures = 0;
    this.#tell(
      "disconnected",
      error === undefined ? "connection ended" : `connection lost: ${error.message}`,
    );
    if (this.#options.transport.mode === "dial") this.#again();
  }

  #failed(name: "dial-failed" | "listen-failed", error: DlmsError): void {
    this.#tell(name, error.message);
    this.#again();
  }

  /** Dials or listens again after a pause: half of it fixed, half by chance, so that meters do not march in step. */
  #again(): void {
    const { reconnectMinMs = RECONNECT_MIN_MS, reconnectMaxMs = RECONNECT_MAX_MS } = this.#options;
    const pause = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(this.#failures, 16));
    this.#failures++;
    this.#wait((pause * (1 + this.#random.next())) / 2);
  }

  #tell(name: Exclude<SimulatorHostEvent["name"], SimulatedEventName>, text: string): void {
    this.#event({ type: "event", serial: this.serial, at: Math.round(this.#clock.epochMs()), name, text });
  }

  #event(event: SimulatorHostEvent | SimulatorEvent): void {
    if (event.type === "event") this.#options.onEvent?.(event);
  }
}

type SimulatedEventName = Extract<SimulatorEvent, { type: "event" }>["name"];
