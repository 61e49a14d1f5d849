// The collection service as a process.
import { runProcess } from "#kit/main.js";
import { readCollectionConfig } from "./config.js";
import { start } from "./service.js";

await runProcess("collection", readCollectionConfig, start);
