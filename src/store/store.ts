/**
 * What a store holds and does: accepted commands, results and readings on their way to the backend, counters that only
 * grow. Every time is epoch milliseconds and given by the caller; payloads and results are JSON. A promise resolves
 * only after what it tells is durable. Failures are DlmsErrors of the families StoreError, LimitError and UsageError.
 */
import { type DlmsError } from "../core/errors.js";

export type JsonObject = { readonly [field: string]: unknown };
export const storedCommandNames = [
  "remote-load",
  "remote-control",
  "read-meter",
  "write-meter",
  "call-method",
  "read-profile",
  "meter-clock",
  "meter-firmware",
] as const;
export type StoredCommandName = (typeof storedCommandNames)[number];
export type StoredAction = "connect" | "disconnect";

/** A command as it is accepted. */
export interface CommandEntry {
  readonly commandId: string;
  readonly command: StoredCommandName;
  readonly meterSerialNumber: string;
  /** Of a remote-control; required there. */
  readonly action?: StoredAction;
  /** Of a remote-load; required there: the whole token, which the payload may carry in any spelling. */
  readonly token?: string;
  /** What is needed to run the command again after a restart. */
  readonly payload: JsonObject;
  /** Fields every result of this command carries; also those the store makes itself (expired, superseded). */
  readonly echo?: JsonObject;
  /** The bridge or node that recorded it, and emits it again after a restart. */
  readonly origin: string;
  readonly acceptedAt: number;
  /** From this moment on it must not start. */
  readonly expiresAt: number;
  /** The commandId is the backend's own, and the idempotency key. */
  readonly hasBackendId: boolean;
}

/**
 * What became of `recordCommand`. `new`: run it. `joined`: an equal one is open under that id. `answered`: it has ended
 * with this result. `verify`: its outcome was unknown; it is open again as `sending`, and only what became of it may be
 * asked.
 */
export type Recorded =
  | { readonly kind: "new" }
  | { readonly kind: "joined"; readonly commandId: string }
  | { readonly kind: "answered"; readonly commandId: string; readonly result: JsonObject }
  | { readonly kind: "verify"; readonly commandId: string };

export type CommandState = "waiting" | "sending" | "done";

export interface StoredCommand extends Omit<CommandEntry, "token"> {
  /** Grows with every acceptance: the order in which commands came. */
  readonly sequence: number;
  readonly state: CommandState;
  /** How often a request was marked as sent. */
  readonly sends: number;
  /** When the last request was marked as sent, and what the sender wrote with it. */
  readonly sendingAt?: number;
  readonly sendingDetail?: JsonObject;
  /** It was marked as sent before this store was opened: whoever sent it is gone. */
  readonly leftOver: boolean;
  readonly outcome?: string;
  readonly result?: JsonObject;
  readonly finishedAt?: number;
}

/** `marked`: the first byte may leave now. Anything else: it must not. */
export type SendingMark =
  | { readonly kind: "marked"; readonly sends: number }
  | { readonly kind: "waiting" }
  | { readonly kind: "sending"; readonly command: StoredCommand }
  | { readonly kind: "expired"; readonly command: StoredCommand }
  | { readonly kind: "done"; readonly result: JsonObject }
  | { readonly kind: "missing" };

/** `already`: an earlier result stands, and is the one that counts. `not-waiting`: asked to end only a waiting one. */
export type Finished =
  | { readonly kind: "finished"; readonly result: JsonObject }
  | { readonly kind: "already"; readonly result: JsonObject }
  | { readonly kind: "not-waiting" }
  | { readonly kind: "missing" };

export interface FinishOptions {
  /** Put into the outbox in the same transaction, if this result is the final one. */
  readonly alsoEnqueue?: readonly OutboxItem[];
  /** Ends it only if it was never marked as sent. */
  readonly onlyWaiting?: boolean;
}

export type OutboxKind = "result" | "reading" | "event";

export interface OutboxItem {
  /** Order is kept among the items of one meter. */
  readonly meterSerialNumber: string | null;
  readonly kind: OutboxKind;
  readonly body: JsonObject;
  /** Who sends it: the bridge whose name this is. Default none. */
  readonly origin?: string;
}

export interface StoredItem extends OutboxItem {
  readonly id: number;
  readonly at: number;
  /** How often it was deferred. */
  readonly attempts: number;
}

export interface PeekOptions {
  readonly limit: number;
  /** Items deferred beyond it, and all behind them of the same meter and kind, are left out. */
  readonly now: number;
  readonly kind?: OutboxKind;
  readonly origin?: string;
  /** Only items behind this one: what is ahead is under way already. */
  readonly afterId?: number;
}

export interface KindCount {
  readonly count: number;
  /** Characters of JSON. */
  readonly chars: number;
  /** Since the file was made. */
  readonly dropped: number;
}
export type OutboxCounts = { readonly [K in OutboxKind]: KindCount };

export interface PruneCounts {
  readonly commands: number;
  readonly readings: number;
}

export interface AdoptedCounts {
  readonly commands: number;
  readonly items: number;
}

export interface StoreStats {
  readonly durable: boolean;
  readonly engine: EngineName;
  readonly journalMode: string;
  readonly schemaVersion: number;
  readonly pageSize: number;
  readonly pageLimit: number;
  readonly pages: number;
  readonly freePages: number;
  readonly commands: { readonly [S in CommandState]: number };
  /** Since it was opened: transactions made durable, requests in them, most requests in one. */
  readonly commits: number;
  readonly requests: number;
  readonly largestBatch: number;
}

export type EngineName = "node:sqlite" | "node-sqlite3-wasm";

/** Each runs whole or not at all. */
export interface Operations {
  /**
   * Accepts a command or finds the equal one that was accepted before. A backend's id is the key; without one a token
   * load is known by meter and token, a relay command by meter and action, but only against the meter's latest relay
   * command and within 10 s; reads are always new. @throws COMMAND_CONFLICT when the id belongs to another command,
   * QUEUE_FULL when too many are open.
   */
  recordCommand(entry: CommandEntry): Recorded;
  /**
   * To be awaited before the first byte of the request leaves. @param options `again`: the command is `sending` already,
   * and its request goes out once more (a token whose outcome stayed unknown).
   */
  markSending(
    commandId: string,
    at: number,
    detail?: JsonObject,
    options?: { readonly again?: boolean },
  ): SendingMark;
  /** Ends a command with its one final result, whose `outcome` is read. The first one wins. Cuts the token. */
  finishCommand(commandId: string, result: JsonObject, at: number, options?: FinishOptions): Finished;
  /**
   * The meter of a waiting command spells its number so. `new`: it is written down so. Anything else is what
   * `recordCommand` would say had the command come under this number behind those that are there: it keeps its own.
   */
  respell(commandId: string, meterSerialNumber: string): Recorded;
  /** What is known of one command. */
  command(commandId: string): StoredCommand | undefined;
  /** Commands without a result, in the order they were accepted. At most `limit` (1,000), behind `afterSequence`. */
  openCommands(filter?: {
    readonly origin?: string;
    readonly meterSerialNumber?: string;
    readonly afterSequence?: number;
    readonly limit?: number;
  }): readonly StoredCommand[];
  /** Ends, as `superseded`, the relay commands of the same meter that were accepted before this one and still wait. */
  supersedeRelay(
    commandId: string,
    at: number,
    options?: { readonly enqueue?: boolean },
  ): readonly StoredCommand[];
  /** Ends, as `expired`, at most 1,000 commands that waited too long, oldest first. */
  expireWaiting(now: number, options?: { readonly enqueue?: boolean }): readonly StoredCommand[];
  /** Forgets ended commands and readings beyond their age and number; at most 5,000 of each at once. */
  prune(now: number): PruneCounts;
  /** Puts items into the outbox; beyond its bounds the oldest readings go, then the oldest events, never results. */
  enqueue(items: readonly OutboxItem[], at: number): readonly number[];
  /** The oldest items first; they stay until acknowledged. */
  peekOutbox(options: PeekOptions): readonly StoredItem[];
  /** They have arrived. Gives how many of them were still there. */
  acknowledge(ids: readonly number[]): number;
  /** They could not be delivered now: not before `until`, which at most one hour ahead counts. */
  defer(ids: readonly number[], until: number): number;
  outboxCounts(): OutboxCounts;
  /** Everybody for whom items wait or whose commands are open. */
  origins(): readonly string[];
  /** What waits for `from` waits for `to`, and open commands of `from` are those of `to`. */
  adopt(from: string, to: string): AdoptedCounts;
  /** `count` numbers not below `atLeast` that no other call has got or will get, `from` to `to` inclusive. */
  reserveCounter(key: string, atLeast: number, count: number): { readonly from: number; readonly to: number };
  /** Counters seen, each at least this high from now on: `counters` gives the highest. At most 1,000 at once. */
  raiseCounters(seen: Readonly<Record<string, number>>): void;
  /** The counters whose key begins with `prefix`: for those raised the highest, for those reserved the next. */
  counters(prefix: string): Readonly<Record<string, number>>;
  /** Keeps a text under a key, in place of an earlier one; without a value it is forgotten. Secrets come here encrypted or not at all. */
  keep(key: string, value?: string): void;
  /** What is kept under the keys that begin with `prefix`. */
  kept(prefix: string): Readonly<Record<string, string>>;
  stats(): StoreStats;
}

type Promised<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : never;
};

export interface Store extends Promised<Operations> {
  /** False: a restart forgets everything. */
  readonly durable: boolean;
  /** Set once the store can no longer be used at all; every call then rejects with it. */
  readonly failure: DlmsError | undefined;
}

/** One use of an opened store. */
export interface StoreUse extends Store {
  /** Ends this use; the last one closes the file. Resolves when that is done. */
  release(): Promise<void>;
}

export interface StoreLimits {
  /** Requests waiting for the worker. */
  readonly requests: number;
  /** Pages of 4,096 octets. Near it new commands and items are refused, results are still taken. */
  readonly pages: number;
  readonly openCommands: number;
  /** Ended commands kept, by number and by age. */
  readonly endedCommands: number;
  readonly endedMs: number;
  /** Readings and events in the outbox, by number, characters of JSON and, for readings, age. */
  readonly items: number;
  readonly itemChars: number;
  readonly readingMs: number;
  /** Characters of JSON of one payload, result or body. */
  readonly jsonChars: number;
}

export const storeLimits: StoreLimits = {
  requests: 10_000,
  pages: 524_288,
  openCommands: 100_000,
  endedCommands: 200_000,
  endedMs: 7 * 86_400_000,
  items: 1_000_000,
  itemChars: 536_870_912,
  readingMs: 30 * 86_400_000,
  jsonChars: 16_777_216,
};
