// The gateway as a process.
import { runProcess } from "#kit/main.js";
import { readGatewayConfig } from "./config.js";
import { start } from "./service.js";

await runProcess("gateway", readGatewayConfig, start);
