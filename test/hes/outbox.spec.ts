import assert from "node:assert/strict";
import { type MeterCommandResult, type MeterUpdate } from "../../src/hes/contract.js";
import { outboxDefaults, type OutboxLimits } from "../../src/hes/outbox.js";
import { VolatileOutbox } from "../../src/hes/volatile-outbox.js";

const update = (n: number, type = "reading"): MeterUpdate =>
  ({ type, meterSerialNumber: String(n % 3), value: n }) as unknown as MeterUpdate;
const result = (n: number): MeterCommandResult => ({ commandId: String(n) }) as unknown as MeterCommandResult;

describe("outbox", () => {
  let up: boolean;
  let sent: unknown[];
  let drops: string[];
  function outbox(limits: Partial<OutboxLimits> = {}): VolatileOutbox {
    up = false;
    sent = [];
    drops = [];
    return new VolatileOutbox(
      { ...outboxDefaults, ...limits },
      {
        emit: (_event, ...[payload]) => {
          if (up)
            sent.push(
              "commandId" in payload
                ? `r${String(payload.commandId)}`
                : (payload as { value: unknown }).value,
            );
          return up;
        },
        onDrop: (kind, dropped) => drops.push(`${kind} ${dropped}`),
      },
    );
  }
  const turns = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  it("drops the oldest readings and results first, each by its own bound, and counts them", async () => {
    const box = outbox({ readings: 3, results: 2 });
    for (let n = 1; n <= 5; n += 1) box.reading(update(n));
    for (let n = 1; n <= 3; n += 1) box.result(result(n));
    assert.deepEqual(box.counts, {
      waitingReadings: 3,
      waitingResults: 2,
      droppedReadings: 2,
      droppedResults: 1,
    });
    assert.deepEqual(drops, ["reading 1", "reading 2", "result 1"]);
    up = true;
    box.flush();
    await turns(3);
    assert.deepEqual(sent, ["r2", "r3", 3, 4, 5]);
    assert.deepEqual([box.counts.waitingReadings, box.counts.waitingResults], [0, 0]);
  });

  it("keeps within a bound of characters, however few the messages", () => {
    const box = outbox({ chars: 10_000 });
    const long = { ...update(1), body: "x".repeat(4_000) } as unknown as MeterUpdate;
    for (let n = 0; n < 10; n += 1) box.reading(long);
    assert.deepEqual([box.counts.waitingReadings, box.counts.droppedReadings], [2, 8]);
  });

  it("tells only the newest standing of a meter, before everything else", async () => {
    const box = outbox();
    box.reading(update(100));
    for (let n = 1; n <= 6; n += 1) box.status(update(n, "status"));
    up = true;
    box.flush();
    await turns(2);
    assert.deepEqual(sent, [4, 5, 6, 100]);
  });

  it("keeps the order while it drains, and what a new loss interrupts", async () => {
    const box = outbox({ batch: 2 });
    for (let n = 1; n <= 5; n += 1) box.reading(update(n));
    up = true;
    box.flush();
    await turns(1);
    box.reading(update(6));
    up = false;
    await turns(2);
    assert.deepEqual(sent, [1, 2]);
    up = true;
    box.flush();
    await turns(5);
    assert.deepEqual(sent, [1, 2, 3, 4, 5, 6]);
  });

  it("copies what it keeps and refuses what JSON cannot carry", async () => {
    const box = outbox();
    const message = { ...update(1), value: 7 } as unknown as MeterUpdate & { value: number };
    box.reading(message);
    message.value = 8;
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    assert.throws(() => box.reading(cycle as unknown as MeterUpdate), { code: "FIELD_INVALID" });
    up = true;
    box.flush();
    await turns(2);
    assert.deepEqual(sent, [7]);
  });

  describe("with a backend that acknowledges", () => {
    let asked: { id: string; answered: (received: boolean) => void }[];
    let all: string[];
    function confirming(limits: Partial<OutboxLimits> = {}): VolatileOutbox {
      asked = [];
      all = [];
      up = true;
      return new VolatileOutbox(
        { ...outboxDefaults, ...limits },
        {
          emit: (_event, payload, answered) => {
            if (!up) return false;
            const id = (payload as MeterCommandResult).commandId;
            all.push(id);
            if (answered !== undefined) asked.push({ id, answered });
            return true;
          },
          onDrop: (kind, dropped) => drops.push(`${kind} ${dropped}`),
        },
      );
    }
    const answer = (received: boolean): void =>
      asked.splice(0).forEach((question) => question.answered(received));

    it("sends again, in order, what was not acknowledged before the connection ended", async () => {
      const box = confirming();
      box.result(result(1));
      answer(true);
      for (let n = 2; n <= 4; n += 1) box.result(result(n));
      assert.equal(box.counts.waitingResults, 3);
      up = false;
      asked.shift()?.answered(true);
      answer(false);
      box.result(result(5));
      assert.equal(box.counts.waitingResults, 3);
      up = true;
      box.flush();
      await turns(2);
      assert.deepEqual(all, ["1", "2", "3", "4", "3", "4", "5"]);
      answer(true);
      assert.equal(box.counts.waitingResults, 0);
    });

    it("believes one that never did, asks only a few at a time, and keeps nothing", () => {
      const box = confirming();
      for (let n = 1; n <= 100; n += 1) box.result(result(n));
      assert.deepEqual([all.length, asked.length, box.counts.waitingResults], [100, 16, 0]);
      answer(false);
      assert.equal(box.counts.waitingResults, 0);
      box.result(result(101));
      assert.equal(asked.length, 1);
    });

    it("keeps a bounded number unacknowledged, and gives up on one that stopped to answer", async () => {
      const box = confirming();
      box.result(result(0));
      answer(true);
      for (let n = 1; n <= 500; n += 1) box.result(result(n));
      assert.deepEqual([asked.length, box.counts.waitingResults], [200, 500]);
      for (let round = 0; round < 12 && box.counts.waitingResults > 0; round += 1) {
        answer(false);
        await turns(6);
      }
      assert.equal(box.counts.waitingResults, 0);
      assert.ok(all.length <= 200 * 5 + 301, String(all.length));
    });
  });
});
