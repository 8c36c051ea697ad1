/**
 * `npm test`: static checks, build, then every test. Ends with the plain line `N passed, N failed`, in which each
 * check and the build count as one; the exit code says the same. Arguments are handed to mocha (e.g. a spec file),
 * and then only the tests run.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checks, root, runSteps, type Step } from "./steps.js";

/** After the last test the process must end by itself: what keeps it alive is a leaked handle, and a failure. */
const LINGER_MS = 30_000;

interface Counts {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
}

function runMocha(args: readonly string[]): Promise<{ counts?: Counts; lingered: boolean; code: number }> {
  const folder = mkdtempSync(join(tmpdir(), "dlms-test-"));
  const countsFile = join(folder, "counts.json");
  return new Promise((resolve, reject) => {
    const child = spawn(
      join(root, "node_modules", ".bin", "mocha"),
      ["--reporter", join(root, "src", "tools", "count-reporter.ts"), ...args],
      { cwd: root, stdio: "inherit", env: { ...process.env, TEST_COUNTS_FILE: countsFile } },
    );
    let lingered = false;
    let finishedAt: number | undefined;
    const watch = setInterval(() => {
      if (finishedAt === undefined && existsSync(countsFile)) finishedAt = Date.now();
      if (finishedAt !== undefined && Date.now() - finishedAt > LINGER_MS) {
        lingered = true;
        child.kill("SIGKILL");
      }
    }, 250);
    child.on("error", reject);
    child.on("exit", (code) => {
      clearInterval(watch);
      const counts = existsSync(countsFile)
        ? (JSON.parse(readFileSync(countsFile, "utf8")) as Counts)
        : undefined;
      rmSync(folder, { recursive: true, force: true });
      resolve({ ...(counts ? { counts } : {}), lingered, code: code ?? 1 });
    });
  });
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const build: Step = { name: "build", command: ["tsup", "--silent"] };
  const steps = args.length > 0 ? [] : [...checks, build];
  const failedSteps = await runSteps(steps);
  const run = await runMocha(args.length > 0 ? args : ["test/**/*.spec.ts"]);
  const passed = steps.length - failedSteps.length + (run.counts?.passes ?? 0);
  let failed = failedSteps.length + (run.counts?.failures ?? 0);
  const say = (problem: string): void => {
    failed++;
    console.error(problem);
  };
  for (const name of failedSteps) console.error(`FAILED ${name}`);
  if (run.counts === undefined) say("the test run ended before its last test");
  else if (run.counts.passes === 0) say("no test was executed");
  else if (run.counts.pending > 0) say(`${run.counts.pending} tests were skipped: none may be`);
  if (run.lingered) say(`something kept the process alive for ${LINGER_MS / 1000} s after the last test`);
  else if (run.code !== 0 && (run.counts?.failures ?? 1) === 0)
    say(`the test run ended with code ${run.code}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();
