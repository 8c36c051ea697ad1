import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { backendLimits, limits, listenerLimits } from "../../src/core/limits.js";
import { limitsPage } from "../../src/tools/docs-limits.js";

describe("docs/limits.md", () => {
  it("says what the code says, and leaves out no limit", () => {
    assert.ok(limitsPage.isCurrent(), "run `npm run docs:limits`");
    const page = readFileSync(join(resolve(__dirname, "../.."), "docs/limits.md"), "utf8");
    for (const name of Object.keys({ ...listenerLimits, ...backendLimits, ...limits })) {
      const line = page.split("\n").find((one) => one.startsWith(`| \`${name}\``));
      assert.ok(line !== undefined && !/\|\s*\|/.test(line), `${name}: ${line ?? "is not there"}`);
    }
  });
});
