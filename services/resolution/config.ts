// Settings of the resolution service: every service's, and whom it asks.
import { type Env, integer, readConfig } from "#kit/config.js";
import { addressOf, type ServiceConfig, serviceSettings } from "#kit/service.js";

export type ResolutionConfig = ServiceConfig & {
  readonly eligibilityAddress: string;
  readonly collectionAddress: string;
  readonly inspectionAddress: string;
  readonly refundAddress: string;
  readonly shipmentAddress: string;
  readonly inventoryAddress: string;
  readonly notificationAddress: string;
  readonly orderAddress: string;
  readonly paymentAddress: string;
  readonly calendarAddress: string;
  readonly mediaAddress: string;
  readonly ticketAddress: string;
  /** How often goods may be exchanged, one exchange after the other; then they can be returned for money. */
  readonly exchangeChainMax: number;
  /** After how long a calendar is read again, real time. */
  readonly calendarRefreshMs: number;
};

/** @throws ConfigError that lists every missing or wrong setting */
export function readResolutionConfig(env: Env): ResolutionConfig {
  return readConfig(env, {
    ...serviceSettings("resolution", 50052),
    eligibilityAddress: addressOf("eligibility", 50051),
    collectionAddress: addressOf("collection", 50053),
    inspectionAddress: addressOf("inspection", 50054),
    refundAddress: addressOf("refund", 50055),
    shipmentAddress: addressOf("shipment", 50060),
    inventoryAddress: addressOf("inventory", 50060),
    notificationAddress: addressOf("notification", 50060),
    orderAddress: addressOf("order", 50060),
    paymentAddress: addressOf("payment", 50060),
    calendarAddress: addressOf("calendar", 50060),
    mediaAddress: addressOf("media", 50060),
    ticketAddress: addressOf("ticket", 50060),
    exchangeChainMax: integer("EXCHANGE_CHAIN_MAX", "how often goods may be exchanged one after the other", {
      min: 1,
      fallback: 3,
    }),
    calendarRefreshMs: integer("CALENDAR_REFRESH_MS", "after how long a calendar is read again", {
      min: 1000,
      fallback: 600_000,
    }),
  });
}
