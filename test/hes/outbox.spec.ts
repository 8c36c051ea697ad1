import assert from "node:assert/strict";
import { type MeterCommandResult, type MeterUpdate } from "../../src/hes/contract.js";
import { Outbox, outboxDefaults, type OutboxLimits } from "../../src/hes/outbox.js";

const update = (n: number, type = "reading"): MeterUpdate =>
  ({ type, meterSerialNumber: String(n % 3), value: n }) as unknown as MeterUpdate;
const result = (n: number): MeterCommandResult => ({ commandId: String(n) }) as unknown as MeterCommandResult;

describe("outbox", () => {
  let up: boolean;
  let sent: unknown[];
  let drops: string[];
  function outbox(limits: Partial<OutboxLimits> = {}): Outbox {
    up = false;
    sent = [];
    drops = [];
    return new Outbox(
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
});
