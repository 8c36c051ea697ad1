/**
 * `npm test`: static checks, build, then every test, in two lanes side by side: those that mostly wait for browsers and
 * other processes, and the rest, whose output follows when it is complete. Ends with the plain line `N passed, N failed`, in which each
 * check and the build count as one; the exit code says the same. Arguments are handed to mocha (e.g. a spec file),
 * and then only the tests run.
 */
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
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

const WAITING = "test/{editor,package,tools}/**";
const lanes: readonly (readonly string[])[] = [
  [`${WAITING}/*.spec.ts`],
  ["test/**/*.spec.ts", "--ignore", `${WAITING}/*.spec.ts`],
];

interface Run {
  readonly counts?: Counts;
  readonly lingered: boolean;
  readonly code: number;
}

/** @param isShown at once; otherwise when it has ended. */
function runMocha(args: readonly string[], isShown: boolean): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "dlms-test-"));
  const countsFile = join(folder, "counts.json");
  const outputFile = join(folder, "output");
  const output = isShown ? "inherit" : openSync(outputFile, "w");
  return new Promise((resolve, reject) => {
    const child = spawn(
      join(root, "node_modules", ".bin", "mocha"),
      ["--reporter", join(root, "src", "tools", "count-reporter.ts"), ...args],
      {
        cwd: root,
        stdio: ["ignore", output, output],
        env: { ...process.env, TEST_COUNTS_FILE: countsFile },
      },
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
      if (typeof output === "number") {
        closeSync(output);
        process.stdout.write(readFileSync(outputFile));
      }
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
  const runs = await Promise.all(
    (args.length > 0 ? [args] : lanes).map((lane, index) => runMocha(lane, index === 0)),
  );
  const sum = (field: keyof Counts): number =>
    runs.reduce((all, { counts }) => all + (counts?.[field] ?? 0), 0);
  const passed = steps.length - failedSteps.length + sum("passes");
  let failed = failedSteps.length + sum("failures");
  const say = (problem: string): void => {
    failed++;
    console.error(problem);
  };
  for (const name of failedSteps) console.error(`FAILED ${name}`);
  if (sum("pending") > 0) say(`${sum("pending")} tests were skipped: none may be`);
  for (const { counts, lingered, code } of runs) {
    if (counts === undefined) say("a test run ended before its last test");
    else if (counts.passes === 0) say("no test was executed");
    if (lingered) say(`something kept the process alive for ${LINGER_MS / 1000} s after the last test`);
    else if (code !== 0 && counts?.failures === 0) say(`a test run ended with code ${code}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();
