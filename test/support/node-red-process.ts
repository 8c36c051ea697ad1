/**
 * A real Node-RED process with this package's nodes from their sources, in a user directory of its own: driven through
 * its admin API, and what a flow gives read from a file that it writes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { type FlowNode } from "./flow.js";

const root = resolve(__dirname, "..", "..");
const PATIENCE_MS = 60_000;

/** Of the version under test. */
function commandLine(): string {
  const manifest = require.resolve(`${process.env["NODE_RED_UNDER_TEST"] ?? "node-red"}/package.json`);
  return join(dirname(manifest), "red.js");
}

/** Node-RED wants a script and a page by one name in one folder. */
function nodesFolder(userDir: string): string {
  const folder = join(userDir, "sources");
  mkdirSync(folder, { recursive: true });
  const tsx = createRequire(__filename).resolve("tsx/cjs");
  for (const name of readdirSync(join(root, "nodes"))) {
    const page = join(root, "nodes", name, `${name}.html`);
    if (!existsSync(page)) continue;
    copyFileSync(page, join(folder, `${name}.html`));
    const source = JSON.stringify(join(root, "nodes", name, `${name}.ts`));
    writeFileSync(
      join(folder, `${name}.js`),
      `require(${JSON.stringify(tsx)}); module.exports = require(${source}).default;`,
    );
  }
  return folder;
}

export class NodeRedProcess {
  readonly #url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  printed = "";

  constructor(userDir: string, port: number, flow: readonly FlowNode[]) {
    this.#url = `http://127.0.0.1:${port}`;
    const settings = join(userDir, "settings.js");
    const content = {
      uiPort: port,
      uiHost: "127.0.0.1",
      nodesDir: [nodesFolder(userDir)],
      flowFile: "flows.json",
      credentialSecret: false,
      telemetry: { enabled: false, updateNotification: false },
      editorTheme: { tours: false, palette: { catalogues: [] } },
      externalModules: { palette: { allowInstall: false } },
      logging: { console: { level: "info" } },
    };
    writeFileSync(settings, `module.exports = ${JSON.stringify(content)};`);
    writeFileSync(join(userDir, "flows.json"), JSON.stringify(flow));
    this.#child = spawn(process.execPath, [commandLine(), "-u", userDir, "-s", settings], {
      cwd: root,
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (chunk: Buffer) => (this.printed += chunk.toString()));
    this.#ended = new Promise((done) =>
      this.#child.once("exit", (code, signal) => {
        done({ code, signal });
      }),
    );
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Until every flow has started. */
  async started(): Promise<void> {
    await eventually(
      () => this.printed.includes("Started flows"),
      "the flows start",
      () => this.printed,
    );
  }

  /** Presses an Inject node's button. */
  async inject(id: string): Promise<void> {
    const { status } = await fetch(`${this.#url}/inject/${id}`, { method: "POST" });
    if (status !== 200) throw new Error(`inject ${id}: ${status}\n${this.printed}`);
  }

  /** How the process ended after this signal. */
  async end(
    signal: NodeJS.Signals,
  ): Promise<{ readonly code: number | null; readonly signal: string | null }> {
    this.#child.kill(signal);
    return this.#ended;
  }
}

/** The messages that a flow's file node has written so far, one JSON text a line. */
export function written(file: string): Record<string, unknown>[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

export async function eventually(
  ready: () => boolean | Promise<boolean>,
  what: string,
  explain: () => string = () => "",
): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await ready())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}\n${explain()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
