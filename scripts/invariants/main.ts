// The invariants as a process: /metrics shows how many rows break each.
import { runProcess } from "#kit/main.js";
import { readWatchConfig } from "./config.js";
import { start } from "./watch.js";

await runProcess("invariants", readWatchConfig, start);
