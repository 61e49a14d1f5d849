// Settings of the collection service: every service's, and whom it asks.
import { type Env, readConfig, text } from "#kit/config.js";
import { addressOf, type PersonalConfig, personalSettings, type ServiceConfig, serviceSettings } from "#kit/service.js";
import { type Dwell, dwellSetting } from "./dwell.js";
import { type Networks, networksSetting } from "./networks.js";

export type CollectionConfig = ServiceConfig &
  PersonalConfig & {
    /** The carriers. */
    readonly transportAddress: string;
    /** Where photos of the goods at the door begin the custody chain. */
    readonly inspectionAddress: string;
    /** What the customers' hand-over codes are made with; "" takes the mesh's own secret. Changed, all open codes change. */
    readonly handOverSecret: string;
    /** How long a parcel may be silent. */
    readonly dwell: Dwell;
    /** Who collects what from where. */
    readonly networks: Networks;
    /** Where an order was delivered to: asked for each pick-up that may share a visit, and by a network. */
    readonly addressAddress: string;
    /** Whom a network asks: what is in an order, what products are like, which days are worked. */
    readonly orderAddress: string;
    readonly catalogAddress: string;
    readonly calendarAddress: string;
  };

/** @throws ConfigError that lists every missing or wrong setting */
export function readCollectionConfig(env: Env): CollectionConfig {
  return readConfig(env, {
    ...serviceSettings("collection", 7053),
    ...personalSettings,
    transportAddress: addressOf("transport", 7060),
    inspectionAddress: addressOf("inspection", 7054),
    handOverSecret: text("HAND_OVER_SECRET", "makes customers' hand-over codes; MESH_SECRET if not set", ""),
    dwell: dwellSetting("DWELL_DAYS"),
    networks: networksSetting("COLLECTION_NETWORKS"),
    addressAddress: addressOf("address", 7060),
    orderAddress: addressOf("order", 7060),
    catalogAddress: addressOf("catalog", 7060),
    calendarAddress: addressOf("calendar", 7060),
  });
}
