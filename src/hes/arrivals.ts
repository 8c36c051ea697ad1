/**
 * One event of the backend may arrive over several sockets: a broadcast reaches the shared one and every meter's own.
 * Counted by content: the n-th arrival over one socket is news only if no other socket brought it n times already, so
 * the same command sent twice is still two. Contents are kept as digests, for they may hold tokens.
 */
import { createHash } from "node:crypto";
import { type Clock } from "../transport/clock.js";
import { type CommandAck } from "./contract.js";

interface Known {
  shared: number;
  own: number;
  readonly until: number;
  readonly answers: CommandAck[];
}

const KEPT = 10_000;
/** Sockets of one backend are not further apart than this. */
const WINDOW_MS = 10_000;

export class Arrivals {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts an arrival. `act` runs for news and gives the answer that copies get as well. */
  take(digest: string, socket: "shared" | "own", act: () => CommandAck): CommandAck {
    const known = this.#open(digest);
    const before = Math.max(known.shared, known.own);
    known[socket] += 1;
    const nth = known[socket];
    const earlier = known.answers[nth - 1];
    if (nth <= before && earlier !== undefined) return earlier;
    const answer = act();
    known.answers[nth - 1] = answer;
    return answer;
  }

  /** Counts an arrival over the shared socket that is acted on elsewhere. */
  note(digest: string): void {
    this.#open(digest).shared += 1;
  }

  /** Whether the shared socket brought this within the window. */
  wasShared(digest: string): boolean {
    const known = this.#known.get(digest);
    return known !== undefined && known.until > this.#clock.now() && known.shared > 0;
  }

  #open(digest: string): Known {
    const now = this.#clock.now();
    for (const [key, { until }] of this.#known) {
      if (until > now && this.#known.size < KEPT) break;
      this.#known.delete(key);
    }
    let known = this.#known.get(digest);
    if (known === undefined) {
      known = { shared: 0, own: 0, until: now + WINDOW_MS, answers: [] };
      this.#known.set(digest, known);
    }
    return known;
  }
}

/** What arrived, as a digest. */
export function digestOf(name: string, payload: unknown): string {
  return createHash("sha256")
    .update(`${name} ${JSON.stringify(payload) ?? ""}`)
    .digest("base64");
}
