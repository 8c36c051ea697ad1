/**
 * Final results whose node was not there to take them: while flows are deployed a node goes and comes back under its
 * id. One for the whole process, because the journal itself may go and come back as well. Bounded: the oldest go.
 */
import { type CommandResult } from "../messages.js";

const KEPT = 1_000;

interface Kept {
  /** The journal it comes from. */
  readonly owner: string;
  readonly origin: string;
  readonly result: CommandResult;
}

export class Undelivered {
  #kept: Kept[] = [];

  keep(owner: string, origin: string, result: CommandResult): void {
    this.#kept.push({ owner, origin, result });
    if (this.#kept.length > KEPT) this.#kept.shift();
  }

  /** Those that `wanted` says, once. */
  take(wanted: (origin: string, owner: string) => boolean): readonly CommandResult[] {
    const taken = this.#kept.filter(({ origin, owner }) => wanted(origin, owner));
    this.#kept = this.#kept.filter(({ origin, owner }) => !wanted(origin, owner));
    return taken.map(({ result }) => result);
  }
}

export const undelivered = new Undelivered();
