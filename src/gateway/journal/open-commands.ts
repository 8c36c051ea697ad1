/**
 * The commands of one journal that have no result yet: how many a meter has, and when each ceases to be wanted. Time
 * to live is counted by the monotonic clock from the moment a command is followed, so a jump of the wall clock neither
 * ends a command early nor lets a stale one run.
 */
import { type Clock } from "../../transport/clock.js";
import { type StoredCommand } from "../../store/index.js";
import { type CommandName } from "../messages.js";
import { type Deadlines, longestWait } from "../options.js";
import { type Recorder } from "./entry.js";

export interface OpenCommand {
  readonly commandId: string;
  /** Normalised. */
  readonly serial: string;
  readonly origin: string;
  readonly by: Recorder;
  /** Monotonic milliseconds: must not start afterwards. */
  readonly deadline: number;
  readonly expiresAt: number;
}

interface Followed extends OpenCommand {
  readonly cancel: () => void;
}

export class OpenCommands {
  readonly #clock: Clock;
  readonly #deadlines: Deadlines;
  readonly #onDeadline: (command: OpenCommand) => void;
  readonly #followed = new Map<string, Followed>();
  readonly #perMeter = new Map<string, number>();
  #isStopped = false;

  /** @param deadlines how long a command of each kind may wait. */
  constructor(clock: Clock, deadlines: Deadlines, onDeadline: (command: OpenCommand) => void) {
    this.#clock = clock;
    this.#deadlines = deadlines;
    this.#onDeadline = onDeadline;
  }

  of(serial: string): number {
    return this.#perMeter.get(serial) ?? 0;
  }

  get size(): number {
    return this.#followed.size;
  }

  find(commandId: string): OpenCommand | undefined {
    return this.#followed.get(commandId);
  }

  list(): readonly OpenCommand[] {
    return [...this.#followed.values()];
  }

  /** Milliseconds. */
  longest(command: CommandName): number {
    return longestWait(command, this.#deadlines);
  }

  /** Its `expiresAt` counts, and no more than its kind allows: the wall clock may have been set back since. */
  follow(
    stored: Pick<StoredCommand, "commandId" | "command" | "meterSerialNumber" | "origin" | "expiresAt">,
    by: Recorder,
  ): OpenCommand {
    const { commandId, meterSerialNumber: serial, origin, expiresAt } = stored;
    const known = this.#followed.get(commandId);
    if (known !== undefined) return known;
    const leftMs = Math.max(0, Math.min(expiresAt - this.#clock.epochMs(), this.longest(stored.command)));
    const deadline = this.#clock.now() + leftMs;
    const command: OpenCommand = { commandId, serial, origin, by, deadline, expiresAt };
    // What is recorded while the journal closes is the next life's.
    const cancel = this.#isStopped
      ? () => undefined
      : this.#clock.at(deadline, () => this.#onDeadline(command));
    this.#followed.set(commandId, { ...command, cancel });
    this.#perMeter.set(serial, this.of(serial) + 1);
    return command;
  }

  /** Its meter turned out to spell its number so. */
  respell(commandId: string, serial: string): void {
    const followed = this.#followed.get(commandId);
    if (followed === undefined) return;
    this.#leave(followed.serial);
    this.#followed.set(commandId, { ...followed, serial });
    this.#perMeter.set(serial, this.of(serial) + 1);
  }

  /** Another bridge has taken them over. */
  rename(from: string, to: string): void {
    for (const [commandId, followed] of this.#followed)
      if (followed.origin === from) this.#followed.set(commandId, { ...followed, origin: to });
  }

  forget(commandId: string): void {
    const followed = this.#followed.get(commandId);
    if (followed === undefined) return;
    followed.cancel();
    this.#followed.delete(commandId);
    this.#leave(followed.serial);
  }

  #leave(serial: string): void {
    const left = this.of(serial) - 1;
    if (left > 0) this.#perMeter.set(serial, left);
    else this.#perMeter.delete(serial);
  }

  /** Nothing expires any more. */
  stop(): void {
    this.#isStopped = true;
    for (const { cancel } of this.#followed.values()) cancel();
  }
}
