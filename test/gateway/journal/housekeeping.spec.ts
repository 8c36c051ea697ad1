/** An opened store forgets what has had its time, again and again, and nothing goes on once it is closed. */
import assert from "node:assert/strict";
import { Housekeeping } from "../../../src/gateway/journal/housekeeping.js";
import { type Store } from "../../../src/store/index.js";
import { FakeClock } from "../../support/fake-clock.js";

describe("journal: housekeeping", () => {
  it("prunes after a minute, then every ten, at once again where there was much, and ends", async () => {
    const clock = new FakeClock();
    const answers = [{ commands: 5_000, readings: 0 }, new Error("busy"), { commands: 0, readings: 3 }];
    const at: number[] = [];
    const failures: unknown[] = [];
    const prune = (now: number): Promise<unknown> => {
      at.push(now - clock.epochMs() + clock.now());
      const answer = answers[at.length - 1] ?? { commands: 0, readings: 0 };
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    const housekeeping = new Housekeeping({
      clock,
      store: () => Promise.resolve({ prune } as unknown as Store),
      failed: (caught) => failures.push(caught),
    });
    housekeeping.start();
    await clock.advanceAsync(1_300_000);
    assert.deepEqual(at, [60_000, 61_000, 661_000, 1_261_000]);
    assert.equal(failures.length, 1);
    await housekeeping.close();
    housekeeping.start();
    assert.equal(clock.pending, 0);
  });
});
