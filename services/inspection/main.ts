// The inspection service as a process.
import { runProcess } from "#kit/main.js";
import { readInspectionConfig } from "./config.js";
import { start } from "./service.js";

await runProcess("inspection", readInspectionConfig, start);
