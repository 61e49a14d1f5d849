// Settings of the eligibility service: every service's, whom it asks, and how fresh calendars are.
import { type Env, integer, readConfig } from "#kit/config.js";
import { addressOf, type PersonalConfig, personalSettings, type ServiceConfig, serviceSettings } from "#kit/service.js";

export type EligibilityConfig = ServiceConfig &
  PersonalConfig & {
    /** What was sold, what arrived, what it is, who bought it, how careful to be, which days count. */
    readonly orderAddress: string;
    readonly shipmentAddress: string;
    readonly catalogAddress: string;
    readonly membershipAddress: string;
    readonly riskAddress: string;
    readonly calendarAddress: string;
    /** How often calendars are read again, so that a holiday announced at short notice counts. */
    readonly calendarRefreshMs: number;
    /** For how long a check may lean on what outside systems told; a decision always asks. */
    readonly factsTtlMs: number;
    /** How long a simulation judges past decisions before it books what it found: what a crash loses of it at most. */
    readonly simulationSliceMs: number;
  };

/** @throws ConfigError that lists every missing or wrong setting */
export function readEligibilityConfig(env: Env): EligibilityConfig {
  return readConfig(env, {
    ...serviceSettings("eligibility", 7051),
    ...personalSettings,
    orderAddress: addressOf("order", 7060),
    shipmentAddress: addressOf("shipment", 7060),
    catalogAddress: addressOf("catalog", 7060),
    membershipAddress: addressOf("membership", 7060),
    riskAddress: addressOf("risk", 7060),
    calendarAddress: addressOf("calendar", 7060),
    factsTtlMs: integer(
      "FACTS_TTL_MS",
      "for how long a check may lean on what outside systems told; 0 asks each time",
      {
        min: 0,
        fallback: 10_000,
      },
    ),
    calendarRefreshMs: integer("CALENDAR_REFRESH_MS", "how often calendars are read again", {
      min: 1000,
      fallback: 600_000,
    }),
    simulationSliceMs: integer("SIMULATION_SLICE_MS", "how long a simulation judges before it books what it found", {
      min: 1,
      max: 10_000,
      fallback: 2_000,
    }),
  });
}
