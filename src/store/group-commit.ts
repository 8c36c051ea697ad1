/**
 * Many requests, one durable transaction. Each request has a savepoint of its own, so that a bad one spoils no other;
 * where SQLite gives up the whole transaction, or its commit fails, each request runs once more in one of its own.
 */
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type Database } from "./database.js";
import { storeError } from "./failures.js";
import { operationKinds, type BatchCounts } from "./operations.js";
import { dropItems } from "./outbox.js";
import { plainError, type Reply, type Request } from "./protocol.js";
import { type Operations } from "./store.js";

/** Readings that go at once when something essential finds no room. */
const DROPPED_FOR_ROOM = 256;

export class GroupCommit {
  readonly #database: Database;
  readonly #file: string;
  readonly #operations: Operations;
  #counts = { commits: 0, requests: 0, largestBatch: 0 };
  /** Set when the file is damaged: nothing that follows can be trusted. */
  #failure: DlmsError | undefined;

  constructor(database: Database, file: string, operationsFor: (counts: () => BatchCounts) => Operations) {
    this.#database = database;
    this.#file = file;
    this.#operations = operationsFor(() => this.#counts);
  }

  get failure(): DlmsError | undefined {
    return this.#failure;
  }

  /** What it replies is durable. */
  run(requests: readonly Request[]): readonly Reply[] {
    const writes = requests.filter(({ name }) => operationKinds[name] !== "read").length;
    if (this.#failure !== undefined) return requests.map(() => this.#refused(this.#failure));
    if (writes === 0) return requests.map((request) => this.#attempt(request));
    const replies = this.#together(requests) ?? requests.map((request) => this.#alone(request));
    this.#counts = {
      ...this.#counts,
      requests: this.#counts.requests + requests.length,
      largestBatch: Math.max(this.#counts.largestBatch, requests.length),
    };
    if (requests.some(({ name }) => operationKinds[name] === "fold")) this.#fold();
    return replies;
  }

  /** Undefined when the transaction as a whole came to nothing. */
  #together(requests: readonly Request[]): readonly Reply[] | undefined {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const replies = requests.map((request) => {
        this.#database.exec("SAVEPOINT request");
        let reply: Reply;
        try {
          reply = { value: this.#perform(request) };
        } catch (caught) {
          const error = this.#error(caught);
          // Full may be cured, and what cures it has to run alone.
          if (error.code === "STORE_FULL" && operationKinds[request.name] === "essential") throw error;
          this.#database.exec("ROLLBACK TO request");
          reply = this.#refused(error);
        }
        this.#database.exec("RELEASE request");
        return reply;
      });
      this.#commit();
      return replies;
    } catch (caught) {
      this.#error(caught);
      this.#rollBack();
      return undefined;
    }
  }

  #alone(request: Request): Reply {
    const first = this.#inTransaction(request, false);
    const isFull = "error" in first && first.error.code === "STORE_FULL";
    if (!isFull || operationKinds[request.name] !== "essential") return first;
    this.#fold();
    return this.#inTransaction(request, true);
  }

  #inTransaction(request: Request, makeRoom: boolean): Reply {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      if (makeRoom) dropItems(this.#database, "reading", DROPPED_FOR_ROOM);
      const value = this.#perform(request);
      this.#commit();
      return { value };
    } catch (caught) {
      const error = this.#error(caught);
      this.#rollBack();
      return this.#refused(error);
    }
  }

  #attempt(request: Request): Reply {
    try {
      return { value: this.#perform(request) };
    } catch (caught) {
      return this.#refused(this.#error(caught));
    }
  }

  #perform({ name, args }: Request): unknown {
    const values = (JSON.parse(args) as unknown[]).map((value) => value ?? undefined);
    return (this.#operations[name] as (...values: unknown[]) => unknown)(...values);
  }

  #commit(): void {
    this.#database.exec("COMMIT");
    this.#counts.commits += 1;
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch (caught) {
      // SQLite has rolled back already; if not, the next BEGIN fails and tells.
      void caught;
    }
  }

  /** Folding the log in frees what it takes of the disk. What fails now is done by a later one, or by closing. */
  #fold(): void {
    try {
      this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (caught) {
      this.#error(caught);
    }
  }

  #error(caught: unknown): DlmsError {
    const error = isOurs(caught) ? asDlmsError(caught) : storeError(caught, this.#file);
    if (error.code === "STORE_CORRUPT") this.#failure ??= error;
    return error;
  }

  #refused(error: DlmsError | undefined): Reply {
    return { error: plainError(error ?? new DlmsError("STORE_FAILED")) };
  }
}

/** A defect of this program is no failure of the store. */
function isOurs(caught: unknown): boolean {
  return caught instanceof DlmsError || caught instanceof TypeError || caught instanceof RangeError;
}
