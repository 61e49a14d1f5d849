// Deliveries as people see them: listed with their tries, sent again, given up, and a ping sent out. What is on its way is
// moved on in lanes.ts.
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Delivery, DeliveryState } from "./core/types.js";
import { selectDelivery, toDelivery } from "./rows.js";

/** One try, as the log has it. */
export type Attempt = {
  readonly attempt: number;
  readonly startTime: Date;
  readonly status: number;
  readonly latencyMs: number;
  readonly error: string;
  readonly responseHead: string;
};

/** A ping: event, delivery and lane in one. */
const insert = commitStatement(
  "delivery.insert",
  `INSERT INTO delivery (delivery_id, subscription_id, event_id, lane, sequence, state, create_time)
   VALUES ($1, $2, $3, $4, $5, 'PENDING', $6) RETURNING delivery_id AS id`,
  {
    event: `INSERT INTO webhook_event (event_id, resolution_id, sequence, type, body, create_time)
      SELECT $3, '', $5, $7, $8, $6 FROM change`,
    due: `INSERT INTO lane (subscription_id, lane, pending, due_time) SELECT $2, $4, 1, $6 FROM change`,
  },
);
/** What is no longer pending leaves its lane, what is so again comes back; a try under way loses its lease. */
const update = commitStatement(
  "delivery.update",
  `UPDATE delivery SET state = $3, tries = $4, end_time = $5, version = $6
   WHERE delivery_id = $1 AND version = $2 RETURNING delivery_id AS id, subscription_id, lane`,
  {
    moved: `INSERT INTO lane (subscription_id, lane, pending, due_time)
      SELECT subscription_id, lane, $7::int, $8::timestamptz FROM change WHERE $7::int > 0
      ON CONFLICT (subscription_id, lane) DO UPDATE
      SET pending = lane.pending + excluded.pending, due_time = coalesce(lane.due_time, excluded.due_time)`,
    gone: `UPDATE lane SET pending = lane.pending + $7::int, lease_until = NULL, lease_epoch = lane.lease_epoch + 1,
        due_time = CASE WHEN lane.pending + $7::int > 0 THEN $8::timestamptz END
      FROM change WHERE lane.subscription_id = change.subscription_id AND lane.lane = change.lane AND $7::int < 0`,
  },
);
const attemptsOf: Statement = {
  name: "attempt.list",
  text: `SELECT attempt, start_time AS "startTime", status, latency_ms AS "latencyMs", error,
    response_head AS "responseHead" FROM attempt WHERE delivery_id = $1 ORDER BY attempt`,
};
const bodyOf: Statement = { name: "webhook_event.body", text: "SELECT body FROM webhook_event WHERE event_id = $1" };
const listed: Statement = {
  name: "delivery.list",
  text: `${selectDelivery} WHERE d.subscription_id = $1 AND ($2::text IS NULL OR d.state = $2)
    AND ($3::text IS NULL OR d.lane = $3) AND ($4::text IS NULL OR d.delivery_id < $4)
    ORDER BY d.delivery_id DESC LIMIT $5`,
};

export type Deliveries = ReturnType<typeof openDeliveries>;

export function openDeliveries(db: Database, followers: Followers) {
  const deliveries = aggregates<Delivery, { readonly body: string; readonly now: Date }>(
    db,
    followers,
    {
      select: `${selectDelivery} WHERE d.delivery_id = $1`,
      insert,
      insertValues: (d, { body }) => [
        d.deliveryId,
        d.subscriptionId,
        d.eventId,
        d.lane,
        d.sequence,
        d.createTime,
        d.eventType,
        body,
      ],
      update,
      updateValues: (d, before, { now }) => [
        d.deliveryId,
        before.version,
        d.state,
        d.tries,
        d.endTime ?? null,
        d.version,
        Number(d.state === "PENDING") - Number(before.state === "PENDING"),
        now,
      ],
      toCore: toDelivery,
      notFound,
    },
    "delivery",
  );

  return {
    find: deliveries.find,
    create: <R>(spend: Spend<Delivery, R>, make: () => Promise<{ next: Delivery; body: string }>): Promise<R> =>
      deliveries.create(spend, make, ({ next, body }) => ({ next, extra: { body, now: next.createTime } })),
    change: <R>(id: string, spend: Spend<Delivery, R>, now: Date, decide: (d: Delivery) => Delivery): Promise<R> =>
      deliveries.change(id, spend, (before) => ({ next: decide(before), extra: { body: "", now } })),
    attempts: (deliveryId: string): Promise<Attempt[]> => db.query<Attempt>(attemptsOf, [deliveryId]),
    body: async (eventId: string): Promise<string> =>
      (await db.query<{ body: string }>(bodyOf, [eventId]))[0]?.body ?? "",

    /** Newest first. */
    list: async (
      subscriptionId: string,
      filter: { readonly state: DeliveryState | undefined; readonly lane: string | undefined },
      page: Page,
    ) => {
      const { beyond, take } = pageQuery(page, "deliveryId", "desc");
      const after = (beyond as { readonly deliveryId?: { readonly lt: string } }).deliveryId?.lt ?? null;
      const rows = await db.query(listed, [subscriptionId, filter.state ?? null, filter.lane ?? null, after, take]);
      return pageOf(rows.map(toDelivery), page, ({ deliveryId }) => deliveryId);
    },
  };
}

export function notFound(id: string): DomainError {
  return new DomainError("WEBHOOK_DELIVERY_NOT_FOUND", `no delivery ${id}`, { delivery_id: id });
}
