/**
 * The runs of a journal, one per command, and the end of every command: stored first, told then. A result that cannot
 * be stored now is kept and tried again; it is told unstored only where the store's file is damaged for good.
 */
import { asDlmsError, DlmsError } from "../../core/errors.js";
import { type OutboxItem, type StoredCommand } from "../../store/index.js";
import { type Clock } from "../../transport/clock.js";
import { changesState, type Command, type CommandResult } from "../messages.js";
import { type Absence } from "./absence.js";
import { commandOf, payloadOf } from "./entry.js";
import { type JournalStore } from "./journal-store.js";
import { type OpenCommand, type OpenCommands } from "./open-commands.js";
import { keptResult, outboxResult, unsentResult } from "./results.js";
import { Run } from "./run.js";
import { type JournalEvents, type ResolvedJournalOptions } from "./types.js";

export interface RunsDeps {
  readonly options: ResolvedJournalOptions;
  readonly store: JournalStore;
  readonly absence: Absence;
  readonly open: OpenCommands;
  /** Whether an earlier life has met this meter. */
  readonly isKnown: (serial: string) => boolean;
  readonly progress: (event: JournalEvents["progress"]) => void;
  readonly log: (text: string) => void;
  /** A result stands. @param taken somebody who waited for it has it. @param stored false where the file is damaged. */
  readonly concluded: (command: OpenCommand, result: CommandResult, taken: boolean, stored: boolean) => void;
}

export class Runs {
  readonly #deps: RunsDeps;
  readonly #clock: Clock;
  readonly #runs = new Map<string, Run>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #pauses = new Set<() => void>();
  #isClosed = false;

  constructor(deps: RunsDeps) {
    this.#deps = deps;
    this.#clock = deps.options.clock;
  }

  find(commandId: string): Run | undefined {
    return this.#runs.get(commandId);
  }

  /** The node of this origin is gone: its messages get no result any more. */
  dismiss(origin: string): void {
    for (const run of this.#runs.values()) run.dismiss(origin);
  }

  /**
   * The run of this command, begun if there is none. Synchronous, so that there is never a second one.
   * @param asked the message's own words: the codes of a read, and what its result is to echo.
   * @throws DlmsError STORE_CORRUPT when the command cannot be read back.
   */
  of(stored: StoredCommand, asked?: Command, reopened = false): Run {
    const running = this.#runs.get(stored.commandId);
    if (running !== undefined) return running;
    const { options, store, absence, open, progress, isKnown } = this.#deps;
    const by = payloadOf(stored)?.by ?? "node";
    const { deadline } = open.follow(stored, by);
    const run: Run = new Run(
      {
        command: toRun(stored, asked),
        stored,
        deadline,
        waits: options.offline === "wait",
        knownElsewhere: by === "bridge" || asked === undefined || isKnown(stored.meterSerialNumber),
        reopened,
      },
      {
        listener: options.listener,
        clock: this.#clock,
        store,
        absence,
        verifyMs: options.verifyMs,
        isClosed: () => this.#isClosed,
        respell: (serial) => this.#respell(run, serial),
        progress: (status) =>
          progress({ commandId: stored.commandId, meterSerialNumber: stored.meterSerialNumber, status }),
      },
    );
    this.#runs.set(stored.commandId, run);
    this.#task(() => this.#drive(run));
    return run;
  }

  /**
   * Stores the final result, and then tells it. The first one stands.
   * @param onlyWaiting leaves a command alone that has been sent. @returns the result that stands.
   */
  async finish(
    commandId: string,
    result: CommandResult,
    onlyWaiting = false,
  ): Promise<CommandResult | undefined> {
    const { options, store, open, log } = this.#deps;
    const followed = open.find(commandId);
    const body = keptResult(result);
    const { meterSerialNumber } = result;
    const alsoEnqueue: OutboxItem[] =
      followed?.by === "bridge"
        ? [{ meterSerialNumber, kind: "result", body: outboxResult(result), origin: followed.origin }]
        : [];
    const at = Math.floor(this.#clock.epochMs());
    let pauseMs = options.retryMinMs;
    for (;;) {
      try {
        const opened = await store.store();
        const done = await opened.finishCommand(commandId, body, at, { onlyWaiting, alsoEnqueue });
        if (done.kind === "not-waiting") return undefined;
        const stands = done.kind === "already" ? (done.result as CommandResult) : result;
        this.#conclude(commandId, stands, done.kind === "already" ? undefined : followed);
        return stands;
      } catch (caught) {
        const error = asDlmsError(caught);
        if (isDamaged(error)) {
          this.#conclude(commandId, result, followed, false);
          return result;
        }
        if (error.retry === "never" || this.#isClosed) throw error;
        log(`A result waits to be stored: ${error.message}`);
        await this.#pause(pauseMs);
        pauseMs = Math.min(options.retryMaxMs, pauseMs * 2);
      }
    }
  }

  /** Nobody waits for it to start any more. What has been sent is found out, if that is not under way. */
  giveUp(commandId: string, outcome: "expired" | "not-sent", error: DlmsError): void {
    this.#task(async () => {
      const stored = await (await this.#deps.store.store()).command(commandId);
      const now = Math.floor(this.#clock.epochMs());
      if (stored?.state === "waiting")
        await this.finish(commandId, unsentResult(stored, outcome, error, now), true);
      else if (stored?.state === "sending" && !this.#isClosed) this.of(stored);
    });
  }

  /** Leaves everything as it truly is; resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const run of this.#runs.values()) {
      run.dismiss();
      run.interrupt();
    }
    for (const wake of [...this.#pauses]) wake();
    while (this.#tasks.size > 0) await Promise.all([...this.#tasks]);
  }

  /**
   * The meter is there and spells its number otherwise than the command did: only now it shows whether the same token
   * was asked for under another spelling. @returns that one's result, if so.
   */
  async #respell(run: Run, serial: string): Promise<CommandResult | undefined> {
    const { store, open } = this.#deps;
    const { commandId } = run;
    const opened = await store.store();
    const same = await opened.respell(commandId, serial);
    if (same.kind === "new") {
      open.respell(commandId, serial);
      return undefined;
    }
    const { extra } = run.options.command;
    if (same.kind === "answered") return repeated(same.result as CommandResult, extra);
    const other = await opened.command(same.commandId);
    if (other === undefined) throw new DlmsError("STORE_FAILED", "The store has lost a command.");
    if (other.state === "done") return repeated(other.result as CommandResult, extra);
    const result = await this.of(other, undefined, same.kind === "verify").result(`${commandId} joins`);
    return result && repeated(result, extra);
  }

  async #drive(run: Run): Promise<void> {
    let result: CommandResult | undefined;
    try {
      result = await run.drive();
      if (result !== undefined) await this.finish(run.commandId, result);
    } finally {
      // A result that the store will never take is told all the same; the command stays open in the store.
      if (result !== undefined) run.conclude(result);
      if (this.#runs.get(run.commandId) === run) this.#runs.delete(run.commandId);
      if (this.#isClosed) run.dismiss();
    }
  }

  #conclude(
    commandId: string,
    result: CommandResult,
    followed: OpenCommand | undefined,
    stored = true,
  ): void {
    this.#deps.open.forget(commandId);
    const taken = this.#runs.get(commandId)?.conclude(result) ?? false;
    if (followed !== undefined) this.#deps.concluded(followed, result, taken, stored);
  }

  #task(work: () => Promise<void>): void {
    const task = work()
      .catch((caught: unknown) => this.#deps.log(`A command stays open: ${asDlmsError(caught).message}`))
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#pauses.delete(wake);
        resolve();
      };
      const cancel = this.#clock.at(this.#clock.now() + ms, wake);
      this.#pauses.add(wake);
    });
  }
}

/** What was recorded is what runs; only what a read asks for, and the image of a firmware, are the message's. */
function toRun(stored: StoredCommand, asked: Command | undefined): Command {
  const recorded = commandOf(stored);
  const isOwn = asked !== undefined && (!changesState(asked) || asked.command === "meter-firmware");
  const base = isOwn ? asked : recorded;
  if (base === undefined) throw new DlmsError("STORE_CORRUPT", "A command in the store cannot be read back.");
  return { ...base, commandId: stored.commandId, extra: asked?.extra ?? base.extra };
}

function repeated(result: CommandResult, extra: Command["extra"]): CommandResult {
  return { ...result, ...extra, repeats: result.commandId };
}

/** The file is beyond repair: what was stored is lost, and waiting for it to come back helps nobody. */
function isDamaged({ code, cause }: DlmsError): boolean {
  return code === "STORE_CORRUPT" || (cause instanceof DlmsError && cause.code === "STORE_CORRUPT");
}
