/**
 * The backend's commands as a journal keeps them: recorded before anybody says yes, handed to the flow, handed again
 * after a restart while they have no result. Their final results are the journal's, which puts them into the outbox
 * itself; what the flow brings back is the same result once more.
 */
import { asDlmsError, DlmsError } from "../core/errors.js";
import { contradicts, payloadOf } from "../gateway/journal/entry.js";
import { type CommandJournal, type JournalEvents, type RecordedCommand } from "../gateway/journal/index.js";
import { isRecord } from "../gateway/fields.js";
import { type Command, type BackendCommandName, type CommandResult } from "../gateway/messages.js";
import { type Clock } from "../transport/clock.js";
import { flowCommands } from "./contract.js";
import { SameWrites } from "./same-writes.js";

/** What the bridge needs of a journal. */
export type JournalLike = Pick<
  CommandJournal,
  | "record"
  | "execute"
  | "recover"
  | "openCommands"
  | "end"
  | "store"
  | "status"
  | "owner"
  | "bridges"
  | "adopt"
  | "orphanMs"
> & {
  on<Name extends "status" | "final">(name: Name, listener: (event: JournalEvents[Name]) => void): void;
  off<Name extends "status" | "final">(name: Name, listener: (event: JournalEvents[Name]) => void): void;
};

export type Payload = Readonly<Record<string, unknown>>;

export interface RecordedDeps {
  readonly journal: JournalLike;
  readonly clock: Clock;
  /** The same after a restart, another for another bridge. */
  readonly origin: string;
  /** Hands a command to the flow; false when the flow failed at once. */
  readonly hand: (name: BackendCommandName, payload: Payload & { commandId: string }) => boolean;
  /** A result stands; in the outbox, if it is stored. `reply` names the event that takes the values as well. */
  readonly onFinal: (result: CommandResult, reply: string | undefined, stored: boolean) => void;
  readonly onChange: () => void;
  readonly onError: (error: DlmsError) => void;
}

/** What became of a flow's result. `foreign`: of no command that this bridge recorded. */
export type Settled = "same" | "late" | "foreign";

/** Handed to the flow without a pause. */
const BATCH = 50;

export class RecordedCommands {
  readonly #deps: RecordedDeps;
  /** Open ones that the flow has, with the event that takes the values as well. */
  readonly #open = new Map<string, string | undefined>();
  readonly #writes: SameWrites;
  #isRunning = false;

  constructor(deps: RecordedDeps) {
    this.#deps = deps;
    const { clock, journal, origin } = deps;
    this.#writes = new SameWrites({ clock, origin, store: () => journal.store() });
  }

  get size(): number {
    return this.#open.size;
  }

  /** The flow is there: it gets again what has no result. */
  start(): void {
    const { journal } = this.#deps;
    this.#isRunning = true;
    journal.on("final", this.#onFinal);
    journal.on("status", this.#onStatus);
    this.#onStatus(journal.status);
  }

  /** Commands of another bridge have become this one's. */
  adopted(): void {
    if (this.#isRunning) void this.#resume();
  }

  /** Leaves everything open. */
  stop(): void {
    const { journal } = this.#deps;
    this.#isRunning = false;
    journal.off("final", this.#onFinal);
    journal.off("status", this.#onStatus);
  }

  /**
   * @param serial the meter's, as the store knows it.
   * @throws DlmsError as `CommandJournal.record`: then the command is not accepted.
   */
  async record(
    command: Command,
    serial: string,
    hasBackendId: boolean,
    message: Payload,
  ): Promise<RecordedCommand & { readonly commandId: string }> {
    const { journal, origin } = this.#deps;
    const commandId = await this.#idOf(command, serial, hasBackendId);
    const options = { origin, hasBackendId, message: { ...message, commandId } };
    const recorded = await journal.record({ ...command, commandId }, options);
    return { commandId, ...recorded };
  }

  async #idOf(command: Command, serial: string, hasBackendId: boolean): Promise<string> {
    const { commandId } = command;
    if (command.command !== "write-meter") return commandId;
    if (!hasBackendId) return this.#writes.idOf(serial, command);
    // Joining it would tell of another write that this one was done.
    const known = await (await this.#deps.journal.store()).command(commandId);
    if (known !== undefined && contradicts(known, { ...command, meterSerialNumber: serial }, (same) => same))
      throw new DlmsError("COMMAND_CONFLICT", undefined, { field: "commandId" });
    return commandId;
  }

  /** Of a command that has just been recorded. */
  hand(name: BackendCommandName, payload: Payload & { readonly commandId: string }, reply?: string): void {
    if (!this.#isRunning) return;
    const { commandId } = payload;
    this.#open.set(commandId, reply);
    this.#deps.onChange();
    if (!this.#deps.hand(name, payload)) this.#fallen(commandId, name, payload);
  }

  /** Values are asked for by the result of a command that is open already. */
  also(commandId: string, reply: string): void {
    if (this.#open.has(commandId)) this.#open.set(commandId, reply);
  }

  /** A result that came from the flow. @throws DlmsError of the StoreError family when nothing can be looked up. */
  async settle(result: CommandResult): Promise<Settled> {
    const { journal, origin } = this.#deps;
    const { commandId } = result;
    if (!this.#open.has(commandId)) {
      const known = await (await journal.store()).command(commandId);
      if (known === undefined || payloadOf(known)?.by !== "bridge") return "foreign";
      // Another bridge of the same store answers it.
      if (known.origin !== origin) return "same";
    }
    // What has been marked as sent has somebody who finds out how it ended, and knows better.
    const stands = await journal.end(commandId, result, true);
    return stands?.outcome === result.outcome ? "same" : "late";
  }

  readonly #onFinal = ({ result, origin, by, stored }: JournalEvents["final"]): void => {
    this.#writes.ended(result);
    if (by !== "bridge" || origin !== this.#deps.origin) return;
    const reply = this.#open.get(result.commandId);
    this.#open.delete(result.commandId);
    this.#deps.onFinal(result, reply, stored);
    this.#deps.onChange();
  };

  readonly #onStatus = ({ phase }: JournalEvents["status"]): void => {
    if (phase === "open") void this.#resume();
    this.#deps.onChange();
  };

  async #resume(): Promise<void> {
    const { journal, origin } = this.#deps;
    try {
      let handed = 0;
      for (const { commandId, command, message } of await journal.openCommands(origin)) {
        const name = flowCommands.find((event) => event === command.command);
        if (name === undefined || this.#open.has(commandId) || !isRecord(message)) continue;
        this.hand(name, { ...message, commandId });
        if ((handed += 1) % BATCH === 0) await new Promise((resolve) => setImmediate(resolve));
        if (!this.#isRunning) return;
      }
    } catch (caught) {
      // The store is gone again; when it is back, so is this.
      this.#deps.onError(asDlmsError(caught));
    }
  }

  /** The flow threw, so no node may ever run it. */
  #fallen(commandId: string, command: BackendCommandName, payload: Payload): void {
    const error = new DlmsError("INTERNAL", "The flow failed when it was given the command.");
    const now = new Date().toISOString();
    const { meterSerialNumber } = payload;
    const result: CommandResult = {
      meterSerialNumber: typeof meterSerialNumber === "string" ? meterSerialNumber : null,
      commandId,
      command,
      success: false,
      outcome: "not-sent",
      startedAt: now,
      finishedAt: now,
      attempts: 0,
      error: error.toPayload(),
    };
    this.#deps.journal
      .end(commandId, result, true)
      .catch((caught: unknown) => this.#deps.onError(asDlmsError(caught)));
  }
}
