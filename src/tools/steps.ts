/**
 * Runs the commands behind `npm run check` and `npm test`, one after the other, their output passed through.
 * Takes tools from node_modules only.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";

export const root = join(__dirname, "..", "..");

export interface Step {
  readonly name: string;
  /** A package's bin in node_modules/.bin, then its arguments. */
  readonly command: readonly [bin: string, ...args: string[]];
}

/** Static checks that are part of the test command: formatting, lint, types of the package and of the editor code. */
export const checks: readonly Step[] = [
  { name: "formatting", command: ["prettier", "--check", "--log-level", "warn", "."] },
  { name: "lint", command: ["eslint", "--max-warnings", "0", "."] },
  { name: "types", command: ["tsc", "--noEmit"] },
  { name: "types of the editor code", command: ["tsc", "--noEmit", "-p", "nodes/editor"] },
];

/** Runs one step. Resolves with its exit code; a signal counts as 1. */
export function runStep(step: Step, env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const [bin, ...args] = step.command;
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, "node_modules", ".bin", bin), args, { cwd: root, stdio: "inherit", env });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** Runs all steps, also after one failed, and returns the names of those that failed. */
export async function runSteps(steps: readonly Step[]): Promise<string[]> {
  const failed: string[] = [];
  for (const step of steps) {
    const code = await runStep(step);
    console.log(`${code === 0 ? "ok    " : "FAILED"} ${step.name}`);
    if (code !== 0) failed.push(step.name);
  }
  return failed;
}
