// Subscriptions as they are stored: made, changed, listed.
import * as events from "#gen/backhaul/outreach/v1/outreach_events.js";
import { PrismaClient } from "#gen/prisma/outreach/client.js";
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { announcer, type FactOf } from "#kit/facts.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { openReader } from "#kit/reader.js";
import type { Subscription } from "./core/types.js";
import { selectSubscription, subscriptionColumns, toSubscription } from "./rows.js";

/** On the first of a seller's places, $16 in number, that is free. Who finds none, or meets another there, is refused by the index. */
const insert = commitStatement(
  "subscription.insert",
  `INSERT INTO subscription (${subscriptionColumns}, place)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, (
     SELECT coalesce(min(n), $16::int) FROM generate_series(1, $16::int) n WHERE n NOT IN (
       SELECT place FROM subscription WHERE seller_id = $2 AND state <> 'DELETED' AND place IS NOT NULL)))
   RETURNING subscription_id AS id`,
);
/** Tries write failing_since, too: only what makes it active again forgets it. */
const update = commitStatement(
  "subscription.update",
  `UPDATE subscription SET url = $3, description = $4, event_types = $5, markets = $6,
     failing_since = CASE WHEN $7 = 'ACTIVE' AND state <> 'ACTIVE' THEN NULL ELSE failing_since END,
     state = $7, disabled_reason = $8, secret = $9, former_secret = $10, former_until = $11, update_time = $12,
     version = $13
   WHERE subscription_id = $1 AND version = $2 RETURNING subscription_id AS id, state`,
  {
    // What is gone has nothing to deliver.
    ended: `DELETE FROM lane USING change WHERE subscription_id = change.id AND change.state = 'DELETED'`,
    given_up: `UPDATE delivery SET state = 'DISCARDED', end_time = $12, version = delivery.version + 1 FROM change
      WHERE subscription_id = change.id AND change.state = 'DELETED' AND delivery.state = 'PENDING'`,
  },
);
/** As sent again: all that was to go out since then and came to an end, each lane in its order. */
const replaySince = commitStatement(
  "subscription.replaySince",
  `UPDATE subscription SET version = version + 1 WHERE subscription_id = $1 AND version = $2
   RETURNING subscription_id AS id`,
  {
    again: `UPDATE delivery SET state = 'PENDING', tries = 0, end_time = NULL, version = delivery.version + 1 FROM change
      WHERE subscription_id = change.id AND create_time >= $3 AND delivery.state <> 'PENDING'
      RETURNING subscription_id, lane`,
    due: `INSERT INTO lane (subscription_id, lane, pending, due_time)
      SELECT subscription_id, lane, count(*), $4 FROM again GROUP BY subscription_id, lane ORDER BY lane
      ON CONFLICT (subscription_id, lane) DO UPDATE
      SET pending = lane.pending + excluded.pending, due_time = coalesce(lane.due_time, excluded.due_time)`,
  },
);
const count: Statement = {
  name: "subscription.count",
  text: `SELECT count(*)::int AS n FROM subscription WHERE seller_id = $1 AND state <> 'DELETED'`,
};

export type Subscriptions = ReturnType<typeof openSubscriptions>;
type Fact = FactOf<typeof events>;

/** @param most subscriptions of one seller */
export function openSubscriptions(db: Database, followers: Followers, most: number) {
  const prisma = openReader(
    db,
    (options) => new PrismaClient(options),
    (reader) => reader.subscription.findMany({ take: 1 }),
  );
  const announce = announcer("backhaul.outreach.v1", events);
  const common = {
    select: `${selectSubscription} WHERE subscription_id = $1`,
    insert,
    insertValues: (s: Subscription) => [
      s.subscriptionId,
      s.sellerId,
      s.url,
      s.description,
      s.eventTypes,
      s.markets,
      s.state,
      s.disabledReason ?? "",
      s.failingSince ?? null,
      s.secret,
      s.former?.secret ?? null,
      s.former?.until ?? null,
      s.createTime,
      s.updateTime,
      s.version,
      most,
    ],
    toCore: toSubscription,
    notFound,
    // Somebody made another one meanwhile: counting again tells whether there is room.
    broken: (constraint: string) => (constraint === "subscription_place" ? ("again" as const) : undefined),
  };
  const subscriptions = aggregates<Subscription>(
    db,
    followers,
    {
      ...common,
      update,
      updateValues: (s, before) => [
        s.subscriptionId,
        before.version,
        s.url,
        s.description,
        s.eventTypes,
        s.markets,
        s.state,
        s.disabledReason ?? "",
        s.secret,
        s.former?.secret ?? null,
        s.former?.until ?? null,
        s.updateTime,
        s.version,
      ],
    },
    "subscription",
  );
  const replays = aggregates<Subscription, { readonly since: Date; readonly now: Date }>(
    db,
    followers,
    {
      ...common,
      update: replaySince,
      updateValues: (s, before, { since, now }) => [s.subscriptionId, before.version, since, now],
    },
    "subscription.replays",
  );

  return {
    find: subscriptions.find,
    create: <R>(spend: Spend<Subscription, R>, make: () => Promise<Subscription>): Promise<R> =>
      subscriptions.create(spend, make, (next) => ({ next, extra: undefined })),
    change: <R>(
      id: string,
      spend: Spend<Subscription, R>,
      decide: (before: Subscription) => { readonly next: Subscription; readonly fact?: Fact },
    ): Promise<R> =>
      subscriptions.change(id, spend, (before) => {
        const { next, fact } = decide(before);
        return { next, extra: undefined, facts: fact ? [announce(fact)] : [] };
      }),
    replaySince: <R>(
      id: string,
      spend: Spend<Subscription, R>,
      window: { readonly since: Date; readonly now: Date },
      check: (before: Subscription) => void,
    ): Promise<R> =>
      replays.change(id, spend, (before) => {
        check(before);
        return { next: { ...before, version: before.version + 1 }, extra: window };
      }),
    orRecall: subscriptions.orRecall,
    count: async (sellerId: string): Promise<number> => (await db.query<{ n: number }>(count, [sellerId]))[0]?.n ?? 0,

    /** Oldest first; of one seller, or everybody's. */
    list: async (sellerId: string | undefined, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "subscriptionId", "asc");
      const where = { ...(sellerId !== undefined && { sellerId }), state: { not: "DELETED" }, ...beyond };
      const rows = await prisma.subscription.findMany({ where, orderBy, take });
      return pageOf(rows.map(toSubscription), page, ({ subscriptionId }) => subscriptionId);
    },
    close: () => prisma.$disconnect(),
  };
}

export function notFound(id: string): DomainError {
  return new DomainError("WEBHOOK_SUBSCRIPTION_NOT_FOUND", `no subscription ${id}`, { subscription_id: id });
}
