// The refund service as a process.
import { runProcess } from "#kit/main.js";
import { readRefundConfig } from "./config.js";
import { start } from "./service.js";

await runProcess("refund", readRefundConfig, start);
