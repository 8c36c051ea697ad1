/**
 * SQLite as Node.js brings it: `node:sqlite`, without a flag from 22.13. Asked for by name at run time, so that no
 * bundler rewrites it and older Node.js loads this file.
 */
import { DlmsError } from "../core/errors.js";
import { type Database, type Row, type SqlValue } from "./database.js";

interface NativeStatement {
  run(...values: SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  get(...values: SqlValue[]): Row | undefined;
  all(...values: SqlValue[]): Row[];
}

interface NativeDatabase {
  exec(sql: string): void;
  prepare(sql: string): NativeStatement;
  close(): void;
}

interface NativeModule {
  readonly DatabaseSync: new (file: string) => NativeDatabase;
}

export function nativeSqlite(): NativeModule | undefined {
  const load = (process as { getBuiltinModule?: (name: string) => unknown }).getBuiltinModule;
  return load?.("node:sqlite") as NativeModule | undefined;
}

export function openNative(file: string): Database {
  const module = nativeSqlite();
  if (module === undefined) throw new DlmsError("STORE_FAILED", "This Node.js has no SQLite of its own.");
  const database = new module.DatabaseSync(file);
  const statements = new Map<string, NativeStatement>();
  const prepared = (sql: string): NativeStatement => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = database.prepare(sql)));
    return statement;
  };
  return {
    engine: "node:sqlite",
    exec: (sql) => database.exec(sql),
    run(sql, ...values) {
      const { changes, lastInsertRowid } = prepared(sql).run(...values);
      return { changes: Number(changes), lastId: Number(lastInsertRowid) };
    },
    get: (sql, ...values) => prepared(sql).get(...values),
    all: (sql, ...values) => prepared(sql).all(...values),
    close() {
      statements.clear();
      database.close();
    },
  };
}
