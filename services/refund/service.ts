// The refund service, wired.
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { implement } from "#kit/server.js";
import { openService, type Running } from "#kit/service.js";
import type { RefundConfig } from "./config.js";
import { refundRpc } from "./rpc.js";
import { refundSteps } from "./steps.js";
import { openStore } from "./store.js";

/** Starts it. @throws Error if the database or the clock cannot be reached */
export async function start(config: RefundConfig): Promise<Running> {
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const service = await openService("refund", config, { migrations, announces: true });
  const store = openStore(service.db, service.followers);
  const orders = service.connect(config.orderAddress)(OrderServiceService);
  const payments = service.connect(config.paymentAddress)(PaymentServiceService);
  const clock = service.clocks.business;
  return service.run({
    rpc: [implement(RefundServiceService, refundRpc({ store, orders, clock }))],
    steps: refundSteps({ store, payments, clock }),
    close: store.close,
  });
}
