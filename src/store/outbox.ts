/**
 * What waits for the backend, in the order it was put in. Bounded: the oldest readings go first, then the oldest
 * events, both counted; a result stays until it is acknowledged.
 */
import { DlmsError } from "../core/errors.js";
import { checkCount, checkIds, checkItem, checkText, checkTime } from "./check.js";
import { parseObject } from "./command-rows.js";
import { assertRoom, type StoreContext } from "./context.js";
import { type Database } from "./database.js";
import {
  type AdoptedCounts,
  type KindCount,
  type OutboxCounts,
  type OutboxItem,
  type OutboxKind,
  type PeekOptions,
  type StoredItem,
} from "./store.js";

/** A deferral that lies further ahead comes from a clock that has been set back since. */
const LONGEST_DEFERRAL_MS = 3_600_000;
const AT_ONCE = 10_000;
/** The table keeps results of no known meter under the empty serial. */
const NO_METER = "";
const NOBODY = "";

export function enqueue(context: StoreContext, items: readonly OutboxItem[], at: number): readonly number[] {
  checkTime("at", at);
  if (!Array.isArray(items) || items.length > AT_ONCE)
    throw new DlmsError("LIMIT_EXCEEDED", `items must be a list of at most ${AT_ONCE}`);
  if (items.some(({ kind }: OutboxItem) => kind !== "result")) assertRoom(context);
  return putItems(context, items, at);
}

/** The same without a look at the room: for results, which use the reserve. */
export function putItems(
  { database, limits }: StoreContext,
  items: readonly OutboxItem[],
  at: number,
): readonly number[] {
  const ids: number[] = [];
  for (const item of items) {
    checkItem(item);
    const { lastId } = database.run(
      "INSERT INTO outbox (meter, kind, body, at, origin) VALUES (?, ?, ?, ?, ?)",
      item.meterSerialNumber ?? NO_METER,
      item.kind,
      JSON.stringify(item.body),
      at,
      item.origin ?? NOBODY,
    );
    ids.push(lastId);
  }
  if (items.some(({ kind }) => kind !== "result")) {
    for (const kind of ["reading", "event"] as const)
      for (let over = overBy(database, limits); over > 0; over = overBy(database, limits))
        if (dropItems(database, kind, Math.min(over, 1_000)) === 0) break;
  }
  return ids;
}

/** How many items surely have to go; one at a time while only their length is too much. */
function overBy(database: Database, limits: StoreContext["limits"]): number {
  const { reading, event } = outboxCounts(database);
  const over = reading.count + event.count - limits.items;
  return over > 0 ? over : reading.chars + event.chars > limits.itemChars ? 1 : 0;
}

/** Drops the oldest of a kind and counts them. */
export function dropItems(database: Database, kind: OutboxKind, count: number): number {
  if (count <= 0) return 0;
  const { changes } = database.run(
    "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE kind = ? ORDER BY id LIMIT ?)",
    kind,
    count,
  );
  database.run("UPDATE outbox_counts SET dropped = dropped + ? WHERE kind = ?", changes, kind);
  return changes;
}

interface ItemRow {
  readonly id: number;
  readonly meter: string;
  readonly kind: OutboxKind;
  readonly body: string;
  readonly at: number;
  readonly attempts: number;
  readonly origin: string;
}

export function peekOutbox({ database }: StoreContext, options: PeekOptions): readonly StoredItem[] {
  const now = checkTime("now", options.now);
  const limit = checkCount("limit", options.limit, AT_ONCE);
  const { kind, origin } = options;
  const wanted = [
    ...(kind === undefined ? [] : [{ column: "kind", value: kind }]),
    ...(origin === undefined ? [] : [{ column: "origin", value: origin }]),
  ];
  const rows = database.all(
    `SELECT id, meter, kind, body, at, attempts, origin FROM outbox AS item
       WHERE id > ?1 ${wanted.map(({ column }, index) => `AND ${column} = ?${index + 5}`).join(" ")}
       AND NOT EXISTS (SELECT 1 FROM outbox AS ahead WHERE ahead.not_before > 0 AND ahead.meter = item.meter
         AND ahead.kind = item.kind AND ahead.id <= item.id AND ahead.not_before > ?2 AND ahead.not_before <= ?3)
       ORDER BY id LIMIT ?4`,
    options.afterId ?? 0,
    now,
    now + LONGEST_DEFERRAL_MS,
    limit,
    ...wanted.map(({ value }) => value),
  );
  return (rows as unknown as readonly ItemRow[]).map((row) => ({
    id: row.id,
    meterSerialNumber: row.meter === NO_METER ? null : row.meter,
    kind: row.kind,
    body: parseObject(row.body),
    at: row.at,
    attempts: row.attempts,
    ...(row.origin === NOBODY ? {} : { origin: row.origin }),
  }));
}

export function acknowledge({ database }: StoreContext, ids: readonly number[]): number {
  let gone = 0;
  for (const id of checkIds(ids)) gone += database.run("DELETE FROM outbox WHERE id = ?", id).changes;
  return gone;
}

export function defer({ database }: StoreContext, ids: readonly number[], until: number): number {
  checkTime("until", until);
  let changed = 0;
  for (const id of checkIds(ids))
    changed += database.run(
      "UPDATE outbox SET attempts = attempts + 1, not_before = ? WHERE id = ?",
      until,
      id,
    ).changes;
  return changed;
}

/** Steps through the index, however many items there are. */
const ORIGINS = `WITH RECURSIVE found (origin) AS (
    SELECT min(origin) FROM outbox
    UNION ALL
    SELECT (SELECT min(origin) FROM outbox WHERE origin > found.origin) FROM found WHERE found.origin IS NOT NULL
  ) SELECT origin FROM found WHERE origin <> ''
  UNION SELECT DISTINCT origin FROM commands WHERE state <> 'done'`;

export function origins(database: Database): readonly string[] {
  return database.all(ORIGINS).map(({ origin }) => String(origin));
}

export function adopt({ database }: StoreContext, from: string, to: string): AdoptedCounts {
  checkText("from", from);
  checkText("to", to);
  const items = database.run("UPDATE outbox SET origin = ? WHERE origin = ?", to, from).changes;
  const commands = database.run(
    "UPDATE commands SET origin = ? WHERE origin = ? AND state <> 'done'",
    to,
    from,
  ).changes;
  return { commands, items };
}

export function outboxCounts(database: Database): OutboxCounts {
  const of = (kind: OutboxKind): KindCount =>
    database.get(
      "SELECT count, chars, dropped FROM outbox_counts WHERE kind = ?",
      kind,
    ) as unknown as KindCount;
  return { result: { ...of("result") }, reading: { ...of("reading") }, event: { ...of("event") } };
}
