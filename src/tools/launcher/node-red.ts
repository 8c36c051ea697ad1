/**
 * Starts a Node-RED of its own user directory with this package loaded from the working copy, and stops it again.
 * The editor listens on loopback only. Nothing is looked up on the internet.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface NodeRedOptions {
  readonly packageRoot: string;
  readonly userDir: string;
  readonly editorPort: number;
  /** Written as the flow file where there is none yet: what a user changed stays. */
  readonly flow: readonly unknown[];
  readonly env: NodeJS.ProcessEnv;
  /** Node-RED's console log level. */
  readonly logLevel: "warn" | "info";
  readonly onLine: (line: string) => void;
}

export interface RunningNodeRed {
  /** Resolves with the exit code when the process has ended, for whatever reason. */
  readonly exited: Promise<number>;
  stop(): Promise<void>;
  /** As a power cut would: at once, nothing written any more. */
  kill(): Promise<void>;
}

/** Longer than Node-RED's own limit for closing nodes (15 s), then it is killed. */
const STOP_MS = 20_000;

function writeUserDir(options: NodeRedOptions): string {
  const { userDir } = options;
  mkdirSync(userDir, { recursive: true });
  const settings = {
    uiHost: "127.0.0.1",
    uiPort: options.editorPort,
    flowFile: "flows.json",
    flowFilePretty: true,
    // A demo without secrets of its own: a fixed phrase keeps the credentials readable after a restart.
    credentialSecret: "dlms-gateway-demo",
    nodesDir: [options.packageRoot],
    logging: { console: { level: options.logLevel, metrics: false, audit: false } },
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: {
      tours: false,
      projects: { enabled: false },
      palette: { catalogues: [] },
      page: { title: "DLMS gateway" },
      header: { title: "DLMS gateway" },
    },
    externalModules: { palette: { allowInstall: false } },
    runtimeState: { enabled: true, ui: true },
  };
  const settingsFile = join(userDir, "settings.cjs");
  // Should the launcher be killed, its Node-RED must not stay behind with the ports.
  const follow =
    'if (process.connected) process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));\n';
  writeFileSync(settingsFile, `${follow}module.exports = ${JSON.stringify(settings, null, 2)};\n`);
  const userSettings = join(userDir, ".config.users.json");
  if (!existsSync(userSettings)) {
    const view = { "view-show-tips": false, "view-show-welcome-tours": false };
    writeFileSync(userSettings, JSON.stringify({ _: { editor: { view } } }));
  }
  const flowFile = join(userDir, "flows.json");
  if (!existsSync(flowFile)) writeFileSync(flowFile, JSON.stringify(options.flow, null, 2));
  return settingsFile;
}

function stopChild(child: ChildProcess, exited: Promise<number>): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  return exited.then(() => clearTimeout(timer));
}

/** Resolves when the flows have started. Rejects when Node-RED ends before. */
export function startNodeRed(options: NodeRedOptions): Promise<RunningNodeRed> {
  const settingsFile = writeUserDir(options);
  const red = require.resolve("node-red/red.js", { paths: [options.packageRoot] });
  const child = spawn(process.execPath, [red, "-u", options.userDir, "-s", settingsFile], {
    env: options.env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A group of its own: Ctrl-C reaches the launcher only, which then stops everything in order.
    detached: true,
  });
  const exited = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  return new Promise((resolve, reject) => {
    let started = false;
    const ready = (): void => {
      if (started) return;
      started = true;
      const kill = (): Promise<void> => {
        child.kill("SIGKILL");
        return exited.then(() => undefined);
      };
      resolve({ exited, stop: () => stopChild(child, exited), kill });
    };
    for (const stream of [child.stdout, child.stderr].filter((piped) => piped !== null))
      createInterface({ input: stream }).on("line", (line) => {
        options.onLine(line);
        if (/Started flows|Server now running/.test(line)) ready();
      });
    child.once("error", reject);
    void exited.then((code) => {
      if (!started) reject(new Error(`Node-RED ended with code ${code} before it had started`));
    });
    if (options.logLevel === "warn") waitForEditor(options.editorPort, ready, exited);
  });
}

/** At log level `warn` nothing is printed when Node-RED is up: ask its admin API until it answers. */
function waitForEditor(port: number, ready: () => void, exited: Promise<number>): void {
  let over = false;
  void exited.then(() => (over = true));
  const ask = (): void => {
    if (over) return;
    fetch(`http://127.0.0.1:${port}/flows`, { signal: AbortSignal.timeout(2_000) })
      .then((response) => (response.ok ? ready() : setTimeout(ask, 250)))
      .catch(() => setTimeout(ask, 250));
  };
  ask();
}
