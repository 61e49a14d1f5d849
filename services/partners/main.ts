// The sandbox as a process.
import { runProcess } from "#kit/main.js";
import { readPartnersConfig } from "./config.js";
import { start } from "./service.js";

await runProcess("partners", readPartnersConfig, start);
