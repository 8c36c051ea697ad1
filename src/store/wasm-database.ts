/**
 * SQLite as WebAssembly (`node-sqlite3-wasm`), for Node.js without its own. Its file layer has no shared memory and its
 * lock is a directory `<file>.lock` that outlives a killed process: file-lock.ts stands in front of it, and only the
 * write-ahead log with an exclusive lock is used (open-file.ts tells why). Memory is not collected: `close` frees it.
 */
import { Database as WasmDatabase } from "node-sqlite3-wasm";
import { type Database } from "./database.js";

export function openWasm(file: string): Database {
  const database = new WasmDatabase(file);
  const statements = new Map<string, ReturnType<WasmDatabase["prepare"]>>();
  const prepared = (sql: string): ReturnType<WasmDatabase["prepare"]> => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = database.prepare(sql)));
    return statement;
  };
  /** A statement that failed tells its error once more when it is used again: it has to go. */
  const dropping = <T>(sql: string, use: (statement: ReturnType<WasmDatabase["prepare"]>) => T): T => {
    const statement = prepared(sql);
    try {
      return use(statement);
    } catch (caught) {
      statements.delete(sql);
      finalize(statement);
      throw caught;
    }
  };
  return {
    engine: "node-sqlite3-wasm",
    exec: (sql) => database.exec(sql),
    run(sql, ...values) {
      const { changes, lastInsertRowid } = dropping(sql, (statement) => statement.run(values));
      return { changes, lastId: Number(lastInsertRowid) };
    },
    // This engine's own `get` leaves the statement open, and an open one keeps the log from being folded in.
    get: (sql, ...values) => dropping(sql, (statement) => statement.all(values))[0],
    all: (sql, ...values) => dropping(sql, (statement) => statement.all(values)),
    close() {
      for (const statement of statements.values()) finalize(statement);
      statements.clear();
      database.close();
    },
  };
}

/** Frees it; the error of its last use, which this reports as well, has been told. */
function finalize(statement: ReturnType<WasmDatabase["prepare"]>): void {
  try {
    statement.finalize();
  } catch (caught) {
    void caught;
  }
}
