// Mocha's root hooks: one telemetry SDK and one set of shared servers for each process that runs tests. Run in parallel,
// mocha calls the hooks around every file, and a worker ends without notice: what it started ends with it, and the folder
// goes when the run is over.
import { rmSync } from "node:fs";
import { startTelemetry } from "#kit/telemetry.js";
import { closeStages, runFolder } from "./stage.js";

const isWorker = process.env.MOCHA_WORKER_ID !== undefined;
let isMeasured = false;

export const mochaHooks = {
  beforeAll(): void {
    if (isMeasured) return;
    isMeasured = true;
    startTelemetry("test", { shown: false, tracesEndpoint: "", sampleRatio: 0 });
  },
  async afterAll(): Promise<void> {
    if (!isWorker) await closeStages();
  },
};

/** Before the first worker starts: they inherit the folder. */
export function mochaGlobalSetup(): void {
  process.env.TEST_FOLDER = runFolder();
}

export function mochaGlobalTeardown(): void {
  // A worker's Postgres may still be writing its last.
  rmSync(runFolder(), { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
}
