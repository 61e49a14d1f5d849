// Mocha's spec reporter, with one more line at the very end for CI and for eyes: `mocha: 12 passed, 0 failed, 1 skipped`.
const { reporters } = require("mocha");

class MochaReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    // After the parent's own listener, which prints the failures.
    runner.once("end", () => {
      // A hook that throws is counted among the failures; the tests it kept from running are in no count.
      const { passes, failures, pending } = this.stats;
      reporters.Base.consoleLog(`mocha: ${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ""}`);
    });
  }
}

module.exports = MochaReporter;
