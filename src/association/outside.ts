/**
 * What a session asks its owner for: random octets, invocation counters, and the keys of a peer that shows its system
 * title. Each question has an id; what depends on it is sent once `provided` brings the answer, and not before.
 */
import { DlmsError } from "../core/errors.js";
import {
  type CounterNeed,
  type CounterRange,
  type KeyQuery,
  type MeterSecurity,
  type SecurityNeed,
  type SecurityProvided,
} from "../security/index.js";

type Open =
  | { readonly what: "random"; readonly octets: number; take(now: number, random: Uint8Array): void }
  | { readonly what: "counters"; take(now: number, range: CounterRange): void }
  | { readonly what: "keys"; take(now: number, security: MeterSecurity | undefined): void };

export class Outside {
  readonly #emit: (need: SecurityNeed) => void;
  readonly #open = new Map<number, Open>();
  #lastId = 0;

  constructor(emit: (need: SecurityNeed) => void) {
    this.#emit = emit;
  }

  /** Octets of a cryptographic source. */
  random(octets: number, take: (now: number, random: Uint8Array) => void): void {
    const id = this.#ask({ what: "random", octets, take });
    this.#emit({ type: "needRandom", id, octets });
  }

  counters(need: CounterNeed, take: (now: number, range: CounterRange) => void): void {
    const id = this.#ask({ what: "counters", take });
    this.#emit({ type: "needCounters", id, ...need });
  }

  /** The keys of whoever has this system title; undefined when nobody knows it. */
  keys(query: KeyQuery, take: (now: number, security: MeterSecurity | undefined) => void): void {
    const id = this.#ask({ what: "keys", take });
    this.#emit({ type: "needKeys", id, ...query });
  }

  /** An answer; one to no open question is ignored. @throws DlmsError LOCAL_PROTOCOL when it answers something else. */
  provided(now: number, answer: SecurityProvided): void {
    const open = this.#open.get(answer.id);
    if (open === undefined) return;
    if (open.what === "random" && "random" in answer && answer.random.length === open.octets) {
      this.#open.delete(answer.id);
      open.take(now, answer.random);
    } else if (open.what === "counters" && "counters" in answer) {
      this.#open.delete(answer.id);
      open.take(now, answer.counters);
    } else if (open.what === "keys" && "security" in answer) {
      this.#open.delete(answer.id);
      open.take(now, answer.security);
    } else throw new DlmsError("LOCAL_PROTOCOL", `question ${answer.id} was answered with something else`);
  }

  #ask(open: Open): number {
    this.#lastId += 1;
    this.#open.set(this.#lastId, open);
    return this.#lastId;
  }
}
