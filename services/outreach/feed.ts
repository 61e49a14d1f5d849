// Takes histories in: each resolution's from its first entry on and without a gap, whatever order facts come in. What is
// missing before a fact is read from the record, so nothing ever waits for a fact that is late or lost.
import type { Clock } from "#kit/clock.js";
import type { Followers, NewStep } from "#kit/commit.js";
import { commitManyStatement, committer } from "#kit/commitMany.js";
import { gather } from "#kit/gather.js";
import { newId } from "#kit/ids.js";
import { passOver } from "#kit/passOver.js";
import { type Database, type Statement, violated } from "#kit/postgres.js";
import { openTurns } from "#kit/turns.js";
import type { Listener } from "./core/events.js";
import type { History } from "./core/types.js";

/** An event to keep. */
export type NewEvent = {
  readonly eventId: string;
  readonly sequence: number;
  readonly type: string;
  readonly body: string;
};
/** What comes of a history: events, and who gets them. */
export type Taken = {
  readonly last: number;
  readonly events: readonly NewEvent[];
  readonly deliveries: readonly {
    readonly subscriptionId: string;
    readonly eventId: string;
    readonly sequence: number;
  }[];
  readonly steps: readonly NewStep[];
  /** Where the money is after it. */
  readonly money: number;
};

/** How far a history is known: its last entry, and where the money was; and who listens to it. */
export type Known = { readonly last: number; readonly money: number; readonly listeners: readonly Listener[] };

/**
 * One statement for all that facts are decided by, of as many as come at once, in their order; of the sellers'
 * subscriptions only those of a fact's own sellers.
 */
const seen: Statement = {
  name: "feed.seen",
  text: `SELECT coalesce(feed.last_sequence, 0) AS last, coalesce(feed.money, 0) AS money,
    EXISTS (SELECT FROM consumed WHERE consumer = 'outreach' AND event_id = it."factId") AS spent,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('subscriptionId', subscription_id, 'sellerId', seller_id,
        'eventTypes', event_types, 'markets', markets, 'state', state, 'createTime', create_time)), '[]')
      FROM subscription WHERE state = 'ACTIVE'
        AND seller_id = ANY (ARRAY(SELECT '' UNION ALL SELECT jsonb_array_elements_text(it."sellerIds")))) AS listeners
  FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS ("resolutionId" text, "factId" text, "sellerIds" jsonb))
    WITH ORDINALITY AS it("resolutionId", "factId", "sellerIds", place)
  LEFT JOIN feed ON feed.resolution_id = it."resolutionId" ORDER BY place`,
};
type Asked = { readonly resolutionId: string; readonly factId: string; readonly sellerIds: readonly string[] };
type Seen = Known & { readonly spent: boolean };
const take = commitManyStatement(
  "feed.take",
  `INSERT INTO feed (resolution_id, last_sequence, money)
   SELECT * FROM unnest($1::text[], $3::int[], $4::int[])
   ON CONFLICT (resolution_id) DO UPDATE SET last_sequence = excluded.last_sequence, money = excluded.money
   WHERE feed.last_sequence = ($2::int[])[array_position($1::text[], feed.resolution_id)]
   RETURNING resolution_id AS id`,
  {
    told: `INSERT INTO webhook_event (event_id, resolution_id, sequence, type, body, create_time)
      SELECT e.event_id, id, e.sequence, e.type, e.body, $5
      FROM change JOIN jsonb_to_recordset($6::jsonb)
        AS e(id text, event_id text, sequence int, type text, body text) USING (id)`,
    sent: `INSERT INTO delivery (delivery_id, subscription_id, event_id, lane, sequence, state, create_time)
      SELECT d.delivery_id, d.subscription_id, d.event_id, id, d.sequence, 'PENDING', $5
      FROM change JOIN jsonb_to_recordset($7::jsonb)
        AS d(id text, delivery_id text, subscription_id text, event_id text, sequence int) USING (id)
      RETURNING subscription_id, lane`,
    due: `INSERT INTO lane (subscription_id, lane, pending, due_time)
      SELECT subscription_id, lane, count(*), $5 FROM sent GROUP BY subscription_id, lane ORDER BY subscription_id, lane
      ON CONFLICT (subscription_id, lane) DO UPDATE
      SET pending = lane.pending + excluded.pending, due_time = coalesce(lane.due_time, excluded.due_time)`,
  },
);
const attempts = 12;

/** JSON has times as texts. */
const toListener = (it: Listener): Listener => ({ ...it, createTime: new Date(it.createTime) });

export type Feed = ReturnType<typeof openFeed>;

/** A history's next part, as it is written. */
type Next = Omit<Taken, "steps"> & { readonly before: number };

const eventRow = (id: string, { eventId, ...event }: NewEvent) => ({ id, event_id: eventId, ...event });

const deliveryRow = (id: string, { subscriptionId, eventId, sequence }: Taken["deliveries"][number]) => {
  return { id, delivery_id: newId("whd"), subscription_id: subscriptionId, event_id: eventId, sequence };
};

export function openFeed(db: Database, followers: Followers, real: Clock) {
  const seenBefore = gather(
    (asked: readonly Asked[]) => db.query<Seen>(seen, [JSON.stringify(asked)]),
    ({ factId }) => factId,
  );
  const write = committer<Next>(db, followers, "outreach", take, (changes) => [
    changes.map(({ aggregateId }) => aggregateId),
    changes.map(({ values }) => values.before),
    changes.map(({ values }) => values.last),
    changes.map(({ values }) => values.money),
    real.now(),
    JSON.stringify(changes.flatMap(({ aggregateId, values }) => values.events.map((it) => eventRow(aggregateId, it)))),
    JSON.stringify(
      changes.flatMap(({ aggregateId, values }) => values.deliveries.map((it) => deliveryRow(aggregateId, it))),
    ),
  ]);
  /** Of facts of one history the second waits for the first, and finds nothing missing before it. */
  const inTurn = openTurns();

  return {
    /**
     * Takes a fact in, once. `decide` is told how far the history was known, and gives what comes of the rest; undefined
     * if there is none. It is asked again when another replica was faster.
     * @throws Error after too many tries; the fact comes again
     */
    take: (
      { resolutionId, sellerIds }: Pick<History, "resolutionId" | "sellerIds">,
      factId: string,
      decide: (known: Known) => Promise<Taken | undefined>,
    ): Promise<void> =>
      inTurn(resolutionId, async () => {
        for (let attempt = 1; attempt <= attempts; attempt++) {
          const row = await seenBefore({ resolutionId, factId, sellerIds });
          if (row.spent) return;
          const taken = await decide({ ...row, listeners: row.listeners.map(toListener) });
          if (!taken) return passOver(db, "outreach", factId);
          const { steps, ...next } = taken;
          const change = { aggregateId: resolutionId, eventId: factId, values: { ...next, before: row.last }, steps };
          try {
            if (await write(change)) return;
          } catch (error) {
            if (violated(error) !== "consumed_pkey") throw error;
            return;
          }
        }
        throw new Error(`others keep taking in the history of ${resolutionId}`);
      }),
  };
}
