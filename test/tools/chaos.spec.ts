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
      meters: 40,
      commands: 240,
      kills: 4,
      askMs: 20_000,
      drainMs: 100_000,
      log: (text) => lines.push(text),
    });
    assert.ok(isClean(report), `${formatAccount(report)}\n${lines.join("\n")}`);
    assert.equal(report.asked + report.refused, 240);
    assert.ok(report.kills >= 4);
    const succeeded = [...report.outcomes].filter(([key]) => /accepted|connected|read$/.test(key));
    assert.ok(succeeded.length >= 3, formatAccount(report));
  });
});
