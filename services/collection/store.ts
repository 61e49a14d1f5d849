// The only file of this service that writes SQL to change things: collections, by their id or their parcel, and what
// carriers reported. What operators ask of many collections stands in ledger.ts.
import { PrismaPg } from "@prisma/adapter-pg";
import * as events from "#gen/backhaul/collection/v1/collection_events.js";
import { PrismaClient, type TrackingEvent } from "#gen/prisma/collection/client.js";
import { aggregates, type Decided, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { announcer } from "#kit/facts.js";
import { toJson } from "#kit/json.js";
import type { Database } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Reported } from "./core/tracking.js";
import type { Booking, Collection, Outcome, Report } from "./core/types.js";
import { openLedger } from "./ledger.js";
import { toEvent } from "./proto.js";

/** What enters the record with a commit. */
type Entry = { readonly said: Report; readonly applied: boolean };

const columns = `collection_id, resolution_id, order_id, customer_id, market, method, units, max_attempts, create_time,
  state, carrier, tracking_number, booking_id, slot, attempts, news, hand_over_time, deliver_time, update_time,
  version, stall_time, presume_lost_time, stalls`;

/** The same columns under the names that the core gives them. */
const selected = columns
  .split(/,\s*/)
  .map((name) => `${name} AS "${name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())}"`)
  .join(", ");

const insert = commitStatement(
  "collection.insert",
  `INSERT INTO collection (${columns})
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::jsonb, $15::jsonb, $16::jsonb, $17, $18, $19,
     $20, $21, $22, $23) RETURNING collection_id AS id`,
);

const change = `UPDATE collection SET state = $3, carrier = $4, tracking_number = $5, booking_id = $6, slot = $7::jsonb,
  attempts = $8::jsonb, news = $9::jsonb, hand_over_time = $10, deliver_time = $11, update_time = $12, version = $13,
  stall_time = $14, presume_lost_time = $15, stalls = $16
  WHERE collection_id = $1 AND version = $2 RETURNING collection_id AS id`;

const update = commitStatement("collection.update", change);

/** A report enters the record with what it changes, also when that is nothing. */
const record = commitStatement("collection.record", change, {
  recorded: `INSERT INTO tracking_event (collection_id, event_id, kind, code, fault, event_time, receive_time, applied,
      reporter, aside, evidence, next_attempt_time)
    SELECT id, $17::text, $18::text, $19::text, $20::text, $21::timestamptz, $22::timestamptz, $23::boolean,
      $24::text, $25::text, $26::jsonb, $27::timestamptz
    FROM change`,
});

/** One parameter for the two columns of a parcel: neither a carrier's name nor a number has a slash. */
const byParcel = `SELECT ${selected} FROM collection
  WHERE carrier = split_part($1, '/', 1) AND tracking_number = split_part($1, '/', 2)`;

const mapping = {
  select: `SELECT ${selected} FROM collection WHERE collection_id = $1`,
  insert,
  update,
  insertValues: (c: Collection) => [
    c.collectionId,
    c.resolutionId,
    c.orderId,
    c.customerId,
    c.market,
    c.method,
    c.units,
    c.maxAttempts,
    c.createTime,
    ...moving(c),
  ],
  updateValues: (c: Collection, before: Collection) => [c.collectionId, before.version, ...moving(c)],
  toCore,
  notFound: unknownCollection,
  broken: (constraint: string, { booking }: Collection): DomainError | "again" | undefined => {
    // The same report at the same time, twice: the other one's answer is on record now.
    if (constraint === "tracking_event_pkey") return "again";
    return constraint === "collection_parcel" && booking ? numberTaken(booking) : undefined;
  },
};

/** The error for a collection that is not there, or none of the caller's business. */
export function unknownCollection(collectionId: string): DomainError {
  return new DomainError("COLLECTION_NOT_FOUND", `no collection ${collectionId}`, { collection_id: collectionId });
}

/** The error for a parcel that no collection has, or none that the caller may report on. */
export function unknownParcel(trackingNumber: string): DomainError {
  return new DomainError("COLLECTION_NOT_FOUND", `no collection of parcel ${trackingNumber}`, {
    tracking_number: trackingNumber,
  });
}

/** The carrier's fault: a report could not tell the two parcels apart. */
function numberTaken({ carrier, trackingNumber }: Booking): DomainError {
  const metadata = { partner: carrier, code: "TRACKING_NUMBER_TAKEN" };
  return new DomainError(
    "PARTNER_REFUSED",
    `${carrier} gave a number that another parcel has: ${trackingNumber}`,
    metadata,
  );
}

/** Opens the store on the service's own schema. */
export function openStore(db: Database, followers: Followers) {
  const prisma = new PrismaClient({ adapter: new PrismaPg(db.pool, { schema: db.schema }) });
  const announce = announcer("backhaul.collection.v1", events);
  const collections = aggregates<Collection>(db, followers, mapping, "collection");
  const parcels = aggregates<Collection, Entry>(
    db,
    followers,
    {
      ...mapping,
      select: byParcel,
      update: record,
      updateValues: (c, before, { said, applied }) => {
        const now = followers.now();
        const { eventId, kind = null, code, fault = null, time = now, reporter, aside = null, evidence } = said;
        const told = [eventId, kind, code, fault, time, now, applied];
        const more = [reporter, aside, evidence ? toJson(evidence) : null, said.nextAttemptTime ?? null];
        return [...mapping.updateValues(c, before), ...told, ...more];
      },
      notFound: (parcel) => unknownParcel(parcel.slice(parcel.indexOf("/") + 1)),
    },
    "parcel",
  );

  function decided<X>({ next, facts, todo, dropped }: Outcome, extra: X): Decided<Collection, X> {
    const now = followers.now();
    return {
      next,
      extra,
      facts: facts.map((fact) => announce(toEvent(fact))),
      steps: todo.map(({ step, payload, ...when }) => ({ step, due: "due" in when ? when.due : now, payload })),
      dropped,
    };
  }

  return {
    find: collections.find,
    recall: collections.recall,
    create: <R>(spend: Spend<Collection, R>, decide: () => Outcome): Promise<R> =>
      collections.create(
        spend,
        async () => {},
        () => decided(decide(), undefined),
      ),
    change: <R>(id: string, spend: Spend<Collection, R>, decide: (before: Collection) => Outcome): Promise<R> =>
      collections.change(id, spend, (before) => decided(decide(before), undefined)),

    /** Takes a report in: one statement reads the collection by its parcel, one commits. */
    report: <R>(
      { carrier, trackingNumber }: { carrier: string; trackingNumber: string },
      said: Report,
      spend: Spend<Collection, R>,
      decide: (before: Collection) => Reported,
    ): Promise<R> =>
      parcels.change(`${carrier}/${trackingNumber}`, spend, (before) => {
        const outcome = decide(before);
        return decided(outcome, { said, applied: outcome.applied });
      }),

    /** What was reported, oldest first by the time it happened. */
    tracking: async (collectionId: string): Promise<Report[]> => {
      const orderBy = [{ eventTime: "asc" }, { receiveTime: "asc" }, { eventId: "asc" }] as const;
      const rows = await prisma.trackingEvent.findMany({ where: { collectionId }, orderBy: [...orderBy] });
      return rows.map(toReport);
    },

    /** When something was last heard of it, whatever it was; undefined: never. */
    heardTime: async (collectionId: string): Promise<Date | undefined> => {
      const { _max } = await prisma.trackingEvent.aggregate({ where: { collectionId }, _max: { receiveTime: true } });
      return _max.receiveTime ?? undefined;
    },

    ledger: openLedger(db),
    close: () => prisma.$disconnect(),
  };
}

export type Store = ReturnType<typeof openStore>;

/** The columns that move, in their order. */
function moving(c: Collection): unknown[] {
  return [
    c.state,
    c.booking?.carrier ?? null,
    // A carrier that gives no number gives the same nothing to all parcels.
    c.booking?.trackingNumber || null,
    c.booking?.bookingId ?? null,
    c.slot ? toJson(c.slot) : null,
    toJson(c.attempts),
    c.news ? toJson(c.news) : null,
    c.handOverTime ?? null,
    c.deliverTime ?? null,
    c.updateTime,
    c.version,
    c.stallTime ?? null,
    c.presumeLostTime ?? null,
    c.stalls,
  ];
}

// biome-ignore lint/suspicious/noExplicitAny: shaped by the select
function toCore(row: any): Collection {
  const { bookingId, carrier, trackingNumber, slot, attempts, news, handOverTime, deliverTime, ...same } = row;
  const { stallTime, presumeLostTime } = row;
  return {
    ...same,
    booking: bookingId === null ? undefined : { bookingId, carrier, trackingNumber: trackingNumber ?? "" },
    slot: slot ? { ...slot, startTime: instant(slot.startTime), endTime: instant(slot.endTime) } : undefined,
    attempts: attempts.map((attempt: StoredAttempt) => ({
      ...attempt,
      time: instant(attempt.time),
      nextAttemptTime: instant(attempt.nextAttemptTime),
    })),
    news: news ? { ...news, time: instant(news.time) } : undefined,
    handOverTime: handOverTime ?? undefined,
    deliverTime: deliverTime ?? undefined,
    stallTime: stallTime ?? undefined,
    presumeLostTime: presumeLostTime ?? undefined,
  };
}

/** An attempt as it stands in the row; older ones have no evidence and no next time. */
type StoredAttempt = { readonly time: string; readonly nextAttemptTime?: string };

/** Named field by field, since a carrier's code may look like a time, too. */
function instant(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

/** Rows of before reports had reporters were the carrier's own. */
function toReport({ eventId, kind, code, fault, eventTime, reporter, aside, ...row }: TrackingEvent): Report {
  return {
    eventId,
    kind: (kind ?? undefined) as Report["kind"],
    aside: (aside ?? undefined) as Report["aside"],
    code,
    reporter: reporter ?? "",
    fault: (fault ?? undefined) as Report["fault"],
    time: eventTime,
    evidence: (row.evidence ?? undefined) as Report["evidence"],
    nextAttemptTime: row.nextAttemptTime ?? undefined,
  };
}
