/**
 * The history of commands in front of a listener: recorded before anybody says yes to them, marked before their first
 * octet leaves, ended once, and taken up again after a restart. So a command has its effect once or visibly not,
 * whatever repeats, loses or reorders messages, and whenever the process dies.
 */
import { asDlmsError, DlmsError } from "../../core/errors.js";
import { type AdoptedCounts, type Store, type StoredCommand } from "../../store/index.js";
import { type Clock, systemClock } from "../../transport/clock.js";
import { Emitter } from "../events.js";
import { changesState, type Command, type CommandResult } from "../messages.js";
import { Absence } from "./absence.js";
import { Bridges, isPresent } from "./bridges.js";
import { commandOf, contradicts, payloadOf } from "./entry.js";
import { Housekeeping } from "./housekeeping.js";
import { JournalStore, type JournalStatus } from "./journal-store.js";
import { KnownMeters } from "./known-meters.js";
import { LeftResults } from "./left-results.js";
import { OpenCommands } from "./open-commands.js";
import { openIn } from "./open-in.js";
import { Recipients } from "./recipients.js";
import { Recording } from "./recording.js";
import { answerFrom, refusedResult } from "./results.js";
import { Runs } from "./runs.js";
import {
  type JournalEvents,
  type JournalOptions,
  type RecordedCommand,
  type RecordOptions,
  type ResolvedJournalOptions,
  type UnansweredCommand,
} from "./types.js";

export class CommandJournal {
  readonly #options: ResolvedJournalOptions;
  readonly #clock: Clock;
  readonly #store: JournalStore;
  readonly #absence: Absence;
  readonly #open: OpenCommands;
  readonly #runs: Runs;
  readonly #recording: Recording;
  readonly #recipients: Recipients;
  readonly #left: LeftResults;
  readonly #housekeeping: Housekeeping;
  readonly #known: KnownMeters;
  /** Those that record here. */
  readonly bridges = new Bridges(() => this.#left.watch());
  readonly #emitter = new Emitter<JournalEvents>((caught) => this.#fail(caught));
  #isMine: ((owner: string) => boolean) | undefined;
  #adopted: Promise<void> = Promise.resolve();
  /** Calls that still use the store. */
  readonly #calls = new Set<Promise<unknown>>();
  /** How often the nodes of an origin have ended: a result is for those who are there. */
  readonly #departures = new Map<string, number>();
  #isClosed = false;

  constructor(given: JournalOptions) {
    const options = (this.#options = {
      offline: "wait",
      verifyMs: 600_000,
      orphanMs: 30_000,
      retryMinMs: 1_000,
      retryMaxMs: 30_000,
      clock: systemClock,
      ...given,
    });
    const { clock, listener, owner, orphanMs } = options;
    this.#clock = clock;
    this.#absence = new Absence(clock);
    this.#open = new OpenCommands(clock, listener.options.deadlines, ({ commandId }) =>
      this.#runs.giveUp(commandId, "expired", new DlmsError("COMMAND_EXPIRED")),
    );
    this.#store = new JournalStore({
      ...options,
      onChange: (status) => this.#statusChanged(status),
      onOpened: () => this.#adopt(),
    });
    const store = (): Promise<Store> => this.#store.store();
    const failed = (caught: unknown): void => this.#fail(caught);
    this.#known = new KnownMeters({ owner, store, failed });
    this.#runs = new Runs({
      options,
      store: this.#store,
      absence: this.#absence,
      open: this.#open,
      isKnown: (serial) => this.#known.find(serial) !== undefined,
      progress: (event) => this.#emitter.emit("progress", event),
      log: (text) => this.#emitter.emit("log", { level: "error", text }),
      concluded: ({ origin, by }, result, taken, stored) => {
        this.#emitter.emit("final", { result, origin, by, stored });
        if (!taken && by === "node") this.#recipients.give(origin, result);
        if (by === "bridge" && !isPresent(origin)) this.#left.watch();
      },
    });
    this.#recording = new Recording(options, this.#open, this.#runs);
    this.#recipients = new Recipients({
      clock,
      owner,
      orphanMs,
      store,
      orphan: (result) => this.#emitter.emit("orphan-result", result),
      gone: (isGone) => this.#abandon(isGone),
      kept: () => this.#left.watch(),
      failed,
    });
    this.#housekeeping = new Housekeeping({ clock, store, failed });
    this.#left = new LeftResults({
      clock,
      // The other bridges of the same backend go first.
      afterMs: 2 * orphanMs,
      store,
      hasNode: (origin) => this.#recipients.isPresent(origin),
      give: (result) => this.#emitter.emit("orphan-result", result),
      log: (text) => this.#emitter.emit("log", { level: "warn", text }),
      failed,
    });
    listener.on("meter", this.#absence.heard);
    listener.on("meter", this.#known.heard);
  }

  /** Names this journal in the store. */
  get owner(): string {
    return this.#options.owner;
  }

  /** How long nodes and bridges may be away before they count as gone. Milliseconds. */
  get orphanMs(): number {
    return this.#options.orphanMs;
  }

  get status(): JournalStatus {
    return this.#store.status;
  }

  on<Name extends keyof JournalEvents>(name: Name, listener: (event: JournalEvents[Name]) => void): void {
    this.#emitter.on(name, listener);
    // What nobody took may have waited for this one.
    if (name === "orphan-result") this.#left.watch();
  }

  off<Name extends keyof JournalEvents>(name: Name, listener: (event: JournalEvents[Name]) => void): void {
    this.#emitter.off(name, listener);
  }

  /**
   * Opens the store and takes up what it holds.
   * @param isMine whether open commands of this owner are this journal's now: its own, and those of journals that are
   * gone. All nodes that recover something have to be made by then, give or take `orphanMs`.
   */
  start(isMine: (owner: string) => boolean = (owner) => owner === this.#options.owner): void {
    this.#isMine = isMine;
    if (this.status.phase === "open") this.#adopt();
    else this.#store.start();
  }

  /** The opened store, for the outbox and counters. @throws DlmsError STORE_UNAVAILABLE. */
  store(): Promise<Store> {
    return this.#store.store();
  }

  /**
   * Before a bridge says yes to a command. Durable when it resolves; with no store open a read is `unrecorded`.
   * @throws DlmsError STORE_UNAVAILABLE, STORE_FULL and others of the family, QUEUE_FULL, COMMAND_CONFLICT,
   * COMMAND_EXPIRED: then the command is not accepted.
   */
  record(command: Command, options: RecordOptions): Promise<RecordedCommand> {
    return this.#call(() => this.#recordForBridge(command, options));
  }

  async #recordForBridge(command: Command, options: RecordOptions): Promise<RecordedCommand> {
    try {
      if (this.#isClosed) throw new DlmsError("LISTENER_CLOSED");
      const store = await this.#store.store();
      await this.#adopted;
      const recorded = await this.#recording.record(store, command, this.#key(command), {
        ...options,
        by: "bridge",
      });
      return recorded.kind === "answered"
        ? { ...recorded, result: recorded.result as CommandResult }
        : recorded;
    } catch (caught) {
      if (!this.status.durable && canDoWithout(command, caught)) return { kind: "unrecorded" };
      throw caught;
    }
  }

  /**
   * Runs a command, or finds out what became of it. Never rejects.
   * @returns the one final result; undefined when the node or the journal ended first: the command stays open, and
   * `recover` gives its result.
   */
  async execute(
    command: Command,
    { origin }: { readonly origin: string },
  ): Promise<CommandResult | undefined> {
    try {
      if (this.#isClosed) throw new DlmsError("LISTENER_CLOSED");
      return await this.#call(() => this.#execute(command, origin));
    } catch (caught) {
      if (canDoWithout(command, caught)) return this.#options.listener.execute(command);
      return refusedResult(command, asDlmsError(caught), this.#clock.epochMs());
    }
  }

  /**
   * A node is there: results of its commands that an earlier life of it has left behind go to `deliver`, marked
   * `recovered`, and open ones are finished. @returns to be called when the node ends.
   */
  recover(origin: string, deliver: (result: CommandResult) => void): () => void {
    const give = (result: CommandResult): void => deliver({ ...result, recovered: true });
    const remove = this.#recipients.add(origin, give);
    this.#recoverOpen(origin, give).catch((caught: unknown) => this.#fail(caught));
    return () => {
      this.#departures.set(origin, this.#departuresOf(origin) + 1);
      this.#runs.dismiss(origin);
      remove();
    };
  }

  /** Commands that a bridge recorded under this origin and that have no result, oldest first. */
  async openCommands(origin: string): Promise<readonly UnansweredCommand[]> {
    const store = await this.#store.store();
    await this.#adopted;
    const found: UnansweredCommand[] = [];
    for await (const stored of openIn(store, origin)) {
      const command = commandOf(stored);
      const payload = payloadOf(stored);
      if (command === undefined || payload?.by !== "bridge" || stored.state === "done") continue;
      // After a re-import the bridge is another and its journal, too.
      this.#open.follow(stored, "bridge");
      const { commandId, state } = stored;
      const { message } = payload;
      found.push({ commandId, command, state, ...(message === undefined ? {} : { message }) });
    }
    return found;
  }

  /** What a bridge that is gone has left, commands without a result included, is another's from now on. */
  async adopt(from: string, to: string): Promise<AdoptedCounts> {
    const counts = await (await this.#store.store()).adopt(from, to);
    this.#open.rename(from, to);
    return counts;
  }

  /**
   * Ends a command from outside, such as one that the flow let fall. The first result wins.
   * @param onlyWaiting leaves alone what may have been sent.
   * @returns the result that stands; undefined when it was left alone.
   */
  end(commandId: string, result: CommandResult, onlyWaiting = false): Promise<CommandResult | undefined> {
    return this.#runs.finish(commandId, result, onlyWaiting);
  }

  /**
   * Leaves waiting commands open and what is under way in the state that is true, then lets the store go. The listener
   * is closed at the same time: call this first, await both.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#options.listener.off("meter", this.#absence.heard);
    this.#options.listener.off("meter", this.#known.heard);
    this.#recipients.close();
    this.#open.stop();
    await Promise.all([this.#left.close(), this.#housekeeping.close(), this.#runs.close()]);
    await Promise.allSettled([...this.#calls, this.#adopted]);
    await Promise.all([this.#known.close(), this.#recipients.settled()]);
    await this.#store.close();
  }

  async #execute(command: Command, origin: string): Promise<CommandResult | undefined> {
    const { registry } = this.#options.listener;
    const departures = this.#departuresOf(origin);
    const isThere = (): boolean => this.#departuresOf(origin) === departures;
    const take = (stored: StoredCommand, reopened = false): Promise<CommandResult | undefined> =>
      this.#take(stored, command, isThere() ? origin : undefined, reopened);
    const store = await this.#store.store();
    await this.#adopted;
    const known = await store.command(command.commandId);
    if (known !== undefined) {
      if (contradicts(known, command, (serial) => registry.normalise(serial)))
        throw new DlmsError("COMMAND_CONFLICT", undefined, { field: "commandId" });
      if (known.state !== "done") return take(known);
      const isOwn = payloadOf(known)?.by === "node" && known.origin === origin;
      if (!isOwn) return answerFrom(known.result as CommandResult, command);
    }
    // A mistyped number should not wait for days: only a bridge's word makes a meter nobody has ever met worth a wait.
    if (this.#serialOf(command) === undefined && this.#known.find(command.meterSerialNumber) === undefined)
      throw new DlmsError("METER_UNKNOWN", undefined, { field: "meterSerialNumber" });
    const recorded = await this.#recording.record(store, command, this.#key(command), {
      origin,
      hasBackendId: false,
      by: "node",
    });
    if (recorded.kind === "answered") return answerFrom(recorded.result as CommandResult, command);
    const stored = await store.command(recorded.kind === "new" ? command.commandId : recorded.commandId);
    if (stored === undefined) throw new DlmsError("STORE_FAILED", "The store has lost a command.");
    if (stored.state === "done") return answerFrom(stored.result as CommandResult, command);
    return take(stored, recorded.kind === "verify");
  }

  /** @param origin undefined when the node has ended meanwhile: the result goes to its next life. */
  async #take(
    stored: StoredCommand,
    command: Command,
    origin: string | undefined,
    reopened: boolean,
  ): Promise<CommandResult | undefined> {
    if (this.#isClosed) return undefined;
    const run = this.#runs.of(stored, command, reopened);
    const result = origin === undefined ? undefined : await run.result(origin);
    return result && answerFrom(result, command);
  }

  /** Closing waits for it, so that nothing is half recorded. */
  async #call<T>(work: () => Promise<T>): Promise<T> {
    const call = work();
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  #departuresOf(origin: string): number {
    return this.#departures.get(origin) ?? 0;
  }

  /** What the store holds from an earlier life becomes this journal's. */
  #adopt(): void {
    const isMine = this.#isMine;
    if (isMine === undefined || this.#isClosed) return;
    this.#housekeeping.start();
    this.#left.watch(isMine);
    this.#recipients.opened();
    this.#adopted = this.#adopted
      .then(async () => {
        const store = await this.#store.store();
        await this.#known.load(store);
        for await (const stored of openIn(store)) {
          const payload = payloadOf(stored);
          if (this.#isClosed) return;
          if (payload !== undefined && isMine(payload.owner)) this.#open.follow(stored, payload.by);
        }
        this.#recipients.watch(isMine);
      })
      .catch((caught: unknown) => this.#fail(caught));
  }

  async #recoverOpen(origin: string, give: (result: CommandResult) => void): Promise<void> {
    const store = await this.#store.store();
    await this.#adopted;
    for await (const stored of openIn(store, origin)) {
      if (this.#isClosed || !this.#recipients.isPresent(origin, give)) return;
      if (payloadOf(stored)?.by !== "node") continue;
      void this.#runs
        .of(stored)
        .result(origin)
        .then((result) => result && give(result));
    }
  }

  /** Commands whose nodes are gone: what was not sent is not sent any more, what was is found out. */
  #abandon(isGone: (origin: string) => boolean): void {
    for (const { commandId, origin, by } of this.#open.list())
      if (by === "node" && isGone(origin) && this.#runs.find(commandId)?.hasTakers !== true)
        this.#runs.giveUp(commandId, "not-sent", new DlmsError("COMMAND_ABANDONED"));
  }

  /** The meter as the store knows it. */
  #key(command: Command): string {
    const { meterSerialNumber: named } = command;
    return (
      this.#serialOf(command) ?? this.#known.find(named) ?? this.#options.listener.registry.normalise(named)
    );
  }

  /** Undefined for a meter that has not dialled in since the start. */
  #serialOf({ meterSerialNumber, backendId }: Command): string | undefined {
    const { registry } = this.#options.listener;
    const known = registry.find(meterSerialNumber) ?? registry.byBackendId(backendId ?? meterSerialNumber);
    return known?.meterSerialNumber;
  }

  #statusChanged(status: JournalStatus): void {
    if (status.error !== undefined) this.#emitter.emit("log", { level: "error", text: status.error.message });
    this.#emitter.emit("status", status);
  }

  #fail(caught: unknown): void {
    this.#emitter.emit("log", { level: "error", text: asDlmsError(caught).message });
  }
}

/** A read changes nothing: it needs no history. */
function canDoWithout(command: Command, caught: unknown): boolean {
  return !changesState(command) && asDlmsError(caught).family === "StoreError";
}
