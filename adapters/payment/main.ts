// A payment provider's adapter as a process; PROVIDER says which.
import { runProcess } from "#kit/main.js";
import { readPaymentAdapterConfig } from "./config.js";
import { start } from "./service.js";

await runProcess("payment-adapter", readPaymentAdapterConfig, start);
