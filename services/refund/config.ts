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
    ...serviceSettings("refund", 7055),
    ...personalSettings,
    orderAddress: addressOf("order", 7060),
    paymentAddress: addressOf("payment", 7060),
    pointsAddress: addressOf("points", 7060),
    promotionAddress: addressOf("promotion", 7060),
    settlementAddress: addressOf("settlement", 7060),
    taxDocumentAddress: addressOf("tax_document", 7060),
    refundPolicies: text("REFUND_POLICIES", "folder of refund policies; empty for those that are shipped", ""),
  });
}
