/**
 * Mocha's spec reporter that also leaves its counts in the file named by TEST_COUNTS_FILE,
 * so that the test command can end with one true line over checks, build and tests.
 */
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

class CountReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once("end", () => {
      const file = process.env["TEST_COUNTS_FILE"];
      if (file !== undefined) {
        const { passes, failures, pending } = this.stats;
        writeFileSync(file, JSON.stringify({ passes, failures, pending }));
      }
    });
  }
}

// Mocha asks for the constructor itself.
export = CountReporter;
