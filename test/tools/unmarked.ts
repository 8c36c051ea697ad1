/**
 * The built package without the durable `sending` mark: a copy whose one call that writes the mark says yes without
 * writing anything. Only for showing that the mark is what keeps commands from running twice.
 */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** `opened.markSending(…)` as the bundler writes it; the names of variables are its own. */
const CALL = /await \w+\.markSending\(this\.commandId, at, detail, \{ again \}\)/g;

export interface UnmarkedPackage {
  readonly packageRoot: string;
  readonly remove: () => void;
}

/** @param root of the package, built. */
export function unmarkedPackage(root: string): UnmarkedPackage {
  const packageRoot = mkdtempSync(join(tmpdir(), "dlms-unmarked-"));
  for (const name of ["package.json", "dist", "resources", "examples"])
    cpSync(join(root, name), join(packageRoot, name), {
      recursive: true,
      filter: (path) => !path.endsWith(".map"),
    });
  symlinkSync(join(root, "node_modules"), join(packageRoot, "node_modules"));
  let calls = 0;
  for (const name of readdirSync(join(packageRoot, "dist"))) {
    if (!name.endsWith(".js")) continue;
    const file = join(packageRoot, "dist", name);
    const code = readFileSync(file, "utf8");
    const changed = code.replace(CALL, () => {
      calls += 1;
      return '{ kind: "marked", sends: 1 }';
    });
    if (changed !== code) writeFileSync(file, changed);
  }
  assert.equal(calls, 1, "the bundle has another number of calls that mark a command as sent");
  return { packageRoot, remove: () => rmSync(packageRoot, { recursive: true, force: true }) };
}
