// The adapter as a process would run it, in the test's own process.
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { Env } from "#kit/config.js";
import { clientAs } from "#kit/testing/peers.js";
import { meshSecret } from "#kit/testing/stage.js";
import { readPaymentAdapterConfig } from "../config.js";
import { start } from "../service.js";

/** Long enough for this machine, short enough to wait for. */
export const timeoutMs = 800;

/** Settings that every test shares. */
export function settings(more: Env): Env {
  return {
    PORT: "0",
    MESH_SECRET: meshSecret,
    TOKEN_JWKS: "https://127.0.0.1:1/nobody-asks",
    LOG_LEVEL: process.env.LOG_LEVEL ?? "silent",
    DRAIN_MS: "200",
    REQUEST_TIMEOUT_MS: String(timeoutMs),
    STATEMENT_TIMEOUT_MS: "5000",
    ANSWER_LIMIT_BYTES: "1000000",
    ...more,
  };
}

export async function runAdapter(more: Env) {
  const running = await start(readPaymentAdapterConfig(settings(more)));
  const client = clientAs(PaymentServiceService, running.port);
  return {
    client,
    port: running.port,
    stop: async () => {
      client.close();
      await running.stop();
    },
  };
}
