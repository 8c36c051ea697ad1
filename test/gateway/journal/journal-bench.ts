/**
 * A gateway with a history: store file, listener and journal, and meters that remember across its lives. `crash` leaves
 * a gateway as a killed process does: its file is copied as it stands, and what it was doing comes to nothing.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandJournal, type FinalEvent, type JournalOptions } from "../../../src/gateway/journal/index.js";
import { type CommandName, type CommandResult, parseCommand } from "../../../src/gateway/messages.js";
import { type ListenerOptions } from "../../../src/gateway/options.js";
import { openStore, type Store, type StoreUse } from "../../../src/store/index.js";
import { Bench, until } from "../bench.js";

export { until };

const folders: string[] = [];

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "dlms-journal-"));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

type Payload = Readonly<Record<string, unknown>>;

export interface GatewayOptions extends Partial<Omit<JournalOptions, "listener">> {
  readonly listenerOptions?: ListenerOptions;
  readonly file?: string;
  /** Stands between journal and store. */
  readonly tamper?: (store: StoreUse) => StoreUse;
}

export class Gateway {
  readonly bench: Bench;
  readonly journal: CommandJournal;
  readonly file: string;
  readonly finals: FinalEvent[] = [];
  readonly orphans: CommandResult[] = [];
  readonly progress: string[] = [];
  readonly logs: string[] = [];
  #use: StoreUse | undefined;

  constructor(options: GatewayOptions = {}) {
    const { listenerOptions, file, tamper, ...rest } = options;
    this.bench = new Bench(listenerOptions);
    this.file = file ?? join(newFolder(), "store.sqlite");
    this.journal = new CommandJournal({
      owner: "listener",
      listener: this.bench.listener,
      open: async () => {
        this.#use = await openStore(this.file);
        return tamper === undefined ? this.#use : tamper(this.#use);
      },
      retryMinMs: 20,
      retryMaxMs: 100,
      orphanMs: 100,
      ...rest,
    });
    this.journal.on("final", (event) => this.finals.push(event));
    this.journal.on("orphan-result", (result) => this.orphans.push(result));
    this.journal.on("progress", ({ status }) => this.progress.push(status));
    this.journal.on("log", ({ text }) => this.logs.push(text));
  }

  async open(): Promise<this> {
    await this.bench.open();
    this.journal.start();
    await until(() => this.journal.status.phase !== "opening", "the store opens");
    return this;
  }

  async close(): Promise<void> {
    await Promise.all([this.journal.close(), this.bench.close()]);
  }

  /** Another gateway that finds what this one would leave behind if it were killed now; this one goes. */
  async crash(options: GatewayOptions = {}): Promise<Gateway> {
    const file = join(newFolder(), "store.sqlite");
    for (const part of ["", "-wal"])
      if (existsSync(this.file + part)) copyFileSync(this.file + part, file + part);
    await this.close();
    return new Gateway({ ...options, file }).open();
  }

  /** The process ends as it should, and a new one begins. */
  async restart(options: GatewayOptions = {}): Promise<Gateway> {
    await this.close();
    return new Gateway({ ...options, file: this.file }).open();
  }

  run(name: CommandName, payload: Payload, origin = "node"): Promise<CommandResult | undefined> {
    return this.journal.execute(parseCommand(name, payload), { origin });
  }

  store(): Promise<Store> {
    return this.journal.store();
  }

  async stateOf(commandId: string): Promise<string | undefined> {
    return (await (await this.store()).command(commandId))?.state;
  }
}
