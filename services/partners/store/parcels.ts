// Bookings and their parcels. A booking is one statement with the step it plans; a step is one with the steps it leads to,
// guarded by the state it leaves, so that a driver and a cancellation never both win.
import {
  type CommitStatement,
  commit,
  commitStatement,
  type Followers,
  handOverLeaseMs,
  type LeasedStep,
  type NewStep,
} from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import type { Database, Statement } from "#kit/postgres.js";
import { traceparent } from "#kit/telemetry.js";
import type { Parcel, ParcelState } from "../core/parcel.js";
import { type Asked, once } from "./once.js";

/** A booking to store. */
export type NewParcel = Parcel & { readonly market: string; readonly units: number; readonly bookTime: Date };

/** A parcel as it stands. The newest that can go on stands for its resolution. */
export type ParcelRow = Parcel & { readonly market: string; readonly state: ParcelState; readonly moveTime: Date };

/** One of a resolution's parcels. */
export type Sibling = { readonly bookingId: string; readonly units: number; readonly state: ParcelState };

/** All parcels of a resolution that were not called off, in the order in which they were booked, as JSON. */
export const siblingsOf = (resolutionId: string) => `(
  SELECT coalesce(jsonb_agg(jsonb_build_object('bookingId', booking_id, 'units', units, 'state', state)
    ORDER BY booking_id), '[]')
  FROM parcel WHERE resolution_id = ${resolutionId} AND state <> 'CANCELED')`;

const columns = `booking_id AS "bookingId", tracking_number AS "trackingNumber", carrier, market, order_id AS "orderId",
  resolution_id AS "resolutionId", method, state, move_time AS "moveTime"`;

const visitPlanned = (
  step: number,
) => `INSERT INTO agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent)
  SELECT $${step}::text, id, 'visit', $${step + 1}::timestamptz, $${step + 2}::jsonb, $${step + 3}::text FROM change`;

/** $4 the answer, $5 … the booking, $14 … its first step. */
const book = once(
  "parcel.book",
  `INSERT INTO parcel (booking_id, tracking_number, carrier, market, order_id, resolution_id, method, units, state,
     book_time, move_time)
   SELECT $5::text, $6::text, $7::text, $8::text, $9::text, $10::text, $11::text, $12::int, 'BOOKED', $13::timestamptz,
     $13::timestamptz
   FROM fresh RETURNING booking_id AS id, $4::bytea AS response`,
  { planned: visitPlanned(14) },
);

/** $4 the answer, $5 the booking, $6 … its next step. A visit under way loses its lease and ends. */
const move = once(
  "parcel.move",
  `UPDATE parcel SET units = units FROM fresh WHERE booking_id = $5::text AND state = 'BOOKED'
   RETURNING booking_id AS id, $4::bytea AS response`,
  {
    dropped: `DELETE FROM agenda USING change WHERE aggregate_id = change.id AND step = 'visit'`,
    planned: visitPlanned(6),
  },
);

/** $4 "canceled", $5 "taken over already", $6 the booking, $7 now. */
const cancel = once(
  "parcel.cancel",
  `UPDATE parcel SET state = CASE state WHEN 'BOOKED' THEN 'CANCELED' ELSE state END,
     move_time = CASE state WHEN 'BOOKED' THEN $7::timestamptz ELSE move_time END
   FROM fresh WHERE booking_id = $6::text
   RETURNING booking_id AS id, state, CASE state WHEN 'CANCELED' THEN $4::bytea ELSE $5::bytea END AS response`,
  {
    dropped: `DELETE FROM agenda USING change WHERE aggregate_id = change.id AND state = 'CANCELED' AND step = 'visit'`,
  },
);

const goOn = commitStatement(
  "parcel.goOn",
  `UPDATE parcel SET state = $3, move_time = $4 WHERE booking_id = $1 AND state = $2 RETURNING booking_id AS id`,
);

/** The parcel reaches the dock; whichever comes second, parcel or announcement, finds the other in this row. */
const reachDock = commitStatement(
  "parcel.reachDock",
  `UPDATE parcel SET state = 'DELIVERED', move_time = $2 WHERE booking_id = $1 AND state = 'PICKED_UP'
   RETURNING booking_id AS id, resolution_id, order_id`,
  {
    docked: `INSERT INTO dock (resolution_id, order_id, booking_id) SELECT resolution_id, order_id, id FROM change
      ON CONFLICT (resolution_id) DO UPDATE SET booking_id = excluded.booking_id`,
  },
);

const find: Statement = { name: "parcel.find", text: `SELECT ${columns} FROM parcel WHERE booking_id = $1` };
const latest: Statement = {
  name: "parcel.latest",
  text: `SELECT ${columns} FROM parcel WHERE resolution_id = $1 AND state <> 'CANCELED'
    ORDER BY state IN ('INSPECTED', 'LOST'), booking_id DESC LIMIT 1`,
};
const siblings: Statement = {
  name: "parcel.siblings",
  text: `SELECT ${siblingsOf("$1")} AS siblings`,
};
const visitDue: Statement = {
  name: "parcel.visitDue",
  text: "SELECT due_time AS due FROM agenda WHERE aggregate_id = $1 AND step = 'visit'",
};
const drop: Statement = { name: "step.drop", text: "DELETE FROM agenda WHERE agenda_id = $1 AND lease_epoch = $2" };

/** Takes a parcel's planned step over, whoever holds it: their epoch is past, so their commit fails. */
const takeOver: Statement = {
  name: "step.takeOver",
  text: `UPDATE agenda SET due_time = least(due_time, $3), lease_epoch = lease_epoch + 1, attempt = attempt + 1,
    lease_until = now() + ${handOverLeaseMs} * interval '1 millisecond'
  WHERE aggregate_id = $1 AND step = $2
  RETURNING agenda_id AS id, aggregate_id AS "aggregateId", step, due_time AS due, attempt, lease_epoch AS epoch, payload,
    traceparent`,
};
const giveBack: Statement = {
  name: "step.giveBack",
  text: "UPDATE agenda SET lease_until = NULL WHERE agenda_id = $1 AND lease_epoch = $2",
};
const plan: Statement = {
  name: "step.plan",
  text: `INSERT INTO agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent) VALUES ($1, $2, $3, $4, $5, $6)`,
};

/** Opens the parcels. */
export function openParcels(db: Database, followers: Followers) {
  const firstStep = (parcel: Parcel, due: Date) => [newId("stp"), due, JSON.stringify(visitOf(parcel)), traceparent()];

  /** False: the parcel had left that state already. */
  const step = async (
    statement: CommitStatement,
    done: LeasedStep,
    values: readonly unknown[],
    steps: readonly NewStep[],
  ) => {
    const token = { kind: "step", id: done.id, epoch: done.epoch } as const;
    return (await commit(db, followers, statement, values, { token, facts: [], steps, dropped: [] })) !== undefined;
  };

  return {
    book: async <R>(request: Asked<R>, answer: R, parcel: NewParcel, due: Date): Promise<R> => {
      const { bookingId, trackingNumber, carrier, market, orderId, resolutionId, method, units, bookTime } = parcel;
      const row = [bookingId, trackingNumber, carrier, market, orderId, resolutionId, method, units, bookTime];
      const done = await request.answer(book, [request.bytes(answer), ...row, ...firstStep(parcel, due)]);
      return (done as { answer: R }).answer;
    },

    /** Plans the visit anew; undefined when the goods are taken over, or called off. */
    move: async <R>(request: Asked<R>, answer: R, parcel: Parcel, due: Date): Promise<R | undefined> =>
      (await request.answer(move, [request.bytes(answer), parcel.bookingId, ...firstStep(parcel, due)]))?.answer,

    /** Calls it off; undefined for no booking of ours. */
    cancel: async <R>(
      request: Asked<R>,
      canceled: R,
      tooLate: R,
      bookingId: string,
      now: Date,
    ): Promise<R | undefined> =>
      (await request.answer(cancel, [request.bytes(canceled), request.bytes(tooLate), bookingId, now]))?.answer,

    find: async (bookingId: string): Promise<ParcelRow | undefined> =>
      (await db.query<ParcelRow>(find, [bookingId]))[0],
    /** When its driver, or its customer, is to come; undefined when nobody is. */
    visitDue: async (bookingId: string): Promise<Date | undefined> =>
      (await db.query<{ due: Date }>(visitDue, [bookingId]))[0]?.due,
    latest: async (resolutionId: string): Promise<ParcelRow | undefined> =>
      (await db.query<ParcelRow>(latest, [resolutionId]))[0],

    /** All parcels of a resolution that were not called off, in the order in which they were booked. */
    siblings: async (resolutionId: string): Promise<Sibling[]> => {
      const [row] = await db.query<{ siblings: Sibling[] }>(siblings, [resolutionId]);
      return row?.siblings ?? [];
    },

    /** Spends a step and moves its parcel; the steps it leads to go along. */
    goOn: (done: LeasedStep, from: ParcelState, to: ParcelState, steps: readonly NewStep[]): Promise<boolean> =>
      step(goOn, done, [done.aggregateId, from, to, done.due], steps),
    reachDock: (done: LeasedStep, steps: readonly NewStep[]): Promise<boolean> =>
      step(reachDock, done, [done.aggregateId, done.due], steps),

    /** Ends a step that leads nowhere. */
    drop: async (done: LeasedStep): Promise<void> => {
      await db.query(drop, [done.id, done.epoch]);
    },

    takeOver: async (bookingId: string, name: string, now: Date): Promise<LeasedStep | undefined> =>
      (await db.query<LeasedStep>(takeOver, [bookingId, name, now]))[0],
    giveBack: async (taken: LeasedStep): Promise<void> => {
      await db.query(giveBack, [taken.id, taken.epoch]);
    },
    planVisit: async (parcel: Parcel, due: Date): Promise<void> => {
      await db.query(plan, [
        newId("stp"),
        parcel.bookingId,
        "visit",
        due,
        JSON.stringify(visitOf(parcel)),
        traceparent(),
      ]);
    },
  };
}

/** What a visit carries along. */
export function visitOf({ bookingId, trackingNumber, carrier, orderId, resolutionId, method }: Parcel, attempt = 1) {
  return { parcel: { bookingId, trackingNumber, carrier, orderId, resolutionId, method }, attempt };
}
