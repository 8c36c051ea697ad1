/**
 * The invocation counters of simulated meters, which keep nothing: they begin with the time, above those of an earlier
 * run that sent less than eight messages a second, and above all that this process has given out. A meter that is made
 * anew in the middle of a flow would else repeat numbers, and be taken for a replay.
 */
import { type CounterRange } from "../security/index.js";
import { type CounterSource, MemoryCounters } from "./outside.js";

const SINCE_MS = Date.UTC(2025, 0, 1);
/** At this pace the numbers last until 2042. */
const MS_PER_NUMBER = 125;

let highest = 0;

export class SimulatedCounters implements CounterSource {
  readonly #counters: MemoryCounters;

  constructor(epochMs: number) {
    this.#counters = new MemoryCounters(
      Math.max(Math.floor((epochMs - SINCE_MS) / MS_PER_NUMBER), highest + 1),
    );
  }

  reserveCounter(key: string, atLeast: number, count: number): CounterRange {
    const range = this.#counters.reserveCounter(key, atLeast, count);
    highest = Math.max(highest, range.to);
    return range;
  }
}
