/**
 * What the editor needs and no compiler checks: every word that a dialog asks for is in a catalogue, every field has a
 * label, every node has help, icon and an example, and every dialog knows the properties the runtime reads.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { withParts } from "../../src/tools/html-parts.cjs";

const root = resolve(__dirname, "../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  name: string;
  "node-red": { nodes: Record<string, string>; plugins: Record<string, string> };
};
const types = Object.keys(manifest["node-red"].nodes);
const configTypes = ["dlms-listener", "dlms-meter-type", "hes-connection"];

/** A file; html as the build makes it, with the shared pieces. */
function read(...path: string[]): string {
  const file = join(root, ...path);
  const text = readFileSync(file, "utf8");
  return file.endsWith(".html") ? withParts(text, file) : text;
}

function catalogue(folder: string, name: string): unknown {
  return JSON.parse(read("nodes", folder, "locales/en-US", `${name}.json`));
}

function lookUp(words: unknown, key: string): unknown {
  return key
    .split(".")
    .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], words);
}

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] as string);
}

describe("what the editor loads", () => {
  it("package.json names every node folder, and the built files stand where Node-RED looks", () => {
    const folders = readdirSync(join(root, "nodes")).filter(
      (name) => !["admin", "editor", "shared"].includes(name),
    );
    assert.deepEqual([...types].sort(), folders.sort());
    for (const type of types) assert.equal(manifest["node-red"].nodes[type], `dist/nodes/${type}/${type}.js`);
    assert.deepEqual(manifest["node-red"].plugins, { "dlms-editor": "dist/nodes/editor/dlms-editor.js" });
  });

  for (const type of types) {
    const html = read("nodes", type, `${type}.html`);
    const words = catalogue(type, type);

    it(`${type}: every word is in the catalogue`, () => {
      const keys = [
        ...all(html, /data-i18n="(?:\[[a-z-]+\])?([^"]+)"/g),
        ...all(html, /this\._\("([^"]+)"/g),
        ...all(html, /"(port\.[a-z]+)"/g),
      ];
      assert.ok(keys.length > 0);
      const shared = catalogue("editor", "dlms-editor");
      for (const key of keys) {
        const own = key.replace(`${manifest.name}/dlms-editor:`, "");
        assert.equal(typeof lookUp(own === key ? words : shared, own), "string", key);
      }
    });

    it(`${type}: every field has a label of its own, and colours come from the theme`, () => {
      const ids = all(html, /<(?:input|select)[^>]*?\sid="([^"]+)"/g);
      const labels = new Set(all(html, /<label\s+for="([^"]+)"/g));
      for (const id of ids) {
        if (new RegExp(`type="hidden"\\s+id="${id}"`).test(html)) continue;
        const isRule = /ruleType\d$/.test(id);
        assert.ok(labels.has(id) || isRule, `${id} has no label`);
      }
      assert.doesNotMatch(html.split("registerType")[0] as string, /#[0-9a-f]{3,6}\b(?!-)/i);
    });

    it(`${type}: registered once with its literal name and an inline object, with help and an icon`, () => {
      assert.equal(all(html, /RED\.nodes\.registerType\("([^"]+)", \{/g).join(), type);
      const help = read("nodes", type, "locales/en-US", `${type}.html`);
      assert.match(help, new RegExp(`data-help-name="${type}"`));
      assert.match(help, /<p>\s*[A-Z][^<]+\.\s*<\/p>/, "a one-line summary");
      if (configTypes.includes(type)) return;
      assert.match(help, /<h3>Outputs<\/h3>/);
      assert.match(html, /category: "DLMS"/);
      const icon = read("nodes", type, "icons", `${type}.svg`);
      assert.match(icon, /width="40" height="60"/);
      assert.ok(all(icon, /(?:fill|stroke)="([^"]+)"/g).every((colour) => ["#fff", "none"].includes(colour)));
      assert.match(html, new RegExp(`icon: "${type}.svg"`));
    });

    it(`${type}: the dialog keeps every property the runtime reads, and the other way round`, () => {
      const sources = readdirSync(join(root, "nodes", type)).filter((file) => file.endsWith(".ts"));
      const code = sources.map((file) => read("nodes", type, file)).join("\n");
      const shared = read("nodes/shared/command-node.ts") + read("nodes/shared/follow-listener.ts");
      const defaults = html.slice(
        html.indexOf("defaults: {"),
        html.search(/\n {4}(credentials|inputs|label):/),
      );
      const kept = all(defaults, /^ {6}(\w+): \{/gm).filter((name) => name !== "name");
      for (const name of kept) {
        const inRuntime = name.startsWith("ruleType")
          ? code.includes("ruleType")
          : code.includes(name) || shared.includes(`readonly ${name}?`);
        assert.ok(inRuntime, `${name} is kept and never read`);
      }
      const config = /interface \w*Config extends[^{]*\{([\s\S]*?)\n\}/.exec(code)?.[1] ?? "";
      for (const name of all(config, /readonly (\w+)\?/g))
        assert.ok(kept.includes(name), `${name} is read and never kept`);
    });
  }

  it("every check takes two arguments: Node-RED takes a reason for a yes otherwise", () => {
    for (const type of types) {
      const html = read("nodes", type, `${type}.html`);
      for (const given of all(html, /validate: function \(([^)]*)\)/g))
        assert.equal(given, "value, _options");
    }
  });

  it("the shared editor script asks for words that are there", () => {
    const words = catalogue("editor", "dlms-editor");
    const folder = join(root, "nodes/editor");
    const scripts = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .join("\n");
    for (const key of all(scripts, /\bword\("([^"]+)"/g))
      assert.equal(typeof lookUp(words, key), "string", key);
    for (const type of types)
      for (const unit of all(read("nodes", type, `${type}.html`), /data-unit="([^"]+)"/g))
        assert.equal(typeof lookUp(words, `units.${unit}`), "string", unit);
    for (const key of all(scripts, /word: "([^"]+)"/g))
      assert.equal(typeof lookUp(words, `obis.${key}`), "string", key);
    for (const key of all(scripts, /choice\("([^"]+)"\)/g))
      assert.equal(typeof lookUp(words, `from.${key}`), "string", key);
    assert.match(
      read("nodes/editor/dlms-editor.html"),
      new RegExp(`src="resources/${manifest.name}/editor.js"`),
    );
  });

  it("every palette node has an example of its own, and the examples are whole", () => {
    const examples = join(root, "examples");
    const files = readdirSync(examples).filter((file) => file.endsWith(".json"));
    for (const type of types.filter((name) => !configTypes.includes(name)))
      assert.ok(files.includes(`${type}.json`), type);
    for (const file of files) {
      const flow = JSON.parse(readFileSync(join(examples, file), "utf8")) as Record<string, unknown>[];
      const ids = new Set(flow.map(({ id }) => id));
      assert.equal(ids.size, flow.length, `${file}: ids differ`);
      for (const node of flow) {
        for (const target of ((node["wires"] as string[][] | undefined) ?? []).flat())
          assert.ok(ids.has(target), `${file}: a wire leads nowhere`);
        for (const target of [
          ...((node["links"] as string[] | undefined) ?? []),
          node["z"],
          node["g"],
          node["listener"],
        ])
          assert.ok(
            target === undefined || ids.has(target),
            `${file}: ${String(node["type"])} names ${String(target)}`,
          );
        if (node["type"] === "dlms-listener") assert.deepEqual([node["port"], node["host"]], ["", ""]);
        if (node["type"] === "hes-connection") assert.deepEqual([node["url"], node["apiUrl"]], ["", ""]);
      }
    }
  });

  it("the gateway example fits one screen", () => {
    const flow = JSON.parse(read("examples/gateway.json")) as {
      type: string;
      x?: number;
      y?: number;
      w?: number;
      h?: number;
    }[];
    for (const { type, x = 0, y = 0, w = 0, h = 0 } of flow)
      assert.ok(x + w <= 1_000 && y + h <= 780, `${type} at ${x},${y}`);
    assert.ok(flow.filter(({ type }) => type === "comment").length >= 3);
    assert.ok(existsSync(join(root, "examples/gateway.json")));
  });
});
