/**
 * The tables, and how an older file becomes a newer one. A migration is never changed once released; a file's version
 * is SQLite's `user_version`, its owner `application_id` ("DLMS").
 */
import { type Database } from "./database.js";

export const APPLICATION_ID = 0x444c4d53;

/** Index 0 makes version 1 of an empty file, index 1 makes version 2 of that, and so on. */
export const migrations: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE commands (
     sequence INTEGER PRIMARY KEY AUTOINCREMENT,
     command_id TEXT NOT NULL UNIQUE,
     command TEXT NOT NULL,
     meter TEXT NOT NULL,
     action TEXT,
     -- SHA-256 of meter and token; the token itself only while the command is open.
     content_key TEXT,
     token TEXT,
     has_backend_id INTEGER NOT NULL,
     origin TEXT NOT NULL,
     payload TEXT NOT NULL,
     echo TEXT,
     accepted_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'done')),
     sends INTEGER NOT NULL DEFAULT 0,
     sending_at INTEGER,
     sending_detail TEXT,
     sending_session INTEGER,
     outcome TEXT,
     result TEXT,
     finished_at INTEGER
   ) STRICT;
   CREATE INDEX commands_content ON commands (content_key) WHERE content_key IS NOT NULL;
   CREATE INDEX commands_relay ON commands (meter, sequence) WHERE command = 'remote-control';
   CREATE INDEX commands_open ON commands (sequence) WHERE state <> 'done';
   CREATE INDEX commands_waiting ON commands (expires_at) WHERE state = 'waiting';
   CREATE INDEX commands_done ON commands (finished_at) WHERE state = 'done';
   CREATE TABLE outbox (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     meter TEXT NOT NULL,
     kind TEXT NOT NULL CHECK (kind IN ('result', 'reading', 'event')),
     body TEXT NOT NULL,
     at INTEGER NOT NULL,
     attempts INTEGER NOT NULL DEFAULT 0,
     not_before INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX outbox_kind ON outbox (kind, id);
   CREATE INDEX outbox_deferred ON outbox (meter, kind, id) WHERE not_before > 0;
   CREATE TABLE outbox_counts (
     kind TEXT PRIMARY KEY, count INTEGER NOT NULL, chars INTEGER NOT NULL, dropped INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   INSERT INTO outbox_counts VALUES ('result', 0, 0, 0), ('reading', 0, 0, 0), ('event', 0, 0, 0);
   CREATE TABLE command_counts (state TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   INSERT INTO command_counts VALUES ('waiting', 0), ('sending', 0), ('done', 0);
   CREATE TRIGGER commands_added AFTER INSERT ON commands BEGIN
     UPDATE command_counts SET count = count + 1 WHERE state = NEW.state;
   END;
   CREATE TRIGGER commands_moved AFTER UPDATE OF state ON commands WHEN OLD.state <> NEW.state BEGIN
     UPDATE command_counts SET count = count - 1 WHERE state = OLD.state;
     UPDATE command_counts SET count = count + 1 WHERE state = NEW.state;
   END;
   CREATE TRIGGER commands_gone AFTER DELETE ON commands BEGIN
     UPDATE command_counts SET count = count - 1 WHERE state = OLD.state;
   END;
   CREATE TRIGGER outbox_added AFTER INSERT ON outbox BEGIN
     UPDATE outbox_counts SET count = count + 1, chars = chars + length(NEW.body) WHERE kind = NEW.kind;
   END;
   CREATE TRIGGER outbox_gone AFTER DELETE ON outbox BEGIN
     UPDATE outbox_counts SET count = count - 1, chars = chars - length(OLD.body) WHERE kind = OLD.kind;
   END;
   CREATE TABLE counters (key TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   INSERT INTO meta VALUES ('session', 0);`,
  `CREATE TABLE kept (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;`,
  // Whose items they are. Earlier files named it within the body.
  `ALTER TABLE outbox ADD COLUMN origin TEXT NOT NULL DEFAULT '';
   UPDATE outbox SET origin = coalesce(json_extract(body, '$.outboxOf'), '');
   CREATE INDEX outbox_origin ON outbox (origin, kind, id);`,
];

export const SCHEMA_VERSION = migrations.length;

export function schemaVersion(database: Database): number {
  return Number(database.get("PRAGMA user_version")?.["user_version"]);
}

/** Brings an older file up to date, each step whole or not at all. */
export function migrate(database: Database): void {
  const from = schemaVersion(database);
  for (let version = from; version < SCHEMA_VERSION; version += 1)
    database.exec(`BEGIN IMMEDIATE; ${migrations[version]}; PRAGMA user_version = ${version + 1}; COMMIT`);
  // The version stands in the file itself, not only in its log: older programs look there before they open it.
  if (from < SCHEMA_VERSION) database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}
