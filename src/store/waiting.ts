/**
 * Commands that still wait: listing them, and ending those that waited too long or that a newer one replaces. Ended
 * ones and old readings are forgotten here, too.
 */
import { DlmsError, type ErrorCode } from "../core/errors.js";
import { checkCount, checkText, checkTime } from "./check.js";
import { storedCommand, parseObject, type CommandRow } from "./command-rows.js";
import { end, findCommand } from "./commands.js";
import { type StoreContext } from "./context.js";
import { dropItems } from "./outbox.js";
import { type JsonObject, type Operations, type PruneCounts, type StoredCommand } from "./store.js";

const AT_ONCE = 1_000;
const PRUNED_AT_ONCE = 5_000;

export function openCommands(
  { database, session }: StoreContext,
  filter: Parameters<Operations["openCommands"]>[0] = {},
): readonly StoredCommand[] {
  const { origin, meterSerialNumber, afterSequence, limit } = filter;
  const rows = database.all(
    `SELECT * FROM commands WHERE state <> 'done' AND sequence > ?1 AND (?2 IS NULL OR origin = ?2)
       AND (?3 IS NULL OR meter = ?3) ORDER BY sequence LIMIT ?4`,
    afterSequence ?? 0,
    origin ?? null,
    meterSerialNumber ?? null,
    checkCount("limit", limit ?? AT_ONCE, AT_ONCE),
  );
  return (rows as unknown as readonly CommandRow[]).map((row) => storedCommand(row, session));
}

export function supersedeRelay(
  context: StoreContext,
  commandId: string,
  at: number,
  options: { readonly enqueue?: boolean } = {},
): readonly StoredCommand[] {
  checkTime("at", at);
  const newer = findCommand(context, checkText("commandId", commandId));
  if (newer === undefined || newer.command !== "remote-control") return [];
  const rows = context.database.all(
    `SELECT * FROM commands WHERE command = 'remote-control' AND meter = ? AND sequence < ? AND state = 'waiting'
       ORDER BY sequence LIMIT ${AT_ONCE}`,
    newer.meter,
    newer.sequence,
  );
  return endUnsent(context, rows as unknown as readonly CommandRow[], "COMMAND_SUPERSEDED", at, options);
}

export function expireWaiting(
  context: StoreContext,
  now: number,
  options: { readonly enqueue?: boolean } = {},
): readonly StoredCommand[] {
  const rows = context.database.all(
    `SELECT * FROM commands WHERE state = 'waiting' AND expires_at <= ? ORDER BY expires_at, sequence LIMIT ${AT_ONCE}`,
    checkTime("now", now),
  );
  return endUnsent(context, rows as unknown as readonly CommandRow[], "COMMAND_EXPIRED", now, options);
}

const outcomes = { COMMAND_EXPIRED: "expired", COMMAND_SUPERSEDED: "superseded" } as const;

function endUnsent(
  context: StoreContext,
  rows: readonly CommandRow[],
  code: keyof typeof outcomes & ErrorCode,
  at: number,
  options: { readonly enqueue?: boolean },
): readonly StoredCommand[] {
  return rows.map((row) => {
    const result: JsonObject = {
      ...(row.echo === null ? {} : parseObject(row.echo)),
      meterSerialNumber: row.meter,
      commandId: row.command_id,
      command: row.command,
      success: false,
      outcome: outcomes[code],
      ...(row.action === null ? {} : { action: row.action }),
      startedAt: new Date(row.accepted_at).toISOString(),
      finishedAt: new Date(at).toISOString(),
      attempts: 0,
      error: new DlmsError(code).toPayload(),
    };
    const item = { meterSerialNumber: row.meter, kind: "result", body: result, origin: row.origin } as const;
    end(context, row, result, at, options.enqueue === true ? [item] : []);
    return storedCommand(findCommand(context, row.command_id) ?? row, context.session);
  });
}

export function prune({ database, limits }: StoreContext, now: number): PruneCounts {
  checkTime("now", now);
  const old = database.run(
    `DELETE FROM commands WHERE sequence IN (SELECT sequence FROM commands WHERE state = 'done' AND finished_at < ?
       ORDER BY finished_at LIMIT ${PRUNED_AT_ONCE})`,
    now - limits.endedMs,
  ).changes;
  const ended = Number(database.get("SELECT count FROM command_counts WHERE state = 'done'")?.["count"]);
  const tooMany = Math.min(ended - limits.endedCommands, PRUNED_AT_ONCE);
  const many =
    tooMany <= 0
      ? 0
      : database.run(
          `DELETE FROM commands WHERE sequence IN
             (SELECT sequence FROM commands WHERE state = 'done' ORDER BY finished_at LIMIT ?)`,
          tooMany,
        ).changes;
  const aged = database.get(
    `SELECT count(*) AS count FROM
       (SELECT at FROM outbox WHERE kind = 'reading' ORDER BY id LIMIT ${PRUNED_AT_ONCE}) WHERE at < ?`,
    now - limits.readingMs,
  );
  return { commands: old + many, readings: dropItems(database, "reading", Number(aged?.["count"])) };
}
