/**
 * The life of a command in the store: recorded, marked as sent, ended once. Each function runs inside a transaction.
 */
import { DlmsError } from "../core/errors.js";
import { checkEntry, checkJson, checkText, checkTime, outcomeOf } from "./check.js";
import { commandRow, parseObject, storedCommand, type CommandRow } from "./command-rows.js";
import { assertRoom, type StoreContext } from "./context.js";
import { contentKey, decisive, repeatsRelay, verdictOn } from "./idempotency.js";
import { putItems } from "./outbox.js";
import { redactToken } from "./redact.js";
import {
  type CommandEntry,
  type Finished,
  type FinishOptions,
  type JsonObject,
  type Operations,
  type Recorded,
  type SendingMark,
} from "./store.js";

export function findCommand({ database }: StoreContext, commandId: string): CommandRow | undefined {
  return commandRow(database.get("SELECT * FROM commands WHERE command_id = ?", commandId));
}

export function recordCommand(context: StoreContext, entry: CommandEntry): Recorded {
  checkEntry(entry);
  const same = findCommand(context, entry.commandId);
  if (same !== undefined && !isSameCommand(entry, same))
    throw new DlmsError("COMMAND_CONFLICT", undefined, { field: "commandId" });
  const earlier = same ?? (entry.hasBackendId ? undefined : findEqual(context, entry));
  const verdict = earlier === undefined ? "new" : verdictOn(earlier.state, earlier.outcome);
  if (earlier === undefined || verdict === "new") {
    insert(context, entry, same);
    return { kind: "new" };
  }
  return sameAs(context, earlier, entry);
}

export function respell(context: StoreContext, commandId: string, meterSerialNumber: string): Recorded {
  checkText("meterSerialNumber", meterSerialNumber);
  const row = findCommand(context, checkText("commandId", commandId));
  if (row === undefined || row.state !== "waiting" || row.meter === meterSerialNumber) return { kind: "new" };
  const entry: CommandEntry = {
    ...storedCommand(row, context.session),
    ...(row.token === null ? {} : { token: row.token }),
    meterSerialNumber,
  };
  const isKnownByToken = entry.command === "remote-load" && !entry.hasBackendId;
  const earlier = isKnownByToken ? findEqual(context, entry, row.sequence) : undefined;
  if (earlier !== undefined) return sameAs(context, earlier, entry);
  context.database.run(
    "UPDATE commands SET meter = ?, content_key = ? WHERE sequence = ?",
    meterSerialNumber,
    contentKey(entry),
    row.sequence,
  );
  return { kind: "new" };
}

/** What it means that this earlier command is the same one. */
function sameAs(context: StoreContext, earlier: CommandRow, entry: CommandEntry): Recorded {
  const commandId = earlier.command_id;
  const verdict = verdictOn(earlier.state, earlier.outcome);
  if (verdict === "verify") {
    reopen(context, earlier, entry);
    return { kind: "verify", commandId };
  }
  return verdict === "joined"
    ? { kind: "joined", commandId }
    : { kind: "answered", commandId, result: resultOf(earlier) };
}

function isSameCommand(entry: CommandEntry, row: CommandRow): boolean {
  return (
    row.command === entry.command &&
    row.meter === entry.meterSerialNumber &&
    row.action === (entry.action ?? null) &&
    row.content_key === contentKey(entry)
  );
}

/** The command that a command without a backend's id repeats. @param except a token load that is not looked at. */
function findEqual({ database }: StoreContext, entry: CommandEntry, except = -1): CommandRow | undefined {
  if (entry.command === "remote-load") {
    const rows = database.all(
      "SELECT * FROM commands WHERE content_key = ? AND sequence <> ? ORDER BY sequence DESC LIMIT 100",
      contentKey(entry),
      except,
    );
    return decisive(rows as unknown as readonly CommandRow[], (row) => verdictOn(row.state, row.outcome));
  }
  if (entry.command !== "remote-control") return undefined;
  const latest = commandRow(
    database.get(
      "SELECT * FROM commands WHERE command = 'remote-control' AND meter = ? ORDER BY sequence DESC LIMIT 1",
      entry.meterSerialNumber,
    ),
  );
  if (latest === undefined) return undefined;
  const { action, accepted_at: acceptedAt } = latest;
  return repeatsRelay(entry, { action, acceptedAt }) ? latest : undefined;
}

function insert(context: StoreContext, entry: CommandEntry, replaced: CommandRow | undefined): void {
  const { database, limits } = context;
  assertRoom(context);
  const open = database.get("SELECT sum(count) AS open FROM command_counts WHERE state <> 'done'");
  if (Number(open?.["open"]) >= limits.openCommands) throw new DlmsError("QUEUE_FULL");
  if (replaced !== undefined) database.run("DELETE FROM commands WHERE sequence = ?", replaced.sequence);
  database.run(
    `INSERT INTO commands (command_id, command, meter, action, content_key, token, has_backend_id, origin, payload,
       echo, accepted_at, expires_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')`,
    entry.commandId,
    entry.command,
    entry.meterSerialNumber,
    entry.action ?? null,
    contentKey(entry),
    entry.token ?? null,
    entry.hasBackendId ? 1 : 0,
    entry.origin,
    JSON.stringify(entry.payload),
    entry.echo === undefined ? null : JSON.stringify(entry.echo),
    entry.acceptedAt,
    entry.expiresAt,
  );
}

/** Open again, as sent by nobody who is still there: only its outcome may be looked for. */
function reopen({ database }: StoreContext, row: CommandRow, entry: CommandEntry): void {
  database.run(
    `UPDATE commands SET state = 'sending', sending_session = NULL, outcome = NULL, result = NULL, finished_at = NULL,
       token = ?, payload = ?, echo = ?, origin = ?, accepted_at = ?, expires_at = ? WHERE sequence = ?`,
    entry.token ?? null,
    JSON.stringify(entry.payload),
    entry.echo === undefined ? null : JSON.stringify(entry.echo),
    entry.origin,
    entry.acceptedAt,
    entry.expiresAt,
    row.sequence,
  );
}

export function markSending(
  context: StoreContext,
  ...[commandId, at, detail, options]: Parameters<Operations["markSending"]>
): SendingMark {
  const row = findCommand(context, checkText("commandId", commandId));
  checkTime("at", at);
  const detailText = detail === undefined ? null : checkJson("detail", detail);
  if (row === undefined) return { kind: "missing" };
  if (row.state === "done") return { kind: "done", result: resultOf(row) };
  const again = options?.again === true;
  if (row.state === "sending" && !again)
    return { kind: "sending", command: storedCommand(row, context.session) };
  if (row.state === "waiting" && again) return { kind: "waiting" };
  if (row.state === "waiting" && row.expires_at <= at)
    return { kind: "expired", command: storedCommand(row, context.session) };
  context.database.run(
    `UPDATE commands SET state = 'sending', sends = sends + 1, sending_at = ?, sending_detail = ?, sending_session = ?
       WHERE sequence = ?`,
    at,
    detailText,
    context.session,
    row.sequence,
  );
  return { kind: "marked", sends: row.sends + 1 };
}

export function finishCommand(
  context: StoreContext,
  commandId: string,
  result: JsonObject,
  at: number,
  options: FinishOptions = {},
): Finished {
  checkText("commandId", commandId);
  outcomeOf(result);
  checkTime("at", at);
  const row = findCommand(context, commandId);
  if (row === undefined) return { kind: "missing" };
  if (row.state === "done") return { kind: "already", result: resultOf(row) };
  if (options.onlyWaiting === true && row.state !== "waiting") return { kind: "not-waiting" };
  return { kind: "finished", result: end(context, row, result, at, options.alsoEnqueue ?? []) };
}

/** Writes the final result and cuts the token, there and in all that goes to the outbox with it. */
export function end(
  context: StoreContext,
  row: CommandRow,
  result: JsonObject,
  at: number,
  alsoEnqueue: FinishOptions["alsoEnqueue"] = [],
): JsonObject {
  const { token } = row;
  const cut = <T>(value: T): T => (token === null ? value : (redactToken(value, token) as T));
  const cutText = (text: string | null): string | null =>
    text === null || token === null ? text : JSON.stringify(cut(parseObject(text)));
  const final = cut(result);
  context.database.run(
    `UPDATE commands SET state = 'done', token = NULL, outcome = ?, result = ?, finished_at = ?, payload = ?, echo = ?,
       sending_detail = ? WHERE sequence = ?`,
    outcomeOf(final),
    JSON.stringify(final),
    at,
    cutText(row.payload),
    cutText(row.echo),
    cutText(row.sending_detail),
    row.sequence,
  );
  putItems(
    context,
    alsoEnqueue.map((item) => ({ ...item, body: cut(item.body) })),
    at,
  );
  return final;
}

function resultOf(row: CommandRow): JsonObject {
  if (row.result === null) throw new DlmsError("STORE_CORRUPT", "An ended command has no result.");
  return parseObject(row.result);
}
