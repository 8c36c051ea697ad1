/**
 * Opens the store's file: checked, made if absent, locked, migrated, private to its owner.
 *
 * The journal is a write-ahead log under an exclusive lock, for both engines. Measured for node-sqlite3-wasm 0.8.60
 * with synchronous=FULL, rows of 200 octets, exclusive lock, Node.js 20, durable transactions a second with 1 and rows a
 * second with 100 rows each: WAL 6,200 and 252,000; PERSIST 2,100 and 107,000; TRUNCATE 1,900 and 117,000; DELETE 1,800
 * and 108,000; without the exclusive lock WAL is not available and the others lose a third. Besides, only WAL is safe
 * there: that engine takes its own lock for another's, never rolls a left-over rollback journal back, and showed 189 of
 * 200 rows of a transaction that was never committed, with `integrity_check` ok.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { DlmsError } from "../core/errors.js";
import { openDatabase, type Database } from "./database.js";
import { storeError } from "./failures.js";
import { checkFile } from "./file-check.js";
import { FileLock } from "./file-lock.js";
import { APPLICATION_ID, migrate, SCHEMA_VERSION, schemaVersion } from "./schema.js";
import { type EngineName, type StoreLimits } from "./store.js";

/** A database in memory: the same store, but a restart forgets it. */
export const MEMORY = ":memory:";
const PRIVATE = 0o600;

export interface OpenedFile {
  readonly database: Database;
  readonly session: number;
  close(): Promise<void>;
}

/** @throws DlmsError of the family StoreError. */
export async function openFile(file: string, engine: EngineName, limits: StoreLimits): Promise<OpenedFile> {
  if (file === MEMORY) return openMemory(engine, limits);
  let lock: FileLock | undefined;
  let database: Database | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    lock = await FileLock.acquire(file);
    const held = lock;
    clearLeftovers(file);
    const state = checkFile(file);
    if (state === "absent") create(file, engine);
    makePrivate(file);
    const opened = (database = openDatabase(file, engine));
    prepare(opened, limits);
    if (state === "interrupted") checkPages(opened);
    if (schemaVersion(opened) > SCHEMA_VERSION) throw new DlmsError("STORE_NEWER");
    migrate(opened);
    // The first write: shows that writing works, and makes the log, whose name must be durable, too.
    const session = nextSession(opened);
    makePrivate(`${file}-wal`);
    syncFolder(file);
    const close = async (): Promise<void> => {
      try {
        opened.close();
      } finally {
        await held.release();
      }
    };
    return { database: opened, session, close };
  } catch (caught) {
    const error = storeError(caught, file);
    try {
      database?.close();
    } catch (again) {
      // The first failure tells why.
      void again;
    }
    await lock?.release();
    throw error;
  }
}

function openMemory(engine: EngineName, limits: StoreLimits): OpenedFile {
  const database = openDatabase(MEMORY, engine);
  database.exec(`PRAGMA max_page_count = ${limits.pages}`);
  migrate(database);
  const session = nextSession(database);
  return {
    database,
    session,
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

/** Only the holder of the lock is here: what a killed process left in the way goes. */
function clearLeftovers(file: string): void {
  for (const engineLock of [`${file}.lock`, `${file}-new.lock`])
    if (existsSync(engineLock)) rmdirSync(engineLock);
  for (const part of ["", "-wal", "-journal"]) rmSync(`${file}-new${part}`, { force: true });
}

/** Made under another name and moved, so that a store file is whole or not there. */
function create(file: string, engine: EngineName): void {
  const draft = `${file}-new`;
  closeSync(openSync(draft, "wx", PRIVATE));
  const database = openDatabase(draft, engine);
  try {
    database.exec(
      `PRAGMA page_size = 4096; PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL;
       PRAGMA application_id = ${APPLICATION_ID}; PRAGMA journal_mode = WAL`,
    );
    migrate(database);
  } finally {
    database.close();
  }
  syncPath(draft);
  renameSync(draft, file);
  syncFolder(file);
}

function prepare(database: Database, limits: StoreLimits): void {
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  const mode = database.get("PRAGMA journal_mode = WAL")?.["journal_mode"];
  if (mode !== "wal") throw new DlmsError("STORE_FAILED", `The store's journal is ${String(mode)}, not wal.`);
  database.exec(
    `PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;
     PRAGMA journal_size_limit = 67108864; PRAGMA max_page_count = ${limits.pages}`,
  );
}

function checkPages(database: Database): void {
  const verdict = String(Object.values(database.get("PRAGMA quick_check(1)") ?? {})[0]);
  if (verdict !== "ok") throw new DlmsError("STORE_CORRUPT", `The store's file is damaged: ${verdict}`);
}

function nextSession(database: Database): number {
  database.exec("UPDATE meta SET value = value + 1 WHERE key = 'session'");
  return Number(database.get("SELECT value FROM meta WHERE key = 'session'")?.["value"]);
}

function makePrivate(file: string): void {
  if (process.platform === "win32" || (statSync(file).mode & 0o777) === PRIVATE) return;
  chmodSync(file, PRIVATE);
}

function syncPath(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Windows has no such call, and its file system keeps names by itself. */
function syncFolder(file: string): void {
  if (process.platform !== "win32") syncPath(dirname(file));
}
