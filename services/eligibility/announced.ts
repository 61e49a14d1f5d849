// The facts this service announces, as the store writes them for the bus.
import * as events from "#gen/backhaul/eligibility/v1/eligibility_events.js";
import { announcer } from "#kit/facts.js";

/** Writes a fact of a core as it travels. */
export const announce = announcer("backhaul.eligibility.v1", events);
