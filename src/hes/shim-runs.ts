/**
 * Runs the commands of the backend's DLMS calls past the flow, and yet by the journal: recorded, marked before the
 * first octet leaves, ended once. A call waits only for a while; a write goes on without it, the same call made again
 * joins it, and what became of a write that nobody waits for any more is told otherwise.
 */
import { DlmsError } from "../core/errors.js";
import { type JournalEvents } from "../gateway/journal/index.js";
import { changesState, type Command, type CommandResult } from "../gateway/messages.js";
import { type Clock } from "../transport/clock.js";
import { type RegistryLike } from "./options.js";
import { type JournalLike } from "./recorded.js";
import { SameWrites } from "./same-writes.js";

export interface ShimRun {
  /** That of an equal write, if this one has joined it. */
  readonly commandId: string;
  /** The final one; undefined when the call waits no longer, and the command goes on. */
  readonly result: CommandResult | undefined;
}

/** What a call needs to have a command run. */
export interface ShimRunner {
  start(): void;
  stop(): void;
  /**
   * @param isNamed the id is the caller's own.
   * @throws DlmsError METER_UNKNOWN, METER_OFFLINE, LISTENER_CLOSED, STORE_UNAVAILABLE and others of that family.
   */
  run(command: Command, waitMs: number, isNamed?: boolean): Promise<ShimRun>;
}

export interface ShimRunsDeps {
  readonly registry: Pick<RegistryLike, "find" | "normalise">;
  /** Without it nothing is run that changes anything. */
  readonly journal: JournalLike | undefined;
  /** Runs a command without a journal, and never rejects. */
  readonly execute: (command: Command) => Promise<CommandResult>;
  readonly clock: Clock;
  /** Names the calls of this bridge in the store; without a space, or it would be a bridge's. */
  readonly origin: string;
  /** A write has ended and no caller waits for it. */
  readonly onLate: (result: CommandResult) => void;
}

export class ShimRuns implements ShimRunner {
  readonly #deps: ShimRunsDeps;
  readonly #writes: SameWrites | undefined;
  /** How many calls wait for each command. */
  readonly #waiting = new Map<string, number>();
  #leave: (() => void) | undefined;

  constructor(deps: ShimRunsDeps) {
    this.#deps = deps;
    const { clock, journal, origin } = deps;
    this.#writes = journal && new SameWrites({ clock, origin, store: () => journal.store() });
  }

  /** What an earlier life has left open is finished. */
  start(): void {
    const { journal, origin } = this.#deps;
    if (journal === undefined || this.#leave !== undefined) return;
    journal.on("final", this.#onFinal);
    const leave = journal.recover(origin, (result) => this.#late(result));
    this.#leave = () => {
      journal.off("final", this.#onFinal);
      leave();
    };
  }

  /** Calls under way end; their commands stay as they truly are. */
  stop(): void {
    this.#leave?.();
    this.#leave = undefined;
  }

  async run(asked: Command, waitMs: number, isNamed = false): Promise<ShimRun> {
    const { clock } = this.#deps;
    const until = clock.now() + waitMs;
    const command = await this.#begun(asked, isNamed);
    const { commandId } = command;
    const running = this.#execute(command);
    const isFirst = !this.#waiting.has(commandId);
    this.#waiting.set(commandId, (this.#waiting.get(commandId) ?? 0) + 1);
    // Whoever of them hears it, one is enough.
    if (isFirst)
      running.then((result) => this.#ended(commandId, result)).catch(() => this.#waiting.delete(commandId));
    try {
      return { commandId, result: await within(until, running, clock) };
    } finally {
      const left = this.#waiting.get(commandId);
      if (left !== undefined) this.#waiting.set(commandId, left - 1);
    }
  }

  /**
   * The same write once more goes by the id of the earlier one, and only that one may do without its meter.
   * @throws DlmsError METER_UNKNOWN, METER_OFFLINE.
   */
  async #begun(command: Command, isNamed: boolean): Promise<Command> {
    const { registry } = this.#deps;
    const meter = registry.find(command.meterSerialNumber);
    const serial = meter?.meterSerialNumber ?? registry.normalise(command.meterSerialNumber);
    const commandId = await this.#idOf(command, serial, isNamed);
    if (meter?.online !== true && !(await this.#isKnown(commandId))) {
      this.#writes?.drop(serial, commandId);
      const code = meter === undefined ? "METER_UNKNOWN" : "METER_OFFLINE";
      throw new DlmsError(code, undefined, { field: "meterSerialNumber" });
    }
    return { ...command, commandId };
  }

  async #idOf(command: Command, serial: string, isNamed: boolean): Promise<string> {
    if (command.command !== "write-meter" || isNamed || this.#writes === undefined) return command.commandId;
    return this.#writes.idOf(serial, command);
  }

  async #isKnown(commandId: string): Promise<boolean> {
    const { journal } = this.#deps;
    return journal !== undefined && (await (await journal.store()).command(commandId)) !== undefined;
  }

  async #execute(command: Command): Promise<CommandResult> {
    const { execute, journal, origin } = this.#deps;
    if (journal === undefined && changesState(command))
      throw new DlmsError("STORE_UNAVAILABLE", "What changes a meter needs a store.");
    const result = await (journal?.execute(command, { origin }) ?? execute(command));
    if (result === undefined) throw new DlmsError("LISTENER_CLOSED");
    return result;
  }

  #ended(commandId: string, result: CommandResult): void {
    const isHeard = (this.#waiting.get(commandId) ?? 0) > 0;
    this.#waiting.delete(commandId);
    if (!isHeard) this.#late(result);
  }

  /** What was only to be read is of no use any more. */
  #late(result: CommandResult): void {
    if (result.command === "write-meter") this.#deps.onLate(result);
  }

  readonly #onFinal = ({ result }: JournalEvents["final"]): void => this.#writes?.ended(result);
}

/** Undefined at that moment. */
function within<T>(until: number, result: Promise<T>, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.at(until, () => resolve(undefined));
    result.then(resolve, reject).finally(cancel);
  });
}
