// Follows the calendars: whenever one changes, every open resolution of its market that was counted by another is counted
// again, each in a commit of its own. What a crash leaves is still marked with the old calendar and found the next time.
import { Decision } from "#gen/backhaul/eligibility/v1/decision.js";
import type { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { byFact } from "#kit/aggregate.js";
import { ownCall } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import type { Log } from "#kit/log.js";
import type { Calendar } from "#kit/pure/calendar.js";
import { quietly } from "./core/advance.js";
import { isOutdated, recounted } from "./core/recount.js";
import type { Resolution } from "./core/types.js";
import { latestOf } from "./proto.js";
import type { Store } from "./store.js";

export type RecountParts = {
  readonly store: Store;
  readonly eligibility: ClientOf<typeof EligibilityServiceService>;
  readonly clock: Clock;
  readonly log: Log;
};

const page = 100;

/** Counts a market's open deadlines again. @throws if one could not be; those before it are done */
export function recount({ store, eligibility, clock, log }: RecountParts): (calendar: Calendar) => Promise<void> {
  const call = ownCall("resolution");

  /** Where the window ends now that the hand-over leans on; as it was where nothing is to be handed over any more. */
  async function windowEndOf({ terms, deadlines, decision }: Resolution): Promise<Date | undefined> {
    const { decisionId } = Decision.decode(decision);
    if (!decisionId || !deadlines.some(({ step }) => step === "handover")) return terms.windowEnd;
    const { lines } = await eligibility.recountWindows({ decisionId }, call);
    return latestOf(lines.map(({ endTime }) => endTime));
  }

  async function recountOne(resolutionId: string, calendar: Calendar): Promise<void> {
    const found = await store.find(resolutionId);
    const windowEnd = await windowEndOf(found);
    // A calendar may be withdrawn and come back, and a replica may count by an old one meanwhile: each is another fact.
    const token = byFact("calendar", `${calendar.market}.${calendar.version}.${resolutionId}.${found.version}`);
    await store.change(resolutionId, token, (resolution) => {
      const scene = { actor: { subject: "calendar", role: "SERVICE" }, now: clock.now(), calendar };
      return isOutdated(resolution, calendar.version)
        ? recounted(resolution, windowEnd, scene)
        : quietly(resolution, scene, {});
    });
  }

  return async (calendar) => {
    const { market, version } = calendar;
    let counted = 0;
    for (let after = ""; ; ) {
      const ids = await store.outdated(market, version, after, page);
      for (const id of ids) await recountOne(id, calendar);
      counted += ids.length;
      after = ids.at(-1) ?? "";
      if (ids.length < page) break;
    }
    if (counted > 0) log.info({ market, version, resolutions: counted }, "deadlines counted again");
  };
}
