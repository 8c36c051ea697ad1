// Finishes a build: copies what TypeScript does not compile (html, locales, icons) beside the built nodes, where
// Node-RED looks for it, with the shared pieces put into the html, and writes dist/index.mjs, a thin ES module over the
// same CommonJS bundle: a second copy of the engine would be a second registry.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { withParts } from "./html-parts.cjs";

const root = resolve(import.meta.dirname, "../..");
const dist = resolve(root, "dist");

cpSync(resolve(root, "nodes"), resolve(dist, "nodes"), {
  recursive: true,
  filter: (source) => !/\.ts$|tsconfig\.json$|[/\\](admin|meters|parts|trials)$/.test(source),
});
for (const name of readdirSync(resolve(dist, "nodes"), { recursive: true })) {
  if (!name.endsWith(".html")) continue;
  const file = join(dist, "nodes", name);
  writeFileSync(file, withParts(readFileSync(file, "utf8"), file));
}

const bundle = resolve(dist, "index.js");
if (!existsSync(bundle)) throw new Error("dist/index.js is missing: build with tsup first");
const names = Object.keys(createRequire(import.meta.url)(bundle)).filter((name) => name !== "default");
writeFileSync(
  resolve(dist, "index.mjs"),
  [
    'import engine from "./index.js";',
    ...names.sort().map((name) => `export const ${name} = engine.${name};`),
    "",
  ].join("\n"),
);
