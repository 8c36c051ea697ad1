/** Rates of a listener over the last minute, from its counters at several times. */
import { type Counters } from "./model.js";

const WINDOW_MS = 60_000;
const LEAST_MS = 900;

type Counted = "octetsReceived" | "octetsSent" | "commands" | "accepted" | "notifications";

export class Rates {
  #samples: { readonly at: number; readonly counters: Counters }[] = [];

  add(at: number, counters: Counters): void {
    const last = this.#samples[this.#samples.length - 1];
    // Made anew by a deploy: it counts from zero again.
    if (last !== undefined && counters.accepted < last.counters.accepted) this.#samples = [];
    if (last !== undefined && at - last.at < LEAST_MS) this.#samples.pop();
    this.#samples.push({ at, counters });
    // One sample older than the window stays, so that the window is covered.
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) >= WINDOW_MS) this.#samples.shift();
  }

  /** Per second; undefined until there is something to compare. */
  perSecond(what: Counted): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples[this.#samples.length - 1];
    if (first === undefined || last === undefined || last.at - first.at < LEAST_MS) return undefined;
    return ((last.counters[what] - first.counters[what]) * 1_000) / (last.at - first.at);
  }
}
