// The outreach service as a process.
import { runProcess } from "#kit/main.js";
import { readOutreachConfig } from "./config.js";
import { start } from "./service.js";

await runProcess("outreach", readOutreachConfig, start);
