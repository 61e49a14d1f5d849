// The adapter, wired: one provider behind the payment contract. It keeps no state of its own: the provider's book is the
// record, so any number of replicas may run.
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { createVerifier } from "#kit/access.js";
import { realClock } from "#kit/clock.js";
import { callersOf } from "#kit/edges.js";
import { createLog } from "#kit/log.js";
import type { Run } from "#kit/main.js";
import { implement, serve } from "#kit/server.js";
import { openIdentity } from "#kit/tls.js";
import type { PaymentAdapterConfig } from "./config.js";
import { paymentRpc } from "./rpc.js";
import { openStripe } from "./stripe/provider.js";
import { openToss } from "./toss/provider.js";

/**
 * Starts answering. It does not call the provider first: an adapter that cannot reach it answers UPSTREAM_UNAVAILABLE.
 * @throws Error if the port is taken or the keys of the issuer cannot be read
 */
export async function start(config: PaymentAdapterConfig): Promise<Run> {
  const { host, port, drainMs } = config;
  const log = createLog(`payment-${config.provider}`, config.logLevel);
  const rpc =
    config.provider === "stripe"
      ? paymentRpc(openStripe(config), realClock, config.statementDays)
      : paymentRpc(openToss(config), realClock, config.statementDays);
  const verify = createVerifier(config, config.meshSecret);
  const identity = openIdentity(config, log);
  const callers = callersOf.payment;
  const options = { host, port, verify, log, drainMs, reflection: config.reflection === "on", identity, callers };
  const server = await serve([implement(PaymentServiceService, rpc)], options);
  log.info({ port: server.port, provider: config.provider }, "serving");
  return {
    port: server.port,
    // It keeps nothing that could be away.
    conditions: () => ({ ready: true, parts: {} }),
    stop: async () => {
      await server.stop();
      identity?.close();
      log.info({}, "stopped");
    },
  };
}
