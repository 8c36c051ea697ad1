/** Walks the commands of a store that have no result, page by page, in the order they were accepted. */
import { type Store, type StoredCommand } from "../../store/index.js";

/** Commands taken from the store at once. */
const PAGE = 1_000;

export async function* openIn(store: Store, origin?: string): AsyncGenerator<StoredCommand> {
  for (let afterSequence = 0; ;) {
    const filter = origin === undefined ? {} : { origin };
    const page = await store.openCommands({ ...filter, afterSequence, limit: PAGE });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    afterSequence = last.sequence;
  }
}
