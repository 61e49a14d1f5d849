// The reconciler as a process.
import { runProcess } from "#kit/main.js";
import { readReconcilerConfig } from "./config.js";
import { start } from "./service.js";

await runProcess("reconciler", readReconcilerConfig, start);
