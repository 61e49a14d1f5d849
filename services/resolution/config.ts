// Settings of the resolution service: every service's, and whom it asks.
import { type Env, integer, readConfig, text } from "#kit/config.js";
import { keySetting } from "#kit/sealing.js";
import { addressOf, type PersonalConfig, personalSettings, type ServiceConfig, serviceSettings } from "#kit/service.js";

export type ResolutionConfig = ServiceConfig &
  PersonalConfig & {
    readonly eligibilityAddress: string;
    readonly collectionAddress: string;
    readonly inspectionAddress: string;
    readonly refundAddress: string;
    readonly shipmentAddress: string;
    readonly inventoryAddress: string;
    readonly notificationAddress: string;
    readonly guestCodeAddress: string;
    readonly orderAddress: string;
    readonly paymentAddress: string;
    readonly calendarAddress: string;
    readonly mediaAddress: string;
    readonly ticketAddress: string;
    /** How often goods may be exchanged, one exchange after the other; then they can be returned for money. */
    readonly exchangeChainMax: number;
    /** What customers' contacts are looked up by. */
    readonly blindIndexKey: Buffer;
    /** After how long a calendar is read again, real time. */
    readonly calendarRefreshMs: number;
    /** What guests' codes and contacts are hashed with; "" takes the mesh's own secret. Changed, open codes open nothing. */
    readonly guestCodePepper: string;
    readonly guestCodesPerHour: number;
    readonly guestCodesPerNetwork: number;
  };

/** @throws ConfigError that lists every missing or wrong setting */
export function readResolutionConfig(env: Env): ResolutionConfig {
  return readConfig(env, {
    ...serviceSettings("resolution", 7052),
    ...personalSettings,
    eligibilityAddress: addressOf("eligibility", 7051),
    collectionAddress: addressOf("collection", 7053),
    inspectionAddress: addressOf("inspection", 7054),
    refundAddress: addressOf("refund", 7055),
    shipmentAddress: addressOf("shipment", 7060),
    inventoryAddress: addressOf("inventory", 7060),
    notificationAddress: addressOf("notification", 7060),
    guestCodeAddress: addressOf("guest_code", 7060),
    orderAddress: addressOf("order", 7060),
    paymentAddress: addressOf("payment", 7060),
    calendarAddress: addressOf("calendar", 7060),
    mediaAddress: addressOf("media", 7060),
    ticketAddress: addressOf("ticket", 7060),
    blindIndexKey: keySetting("BLIND_INDEX_KEY", "what customers' contacts are looked up by"),
    exchangeChainMax: integer("EXCHANGE_CHAIN_MAX", "how often goods may be exchanged one after the other", {
      min: 1,
      fallback: 3,
    }),
    calendarRefreshMs: integer("CALENDAR_REFRESH_MS", "after how long a calendar is read again", {
      min: 1000,
      fallback: 600_000,
    }),
    guestCodePepper: text("GUEST_CODE_PEPPER", "hashes guests' codes and contacts; MESH_SECRET if not set", ""),
    guestCodesPerHour: integer("GUEST_CODES_PER_HOUR", "codes asked for per hour, for one order and by one contact", {
      min: 1,
      fallback: 5,
    }),
    guestCodesPerNetwork: integer("GUEST_CODES_PER_NETWORK", "codes asked for per hour from one address", {
      min: 1,
      fallback: 20,
    }),
  });
}
