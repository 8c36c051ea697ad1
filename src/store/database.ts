/**
 * The few calls the store makes of SQLite, the same for both engines: Node's own where it has one (from 22.13), else
 * SQLite as WebAssembly. Statements are prepared once and kept.
 */
import { type EngineName } from "./store.js";
import { nativeSqlite, openNative } from "./native-database.js";
import { openWasm } from "./wasm-database.js";

export type SqlValue = number | string | null;
export type Row = Readonly<Record<string, unknown>>;

export interface Database {
  readonly engine: EngineName;
  /** Runs statements without parameters; nothing comes back. */
  exec(sql: string): void;
  /** Gives how many rows changed and the last row id. */
  run(sql: string, ...values: SqlValue[]): { readonly changes: number; readonly lastId: number };
  get(sql: string, ...values: SqlValue[]): Row | undefined;
  all(sql: string, ...values: SqlValue[]): readonly Row[];
  close(): void;
}

export function defaultEngine(): EngineName {
  return nativeSqlite() === undefined ? "node-sqlite3-wasm" : "node:sqlite";
}

/** @throws what the engine throws; failures.ts makes codes of it. */
export function openDatabase(file: string, engine: EngineName): Database {
  return engine === "node:sqlite" ? openNative(file) : openWasm(file);
}
