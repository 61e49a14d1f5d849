// What is on its way. A lane is a subscription and a resolution: one delivery of it goes out at a time, in the order of the
// history, under a lease with an epoch. Times are real and handed in, so that three days can be told in a moment.
import type { Database, Statement } from "#kit/postgres.js";
import type { Verdict } from "./core/schedule.js";
import type { Answer, Former, Sealed } from "./core/types.js";

/** A delivery under lease. */
export type Job = {
  readonly deliveryId: string;
  readonly subscriptionId: string;
  readonly eventId: string;
  readonly lane: string;
  readonly epoch: number;
  readonly tries: number;
  readonly attempts: number;
  readonly body: string;
  readonly url: string;
  readonly secret: Sealed;
  readonly former: Former | undefined;
};

/** How many may be under way over all replicas: to one subscriber, and to all of one seller. */
export type Shares = { readonly perSubscription: number; readonly perSeller: number };

type Leased = { readonly subscriptionId: string; readonly lane: string; readonly epoch: number };

/**
 * Due lanes, of each subscription only as many as may be under way, and of each seller: a slow subscriber takes nobody
 * else's turn, and no more by having many subscriptions. The shop's own are in nobody's way but its own.
 */
const claim: Statement = {
  name: "lane.claim",
  text: `WITH open AS (
  SELECT s.seller_id, l.* FROM subscription s CROSS JOIN LATERAL (
    SELECT subscription_id, lane, due_time FROM lane
    WHERE subscription_id = s.subscription_id AND due_time <= $1 AND (lease_until IS NULL OR lease_until <= $1)
    ORDER BY due_time
    LIMIT greatest(0, $3::int - (SELECT count(*) FROM lane b
      WHERE b.subscription_id = s.subscription_id AND b.lease_until > $1))
    FOR UPDATE SKIP LOCKED) l
  WHERE s.state = 'ACTIVE'),
busy AS (
  SELECT seller_id, count(*) AS lanes FROM lane JOIN subscription USING (subscription_id)
  WHERE lease_until > $1 GROUP BY seller_id),
due AS (
  SELECT subscription_id, lane
  FROM (SELECT *, row_number() OVER (PARTITION BY seller_id ORDER BY due_time) AS place FROM open) o
    LEFT JOIN busy USING (seller_id)
  WHERE seller_id = '' OR place + coalesce(lanes, 0) <= $5 ORDER BY due_time LIMIT $4)
UPDATE lane SET lease_until = $1::timestamptz + $2::int * interval '1 millisecond', lease_epoch = lease_epoch + 1
FROM due WHERE lane.subscription_id = due.subscription_id AND lane.lane = due.lane
RETURNING lane.subscription_id AS "subscriptionId", lane.lane, lane.lease_epoch AS epoch`,
};
/** A statement of its own: it must see what whoever held the lane before has booked. */
const heads: Statement = {
  name: "lane.heads",
  text: `SELECT d.delivery_id AS "deliveryId", d.subscription_id AS "subscriptionId", d.event_id AS "eventId", d.lane,
    c.epoch, d.tries, d.attempts, e.body, s.url, s.secret, s.former_secret AS "formerSecret",
    s.former_until AS "formerUntil"
  FROM unnest($1::text[], $2::text[], $3::int[]) AS c(subscription_id, lane, epoch)
  CROSS JOIN LATERAL (SELECT * FROM delivery
    WHERE subscription_id = c.subscription_id AND lane = c.lane AND state = 'PENDING' ORDER BY sequence LIMIT 1) d
  JOIN webhook_event e USING (event_id) JOIN subscription s ON s.subscription_id = d.subscription_id`,
};
/**
 * Books a try, unless its lease went to another. The count of the lane, not a look at its deliveries, says whether more is
 * due: one that is added at this moment changes the same row.
 */
const record: Statement = {
  name: "lane.record",
  text: `WITH held AS (
  UPDATE lane SET lease_until = NULL, pending = pending - $4::int,
    due_time = CASE WHEN $4 = 0 THEN $5::timestamptz WHEN pending > 1 THEN $6::timestamptz END
  WHERE subscription_id = $1 AND lane = $2 AND lease_epoch = $3 RETURNING subscription_id),
tried AS (
  UPDATE delivery SET state = $7, tries = tries + 1, attempts = attempts + 1, last_status = $9, last_error = $11,
    end_time = CASE WHEN $4 = 1 THEN $6::timestamptz END, version = version + 1
  FROM held WHERE delivery_id = $8 RETURNING delivery_id, attempts),
logged AS (
  INSERT INTO attempt (delivery_id, attempt, start_time, status, latency_ms, error, response_head)
  SELECT delivery_id, attempts, $13, $9, $10, $11, $12 FROM tried),
well AS (
  UPDATE subscription s SET failing_since = CASE WHEN $7 <> 'DELIVERED' THEN $6::timestamptz END
  FROM held WHERE s.subscription_id = held.subscription_id AND (s.failing_since IS NULL) = ($7 <> 'DELIVERED')
  RETURNING s.failing_since)
SELECT (SELECT count(*) FROM tried)::int AS tried,
  CASE WHEN $7 <> 'DELIVERED' THEN coalesce((SELECT failing_since FROM well),
    (SELECT failing_since FROM subscription WHERE subscription_id = $1)) END AS "failingSince"`,
};

export type Lanes = ReturnType<typeof openLanes>;

/** @param leaseMs longer than a request may take, and the commit behind it */
export function openLanes(db: Database, leaseMs: number) {
  return {
    /** Leases what is due. */
    claim: async (now: Date, { perSubscription, perSeller }: Shares, atMost: number): Promise<Job[]> => {
      const leased = await db.query<Leased>(claim, [now, leaseMs, perSubscription, atMost, perSeller]);
      if (leased.length === 0) return [];
      const rows = await db.query(heads, [
        leased.map(({ subscriptionId }) => subscriptionId),
        leased.map(({ lane }) => lane),
        leased.map(({ epoch }) => epoch),
      ]);
      return rows.map(({ formerSecret, formerUntil, ...job }) => ({
        ...job,
        former: formerSecret ? { secret: formerSecret, until: formerUntil } : undefined,
      }));
    },

    /** Books a try; undefined if the lease was lost. Since when nothing was delivered, if this was not either. */
    record: async (
      job: Job,
      verdict: Verdict,
      answer: Answer,
      startTime: Date,
      now: Date,
    ): Promise<{ readonly failingSince: Date | undefined } | undefined> => {
      const again = verdict.state === "PENDING";
      const [row] = await db.query(record, [
        job.subscriptionId,
        job.lane,
        job.epoch,
        again ? 0 : 1,
        again ? new Date(now.getTime() + verdict.waitMs) : null,
        now,
        verdict.state,
        job.deliveryId,
        answer.status,
        answer.latencyMs,
        answer.error,
        answer.head,
        startTime,
      ]);
      return row?.tried === 1 ? { failingSince: row.failingSince ?? undefined } : undefined;
    },
  };
}
