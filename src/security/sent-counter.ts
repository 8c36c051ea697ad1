/**
 * The invocation counter of what we send: it only ever grows. Numbers are reserved ahead in blocks through a durable
 * store before they are used, so that after any crash the next one is above every one ever sent. No I/O here: `need`
 * says what to reserve, `provided` takes the answer.
 */
import { DlmsError, usageError } from "../core/errors.js";
import { MAX_COUNTER } from "./octets.js";

/** Numbers `from` to `to`, inclusive, that nobody else has got or will get. */
export interface CounterRange {
  readonly from: number;
  readonly to: number;
}

/** What is wanted of the store: `count` numbers not below `atLeast` under `key`. */
export interface CounterNeed {
  readonly key: string;
  readonly atLeast: number;
  readonly count: number;
}

export interface SentCounterOptions {
  /** The name under which the store counts: one for each encryption key and title of ours. */
  readonly key: string;
  /** Numbers reserved at once. Default 100. */
  readonly blockSize?: number;
  /** The first number, when the store knows none. Default 1. */
  readonly atLeast?: number;
  /** How many numbers before the end `nearEnd` becomes true. Default 1 000 000. */
  readonly alarmDistance?: number;
}

/** The last usable number: 0xFFFFFFFF itself is never sent. */
const LAST = MAX_COUNTER - 1;
const ALARM_DISTANCE = 1_000_000;

/** Whether so few numbers are left that the encryption key should be changed. */
export function isNearEnd(counter: number, alarmDistance = ALARM_DISTANCE): boolean {
  return counter >= LAST - alarmDistance;
}

/**
 * What a peer, or whoever speaks in its place, says it has seen of our counter.
 * @throws DlmsError SECURITY_COUNTER_SPENT near the end, which anybody can tell in clear: believing it would use up all
 *   that is left.
 */
export function checkSeen(seen: number, alarmDistance = ALARM_DISTANCE): void {
  if (isNearEnd(seen, alarmDistance))
    throw new DlmsError(
      "SECURITY_COUNTER_SPENT",
      `The peer claims to have seen the invocation counter ${seen}.`,
    );
}

export class SentCounter {
  readonly #options: Required<SentCounterOptions>;
  #ranges: readonly CounterRange[] = [];
  /** Numbers below it are used up, here or as the peer has seen. */
  #floor: number;
  /** The first number that no reservation of ours has covered. */
  #unreserved: number;
  #asked = false;

  constructor(options: SentCounterOptions) {
    this.#options = { blockSize: 100, atLeast: 1, alarmDistance: ALARM_DISTANCE, ...options };
    this.#floor = this.#options.atLeast;
    this.#unreserved = this.#floor;
  }

  /** Numbers that may be used now. */
  get remaining(): number {
    return this.#ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  }

  /** The end is near: the encryption key should be changed. */
  get nearEnd(): boolean {
    return isNearEnd(
      Math.max(this.#floor, this.#ranges[0]?.from ?? this.#unreserved),
      this.#options.alarmDistance,
    );
  }

  /** Nothing is left to reserve or to use. */
  get spent(): boolean {
    return this.remaining === 0 && this.#unreserved > LAST;
  }

  /**
   * The peer has seen this counter of ours: everything up to it is used up. Never lowers anything.
   * @throws DlmsError SECURITY_COUNTER_SPENT for a counter near the end, which anybody can tell in clear: believing it
   *   would use up all that is left.
   */
  learn(seen: number): void {
    checkSeen(seen, this.#options.alarmDistance);
    this.#floor = Math.max(this.#floor, seen + 1);
    this.#unreserved = Math.max(this.#unreserved, this.#floor);
    this.#dropUsed();
  }

  /** The reservation to ask for now, once; undefined while one is under way or enough are left. */
  need(): CounterNeed | undefined {
    const { key, blockSize } = this.#options;
    if (this.#asked || this.remaining > blockSize / 4 || this.#unreserved > LAST) return undefined;
    this.#asked = true;
    return { key, atLeast: this.#unreserved, count: blockSize };
  }

  /** The answer to `need`. Numbers that were learnt to be used up meanwhile are dropped. */
  provided(range: CounterRange): void {
    const { from, to } = range;
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from)
      throw usageError("FIELD_INVALID", "range", "whole numbers from and to are expected");
    this.#asked = false;
    const last = this.#ranges[this.#ranges.length - 1];
    if (last !== undefined && from <= last.to)
      throw new DlmsError("LOCAL_PROTOCOL", "The store gave out invocation counters a second time.");
    this.#ranges = [...this.#ranges, { from, to: Math.min(to, LAST) }];
    this.#unreserved = Math.max(this.#unreserved, to + 1);
    this.#dropUsed();
  }

  /** The reservation could not be made; `need` asks again. */
  refused(): void {
    this.#asked = false;
  }

  /**
   * The next number, used up by this call.
   * @throws DlmsError SECURITY_COUNTER_SPENT at the end; LOCAL_PROTOCOL when none is reserved yet: wait for `provided`.
   */
  take(): number {
    const [range] = this.#ranges;
    if (range === undefined)
      throw this.spent
        ? new DlmsError("SECURITY_COUNTER_SPENT")
        : new DlmsError("LOCAL_PROTOCOL", "No invocation counter is reserved yet.");
    this.#floor = range.from + 1;
    this.#dropUsed();
    return range.from;
  }

  #dropUsed(): void {
    this.#ranges = this.#ranges
      .map(({ from, to }) => ({ from: Math.max(from, this.#floor), to }))
      .filter(({ from, to }) => from <= to);
  }
}
