/**
 * One event of the backend may arrive over several sockets: a broadcast reaches the shared one and every meter's own.
 * Counted by content: the n-th arrival over one socket is news only if no other socket brought it n times already, so
 * the same command sent twice is still two. Contents are kept as digests, for they may hold tokens.
 */
import { createHash } from "node:crypto";
import { type Clock } from "../transport/clock.js";
import { type Answer } from "./contract.js";

interface Known {
  shared: number;
  /** When the shared socket brought it last, clock time. */
  sharedAt: number;
  own: number;
  readonly until: number;
  readonly answers: Answer[];
}

const KEPT = 20_000;
/** Sockets of one backend are not further apart than this. */
const WINDOW_MS = 10_000;

export class Arrivals {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  /** Arrivals on the sockets of single meters, by content and meter. */
  readonly #rooms = new Map<string, { count: number; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts an arrival. `act` runs for news and gives the answer that copies get as well. */
  take(digest: string, socket: "shared" | "own", act: () => Answer): Answer {
    const known = this.#open(digest);
    const before = Math.max(known.shared, known.own);
    known[socket] += 1;
    if (socket === "shared") known.sharedAt = this.#clock.now();
    const nth = known[socket];
    const earlier = known.answers[nth - 1];
    if (nth <= before && earlier !== undefined) return earlier;
    const answer = act();
    known.answers[nth - 1] = answer;
    return answer;
  }

  /** Counts an arrival over the shared socket that is acted on elsewhere. */
  note(digest: string): void {
    const known = this.#open(digest);
    known.shared += 1;
    known.sharedAt = this.#clock.now();
  }

  /** Counts an arrival over one meter's socket. @returns how many there were, this one included. */
  room(digest: string, serial: string): number {
    const key = `${digest} ${serial}`;
    const now = this.#clock.now();
    trim(this.#rooms, now);
    const known = this.#rooms.get(key) ?? { count: 0, until: now + WINDOW_MS };
    this.#rooms.set(key, known);
    return (known.count += 1);
  }

  /** Whether the shared socket brought this as often, the last time not before `since`. */
  wasShared(digest: string, times: number, since: number): boolean {
    const known = this.#known.get(digest);
    return known !== undefined && known.shared >= times && known.sharedAt >= since;
  }

  #open(digest: string): Known {
    const now = this.#clock.now();
    trim(this.#known, now);
    let known = this.#known.get(digest);
    if (known === undefined) {
      known = { shared: 0, sharedAt: -Infinity, own: 0, until: now + WINDOW_MS, answers: [] };
      this.#known.set(digest, known);
    }
    return known;
  }
}

/** Forgets what is over, and the oldest when there are too many. */
function trim(known: Map<string, { readonly until: number }>, now: number): void {
  for (const [key, { until }] of known) {
    if (until > now && known.size < KEPT) return;
    known.delete(key);
  }
}

/** What arrived, as a digest. */
export function digestOf(name: string, payload: unknown): string {
  return createHash("sha256")
    .update(`${name} ${JSON.stringify(payload) ?? ""}`)
    .digest("base64");
}
