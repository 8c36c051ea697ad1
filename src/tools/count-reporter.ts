/**
 * Mocha's spec reporter that also leaves its counts in the file named by TEST_COUNTS_FILE,
 * so that the test command can end with one true line over checks, build and tests.
 */
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

/** Long after everything should have ended, and before the test command ends it. */
const TELL_AFTER_MS = 20_000;

class CountReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once("end", () => {
      const file = process.env["TEST_COUNTS_FILE"];
      if (file !== undefined) {
        const { passes, failures, pending } = this.stats;
        writeFileSync(file, JSON.stringify({ passes, failures, pending }));
        // Only a process that something keeps alive gets that far.
        setTimeout(() => {
          console.error(`still open: ${process.getActiveResourcesInfo().join(", ")}`);
        }, TELL_AFTER_MS).unref();
      }
    });
  }
}

// Mocha asks for the constructor itself.
export = CountReporter;
