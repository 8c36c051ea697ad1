/**
 * The store: what must outlive the process.
 */
export { openStore, type StoreOptions } from "./open-store.js";
export { RELAY_WINDOW_MS, verdictOn } from "./idempotency.js";
export {
  type AdoptedCounts,
  type CommandEntry,
  type CommandState,
  type EngineName,
  type Finished,
  type FinishOptions,
  type JsonObject,
  type KindCount,
  type OutboxCounts,
  type OutboxItem,
  type OutboxKind,
  type PeekOptions,
  type PruneCounts,
  type Recorded,
  type SendingMark,
  type Store,
  type StoredAction,
  type StoredCommand,
  type StoredCommandName,
  type StoredItem,
  storeLimits,
  type StoreLimits,
  type StoreStats,
  type StoreUse,
} from "./store.js";
