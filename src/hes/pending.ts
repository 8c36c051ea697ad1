/**
 * Commands that were given to the flow and have no final result yet, and the ids of those that had theirs lately:
 * a command gets exactly one final result, whatever the flow does. Bounded in number and in time.
 */
import { type Clock } from "../transport/clock.js";
import { type DeskCommand, type MeterCommandResult } from "./contract.js";

export interface PendingCommand {
  readonly commandId: string;
  readonly command: DeskCommand;
  readonly meterSerialNumber: string;
  readonly backendId?: string;
  /** Name of an event, without the record's id, that takes the values as well. */
  readonly reply?: string;
  /** ISO 8601, when it came from the backend. */
  readonly startedAt: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** A command that had its final result; the result is kept for those that change state. */
export interface EndedCommand {
  readonly pending: PendingCommand;
  result?: MeterCommandResult;
}

const ENDED_KEPT = 1_000;

interface Entry {
  readonly pending: PendingCommand;
  readonly cancel: () => void;
}

export class PendingCommands {
  readonly #clock: Clock;
  readonly #maximum: number;
  readonly #onDeadline: (pending: PendingCommand) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #ended = new Map<string, EndedCommand>();

  constructor(clock: Clock, maximum: number, onDeadline: (pending: PendingCommand) => void) {
    this.#clock = clock;
    this.#maximum = maximum;
    this.#onDeadline = onDeadline;
  }

  get size(): number {
    return this.#entries.size;
  }

  get full(): boolean {
    return this.#entries.size >= this.#maximum;
  }

  find(commandId: string): PendingCommand | undefined {
    return this.#entries.get(commandId)?.pending;
  }

  /** A command that had its final result lately. */
  findEnded(commandId: string): EndedCommand | undefined {
    return this.#ended.get(commandId);
  }

  /** A state change that ended well lately. */
  findSuccess(commandId: string): EndedCommand | undefined {
    const ended = this.#ended.get(commandId);
    return ended?.result?.success === true ? ended : undefined;
  }

  add(pending: PendingCommand, timeoutMs: number): void {
    const { commandId } = pending;
    const cancel = this.#clock.at(this.#clock.now() + timeoutMs, () => {
      if (this.take(commandId) !== undefined) this.#onDeadline(pending);
    });
    this.#ended.delete(commandId);
    this.#entries.set(commandId, { pending, cancel });
  }

  /** Ends the command: the caller sends its result. */
  take(commandId: string): PendingCommand | undefined {
    const entry = this.#entries.get(commandId);
    if (entry === undefined) return undefined;
    entry.cancel();
    this.#entries.delete(commandId);
    this.#ended.set(commandId, { pending: entry.pending });
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= ENDED_KEPT) break;
      this.#ended.delete(oldest);
    }
    return entry.pending;
  }

  /** Keeps the result of an ended state change, for a backend that sends the command again. */
  remember(commandId: string, result: MeterCommandResult): void {
    const ended = this.#ended.get(commandId);
    if (ended === undefined) return;
    const { command } = ended.pending;
    if (command !== "read-meter" && command !== "read-profile") ended.result = result;
  }

  /** Ends all of them. */
  takeAll(): PendingCommand[] {
    return [...this.#entries.keys()].flatMap((commandId) => this.take(commandId) ?? []);
  }
}
