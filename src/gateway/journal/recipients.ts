/**
 * Who takes the results of commands that nodes have journalled. Nodes come back under their ids within a deploy; whoever
 * is not back after a while is gone, and its results leave as orphans.
 */
import { type Clock } from "../../transport/clock.js";
import { type CommandResult } from "../messages.js";
import { undelivered } from "./undelivered.js";

type Give = (result: CommandResult) => void;

export interface RecipientsOptions {
  readonly clock: Clock;
  readonly owner: string;
  readonly orphanMs: number;
  readonly orphan: (result: CommandResult) => void;
  /** Those who are not there by now will not come: what is still open for them is ended. */
  readonly gone: (isGone: (origin: string) => boolean) => void;
}

export class Recipients {
  readonly #options: RecipientsOptions;
  readonly #present = new Map<string, Give>();
  #isMine: ((owner: string) => boolean) | undefined;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(options: RecipientsOptions) {
    this.#options = options;
  }

  /** Everybody who takes part has been made: from now on it counts who is not there. */
  watch(isMine = this.#isMine): void {
    if (isMine === undefined || this.#isClosed) return;
    this.#isMine = isMine;
    this.#cancel?.();
    const { clock, orphanMs } = this.#options;
    this.#cancel = clock.at(clock.now() + orphanMs, () => this.#sweep(isMine));
  }

  /** The node is there; what was kept for it is given at once. @returns ends it. */
  add(origin: string, give: Give): () => void {
    this.#present.set(origin, give);
    for (const result of undelivered.take((of) => of === origin)) give(result);
    return () => {
      if (!this.isPresent(origin, give)) return;
      this.#present.delete(origin);
      this.watch();
    };
  }

  isPresent(origin: string, give: Give): boolean {
    return this.#present.get(origin) === give;
  }

  give(origin: string, result: CommandResult): void {
    const give = this.#present.get(origin);
    if (give !== undefined) return give(result);
    undelivered.keep(this.#options.owner, origin, result);
    this.watch();
  }

  close(): void {
    this.#isClosed = true;
    this.#present.clear();
    this.#cancel?.();
  }

  #sweep(isMine: (owner: string) => boolean): void {
    const isGone = (origin: string): boolean => !this.#present.has(origin);
    for (const result of undelivered.take((origin, owner) => isMine(owner) && isGone(origin)))
      this.#options.orphan(result);
    this.#options.gone(isGone);
  }
}
