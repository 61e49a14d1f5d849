// Settings of the refund service: every service's, and whom it asks.
import { type Env, readConfig } from "#kit/config.js";
import { addressOf, type ServiceConfig, serviceSettings } from "#kit/service.js";

export type RefundConfig = ServiceConfig & {
  /** The order system, and the payment provider. */
  readonly orderAddress: string;
  readonly paymentAddress: string;
};

/** @throws ConfigError that lists every missing or wrong setting */
export function readRefundConfig(env: Env): RefundConfig {
  return readConfig(env, {
    ...serviceSettings("refund", 50055),
    orderAddress: addressOf("order", 50060),
    paymentAddress: addressOf("payment", 50060),
  });
}
