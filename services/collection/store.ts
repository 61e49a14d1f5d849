// The only file of this service that writes SQL to change collections, their parcels and visits, and what carriers reported.
// Who shares a parcel or a visit is read in visits.ts, what operators ask of many collections in ledger.ts.
import * as events from "#gen/backhaul/collection/v1/collection_events.js";
import { PrismaClient } from "#gen/prisma/collection/client.js";
import { aggregates, besideOf, type Decided, type Personal, placeOf, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { announcer } from "#kit/facts.js";
import { toJson } from "#kit/json.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { openReader } from "#kit/reader.js";
import type { Vault } from "#kit/vault.js";
import { noBooking, parcelsOf } from "./core/parcels.js";
import type { Reported } from "./core/tracking.js";
import type { Collection, Outcome, Report, VisitChange } from "./core/types.js";
import { openLedger } from "./ledger.js";
import { freeing, type Place } from "./places.js";
import { toEvent } from "./proto.js";
import { columns, contents, moving, selected, staying, toCore, toReport, visitRow } from "./rows.js";
import { openVisits } from "./visits.js";

/** The one place that is kept in a carrier's days, and what a move means to the visit. */
type Kept = { readonly place: Place; readonly visit: VisitChange | undefined };

/** What enters the record with a commit. */
type Entry = { readonly said: Report; readonly applied: boolean; readonly visit: VisitChange | undefined };

/** The first at an address opens the visit; a further one joins it, which a closed one does not bear. */
const insert = commitStatement(
  "collection.insert",
  `INSERT INTO collection (${columns})
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::jsonb, $15::jsonb, $16::jsonb, $17, $18, $19,
     $20, $21, $22, $23, $24::jsonb, $25, $26::jsonb) RETURNING collection_id AS id`,
  {
    opened: `INSERT INTO visit (visit_id, customer_id, market, address_key, opener_id, members, create_time)
      SELECT $25::text, $4::text, $5::text, $27::text, id, 1, $9::timestamptz FROM change WHERE $27::text IS NOT NULL`,
    joined: `UPDATE visit SET members = CASE WHEN closed THEN -1 ELSE members + 1 END
      FROM change WHERE visit_id = $25::text AND $27::text IS NULL`,
  },
);

/** What it means to the visit: $20, read by visitRow's names. Moved since it was read, the whole is void. */
const change = {
  text: `UPDATE collection SET state = $3, carrier = $4, tracking_number = $5, booking_id = $6, slot = $7::jsonb,
  attempts = $8::jsonb, news = $9::jsonb, hand_over_time = $10, deliver_time = $11, update_time = $12, version = $13,
  stall_time = $14, presume_lost_time = $15, stalls = $16, parcels = $17::jsonb, visit_id = $18, hand_over = $19::jsonb
  WHERE collection_id = $1 AND version = $2 RETURNING collection_id AS id`,
  visited: `UPDATE visit SET members = greatest(members - v.gone, 0),
      closed = closed OR v.shut OR (v.gone > 0 AND members <= v.gone),
      slot = CASE WHEN v.slot_set THEN v.slot ELSE visit.slot END,
      moves = CASE WHEN v.moves IS NULL THEN visit.moves WHEN v.moves = visit.moves THEN v.moves + v.moved ELSE -1 END
    FROM change, jsonb_to_record($20::jsonb)
      AS v(id text, gone int, shut boolean, slot_set boolean, slot jsonb, moves int, moved int)
    WHERE visit_id = v.id`,
};

const inParcels = "jsonb_to_recordset($21::jsonb) AS p(carrier text, tracking_number text, units int)";
const held =
  "SELECT FROM parcel_content c WHERE (c.carrier, c.tracking_number) = (known.carrier, known.tracking_number)";

/** $21: what is in which parcel, all of it, if it changes. A number that nobody has goods under any more is free again. */
const update = commitStatement("collection.update", change.text, {
  visited: change.visited,
  emptied: `DELETE FROM parcel_content old USING change
    WHERE old.collection_id = change.id AND $21::jsonb IS NOT NULL AND NOT EXISTS (
      SELECT FROM ${inParcels} WHERE (p.carrier, p.tracking_number) = (old.carrier, old.tracking_number))`,
  numbered: `INSERT INTO parcel AS known (carrier, tracking_number, customer_id, collection_id)
    SELECT p.carrier, p.tracking_number, $22::text, change.id FROM change, ${inParcels}
    ON CONFLICT (carrier, tracking_number) DO UPDATE SET customer_id = excluded.customer_id,
      customers = CASE WHEN known.customer_id <> excluded.customer_id AND EXISTS (${held}) THEN 2 ELSE 1 END,
      collection_id = CASE WHEN EXISTS (${held}) THEN known.collection_id ELSE excluded.collection_id END`,
  filled: `INSERT INTO parcel_content (carrier, tracking_number, collection_id, units)
    SELECT p.carrier, p.tracking_number, change.id, p.units FROM change, ${inParcels}
    ON CONFLICT (carrier, tracking_number, collection_id) DO UPDATE SET units = excluded.units`,
});

/**
 * Its driver comes in another slot: every other place the driver's day holds for it is free with that, $21 the holder and
 * $22 the slot. In a statement of its own, this could free the place of somebody who moves it next.
 */
const move = commitStatement("collection.move", change.text, {
  visited: change.visited,
  ...freeing("slot_place p, change WHERE p.holder_id = $21::text AND p.slot_id <> $22::text"),
});

/** A report enters the record with what it changes, also when that is nothing. */
const record = commitStatement("collection.record", change.text, {
  visited: change.visited,
  recorded: `INSERT INTO tracking_event (collection_id, event_id, kind, code, fault, event_time, receive_time, applied,
      reporter, aside, evidence, next_attempt_time, tracking_number)
    SELECT id, $21::text, $22::text, $23::text, $24::text, $25::timestamptz, $26::timestamptz, $27::boolean,
      $28::text, $29::text, $30::jsonb, $31::timestamptz, $32::text
    FROM change`,
});

const mapping = {
  select: `SELECT ${selected} FROM collection WHERE collection_id = $1`,
  insert,
  update,
  insertValues: (c: Collection, visit?: VisitChange) => [
    ...staying(c),
    ...moving(c),
    visit?.kind === "open" ? visit.addressKey : null,
  ],
  updateValues: (c: Collection, before: Collection, visit?: VisitChange) => [
    ...changing(c, before, visit),
    contents(c, before),
    c.customerId,
  ],
  toCore,
  notFound: unknownCollection,
  broken: (constraint: string, collection: Collection): DomainError | "again" | undefined => {
    // The same report at the same time, twice: the other one's answer is on record now. Or another visit was opened there
    // first, or the one to join was closed: read again, there is another now.
    if (["tracking_event_pkey", "visit_open", "visit_members"].includes(constraint)) return "again";
    if (constraint === "visit_moves") return visitMovedMeanwhile();
    return constraint === "parcel_of_one_customer" ? numberTaken(collection) : undefined;
  },
};

const spentAnswers: Statement = {
  name: "collection.spentAnswers",
  text: `SELECT q.principal, q.request_id AS "requestId", q.response
    FROM unnest($1::text[], $2::text[]) AS asked(principal, request_id) JOIN request q USING (principal, request_id)`,
};

/** The guard, what moves, and what that means to the visit. */
function changing(c: Collection, before: Collection, visit: VisitChange | undefined): unknown[] {
  return [c.collectionId, before.version, ...moving(c), visitRow(c, before, visit)];
}

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

/** The carrier's fault, or a slip of who wrote the number: a report could not tell two customers' parcels apart. */
function numberTaken(collection: Collection): DomainError {
  const { carrier, trackingNumber } =
    parcelsOf(collection).findLast((parcel) => parcel.trackingNumber !== "") ?? noBooking;
  if (collection.booking?.bookingId === "") return waybillTaken(carrier, trackingNumber);
  const metadata = { partner: carrier, code: "TRACKING_NUMBER_TAKEN" };
  return new DomainError(
    "PARTNER_REFUSED",
    `${carrier} gave a number that another customer's parcel has: ${trackingNumber}`,
    metadata,
  );
}

/** A number without a booking is what a customer read off a receipt. */
function waybillTaken(carrier: string, trackingNumber: string): DomainError {
  return new DomainError("WAYBILL_TAKEN", `another customer's parcel goes under ${trackingNumber} with ${carrier}`, {
    carrier,
    tracking_number: trackingNumber,
  });
}

function visitMovedMeanwhile(): DomainError {
  return new DomainError("CONTENTION", "the visit was moved by somebody else just now; try again");
}

/** How to get in at the door, and what drivers wrote, under seal. */
const personal = {
  table: "collection",
  id: (c: Collection) => c.collectionId,
  subject: (c: Collection) => c.customerId,
  places: { handOver: ["doorMemo"] },
  beside: { said: ["note"] },
} satisfies Omit<Personal<Collection>, "vault">;

/** Opens the store on the service's own schema. */
export function openStore(db: Database, followers: Followers, vault: Vault) {
  const prisma = openReader(
    db,
    (options) => new PrismaClient(options),
    (reader) => reader.trackingEvent.findMany({ take: 1 }),
  );
  const announce = announcer("backhaul.collection.v1", events);
  const sealed = { ...mapping, personal: { ...personal, vault } };
  const collections = aggregates<Collection, VisitChange | undefined>(db, followers, sealed, "collection");
  const slots = aggregates<Collection, Kept>(
    db,
    followers,
    {
      ...sealed,
      update: move,
      insertValues: (c) => mapping.insertValues(c),
      updateValues: (c, before, { place, visit }) => [...changing(c, before, visit), place.holderId, place.slotId],
    },
    "slot",
  );
  const parcels = aggregates<Collection, Entry>(
    db,
    followers,
    {
      ...sealed,
      update: record,
      insertValues: (c) => mapping.insertValues(c),
      updateValues: (c, before, { said, applied, visit }) => {
        const now = followers.now();
        const { eventId, kind = null, code, fault = null, time = now, reporter, aside = null, evidence } = said;
        const told = [eventId, kind, code, fault, time, now, applied];
        const more = [reporter, aside, evidence ? toJson(evidence) : null, said.nextAttemptTime ?? null];
        return [...changing(c, before, visit), ...told, ...more, said.trackingNumber];
      },
    },
    "parcel",
  );

  function decided<X>({ next, facts, todo, dropped }: Outcome, extra: X): Decided<Collection, X> {
    const now = followers.now();
    return {
      next,
      extra,
      facts: facts.map((fact) => announce(toEvent(fact))),
      steps: todo.map(({ step, payload, ...when }) => ({
        step,
        due: ("due" in when ? when.due : undefined) ?? now,
        payload,
      })),
      dropped,
    };
  }

  return {
    find: collections.find,
    recall: collections.recall,
    /** Creates one. `read` reads what the decision rests on, again when others were faster. */
    create: <R, P>(spend: Spend<Collection, R>, read: () => Promise<P>, decide: (found: P) => Outcome): Promise<R> =>
      collections.create(spend, read, (found) => {
        const outcome = decide(found);
        return decided(outcome, outcome.visit);
      }),
    change: <R>(id: string, spend: Spend<Collection, R>, decide: (before: Collection) => Outcome): Promise<R> =>
      collections.change(id, spend, (before) => {
        const outcome = decide(before);
        return decided(outcome, outcome.visit);
      }),

    /** Moves it to another slot, with the place that it was given there. */
    move: <R>(
      id: string,
      place: Place,
      spend: Spend<Collection, R>,
      decide: (before: Collection) => Outcome,
    ): Promise<R> =>
      slots.change(id, spend, (before) => {
        const outcome = decide(before);
        return decided(outcome, { place, visit: outcome.visit });
      }),

    /** Takes a report of one of a collection's parcels in. */
    report: <R>(
      collectionId: string,
      said: Report,
      spend: Spend<Collection, R>,
      decide: (before: Collection) => Reported,
    ): Promise<R> =>
      parcels.change(collectionId, spend, (before) => {
        const outcome = decide(before);
        return decided(outcome, { said, applied: outcome.applied, visit: outcome.visit });
      }),

    /** What requests were answered before, by "principal/request id". */
    answers: async (asked: readonly { principal: string; requestId: string }[]): Promise<Map<string, Buffer>> => {
      const [principals, ids] = [asked.map(({ principal }) => principal), asked.map(({ requestId }) => requestId)];
      const rows = await db.query(spentAnswers, [principals, ids]);
      const open = rows.map(async ({ response, ...token }) => {
        return [`${token.principal}/${token.requestId}`, await vault.openBytes(placeOf(token), response)] as const;
      });
      return new Map(await Promise.all(open));
    },

    /** What was reported, oldest first by the time it happened. */
    tracking: async (collectionId: string): Promise<Report[]> => {
      const orderBy = [{ eventTime: "asc" }, { receiveTime: "asc" }, { eventId: "asc" }] as const;
      const rows = await prisma.trackingEvent.findMany({ where: { collectionId }, orderBy: [...orderBy] });
      const record = rows.map((row) => ({ collectionId, said: toReport(row) }));
      const open = await vault.open(besideOf(personal.table), (it) => it.collectionId, record, personal.beside);
      return open.map(({ said }) => said);
    },

    /** When something was last heard of it, whatever it was; undefined: never. */
    heardTime: async (collectionId: string): Promise<Date | undefined> => {
      const { _max } = await prisma.trackingEvent.aggregate({ where: { collectionId }, _max: { receiveTime: true } });
      return _max.receiveTime ?? undefined;
    },

    visits: openVisits(db, (rows) => vault.open(personal.table, personal.id, rows, personal.places)),
    ledger: openLedger(db),
    close: () => prisma.$disconnect(),
  };
}

export type Store = ReturnType<typeof openStore>;
