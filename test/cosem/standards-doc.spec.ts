/** docs/standards.md tells the classes and attributes that are really declared. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { classes } from "../../src/cosem/classes/index.js";
import { classTable } from "./class-table.js";

/** Column widths are the formatter's business. */
const squeezed = (text: string): string => text.replace(/ +/g, " ").replace(/-{3,}/g, "---");

describe("docs/standards.md", () => {
  it("holds the table of interface classes as declared", () => {
    const page = squeezed(readFileSync(join(__dirname, "..", "..", "docs", "standards.md"), "utf8"));
    const missing = classTable(classes)
      .split("\n")
      .filter((row) => !page.includes(squeezed(row)));
    assert.deepEqual(missing, []);
  });
});
