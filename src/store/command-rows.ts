/**
 * A row of the table `commands` as the caller sees it.
 */
import { DlmsError } from "../core/errors.js";
import { type Row } from "./database.js";
import { type JsonObject, type StoredAction, type StoredCommand, type StoredCommandName } from "./store.js";

export interface CommandRow {
  readonly sequence: number;
  readonly command_id: string;
  readonly command: StoredCommandName;
  readonly meter: string;
  readonly action: StoredAction | null;
  readonly content_key: string | null;
  readonly token: string | null;
  readonly has_backend_id: number;
  readonly origin: string;
  readonly payload: string;
  readonly echo: string | null;
  readonly accepted_at: number;
  readonly expires_at: number;
  readonly state: "waiting" | "sending" | "done";
  readonly sends: number;
  readonly sending_at: number | null;
  readonly sending_detail: string | null;
  readonly sending_session: number | null;
  readonly outcome: string | null;
  readonly result: string | null;
  readonly finished_at: number | null;
}

export function commandRow(row: Row | undefined): CommandRow | undefined {
  return row as CommandRow | undefined;
}

/** @throws DlmsError STORE_CORRUPT: every text in the tables was JSON when it was written. */
export function parseObject(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch (caught) {
    throw new DlmsError("STORE_CORRUPT", "The store's file is damaged: a text in it is no JSON.", {
      cause: caught,
    });
  }
}

export function storedCommand(row: CommandRow, session: number): StoredCommand {
  return {
    sequence: row.sequence,
    commandId: row.command_id,
    command: row.command,
    meterSerialNumber: row.meter,
    ...(row.action === null ? {} : { action: row.action }),
    payload: parseObject(row.payload),
    ...(row.echo === null ? {} : { echo: parseObject(row.echo) }),
    origin: row.origin,
    acceptedAt: row.accepted_at,
    expiresAt: row.expires_at,
    hasBackendId: row.has_backend_id === 1,
    state: row.state,
    sends: row.sends,
    ...(row.sending_at === null ? {} : { sendingAt: row.sending_at }),
    ...(row.sending_detail === null ? {} : { sendingDetail: parseObject(row.sending_detail) }),
    leftOver: row.state === "sending" && row.sending_session !== session,
    ...(row.outcome === null ? {} : { outcome: row.outcome }),
    ...(row.result === null ? {} : { result: parseObject(row.result) }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
  };
}
