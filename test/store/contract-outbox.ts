/**
 * The part of the contract that is about what waits for the backend: order, deferral, bounds, age.
 */
import assert from "node:assert/strict";
import { type Bench } from "./contract.js";
import { read } from "./entries.js";

const NOW = 1_700_000_000_000;

export const reading = (value: number, meterSerialNumber: string | null = "58000123") => ({
  meterSerialNumber,
  kind: "reading" as const,
  body: { value },
});

export function outboxContract({ store, reopen }: Bench): void {
  describe("the outbox", () => {
    it("gives what was put in, in order, until it is acknowledged", async () => {
      const ids = await store().enqueue([reading(1), reading(2, "2"), reading(3, null)], NOW);
      const all = await store().peekOutbox({ limit: 10, now: NOW });
      assert.deepEqual(
        all.map(({ id, body, meterSerialNumber, attempts, at }) => [
          id,
          body["value"],
          meterSerialNumber,
          attempts,
          at,
        ]),
        [
          [ids[0], 1, "58000123", 0, NOW],
          [ids[1], 2, "2", 0, NOW],
          [ids[2], 3, null, 0, NOW],
        ],
      );
      const first = all[0]?.id ?? 0;
      assert.equal((await store().peekOutbox({ limit: 1, now: NOW, afterId: first }))[0]?.body["value"], 2);
      assert.equal(await store().acknowledge([first, first]), 1);
      assert.equal((await store().peekOutbox({ limit: 10, now: NOW })).length, 2);
      // An id is never given twice, not even when its item was the last one.
      await store().acknowledge(ids);
      const [next] = await store().enqueue([reading(4)], NOW);
      assert.ok(Number(next) > Number(ids[2]));
    });

    it("keeps the order of a meter when one of its items is deferred", async () => {
      const [, second] = await store().enqueue([reading(1), reading(2), reading(3), reading(4, "2")], NOW);
      await store().enqueue([{ meterSerialNumber: "58000123", kind: "result", body: { value: 5 } }], NOW);
      await store().defer([second ?? 0], NOW + 1_000);
      const values = async (now: number, kind?: "reading"): Promise<unknown[]> =>
        (await store().peekOutbox({ limit: 10, now, kind })).map(({ body }) => body["value"]);
      assert.deepEqual(await values(NOW), [1, 4, 5]);
      assert.deepEqual(await values(NOW, "reading"), [1, 4]);
      assert.deepEqual(await values(NOW + 1_000), [1, 2, 3, 4, 5]);
      // The clock was set back by a day: a deferral to tomorrow means nothing any more.
      assert.deepEqual(await values(NOW - 86_400_000), [1, 2, 3, 4, 5]);
      assert.equal((await store().peekOutbox({ limit: 10, now: NOW + 1_000 }))[1]?.attempts, 1);
    });

    it("drops the oldest readings first, then events, never a result, and counts them", async () => {
      await reopen({ items: 3, itemChars: 1_000 });
      const item = (kind: "result" | "event", value: number) => ({
        meterSerialNumber: "1",
        kind,
        body: { value },
      });
      await store().enqueue([item("result", 0), item("event", 1), reading(2), reading(3), reading(4)], NOW);
      const values = async (): Promise<unknown[]> =>
        (await store().peekOutbox({ limit: 100, now: NOW })).map(({ body }) => body["value"]);
      assert.deepEqual(await values(), [0, 1, 3, 4]);
      await store().enqueue([item("event", 5), item("event", 6), item("event", 7)], NOW);
      assert.deepEqual(await values(), [0, 5, 6, 7]);
      await store().enqueue([{ ...reading(8), body: { value: 8, text: "x".repeat(980) } }], NOW);
      assert.deepEqual(await values(), [0, 5, 6, 7]);
      for (let i = 0; i < 10; i += 1) await store().enqueue([item("result", 100 + i)], NOW);
      const counts = await store().outboxCounts();
      assert.deepEqual(
        [
          counts.result.count,
          counts.result.dropped,
          counts.reading,
          counts.event.count,
          counts.event.dropped,
        ],
        [11, 0, { count: 0, chars: 0, dropped: 4 }, 3, 1],
      );
      assert.equal(counts.event.chars, 3 * '{"value":5}'.length);
    });

    it("belongs to whoever put things in, and can be taken over with the open commands", async () => {
      await store().recordCommand(read("r", { origin: "gone", expiresAt: NOW + 1 }));
      await store().recordCommand(read("done", { origin: "gone" }));
      await store().finishCommand("done", { outcome: "read" }, NOW);
      const of = (value: number, origin?: string) => ({ ...reading(value), ...(origin && { origin }) });
      await store().enqueue([of(1, "gone"), of(2, "here"), of(3), of(4, "gone")], NOW);
      assert.deepEqual([...(await store().origins())].sort(), ["gone", "here"]);
      const values = async (origin: string): Promise<unknown[]> =>
        (await store().peekOutbox({ limit: 9, now: NOW, kind: "reading", origin })).map(
          ({ body }) => body.value,
        );
      assert.deepEqual([await values("gone"), await values("here")], [[1, 4], [2]]);
      assert.deepEqual(await store().adopt("gone", "here"), { commands: 1, items: 2 });
      assert.deepEqual([await values("gone"), await values("here")], [[], [1, 2, 4]]);
      assert.deepEqual(await store().adopt("gone", "here"), { commands: 0, items: 0 });
      assert.deepEqual(
        (await store().openCommands({ origin: "here" })).map(({ commandId }) => commandId),
        ["r"],
      );
      assert.equal((await store().command("done"))?.origin, "gone");
      await store().expireWaiting(NOW + 5, { enqueue: true });
      const [result] = await store().peekOutbox({ limit: 9, now: NOW, kind: "result" });
      assert.deepEqual([result?.origin, result?.body.outcome], ["here", "expired"]);
    });

    it("lets readings go that are too old, with the pruning", async () => {
      await reopen({ readingMs: 1_000 });
      await store().enqueue([reading(1)], NOW);
      await store().enqueue([reading(2)], NOW + 600);
      await store().enqueue([{ meterSerialNumber: "1", kind: "result", body: { value: 3 } }], NOW);
      assert.deepEqual(await store().prune(NOW + 1_500), { commands: 0, readings: 1 });
      const left = await store().peekOutbox({ limit: 10, now: NOW });
      assert.deepEqual(
        left.map(({ body }) => body["value"]),
        [2, 3],
      );
    });
  });
}
