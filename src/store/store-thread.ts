/**
 * The calling side of a store's thread: gathers requests while a transaction is under way, hands them over together,
 * and answers each when the transaction is durable. Bounded; off the event loop.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { DlmsError, usageError } from "../core/errors.js";
import { type OperationName } from "./operations.js";
import {
  revivedError,
  type FromWorker,
  type Reply,
  type Request,
  type ToWorker,
  type WorkerStart,
} from "./protocol.js";

/** Requests of one transaction. */
const BATCH = 1_000;

interface Waiting extends Request {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: DlmsError) => void;
}

/** Beside this file when run from the sources, beside the bundle when built. */
function startWorker(workerData: WorkerStart): Worker {
  const source = join(__dirname, "worker.ts");
  if (existsSync(source))
    return new Worker(source, { workerData, execArgv: [...process.execArgv, "--require", "tsx/cjs"] });
  return new Worker(join(__dirname, "store-worker.js"), { workerData });
}

export class StoreThread {
  readonly #worker: Worker;
  readonly #limits: WorkerStart["limits"];
  #waiting: Waiting[] = [];
  #underWay: readonly Waiting[] = [];
  #pumping = false;
  #failure: DlmsError | undefined;
  #ended = false;
  readonly #onIdle: (() => void)[] = [];
  #onOpened: ((error?: DlmsError) => void) | undefined;
  readonly #exited: Promise<void>;

  private constructor(start: WorkerStart, onOpened: (error?: DlmsError) => void) {
    this.#limits = start.limits;
    this.#onOpened = onOpened;
    this.#worker = startWorker(start);
    this.#worker.on("message", (message: FromWorker) => this.#receive(message));
    this.#worker.on("error", (error: Error) =>
      this.#fail(
        new DlmsError("STORE_FAILED", `The store's thread ended: ${error.message}`, { cause: error }),
      ),
    );
    this.#exited = new Promise((resolve) =>
      this.#worker.on("exit", () => {
        this.#fail(new DlmsError("STORE_FAILED", "The store is closed."));
        resolve();
      }),
    );
  }

  /** @throws DlmsError of the family StoreError; then the thread has ended. */
  static async open(start: WorkerStart): Promise<StoreThread> {
    let thread: StoreThread | undefined;
    const error = await new Promise<DlmsError | undefined>((resolve) => {
      thread = new StoreThread(start, resolve);
    });
    if (thread === undefined) throw new DlmsError("STORE_FAILED");
    if (error === undefined) return thread;
    await thread.#exited;
    throw error;
  }

  get failure(): DlmsError | undefined {
    return this.#failure;
  }

  /** Resolves when it is durable. @throws DlmsError QUEUE_FULL when too many requests wait already. */
  call(name: OperationName, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) throw new DlmsError("STORE_FAILED", "The store is closed.");
      if (this.#waiting.length >= this.#limits.requests)
        throw new DlmsError("QUEUE_FULL", `more than ${this.#limits.requests} requests wait for the store`);
      this.#waiting.push({ name, args: this.#text(args), resolve, reject });
      if (this.#pumping) return;
      this.#pumping = true;
      this.#worker.ref();
      // What the same turn of the event loop still asks for goes into the same transaction.
      queueMicrotask(() => this.#pump());
    });
  }

  /** Everything asked for before is done first. @throws DlmsError when the file did not close cleanly. */
  async close(): Promise<void> {
    this.#ended = true;
    if (this.#pumping) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    let error: DlmsError | undefined;
    this.#onOpened = (reason) => (error = reason);
    this.#worker.ref();
    this.#post({ type: "close" });
    await this.#exited;
    if (error !== undefined) throw error;
  }

  #text(args: readonly unknown[]): string {
    let text: string;
    try {
      text = JSON.stringify(args);
    } catch (caught) {
      void caught;
      throw usageError("FIELD_INVALID", "payload", "JSON cannot carry what the store is given");
    }
    if (text.length > this.#limits.jsonChars)
      throw new DlmsError("LIMIT_EXCEEDED", `more than ${this.#limits.jsonChars} characters for the store`);
    return text;
  }

  #pump(): void {
    this.#underWay = this.#waiting.splice(0, BATCH);
    if (this.#underWay.length === 0 || this.#failure !== undefined) {
      this.#worker.unref();
      this.#idle();
      return;
    }
    this.#post({ type: "batch", requests: this.#underWay.map(({ name, args }) => ({ name, args })) });
  }

  #idle(): void {
    this.#pumping = false;
    for (const tell of this.#onIdle.splice(0)) tell();
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "opened":
        this.#worker.unref();
        this.#opened();
        return;
      case "replies": {
        const answered = this.#underWay;
        this.#underWay = [];
        answered.forEach((waiting, i) => settle(waiting, message.replies[i]));
        if (message.failure !== undefined) this.#fail(revivedError(message.failure));
        this.#pump();
        return;
      }
      case "closed":
        this.#opened(message.error === undefined ? undefined : revivedError(message.error));
        return;
    }
  }

  #opened(error?: DlmsError): void {
    const tell = this.#onOpened;
    this.#onOpened = undefined;
    tell?.(error);
  }

  /** From now on every call fails with this. */
  #fail(error: DlmsError): void {
    this.#failure ??= error;
    for (const waiting of [...this.#underWay, ...this.#waiting.splice(0)]) waiting.reject(this.#failure);
    this.#underWay = [];
    this.#idle();
    this.#opened(error);
  }
}

function settle(waiting: Waiting, reply: Reply | undefined): void {
  if (reply === undefined) waiting.reject(new DlmsError("STORE_FAILED"));
  else if ("error" in reply) waiting.reject(revivedError(reply.error));
  else waiting.resolve(reply.value);
}
