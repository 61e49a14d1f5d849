// Settings of the collection service: every service's, and whom it asks.
import { type Env, readConfig } from "#kit/config.js";
import { addressOf, type ServiceConfig, serviceSettings } from "#kit/service.js";
import { type Dwell, dwellSetting } from "./dwell.js";

export type CollectionConfig = ServiceConfig & {
  /** The carriers. */
  readonly transportAddress: string;
  /** How long a parcel may be silent. */
  readonly dwell: Dwell;
};

/** @throws ConfigError that lists every missing or wrong setting */
export function readCollectionConfig(env: Env): CollectionConfig {
  return readConfig(env, {
    ...serviceSettings("collection", 50053),
    transportAddress: addressOf("transport", 50060),
    dwell: dwellSetting("DWELL_DAYS"),
  });
}
