/**
 * `npm run dev`: rebuilds on every change and restarts the gateway of `npm start` (same options) after each build.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./steps.js";

/** Written last by every build. */
const BUILT = join(root, "dist", "index.mjs");
const LOOK_MS = 300;

function builtAt(): number {
  return existsSync(BUILT) ? statSync(BUILT).mtimeMs : 0;
}

function main(): void {
  const bin = (name: string): string => join(root, "node_modules", ".bin", name);
  const watch = ["--watch", "src", "--watch", "nodes", "--watch", "examples"];
  const build = spawn(bin("tsup"), watch, { cwd: root, stdio: "inherit" });
  let gateway: ChildProcess | undefined;
  let running = 0;
  let stopping = false;

  const begin = (): void => {
    running = builtAt();
    gateway = spawn(bin("tsx"), [join(root, "src", "tools", "start.ts"), ...process.argv.slice(2)], {
      cwd: root,
      stdio: "inherit",
    });
    gateway.once("exit", () => (gateway = undefined));
  };
  const before = builtAt();
  const look = setInterval(() => {
    const at = builtAt();
    if (at === 0 || at === before || at === running) return;
    if (gateway === undefined) begin();
    else gateway.kill("SIGTERM");
  }, LOOK_MS);

  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    clearInterval(look);
    build.kill("SIGTERM");
    gateway?.kill("SIGTERM");
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  build.once("exit", stop);
}

main();
