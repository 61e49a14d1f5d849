// Histories as they come in: what of them is told, and to whom.

import { CollectionScheduled } from "#gen/backhaul/collection/v1/collection_events.js";
import { WebhookEvent } from "#gen/backhaul/outreach/v1/webhook.js";
import { type Progress, ResolutionProgressed } from "#gen/backhaul/resolution/v1/resolution_events.js";
import type { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import type { FactHandlers } from "#kit/bus.js";
import type { ClientOf } from "#kit/client.js";
import type { Clocks } from "#kit/clock.js";
import type { Followers } from "#kit/commit.js";
import { commitManyStatement, committer } from "#kit/commitMany.js";
import { hear } from "#kit/facts.js";
import { passOver } from "#kit/passOver.js";
import { type Database, violated } from "#kit/postgres.js";
import { eventsOf, gets } from "./core/events.js";
import { noticesOf } from "./core/noticeEvents.js";
import type { Quiet } from "./core/quiet.js";
import type { History } from "./core/types.js";
import type { Feed } from "./feed.js";
import { noticeStep, noticeStepNow } from "./notices.js";
import type { Pace } from "./pace.js";

export type FactParts = {
  readonly feed: Feed;
  readonly db: Database;
  readonly followers: Followers;
  readonly resolution: Pick<ClientOf<typeof ResolutionServiceService>, "listTimeline">;
  readonly clocks: Clocks;
  readonly notices: "on" | "off";
  readonly quiet: ReadonlyMap<string, Quiet>;
  readonly pace: Pace;
  /** Called when something may be due. */
  readonly poke: () => void;
};

const pageSize = 100;
/** A notice alone: no row of ours but the agenda. */
const planned = commitManyStatement("notice.planned", "SELECT id FROM unnest($1::text[]) AS id");

export function outreachFacts(parts: FactParts): FactHandlers {
  const { feed, db, followers, resolution, clocks, quiet, pace, poke } = parts;
  const tells = parts.notices === "on";
  const plan = committer<undefined>(db, followers, "outreach", planned, (changes) => [
    changes.map(({ aggregateId }) => aggregateId),
  ]);

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
      pace.heard(fact.entries.at(-1)?.createTime, clocks.business.now());
      await feed.take(fact, factId, async ({ last: known, money, listeners }) => {
        const history = await withoutGap(fact, known);
        const last = Number(history.entries.at(-1)?.sequence ?? 0);
        if (last <= known) return undefined;
        const told = eventsOf(history, known);
        const deliveries = told.flatMap((it) =>
          listeners
            .filter((listener) => gets(listener, it, history.sellerIds))
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
        const due = tells ? noticesOf(history.entries, known, money) : [];
        const steps = due.map(({ event, sequence }) =>
          noticeStep({ event, sequence, key: `${event}.${sequence}` }, history.market, quiet, clocks.business.now()),
        );
        return { last, events, deliveries, steps, money: history.entries.at(-1)?.money ?? 0 };
      });
      poke();
    }),

    // The driver's time is the collection's to tell; no entry of the history has it.
    "backhaul.collection.v1.CollectionScheduled": hear(CollectionScheduled, async (fact, factId) => {
      const { resolutionId, slot, collectionId } = fact;
      if (!tells || !slot?.startTime || !slot.endTime || resolutionId === "") return passOver(db, "outreach", factId);
      const given = { from: slot.startTime.toISOString(), to: slot.endTime.toISOString() };
      const notice = { event: "pickup-booked", key: `pickup-booked.${collectionId}.${slot.slotId}`, given } as const;
      const steps = [noticeStepNow(notice, clocks.business.now())];
      try {
        await plan({ aggregateId: resolutionId, eventId: factId, values: undefined, steps });
      } catch (error) {
        if (violated(error) !== "consumed_pkey") throw error;
      }
    }),
  };
}
