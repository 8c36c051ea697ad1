/**
 * What the operations share: the database, its bounds, and the room that is left in it.
 */
import { DlmsError } from "../core/errors.js";
import { type Database } from "./database.js";
import { type StoreLimits } from "./store.js";

export interface StoreContext {
  readonly database: Database;
  readonly limits: StoreLimits;
  /** Grows with every opening of the file. */
  readonly session: number;
}

/** Pages kept back for what must still be written when nothing new is taken: marks, results, counters. */
export function reservedPages(pages: number): number {
  return Math.min(2_048, Math.max(16, Math.floor(pages / 8)));
}

export function pageCounts(database: Database): { readonly pages: number; readonly freePages: number } {
  const row = database.get(
    "SELECT page_count AS pages, freelist_count AS free FROM pragma_page_count, pragma_freelist_count",
  );
  return { pages: Number(row?.["pages"]), freePages: Number(row?.["free"]) };
}

/** @throws DlmsError STORE_FULL when something new should not come in any more. */
export function assertRoom({ database, limits }: StoreContext): void {
  const { pages, freePages } = pageCounts(database);
  if (pages - freePages > limits.pages - reservedPages(limits.pages)) throw new DlmsError("STORE_FULL");
}
