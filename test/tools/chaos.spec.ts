/**
 * A small chaos run: the gateway in a real Node-RED process, killed while commands are under way, its store full once.
 * The reckoning is the one of `npm run chaos`. Needs the build, which the test command makes first.
 */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { formatAccount, isClean } from "../../src/tools/chaos/account.js";
import { runChaos } from "../../src/tools/chaos/run.js";

describe("chaos, small", function () {
  this.timeout(240_000);

  it("nothing is lost, nothing runs twice, nothing runs on the wrong meter", async () => {
    const lines: string[] = [];
    const report = await runChaos({
      packageRoot: resolve(__dirname, "..", ".."),
      seed: 11,
      meters: 30,
      commands: 120,
      kills: 3,
      askMs: 10_000,
      drainMs: 100_000,
      log: (text) => lines.push(text),
    });
    assert.ok(isClean(report), `${formatAccount(report)}\n${lines.join("\n")}`);
    assert.equal(report.asked + report.refused, 120);
    assert.ok(report.kills >= 3);
    const succeeded = [...report.outcomes].filter(([key]) => /accepted|connected|read$/.test(key));
    assert.ok(succeeded.length >= 3, formatAccount(report));
  });
});
