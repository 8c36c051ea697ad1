/** Readings that waited for the backend drain whole and in order, across a restart of either side; and the tally that says so. */
import assert from "node:assert/strict";
import { isDrained, runDrain } from "../../src/tools/drain/run.js";
import { Tally } from "../../src/tools/drain/tally.js";

describe("drain", function () {
  this.timeout(120_000);

  it("what waited in the store arrives whole and in each meter's order", async () => {
    const report = await runDrain({ meters: 40, quarters: 20, log: () => undefined });
    const text = JSON.stringify(report);
    assert.equal(report.readings, 4_000);
    assert.equal(report.counts.distinct, 4_000, text);
    assert.ok(isDrained(report), text);
    assert.ok(report.fileOctets > 4_000 * 100, "they stood in the file");
  });

  it("the tally tells what is missing, twice, out of order or nobody's", () => {
    const tally = new Tally(["a", "b"], 3);
    for (const [serial, number] of [
      ["a", 0],
      ["a", 2],
      ["a", 1],
      ["a", 1],
      ["b", 0],
      ["c", 0],
      ["b", 3],
      ["b", "1"],
    ])
      tally.arrived(serial, number);
    assert.deepEqual(tally.counts, { arrived: 8, distinct: 4, duplicates: 1, outOfOrder: 1, strange: 3 });
  });
});
