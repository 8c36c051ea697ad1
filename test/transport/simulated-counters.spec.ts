/** A simulated meter made anew never repeats a number, in the same process or in the next one. */
import assert from "node:assert/strict";
import { SimulatedCounters } from "../../src/transport/simulated-counters.js";

describe("counters of simulated meters", () => {
  it("begin above all that the process has given out, however many that were", () => {
    const now = Date.UTC(2025, 0, 2);
    const before = new SimulatedCounters(now).reserveCounter("key", 0, 5_000);
    const after = new SimulatedCounters(now + 1_000).reserveCounter("key", 0, 1);
    assert.ok(after.from > before.to, `${after.from} is not above ${before.to}`);
  });

  it("begin with the time, eight for each second, so that a new process is above the old one", () => {
    const now = Date.now();
    const first = new SimulatedCounters(now).reserveCounter("key", 0, 1).from;
    const later = new SimulatedCounters(now + 60_000).reserveCounter("key", 0, 1).from;
    assert.ok(first >= Math.floor((now - Date.UTC(2025, 0, 1)) / 125));
    assert.ok(later > first && later <= first + 480);
  });
});
