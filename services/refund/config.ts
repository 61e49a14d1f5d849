// Settings of the refund service: every service's, and whom it asks.
import { type Env, readConfig, text } from "#kit/config.js";
import { addressOf, type PersonalConfig, personalSettings, type ServiceConfig, serviceSettings } from "#kit/service.js";

export type RefundConfig = ServiceConfig &
  PersonalConfig & {
    /** The order system, and the payment provider or its adapter. */
    readonly orderAddress: string;
    readonly paymentAddress: string;
    readonly pointsAddress: string;
    readonly promotionAddress: string;
    readonly settlementAddress: string;
    readonly taxDocumentAddress: string;
    /** A folder of refund policies; empty for those that are shipped. */
    readonly refundPolicies: string;
  };

/** @throws ConfigError that lists every missing or wrong setting */
export function readRefundConfig(env: Env): RefundConfig {
  return readConfig(env, {
    ...serviceSettings("refund", 50055),
    ...personalSettings,
    orderAddress: addressOf("order", 50060),
    paymentAddress: addressOf("payment", 50060),
    pointsAddress: addressOf("points", 50060),
    promotionAddress: addressOf("promotion", 50060),
    settlementAddress: addressOf("settlement", 50060),
    taxDocumentAddress: addressOf("tax_document", 50060),
    refundPolicies: text("REFUND_POLICIES", "folder of refund policies; empty for those that are shipped", ""),
  });
}
