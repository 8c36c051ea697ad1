/**
 * What every store must do, whatever it is made of. `open` gives an empty one.
 */
import assert from "node:assert/strict";
import { type StoreLimits, type StoreUse } from "../../src/store/index.js";
import { commandContract } from "./contract-commands.js";
import { outboxContract, reading } from "./contract-outbox.js";
import { read, relay, tokenLoad, withoutOwner } from "./entries.js";
import { withCode } from "./support.js";

export interface Tested {
  readonly durable: boolean;
  readonly open: (limits?: Partial<StoreLimits>) => Promise<StoreUse>;
}

export interface Bench {
  readonly store: () => StoreUse;
  /** An empty one with other bounds. */
  readonly reopen: (limits: Partial<StoreLimits>) => Promise<void>;
}

const NOW = 1_700_000_000_000;

export function storeContract({ durable, open }: Tested): void {
  let store: StoreUse;
  beforeEach(async () => {
    store = await open();
  });
  // Closing folds the log into the file and waits for the disk, which others may keep busy.
  afterEach(function () {
    this.timeout(60_000);
    return store.release();
  });

  it("says whether it is durable", async () => {
    assert.equal(store.durable, durable);
    assert.equal((await store.stats()).durable, durable);
    assert.equal(store.failure, undefined);
  });

  const bench: Bench = {
    store: () => store,
    async reopen(limits) {
      await store.release();
      store = await open(limits);
    },
  };
  commandContract(bench);
  outboxContract(bench);

  it("gives each number of a counter once", async () => {
    assert.deepEqual(await store.reserveCounter("ic:1", 5, 10), { from: 5, to: 14 });
    assert.deepEqual(await store.reserveCounter("ic:1", 0, 1), { from: 15, to: 15 });
    assert.deepEqual(await store.reserveCounter("ic:1", 100, 1), { from: 100, to: 100 });
    assert.deepEqual(await store.reserveCounter("ic:2", 0, 1), { from: 0, to: 0 });
    const many = await Promise.all(Array.from({ length: 50 }, () => store.reserveCounter("ic:3", 0, 3)));
    assert.equal(new Set(many.map(({ from }) => from)).size, 50);
    await assert.rejects(
      store.reserveCounter("ic:2", Number.MAX_SAFE_INTEGER, 1),
      withCode("LIMIT_EXCEEDED"),
    );
    assert.deepEqual(await store.reserveCounter("ic:2", 0, 1), { from: 1, to: 1 });
  });

  it("remembers the highest of the counters it is told, by the beginning of their keys", async () => {
    assert.deepEqual(await store.counters("rx/"), {});
    await store.raiseCounters({ "rx/a/1": 5, "rx/a/2": 7, "rx/b": 1 });
    await store.raiseCounters({ "rx/a/1": 4, "rx/a/2": 4_294_967_295 });
    assert.deepEqual(await store.counters("rx/a/"), { "rx/a/1": 5, "rx/a/2": 4_294_967_295 });
    assert.deepEqual(await store.counters("rx/%"), {});
    await assert.rejects(store.raiseCounters({ "rx/a/1": 9, "rx/c": -1 }), withCode("FIELD_INVALID"));
    assert.deepEqual(await store.counters("rx/a/1"), { "rx/a/1": 5 });
    // A number seen is not given out either.
    assert.deepEqual(await store.reserveCounter("rx/a/1", 0, 1), { from: 5, to: 5 });
  });

  it("keeps texts under keys until they are replaced or forgotten", async () => {
    await store.keep("keys/1", "first");
    await store.keep("keys/2", "second");
    await store.keep("keys/1", "newer");
    assert.deepEqual(await store.kept("keys/"), { "keys/1": "newer", "keys/2": "second" });
    await store.keep("keys/2");
    assert.deepEqual(await store.kept("keys/"), { "keys/1": "newer" });
    await assert.rejects(store.keep("keys/3", "x".repeat(70_000)), withCode("FIELD_INVALID"));
  });

  describe("many requests at once", () => {
    it("share a transaction, and a bad one spoils no other", async () => {
      const circular: Record<string, unknown> = {};
      circular["self"] = circular;
      const settled = await Promise.allSettled([
        store.recordCommand(tokenLoad("a")),
        store.recordCommand(tokenLoad("b", { acceptedAt: 0.5 })),
        store.recordCommand(tokenLoad("c", { payload: circular })),
        store.recordCommand(relay("a", "connect")),
        store.enqueue([reading(1), { ...reading(2), kind: "nonsense" as "reading" }], NOW),
        store.recordCommand(tokenLoad("d\ud800")),
        store.recordCommand(tokenLoad("e", { token: undefined })),
        store.reserveCounter("k", 0, 0),
        store.command("a"),
        store.recordCommand(read("f")),
      ]);
      const codes = settled.map((one) =>
        one.status === "fulfilled" ? "fulfilled" : (one.reason as { code: string }).code,
      );
      assert.deepEqual(codes, [
        "fulfilled",
        "FIELD_INVALID",
        "FIELD_INVALID",
        "COMMAND_CONFLICT",
        "FIELD_INVALID",
        "FIELD_INVALID",
        "FIELD_INVALID",
        "FIELD_INVALID",
        "fulfilled",
        "fulfilled",
      ]);
      // Half of the refused list is not there either.
      assert.equal((await store.outboxCounts()).reading.count, 0);
      assert.deepEqual((await store.stats()).commands, { waiting: 2, sending: 0, done: 0 });
    });

    it("are answered in order and need few transactions", async () => {
      const before = await store.stats();
      const kinds = await Promise.all(
        Array.from({ length: 500 }, (_, i) => store.recordCommand(read(`id ${i % 250}`))),
      );
      assert.deepEqual(
        kinds.map(({ kind }) => kind),
        kinds.map((_, i) => (i < 250 ? "new" : "joined")),
      );
      const after = await store.stats();
      assert.ok(after.commits - before.commits <= 10, `${after.commits - before.commits} transactions`);
      assert.ok(after.largestBatch >= 50, `at most ${after.largestBatch} together`);
    });

    it("are bounded", async () => {
      await store.release();
      store = await open({ requests: 10 });
      const settled = await Promise.allSettled(
        Array.from({ length: 30 }, (_, i) => store.recordCommand(read(`id ${i}`))),
      );
      const refused = settled.filter((one) => one.status === "rejected");
      assert.equal(refused.length, 20);
      assert.ok(refused.every(({ reason }) => withCode("QUEUE_FULL")(reason)));
      assert.equal((await store.openCommands()).length, 10);
      await assert.rejects(
        store.enqueue([{ ...reading(1), body: { text: "x".repeat(17_000_000) } }], NOW),
        withCode("LIMIT_EXCEEDED"),
      );
    });
  });

  it("does what was asked before it closes, and nothing after", async () => {
    const asked = store.recordCommand(read("a"));
    await store.release();
    assert.deepEqual(await asked, { kind: "new" });
    await assert.rejects(store.recordCommand(read("b")), withCode("STORE_FAILED"));
    await store.release();
    store = await open();
  });

  it("tells the same about a command however it is asked", async () => {
    await store.recordCommand(tokenLoad("a"));
    const [open] = await store.openCommands();
    assert.deepEqual(withoutOwner(await store.command("a")), withoutOwner(open));
  });
}
