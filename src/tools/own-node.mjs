// After `npm ci` in a clone: the development dependency that carries Node.js 24 for one of the tests also links its
// `node` into node_modules/.bin, where every npm script would find it before the user's own. Tests must run on the
// Node.js that the user chose, so the link goes.
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";

rmSync(join(resolve(import.meta.dirname, "../.."), "node_modules", ".bin", "node"), { force: true });
