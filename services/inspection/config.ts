// Settings of the inspection service: every service's, and whom it asks.
import { type Env, readConfig } from "#kit/config.js";
import { addressOf, type PersonalConfig, personalSettings, type ServiceConfig, serviceSettings } from "#kit/service.js";

export type InspectionConfig = ServiceConfig &
  PersonalConfig & {
    /** The warehouse's system, the one that counts stock, and the one that keeps photos. */
    readonly warehouseAddress: string;
    readonly inventoryAddress: string;
    readonly mediaAddress: string;
  };

/** @throws ConfigError that lists every missing or wrong setting */
export function readInspectionConfig(env: Env): InspectionConfig {
  return readConfig(env, {
    ...serviceSettings("inspection", 7054),
    ...personalSettings,
    warehouseAddress: addressOf("warehouse", 7060),
    inventoryAddress: addressOf("inventory", 7060),
    mediaAddress: addressOf("media", 7060),
  });
}
