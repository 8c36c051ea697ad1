/**
 * Results in the outbox whose node is gone, or whose bridge is gone and no other bridge to the same backend has taken
 * them over: they leave at the listener. While nobody listens there they stay in the store. Readings stay until they are
 * too old.
 */
import { type Store } from "../../store/index.js";
import { type Clock } from "../../transport/clock.js";
import { type CommandResult } from "../messages.js";
import { isPresent, partsOf } from "./bridges.js";

export interface LeftResultsOptions {
  readonly clock: Clock;
  /** How long a bridge may be away, and the others then have to take over what it left. */
  readonly afterMs: number;
  readonly store: () => Promise<Store>;
  /** Whether a node takes its results itself. */
  readonly hasNode: (origin: string) => boolean;
  /** False: nobody has taken it. */
  readonly give: (result: CommandResult) => boolean;
  readonly log: (text: string) => void;
  readonly failed: (caught: unknown) => void;
}

const PAGE = 100;

export class LeftResults {
  readonly #options: LeftResultsOptions;
  #isMine: ((owner: string) => boolean) | undefined;
  #cancel: (() => void) | undefined;
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;
  #said = "";

  constructor(options: LeftResultsOptions) {
    this.#options = options;
  }

  /** From now on it counts which bridge is not there. @param isMine as for `CommandJournal.start`. */
  watch(isMine = this.#isMine): void {
    if (isMine === undefined || this.#isClosed) return;
    this.#isMine = isMine;
    this.#cancel?.();
    const { clock, afterMs, failed } = this.#options;
    this.#cancel = clock.at(clock.now() + afterMs, () => {
      this.#work = this.#work.then(() => this.#sweep(isMine)).catch(failed);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#work;
  }

  async #sweep(isMine: (owner: string) => boolean): Promise<void> {
    const store = await this.#options.store();
    for (const origin of await store.origins()) {
      await this.#giveAll(store, origin, isMine);
    }
  }

  async #giveAll(store: Store, origin: string, isMine: (owner: string) => boolean): Promise<void> {
    const { clock, give, hasNode, log } = this.#options;
    const bridge = partsOf(origin);
    if (bridge !== undefined && !isMine(bridge.owner)) return;
    for (;;) {
      if (this.#isClosed || isPresent(origin) || hasNode(origin)) return;
      const now = Math.floor(clock.epochMs());
      const items = await store.peekOutbox({ limit: PAGE, now, kind: "result", origin });
      // A node's results say whose they are.
      if (bridge === undefined && !items.every(({ body }) => isMine(String(body["owner"])))) return;
      const given: number[] = [];
      for (const { id, body } of items) {
        const { message = body } = body;
        if (!give(message as CommandResult)) break;
        given.push(id);
      }
      if (given.length > 0) await store.acknowledge(given);
      if (given.length === items.length && items.length === PAGE) continue;
      if (given.length < items.length && this.#said !== origin) {
        this.#said = origin;
        const whose = bridge === undefined ? "a node that" : `${bridge.backend}, whose bridge`;
        log(`Results for ${whose} is gone wait until it is back or a meter server takes them.`);
      }
      return;
    }
  }
}
