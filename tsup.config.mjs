// The build. Three bundles: Node-RED nodes and the engine (CommonJS, shared chunks, so that every node file and every
// importer meet the same engine), the command line tools beside them, and one script for the editor.
// `splitting` is what keeps the engine single; `cjsInterop` what lets Node-RED `require` a node's default export.
import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

// package.json names every node once, for Node-RED and for the build.
const { "node-red": nodeRed } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
const nodeNames = Object.keys(nodeRed.nodes);

export default defineConfig([
  {
    entry: {
      index: "src/index.ts",
      "store-worker": "src/store/worker.ts",
      "bin/sim": "src/tools/sim.ts",
      "bin/inspect": "src/tools/inspect.ts",
      "bin/replay": "src/tools/replay.ts",
      "bin/keys": "src/tools/keys.ts",
      // The plugin's runtime half, beside its html.
      "nodes/editor/dlms-editor": "nodes/admin/admin.ts",
      ...Object.fromEntries(nodeNames.map((name) => [`nodes/${name}/${name}`, `nodes/${name}/${name}.ts`])),
    },
    format: ["cjs"],
    target: "node20",
    platform: "node",
    outDir: "dist",
    clean: true,
    splitting: true,
    cjsInterop: true,
    sourcemap: true,
    dts: { entry: { index: "src/index.ts" } },
    onSuccess: "node src/tools/build-assets.mjs",
  },
  {
    entry: { editor: "nodes/editor/index.ts" },
    format: ["iife"],
    target: "es2020",
    platform: "browser",
    outDir: "resources",
    clean: true,
    minify: false,
    outExtension: () => ({ js: ".js" }),
  },
]);
