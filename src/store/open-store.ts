/**
 * Opens stores, one per file however many use it: counted, and really closed with the last use.
 */
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { DlmsError } from "../core/errors.js";
import { storeError } from "./failures.js";
import { MEMORY } from "./open-file.js";
import { operationKinds, type OperationName } from "./operations.js";
import { StoreThread } from "./store-thread.js";
import { storeLimits, type EngineName, type Store, type StoreLimits, type StoreUse } from "./store.js";

export interface StoreOptions {
  /** Keep everything in memory instead: `durable` is false. */
  readonly volatile?: boolean;
  /** Absent: Node's own SQLite where it has one, else SQLite as WebAssembly. */
  readonly engine?: EngineName;
  /** Those of the first use count. */
  readonly limits?: Partial<StoreLimits>;
}

interface Opened {
  readonly thread: Promise<StoreThread>;
  uses: number;
}

const opened = new Map<string, Opened>();
/** Files that are being closed; opening one waits for that. */
const closing = new Map<string, Promise<void>>();

/**
 * @param file its folder is made if absent.
 * @throws DlmsError of the family StoreError.
 */
export async function openStore(file: string, options: StoreOptions = {}): Promise<StoreUse> {
  const key = `${options.volatile === true ? MEMORY : ""}${realFile(file)}`;
  for (let closed = closing.get(key); closed !== undefined; closed = closing.get(key)) await closed;
  let entry = opened.get(key);
  if (entry === undefined) {
    const { engine } = options;
    const thread = StoreThread.open({
      file: options.volatile === true ? MEMORY : realFile(file),
      ...(engine === undefined ? {} : { engine }),
      limits: { ...storeLimits, ...options.limits },
    });
    opened.set(key, (entry = { thread, uses: 0 }));
  }
  const { thread } = entry;
  entry.uses += 1;
  try {
    return storeUse(await thread, options.volatile !== true, () => release(key, entry));
  } catch (caught) {
    if (opened.get(key) === entry) opened.delete(key);
    throw caught;
  }
}

/** The same file by another path is the same store. */
function realFile(file: string): string {
  const path = resolve(file);
  try {
    mkdirSync(dirname(path), { recursive: true });
    return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
  } catch (caught) {
    throw storeError(caught, path);
  }
}

async function release(key: string, entry: Opened): Promise<void> {
  entry.uses -= 1;
  if (entry.uses > 0) return;
  opened.delete(key);
  const closed = entry.thread.then((thread) => thread.close());
  const settled = closed.then(
    () => undefined,
    () => undefined,
  );
  closing.set(key, settled);
  await settled;
  closing.delete(key);
  await closed;
}

function storeUse(thread: StoreThread, durable: boolean, release: () => Promise<void>): StoreUse {
  let released: Promise<void> | undefined;
  const call = (name: OperationName, args: readonly unknown[]): Promise<unknown> =>
    released === undefined
      ? thread.call(name, args)
      : Promise.reject(new DlmsError("STORE_FAILED", "The store was released."));
  const names = Object.keys(operationKinds) as OperationName[];
  const operations = Object.fromEntries(
    names.map((name) => [name, (...args: unknown[]) => call(name, args)]),
  ) as unknown as Omit<Store, "durable" | "failure">;
  return {
    ...operations,
    durable,
    get failure() {
      return thread.failure;
    },
    release: () => (released ??= release()),
  };
}
