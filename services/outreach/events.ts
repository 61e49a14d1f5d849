// Histories as they come in: what of them is told, and to whom.
import { WebhookEvent } from "#gen/backhaul/outreach/v1/webhook.js";
import { type Progress, ResolutionProgressed } from "#gen/backhaul/resolution/v1/resolution_events.js";
import type { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import type { FactHandlers } from "#kit/bus.js";
import type { ClientOf } from "#kit/client.js";
import type { Clocks } from "#kit/clock.js";
import { hear } from "#kit/facts.js";
import { eventsOf, gets } from "./core/events.js";
import type { History } from "./core/types.js";
import type { Feed } from "./feed.js";
import type { Subscriptions } from "./subscriptions.js";

export type FactParts = {
  readonly feed: Feed;
  readonly subscriptions: Subscriptions;
  readonly resolution: Pick<ClientOf<typeof ResolutionServiceService>, "listTimeline">;
  readonly clocks: Clocks;
  /** Called when something may be due. */
  readonly poke: () => void;
};

const pageSize = 100;

export function outreachFacts({ feed, subscriptions, resolution, clocks, poke }: FactParts): FactHandlers {
  /** The history as the record has it. */
  async function recorded(resolutionId: string): Promise<Progress[]> {
    const entries: Progress[] = [];
    for (let pageToken = ""; ; ) {
      const page = await resolution.listTimeline({ resolutionId, pageSize, pageToken });
      entries.push(...page.entries);
      pageToken = page.nextPageToken;
      if (pageToken === "") return entries;
    }
  }

  /** What the fact brings, and before it what is not known yet. */
  async function withoutGap(history: History, last: number): Promise<History> {
    const first = Number(history.entries[0]?.sequence ?? 0);
    if (first <= last + 1) return history;
    return { ...history, entries: await recorded(history.resolutionId) };
  }

  return {
    "backhaul.resolution.v1.ResolutionProgressed": hear(ResolutionProgressed, async (fact, factId) => {
      const { resolutionId } = fact;
      await feed.take(resolutionId, factId, clocks.real.now(), async (known) => {
        const history = await withoutGap(fact, known);
        const last = Number(history.entries.at(-1)?.sequence ?? 0);
        if (last <= known) return undefined;
        const told = eventsOf(history, known);
        const active = told.length > 0 ? await subscriptions.active() : [];
        const deliveries = told.flatMap((it) =>
          active
            .filter((subscription) => gets(subscription, it, history.sellerIds))
            .map(({ subscriptionId }) => ({ subscriptionId, eventId: it.event.id, sequence: it.sequence })),
        );
        const wanted = new Set(deliveries.map(({ eventId }) => eventId));
        const events = told
          .filter(({ event }) => wanted.has(event.id))
          .map(({ event, sequence }) => ({
            eventId: event.id,
            sequence,
            type: event.type,
            body: JSON.stringify(WebhookEvent.toJSON(event)),
          }));
        return { last, events, deliveries };
      });
      poke();
    }),
  };
}
