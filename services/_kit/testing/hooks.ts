// Mocha's root hooks: one telemetry SDK for the run, and the shared servers ended when all is done.
import { startTelemetry } from "#kit/telemetry.js";
import { closeStages } from "./stage.js";

export const mochaHooks = {
  beforeAll(): void {
    startTelemetry("test", { metricsHost: "127.0.0.1", metricsPort: 0, tracesEndpoint: "", sampleRatio: 0 });
  },
  async afterAll(): Promise<void> {
    await closeStages();
  },
};
