/** One life of a gateway with a bridge on a store file: listener, journal, bridge, and a flow that runs commands. */
import { CommandJournal } from "../../src/gateway/journal/index.js";
import { type CommandName, parseCommand } from "../../src/gateway/messages.js";
import { HesBridge } from "../../src/hes/bridge.js";
import { type HesOptions } from "../../src/hes/options.js";
import { openStore, type StoreUse } from "../../src/store/index.js";
import { Bench } from "../gateway/bench.js";
import { listenerOptions } from "../gateway/journal/fixture.js";
import { quickTimes } from "./fakes.js";

export interface LifeOptions {
  /** Commands are run by a node, and its results come back. */
  readonly flow?: boolean;
  readonly tamper?: (store: StoreUse) => StoreUse;
  readonly bridge?: Partial<HesOptions>;
  /** The listener's, in the store. */
  readonly owner?: string;
  /** Listeners that are gone. */
  readonly gone?: readonly string[];
  readonly orphanMs?: number;
}

/** One life of a gateway on a store file. */
export class Life {
  readonly bench = new Bench(listenerOptions);
  readonly journal: CommandJournal;
  readonly bridge: HesBridge;
  readonly handed: { name: CommandName; payload: Record<string, unknown> }[] = [];
  readonly others: [string, unknown][] = [];

  readonly #gone: readonly string[];

  constructor(file: string, url: string, options: LifeOptions = {}) {
    const { flow = true, tamper, bridge = {}, owner = "listener", gone = [], orphanMs = 30_000 } = options;
    this.#gone = gone;
    this.journal = new CommandJournal({
      owner,
      orphanMs,
      listener: this.bench.listener,
      open: async () => {
        const use = await openStore(file);
        return tamper === undefined ? use : tamper(use);
      },
      retryMinMs: 20,
      retryMaxMs: 100,
    });
    const hes = { url, apiUrl: "", ...bridge, times: { ...quickTimes, ...bridge.times } };
    this.bridge = new HesBridge(hes, this.bench.listener, { journal: this.journal });
    this.bridge.on("other", (name, payload) => this.others.push([name, payload]));
    this.bridge.on("command", (name, payload) => {
      this.handed.push({ name, payload });
      if (flow) void this.#execute(name, payload);
    });
  }

  async start(): Promise<this> {
    await this.bench.open();
    const { owner } = this.journal;
    this.journal.start((name) => name === owner || this.#gone.includes(name));
    this.bridge.start();
    return this;
  }

  async stop(): Promise<void> {
    await this.bridge.stop();
    await Promise.all([this.journal.close(), this.bench.close()]);
  }

  async #execute(name: CommandName, payload: Record<string, unknown>): Promise<void> {
    const result = await this.journal.execute(parseCommand(name, payload), { origin: "node" });
    if (result !== undefined) await this.bridge.submit(result);
  }
}
