/**
 * Who takes the results of commands that nodes have journalled. Nodes come back under their ids within a deploy or with
 * the next life of the process; until then their results wait in the store. Whoever is not back after a while is gone,
 * and its results leave as orphans.
 */
import { asDlmsError } from "../../core/errors.js";
import { type Store } from "../../store/index.js";
import { type Clock } from "../../transport/clock.js";
import { type CommandResult } from "../messages.js";
import { outboxResult } from "./results.js";
import { undelivered } from "./undelivered.js";

type Give = (result: CommandResult) => void;

export interface RecipientsOptions {
  readonly clock: Clock;
  readonly owner: string;
  readonly orphanMs: number;
  readonly store: () => Promise<Store>;
  readonly orphan: (result: CommandResult) => void;
  /** Those who are not there by now will not come: what is still open for them is ended. */
  readonly gone: (isGone: (origin: string) => boolean) => void;
  /** A result was put into the store for somebody who may never come. */
  readonly kept: () => void;
  readonly failed: (caught: unknown) => void;
}

/** Results taken from the store at once. */
const PAGE = 100;

export class Recipients {
  readonly #options: RecipientsOptions;
  readonly #present = new Map<string, Give>();
  #isMine: ((owner: string) => boolean) | undefined;
  #cancel: (() => void) | undefined;
  /** One after the other, so that nothing is given twice. */
  #work: Promise<void> = Promise.resolve();
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

  /** The node is there; what was kept for it is given. @returns ends it. */
  add(origin: string, give: Give): () => void {
    this.#present.set(origin, give);
    for (const result of undelivered.take((of) => of === origin)) give(result);
    this.#then(() => this.#giveKept(origin));
    return () => {
      if (!this.isPresent(origin, give)) return;
      this.#present.delete(origin);
      this.watch();
    };
  }

  isPresent(origin: string, give: Give | undefined = this.#present.get(origin)): boolean {
    return give !== undefined && this.#present.get(origin) === give;
  }

  give(origin: string, result: CommandResult): void {
    const give = this.#present.get(origin);
    if (give !== undefined) return give(result);
    this.#then(() => this.#keep(origin, result));
  }

  /** Nobody gets anything any more; what comes is kept. */
  close(): void {
    this.#isClosed = true;
    this.#present.clear();
    this.#cancel?.();
  }

  /** Resolves when everything is kept. */
  async settled(): Promise<void> {
    await this.#work;
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch(this.#options.failed);
  }

  async #keep(origin: string, result: CommandResult): Promise<void> {
    const { clock, owner, store, kept, failed } = this.#options;
    const { meterSerialNumber } = result;
    const body = { owner, message: outboxResult(result) };
    try {
      const item = { meterSerialNumber, kind: "result", body, origin } as const;
      await (await store()).enqueue([item], Math.floor(clock.epochMs()));
    } catch (caught) {
      failed(caught);
      undelivered.keep(owner, origin, result);
      return this.watch();
    }
    kept();
    await this.#giveKept(origin);
  }

  async #giveKept(origin: string): Promise<void> {
    const { clock, store } = this.#options;
    if (!this.isPresent(origin)) return;
    try {
      const opened = await store();
      for (;;) {
        const now = Math.floor(clock.epochMs());
        const items = await opened.peekOutbox({ limit: PAGE, now, kind: "result", origin });
        const give = this.#present.get(origin);
        if (give === undefined || items.length === 0) return;
        for (const { body } of items) give(body["message"] as CommandResult);
        await opened.acknowledge(items.map(({ id }) => id));
      }
    } catch (caught) {
      // Without a store: `opened` comes back to it.
      if (asDlmsError(caught).family !== "StoreError") throw caught;
    }
  }

  /** The store was opened. */
  opened(): void {
    for (const origin of this.#present.keys()) this.#then(() => this.#giveKept(origin));
  }

  #sweep(isMine: (owner: string) => boolean): void {
    const isGone = (origin: string): boolean => !this.#present.has(origin);
    for (const result of undelivered.take((origin, owner) => isMine(owner) && isGone(origin)))
      this.#options.orphan(result);
    this.#options.gone(isGone);
  }
}
