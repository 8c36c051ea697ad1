/**
 * What the store's tests share: which engine to test here, folders that go away, and the store built as it is
 * published, so that child processes start fast and the built worker is found.
 */
import { chmodSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "tsup";
import { type EngineName, type openStore } from "../../src/store/index.js";

export const root = resolve(__dirname, "..", "..");

const named = process.env["STORE_ENGINE"] as EngineName | undefined;

/** The engine this run is about; test/store/node-24.spec.ts runs all again for the other one. */
export const engine: EngineName = named ?? "node-sqlite3-wasm";

const folders: string[] = [];

/** A new folder; it goes away with `removeFolders`. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "dlms-store-"));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export interface BuiltStore {
  readonly openStore: typeof openStore;
  /** The script of child.ts, ready to run. */
  readonly child: string;
}

let built: Promise<BuiltStore> | undefined;

/** The store and the child script as CommonJS bundles, made once a run. */
export function builtStore(): Promise<BuiltStore> {
  return (built ??= makeStore());
}

async function makeStore(): Promise<BuiltStore> {
  const outDir = mkdtempSync(join(tmpdir(), "dlms-store-built-"));
  process.once("exit", () => rmSync(outDir, { recursive: true, force: true }));
  await build({
    entry: {
      store: join(root, "src/store/index.ts"),
      "store-worker": join(root, "src/store/worker.ts"),
      child: join(root, "test/store/child.ts"),
    },
    format: ["cjs"],
    target: "node20",
    platform: "node",
    splitting: true,
    outDir,
    config: false,
    silent: true,
    dts: false,
  });
  const wasm = join("node_modules", "node-sqlite3-wasm");
  cpSync(join(root, wasm), join(outDir, wasm), { recursive: true });
  // One test reads it as another user.
  chmodSync(outDir, 0o755);
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const store = require(join(outDir, "store.js")) as Pick<BuiltStore, "openStore">;
  return { openStore: store.openStore, child: join(outDir, "child.js") };
}

/** For `assert.rejects`. */
export function withCode(code: string): (caught: unknown) => boolean {
  return (caught) => (caught as { code?: unknown }).code === code;
}
