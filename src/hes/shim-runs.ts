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

/** What a call needs to have a command run. */
export interface ShimRunner {
  start(): void;
  stop(): void;
  /**
   * The final result. `isNamed`: the id is the caller's own.
   * @throws DlmsError RESPONSE_TIMEOUT: the call waits no longer, and a command that is under way goes on;
   * LISTENER_CLOSED, STORE_UNAVAILABLE and others of that family.
   */
  run(command: Command, waitMs: number, isNamed?: boolean): Promise<CommandResult>;
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

  async run(asked: Command, waitMs: number, isNamed = false): Promise<CommandResult> {
    const { clock } = this.#deps;
    const until = clock.now() + waitMs;
    const command = await this.#named(asked, isNamed);
    const { commandId } = command;
    const running = this.#execute(command);
    const isFirst = !this.#waiting.has(commandId);
    this.#waiting.set(commandId, (this.#waiting.get(commandId) ?? 0) + 1);
    // Whoever of them hears it, one is enough.
    if (isFirst)
      running.then((result) => this.#ended(commandId, result)).catch(() => this.#waiting.delete(commandId));
    try {
      const result = await within(until, running, command, clock);
      if (result === undefined) throw new DlmsError("LISTENER_CLOSED");
      return result;
    } finally {
      const left = this.#waiting.get(commandId);
      if (left !== undefined) this.#waiting.set(commandId, left - 1);
    }
  }

  /** The same write once more goes by the id of the earlier one. */
  async #named(command: Command, isNamed: boolean): Promise<Command> {
    if (command.command !== "write-meter" || isNamed || this.#writes === undefined) return command;
    const { registry } = this.#deps;
    const { meterSerialNumber: serial } = command;
    const stored = registry.find(serial)?.meterSerialNumber ?? registry.normalise(serial);
    return { ...command, commandId: await this.#writes.idOf(stored, command) };
  }

  #execute(command: Command): Promise<CommandResult | undefined> {
    const { execute, journal, origin } = this.#deps;
    if (journal !== undefined) return journal.execute(command, { origin });
    if (changesState(command))
      return Promise.reject(new DlmsError("STORE_UNAVAILABLE", "What changes a meter needs a store."));
    return execute(command);
  }

  #ended(commandId: string, result: CommandResult | undefined): void {
    const isHeard = (this.#waiting.get(commandId) ?? 0) > 0;
    this.#waiting.delete(commandId);
    if (!isHeard && result !== undefined) this.#late(result);
  }

  /** What was only to be read is of no use any more. */
  #late(result: CommandResult): void {
    if (result.command === "write-meter") this.#deps.onLate(result);
  }

  readonly #onFinal = ({ result }: JournalEvents["final"]): void => this.#writes?.ended(result);
}

/** @throws DlmsError RESPONSE_TIMEOUT at that moment. */
function within<T>(until: number, result: Promise<T>, command: Command, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const text = changesState(command)
      ? "The meter has not answered yet. The same call made again joins this one and gets its result."
      : undefined;
    const cancel = clock.at(until, () => reject(new DlmsError("RESPONSE_TIMEOUT", text)));
    result.then(resolve, reject).finally(cancel);
  });
}
