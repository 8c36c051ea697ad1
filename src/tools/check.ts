/** `npm run check`: formatting, lint and types, without the tests. Exit code 1 when one of them fails. */
import { checks, runSteps } from "./steps.js";

async function main(): Promise<void> {
  const failed = await runSteps(checks);
  if (failed.length > 0) {
    console.error(`failed: ${failed.join(", ")}`);
    process.exitCode = 1;
  }
}

void main();
