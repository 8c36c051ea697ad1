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
  return {
    engine: "node-sqlite3-wasm",
    exec: (sql) => database.exec(sql),
    run(sql, ...values) {
      const { changes, lastInsertRowid } = prepared(sql).run(values);
      return { changes, lastId: Number(lastInsertRowid) };
    },
    // This engine's own `get` leaves the statement open, and an open one keeps the log from being folded in.
    get: (sql, ...values) => prepared(sql).all(values)[0],
    all: (sql, ...values) => prepared(sql).all(values),
    close() {
      for (const statement of statements.values()) statement.finalize();
      statements.clear();
      database.close();
    },
  };
}
