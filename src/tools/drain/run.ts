/**
 * A drain run: readings are handed to a bridge whose backend is away, the gateway goes and comes again on the same
 * store, the backend returns, restarts once half-way, and gets them all. Bounded.
 */
import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandJournal } from "../../gateway/journal/index.js";
import { Listener } from "../../gateway/listener.js";
import { HesBridge } from "../../hes/bridge.js";
import { openStore } from "../../store/index.js";
import { nextFreePort, portBase } from "../launcher/ports.js";
import { QUARTERS_PER_DAY, READINGS_PER_QUARTER, readingsOf, serialsOf } from "./plan.js";
import { type FromReceiver, type ToReceiver } from "./receiver.js";
import { type TallyCounts } from "./tally.js";

export interface DrainOptions {
  readonly meters: number;
  /** How long the backend is away, in quarters of an hour; a day by default. */
  readonly quarters?: number;
  readonly log: (text: string) => void;
}

export interface DrainReport {
  readonly readings: number;
  /** Until the last one was durable. */
  readonly inMs: number;
  /** From the backend's return to the last acknowledgement in the store. */
  readonly outMs: number;
  readonly fileOctets: number;
  /** Resident set of the gateway's process, octets: before, and its highest while readings came in and went out. */
  readonly rss: { readonly before: number; readonly in: number; readonly out: number };
  readonly counts: TallyCounts;
  readonly lost: number;
  /** By the bounds of the outbox. */
  readonly dropped: number;
  /** What the bridge complained about, its backend's absence aside. */
  readonly errors: readonly string[];
}

export function isDrained({ counts, lost, dropped, errors }: DrainReport): boolean {
  return lost + dropped + counts.outOfOrder + counts.strange + errors.length === 0;
}

/** Meters that report at the same time. */
const AT_ONCE = 100;
/** The run is given up when nothing arrives for so long. */
const STALLED_MS = 30_000;

export async function runDrain({
  meters,
  quarters = QUARTERS_PER_DAY,
  log,
}: DrainOptions): Promise<DrainReport> {
  const folder = mkdtempSync(join(tmpdir(), "dlms-drain-"));
  const file = join(folder, "store.sqlite");
  const serials = serialsOf(meters);
  const perMeter = quarters * READINGS_PER_QUARTER;
  const port = await nextFreePort(portBase, "127.0.0.1");
  const receiver = new Receiver();
  const errors: string[] = [];
  const gateway = (): Gateway => new Gateway(file, `http://127.0.0.1:${port}`, (text) => errors.push(text));
  const memory = new Memory();
  let life = gateway();
  try {
    const before = memory.peak();
    const startedAt = performance.now();
    for (let quarter = 0; quarter < quarters; quarter++)
      for (let i = 0; i < meters; i += AT_ONCE)
        await Promise.all(serials.slice(i, i + AT_ONCE).map((serial) => life.take(serial, quarter)));
    const inMs = performance.now() - startedAt;
    const rssIn = memory.peak();
    await life.stop();
    const fileOctets = statSync(file).size;
    log(`${perMeter * meters} readings stored; the gateway starts again, and the backend returns`);
    life = gateway();
    memory.peak();
    await receiver.tell({ type: "start", port, serials, perMeter });
    const returnedAt = performance.now();
    await drain(receiver, life, perMeter * meters, log);
    const outMs = performance.now() - returnedAt;
    const { counts } = receiver;
    const lost = perMeter * meters - counts.distinct;
    const { dropped } = await life.waiting();
    const rss = { before, in: rssIn, out: memory.peak() };
    return { readings: perMeter * meters, inMs, outMs, fileOctets, rss, counts, lost, dropped, errors };
  } finally {
    memory.stop();
    await life.stop();
    await receiver.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Until the store is empty or nothing moves any more. */
async function drain(
  receiver: Receiver,
  life: Gateway,
  readings: number,
  log: (text: string) => void,
): Promise<void> {
  let restarted = false;
  let left = Infinity;
  for (let movedAt = performance.now(); performance.now() - movedAt < STALLED_MS;) {
    const { count } = await life.waiting();
    if (count === 0 && receiver.counts.distinct >= readings) return;
    if (count < left) movedAt = performance.now();
    left = count;
    if (!restarted && receiver.counts.distinct > readings / 2) {
      restarted = true;
      log("half of them have arrived; the backend restarts");
      await receiver.tell({ type: "restart" });
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

/** One life of the gateway's part that has to do with the backend, as a Node-RED flow has it. */
class Gateway {
  readonly #listener = new Listener({ port: 0, host: "127.0.0.1" });
  readonly #journal: CommandJournal;
  readonly #bridge: HesBridge;

  constructor(file: string, url: string, onError: (text: string) => void) {
    this.#journal = new CommandJournal({
      owner: "drain",
      listener: this.#listener,
      open: () => openStore(file),
    });
    // The backend's return is what is measured, not how long a bridge waits before it tries again.
    const times = { reconnectMinMs: 100, reconnectMaxMs: 500 };
    this.#bridge = new HesBridge({ url, apiUrl: "", times }, this.#listener, { journal: this.#journal });
    this.#bridge.on("log", ({ level, text }) => {
      if (level === "error") onError(text);
    });
    this.#journal.start();
    this.#bridge.start();
  }

  /** Resolves when they are stored. */
  async take(serial: string, quarter: number): Promise<void> {
    await this.#bridge.submit(readingsOf(serial, quarter));
  }

  async waiting(): Promise<{ readonly count: number; readonly dropped: number }> {
    const { reading } = await (await this.#journal.store()).outboxCounts();
    return reading;
  }

  async stop(): Promise<void> {
    await this.#bridge.stop();
    await Promise.all([this.#journal.close(), this.#listener.close()]);
  }
}

/** The backend's process. */
class Receiver {
  readonly #child: ChildProcess;
  counts: TallyCounts = { arrived: 0, distinct: 0, duplicates: 0, outOfOrder: 0, strange: 0 };

  constructor() {
    this.#child = fork(join(__dirname, "receiver.ts"), {
      execArgv: ["--require", require.resolve("tsx/cjs")],
    });
    this.#child.on("message", (message: FromReceiver) => {
      if (message.type === "counts") this.counts = message.counts;
    });
  }

  /** Resolves when it has done so. @throws Error when its process has ended. */
  tell(message: ToReceiver): Promise<void> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const done = (error?: Error): void => {
        child.off("message", answered);
        child.off("exit", gone);
        if (error === undefined) resolve();
        else reject(error);
      };
      const answered = ({ type }: FromReceiver): void => {
        if (type === "done") done();
      };
      const gone = (): void => done(new Error("the backend's process has ended"));
      child.on("message", answered);
      child.on("exit", gone);
      child.send(message);
    });
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    this.#child.kill("SIGKILL");
    await gone;
  }
}

/** The highest resident set since it was last asked for, looked at ten times a second. */
class Memory {
  #peak = 0;
  readonly #timer = setInterval(() => this.#look(), 100);

  peak(): number {
    this.#look();
    const peak = this.#peak;
    this.#peak = 0;
    return peak;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#peak = Math.max(this.#peak, process.memoryUsage.rss());
  }
}
