/**
 * A small chaos run: the gateway in a real Node-RED process, killed while commands are under way, its store full once.
 * The reckoning is the one of `npm run chaos`; without the durable mark in front of every write it must not come out
 * even. Needs the build, which the test command makes first.
 */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { formatAccount, isClean } from "../../src/tools/chaos/account.js";
import { runChaos, type ChaosReport } from "../../src/tools/chaos/run.js";
import { unmarkedPackage } from "./unmarked.js";

const root = resolve(__dirname, "..", "..");
const COMMANDS = 100;

async function smallRun(packageRoot: string): Promise<{ report: ChaosReport; text: string }> {
  const lines: string[] = [];
  const report = await runChaos({
    packageRoot,
    seed: 11,
    meters: 30,
    commands: COMMANDS,
    kills: 3,
    askMs: 6_000,
    drainMs: 100_000,
    lifeMs: [1_000, 3_000],
    answerDelayMs: 300,
    log: (text) => lines.push(text),
  });
  return { report, text: [formatAccount(report), ...report.stories, ...lines].join("\n") };
}

describe("chaos, small", function () {
  this.timeout(240_000);

  it("nothing is lost, nothing runs twice, nothing runs on the wrong meter", async () => {
    const { report, text } = await smallRun(root);
    assert.ok(isClean(report), text);
    assert.equal(report.asked + report.refused, COMMANDS);
    assert.ok(report.kills >= 3);
    const succeeded = [...report.outcomes].filter(([key]) => /accepted|connected|read$/.test(key));
    assert.ok(succeeded.length >= 3, text);
  });

  it("without the durable mark, tokens that were credited are told to have failed", async () => {
    const { packageRoot, remove } = unmarkedPackage(root);
    try {
      const { report, text } = await smallRun(packageRoot);
      assert.ok(report.falseFailure.length > 0, text);
      assert.ok(!isClean(report), text);
    } finally {
      remove();
    }
  });
});
