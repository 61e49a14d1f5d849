// The eligibility service as a process.
import { runProcess } from "#kit/main.js";
import { readEligibilityConfig } from "./config.js";
import { start } from "./service.js";

await runProcess("eligibility", readEligibilityConfig, start);
