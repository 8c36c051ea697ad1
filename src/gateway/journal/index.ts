/** The history of commands: what a bridge and the executing nodes call. */
export { CommandJournal } from "./journal.js";
export { bridgeOrigin, isPresent, partsOf, type Place } from "./bridges.js";
export { type JournalStatus } from "./journal-store.js";
export {
  type FinalEvent,
  type JournalEvents,
  type JournalOptions,
  type RecordedCommand,
  type RecordOptions,
  type UnansweredCommand,
} from "./types.js";
