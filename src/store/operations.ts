/**
 * Every operation by its name, on one database, and what kind of operation each is.
 */
import { checkText } from "./check.js";
import { storedCommand } from "./command-rows.js";
import { findCommand, finishCommand, markSending, recordCommand, respell } from "./commands.js";
import { pageCounts, type StoreContext } from "./context.js";
import { counters, keep, kept, raiseCounters, reserveCounter } from "./counters.js";
import { acknowledge, adopt, defer, enqueue, origins, outboxCounts, peekOutbox } from "./outbox.js";
import { SCHEMA_VERSION } from "./schema.js";
import { type CommandState, type Operations, type StoreStats } from "./store.js";
import { expireWaiting, openCommands, prune, supersedeRelay } from "./waiting.js";

export type OperationName = keyof Operations;

/**
 * `read` changes nothing. `essential` must be written even when the store is full: old readings make room for it.
 * `fold` is followed by a checkpoint, which also rids the log of tokens.
 */
export const operationKinds: { readonly [K in OperationName]: "read" | "write" | "essential" | "fold" } = {
  recordCommand: "write",
  markSending: "essential",
  finishCommand: "essential",
  respell: "essential",
  command: "read",
  openCommands: "read",
  supersedeRelay: "essential",
  expireWaiting: "essential",
  prune: "fold",
  enqueue: "write",
  peekOutbox: "read",
  acknowledge: "essential",
  defer: "essential",
  outboxCounts: "read",
  origins: "read",
  adopt: "essential",
  reserveCounter: "essential",
  raiseCounters: "essential",
  counters: "read",
  keep: "essential",
  kept: "read",
  stats: "read",
};

export interface BatchCounts {
  readonly commits: number;
  readonly requests: number;
  readonly largestBatch: number;
}

export function operationsOn(
  context: StoreContext,
  isDurable: boolean,
  batches: () => BatchCounts,
): Operations {
  const { database } = context;
  return {
    recordCommand: (entry) => recordCommand(context, entry),
    markSending: (...args) => markSending(context, ...args),
    finishCommand: (...args) => finishCommand(context, ...args),
    respell: (...args) => respell(context, ...args),
    command(commandId) {
      const row = findCommand(context, checkText("commandId", commandId));
      return row === undefined ? undefined : storedCommand(row, context.session);
    },
    openCommands: (filter) => openCommands(context, filter),
    supersedeRelay: (...args) => supersedeRelay(context, ...args),
    expireWaiting: (...args) => expireWaiting(context, ...args),
    prune: (now) => prune(context, now),
    enqueue: (items, at) => enqueue(context, items, at),
    peekOutbox: (options) => peekOutbox(context, options),
    acknowledge: (ids) => acknowledge(context, ids),
    defer: (ids, until) => defer(context, ids, until),
    outboxCounts: () => outboxCounts(database),
    origins: () => origins(database),
    adopt: (from, to) => adopt(context, from, to),
    reserveCounter: (...args) => reserveCounter(context, ...args),
    raiseCounters: (seen) => raiseCounters(context, seen),
    counters: (prefix) => counters(context, prefix),
    keep: (key, value) => keep(context, key, value),
    kept: (prefix) => kept(context, prefix),
    stats: () => stats(context, isDurable, batches()),
  };
}

function stats({ database, limits }: StoreContext, durable: boolean, batches: BatchCounts): StoreStats {
  const inState = (state: CommandState): number =>
    Number(database.get("SELECT count FROM command_counts WHERE state = ?", state)?.["count"]);
  return {
    durable,
    engine: database.engine,
    journalMode: String(database.get("PRAGMA journal_mode")?.["journal_mode"]),
    schemaVersion: SCHEMA_VERSION,
    pageSize: Number(database.get("PRAGMA page_size")?.["page_size"]),
    pageLimit: limits.pages,
    ...pageCounts(database),
    commands: { waiting: inState("waiting"), sending: inState("sending"), done: inState("done") },
    ...batches,
  };
}
