/**
 * What bridges to the same backend have left in the store, since they are gone: a bridge that was deleted, or one of a
 * flow that was imported anew under other ids. It is for that backend, whoever sends it.
 */
import { asDlmsError, type DlmsError } from "../core/errors.js";
import { isPresent, partsOf } from "../gateway/journal/index.js";
import { type AdoptedCounts } from "../store/index.js";
import { type Clock } from "../transport/clock.js";
import { type JournalLike } from "./recorded.js";

export interface TakeoverDeps {
  readonly journal: JournalLike;
  readonly clock: Clock;
  readonly backend: string;
  /** The bridge that takes over. */
  readonly origin: string;
  readonly onAdopted: (counts: AdoptedCounts) => void;
  readonly onError: (error: DlmsError) => void;
}

export class Takeover {
  readonly #deps: TakeoverDeps;
  #cancel: (() => void) | undefined;
  #unwatch: (() => void) | undefined;
  #isStopped = false;

  constructor(deps: TakeoverDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { journal } = this.#deps;
    journal.on("status", this.#onStatus);
    this.#unwatch = journal.bridges.onLeft(() => this.#lookLater());
    this.#lookLater();
  }

  stop(): void {
    this.#isStopped = true;
    this.#deps.journal.off("status", this.#onStatus);
    this.#unwatch?.();
    this.#cancel?.();
  }

  readonly #onStatus = ({ phase }: JournalLike["status"]): void => {
    if (phase === "open") this.#lookLater();
  };

  /** A deploy ends bridges and makes them again: only who does not come back is gone. */
  #lookLater(): void {
    if (this.#isStopped) return;
    const { clock, journal } = this.#deps;
    this.#cancel?.();
    this.#cancel = clock.at(clock.now() + journal.orphanMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { journal, backend, origin, onAdopted, onError } = this.#deps;
    if (journal.status.phase !== "open") return;
    try {
      for (const other of await (await journal.store()).origins()) {
        if (this.#isStopped) return;
        if (other === origin || partsOf(other)?.backend !== backend || isPresent(other)) continue;
        const counts = await journal.adopt(other, origin);
        if (counts.commands + counts.items > 0) onAdopted(counts);
      }
    } catch (caught) {
      onError(asDlmsError(caught));
      this.#lookLater();
    }
  }
}
