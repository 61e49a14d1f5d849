// The resolution service as a process.
import { runProcess } from "#kit/main.js";
import { readResolutionConfig } from "./config.js";
import { start } from "./service.js";

await runProcess("resolution", readResolutionConfig, start);
