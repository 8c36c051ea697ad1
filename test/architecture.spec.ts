/**
 * Holds the walls of docs/architecture.md: which folder may import which, what the pure rings may not touch,
 * and how files look. Read from the source with the TypeScript parser, so comments and strings do not count.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";

const root = resolve(__dirname, "..");

/** Folder -> ring. Imports point down; `peers` are the siblings a folder may import although they share its ring. */
const rings: Record<string, { ring: number; peers?: readonly string[]; node?: readonly string[] }> = {
  "src/core": { ring: 0 },
  "src/bytes": { ring: 0, peers: ["src/core"] },
  "src/axdr": { ring: 1 },
  "src/ber": { ring: 1 },
  "src/hdlc": { ring: 2 },
  "src/wrapper": { ring: 2 },
  "src/acse": { ring: 2 },
  "src/xdlms": { ring: 2 },
  "src/cosem": { ring: 2 },
  "src/security": { ring: 3, node: ["node:crypto"] },
  "src/inspect": { ring: 3 },
  "src/association": { ring: 4 },
  "src/meter-types": { ring: 5 },
  "src/client": { ring: 5, peers: ["src/meter-types"] },
  "src/simulator": { ring: 5, peers: ["src/meter-types"] },
  "src/editor.ts": { ring: 5.5 },
  "src/transport": { ring: 6 },
  "src/store": { ring: 6, peers: ["src/transport"] },
  "src/gateway": { ring: 7 },
  "src/hes": { ring: 7, peers: ["src/gateway"] },
  "src/index.ts": { ring: 7.5 },
  nodes: { ring: 8 },
  "src/tools": { ring: 9 },
};

const PURE_BELOW = 6;
const banned = new Set([
  "Buffer",
  "process",
  "console",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "fetch",
  "crypto",
  "performance",
  "require",
  "globalThis",
]);

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((file) => !file.includes("node_modules"));
}

const files = [...filesUnder("src"), ...filesUnder("nodes")].map((file) => {
  const text = readFileSync(join(root, file), "utf8");
  return { file, text, source: ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true) };
});

function homeOf(file: string): string {
  const home = Object.keys(rings).find((folder) => file === folder || file.startsWith(`${folder}/`));
  assert.ok(home, `${file} stands in no ring of the table`);
  return home;
}

function importsOf(source: ts.SourceFile): string[] {
  return ts.preProcessFile(source.text, true, true).importedFiles.map((entry) => entry.fileName);
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

describe("architecture", () => {
  it("imports only point down", () => {
    const wrong: string[] = [];
    for (const { file, source } of files) {
      const home = homeOf(file);
      const ring = rings[home] as (typeof rings)[string];
      for (const name of importsOf(source)) {
        if (!name.startsWith(".")) {
          if (ring.ring < PURE_BELOW && !(ring.node ?? []).includes(name))
            wrong.push(`${file} imports ${name}`);
          continue;
        }
        const target = relative(root, resolve(root, dirname(file), name.replace(/\.js$/, ".ts")))
          .split(sep)
          .join("/");
        if (target.endsWith(".json") && target.startsWith(`${home}/`)) continue;
        const to = homeOf(target);
        if (to === home) continue;
        const below = (rings[to] as (typeof rings)[string]).ring;
        if (below < ring.ring || (ring.peers ?? []).includes(to)) continue;
        wrong.push(`${file} imports ${target}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it("nodes know the public API and nothing below it, the editor's script its part for browsers", () => {
    const wrong: string[] = [];
    for (const { file, source } of files.filter((entry) => entry.file.startsWith("nodes/"))) {
      const open = file.startsWith("nodes/editor/") ? "src/editor.js" : "src/index.js";
      for (const name of importsOf(source)) {
        const target = relative(root, resolve(root, dirname(file), name))
          .split(sep)
          .join("/");
        if (name.startsWith(".") && target.startsWith("src/") && target !== open)
          wrong.push(`${file} imports ${target}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it("rings 0 to 5 touch no socket, timer, clock, randomness, process, console or Buffer", () => {
    const wrong: string[] = [];
    for (const { file, source } of files) {
      if ((rings[homeOf(file)] as (typeof rings)[string]).ring >= PURE_BELOW) continue;
      walk(source, (node) => {
        if (ts.isIdentifier(node) && banned.has(node.text)) {
          const parent = node.parent;
          const isName =
            (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
            (ts.isPropertyAssignment(parent) && parent.name === node) ||
            ts.isPropertySignature(parent) ||
            ts.isPropertyDeclaration(parent) ||
            ts.isMethodDeclaration(parent);
          if (!isName) wrong.push(`${file}: ${node.text}`);
        }
        if (ts.isPropertyAccessExpression(node) && /^(Date\.now|Math\.random)$/.test(node.getText()))
          wrong.push(`${file}: ${node.getText()}`);
        if (
          ts.isNewExpression(node) &&
          node.expression.getText() === "Date" &&
          (node.arguments?.length ?? 0) === 0
        )
          wrong.push(`${file}: new Date()`);
      });
    }
    assert.deepEqual(wrong, []);
  });

  it("files open with what they are, stay under 400 lines, and the median is at most 100", () => {
    const wrong: string[] = [];
    const lengths: number[] = [];
    for (const { file, text } of files) {
      if (!/^(#!.*\n)?\s*(\/\*\*|\/\/)/.test(text)) wrong.push(`${file}: no opening comment`);
      if (/\/(dictionary|data)\/|error-table/.test(file)) continue;
      const lines = text.split("\n").length;
      lengths.push(lines);
      if (lines > 400) wrong.push(`${file}: ${lines} lines`);
    }
    assert.deepEqual(wrong, []);
    lengths.sort((a, b) => a - b);
    const median = lengths[Math.floor(lengths.length / 2)] as number;
    assert.ok(median <= 100, `median ${median} lines`);
  });

  it("names follow the house: kebab-case files, named exports, no Manager, Helper or Util", () => {
    const wrong: string[] = [];
    for (const { file, source } of files) {
      for (const part of file.split("/"))
        if (!/^[a-z0-9.-]+$/.test(part)) wrong.push(`${file}: not kebab-case`);
      const isNodeEntry = /^nodes\/([^/]+)\/\1\.ts$/.test(file);
      const isReporter = file === "src/tools/count-reporter.ts";
      walk(source, (node) => {
        const isDefault =
          ts.isExportAssignment(node) ||
          (ts.canHaveModifiers(node) &&
            (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword));
        if (isDefault && !isNodeEntry && !isReporter) wrong.push(`${file}: default export`);
        if (
          (ts.isClassDeclaration(node) ||
            ts.isInterfaceDeclaration(node) ||
            ts.isFunctionDeclaration(node)) &&
          /(Manager|Helper|Utils?)$/.test(node.name?.text ?? "")
        )
          wrong.push(`${file}: ${node.name?.text}`);
      });
    }
    assert.deepEqual(wrong, []);
  });

  it("no private field takes its first value from a public one: the build makes the private ones first", () => {
    const wrong: string[] = [];
    const readsPublic = (node: ts.Node): boolean =>
      !ts.isFunctionLike(node) &&
      ((ts.isPropertyAccessExpression(node) &&
        node.expression.kind === ts.SyntaxKind.ThisKeyword &&
        ts.isIdentifier(node.name)) ||
        (ts.forEachChild(node, (child) => readsPublic(child) || undefined) ?? false));
    // Tools run from source.
    for (const { file, source } of files.filter((entry) => !entry.file.startsWith("src/tools/")))
      walk(source, (node) => {
        if (!ts.isPropertyDeclaration(node) || !ts.isPrivateIdentifier(node.name)) return;
        if (node.initializer !== undefined && readsPublic(node.initializer))
          wrong.push(`${file}: ${node.name.text}`);
      });
    assert.deepEqual(wrong, []);
  });

  it("the house speaks of itself only: no path of a machine, nothing left undone by its own words", () => {
    const wrong: string[] = [];
    for (const { file, text } of files)
      for (const match of text.matchAll(/\/(?:root|home)\/\w+|\b(?:TODO|FIXME|XXX)\b/g))
        wrong.push(`${file}: ${match[0]}`);
    assert.deepEqual(wrong, []);
  });
});
