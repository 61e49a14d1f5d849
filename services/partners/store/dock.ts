// The dock: announcements and parcels meet here, whichever comes first; and what goes back to customers.
import { newId } from "#kit/ids.js";
import type { Database, Statement } from "#kit/postgres.js";
import { traceparent } from "#kit/telemetry.js";
import type { ExpectedLine } from "../core/findings.js";
import { turnedParcel } from "../core/parcel.js";
import { type Asked, once } from "./once.js";
import { type Sibling, siblingsOf } from "./parcels.js";

/** Goods to expect. */
export type Announcement = {
  readonly inspectionId: string;
  readonly resolutionId: string;
  readonly orderId: string;
  readonly lines: readonly ExpectedLine[];
  /** The customer never had them: the parcel comes by itself. */
  readonly neverHad: boolean;
};

/** A parcel at the dock that was announced. */
export type Arrival = {
  readonly inspectionId: string;
  readonly orderId: string;
  readonly resolutionId: string;
  readonly trackingNumber: string;
  readonly lines: readonly ExpectedLine[];
  readonly siblings: readonly Sibling[];
};

/**
 * $4 the answer, $5 … the announcement, $9 … the step that receives a parcel which was faster, $12 … the parcel that turned
 * round, if it did, and its way here: once for a resolution, unless its goods are here or on their way already.
 */
const announce = once(
  "dock.announce",
  `INSERT INTO dock (resolution_id, order_id, inspection_id, lines)
   SELECT $5::text, $6::text, $7::text, $8::jsonb FROM fresh
   ON CONFLICT (resolution_id) DO UPDATE SET inspection_id = excluded.inspection_id, lines = excluded.lines
   RETURNING resolution_id AS id, booking_id, $4::bytea AS response`,
  {
    planned: `INSERT INTO agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent)
      SELECT $9::text || row_number() OVER (), booking_id, 'receive', $10::timestamptz, '{}', $11::text
      FROM (SELECT booking_id FROM change WHERE booking_id IS NOT NULL
        UNION SELECT p.booking_id FROM parcel p JOIN change ON p.resolution_id = id AND p.state = 'DELIVERED') here`,
    turned: `INSERT INTO parcel (booking_id, tracking_number, carrier, market, order_id, resolution_id, method, units, state,
       book_time, move_time)
      SELECT p ->> 'bookingId', p ->> 'trackingNumber', '', '', $6::text, id, p ->> 'method', $13::int, 'PICKED_UP',
        $10::timestamptz, $10::timestamptz
      FROM change, (SELECT $12::jsonb AS p) turning
      WHERE p IS NOT NULL AND NOT EXISTS (
        SELECT FROM parcel known WHERE known.resolution_id = id AND known.state NOT IN ('BOOKED', 'CANCELED'))
      RETURNING booking_id`,
    travelling: `INSERT INTO agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent)
      SELECT $14::text, booking_id, 'arrive', $15::timestamptz, jsonb_build_object('parcel', $12::jsonb), $11::text
      FROM turned`,
  },
  "booking_id",
);

/** $4 the answer, $5 the number, $6 … what goes back. */
const sendBack = once(
  "dock.sendBack",
  `INSERT INTO sent_back (tracking_number, inspection_id, order_id, lines, create_time)
   SELECT $5::text, $6::text, $7::text, $8::jsonb, $9::timestamptz FROM fresh
   RETURNING tracking_number AS id, $4::bytea AS response`,
);

const arrival: Statement = {
  name: "dock.arrival",
  text: `SELECT d.inspection_id AS "inspectionId", d.order_id AS "orderId", d.lines,
    resolution_id AS "resolutionId", p.tracking_number AS "trackingNumber", ${siblingsOf("d.resolution_id")} AS siblings
  FROM parcel p JOIN dock d USING (resolution_id)
  WHERE p.booking_id = $1 AND p.state = 'DELIVERED' AND d.inspection_id IS NOT NULL`,
};
const announced: Statement = {
  name: "dock.announced",
  text: `SELECT inspection_id AS "inspectionId", lines FROM dock WHERE resolution_id = $1 AND inspection_id IS NOT NULL`,
};
const orderOf: Statement = {
  name: "dock.orderOf",
  text: `SELECT order_id FROM dock WHERE inspection_id = $1
  UNION ALL SELECT order_id FROM dock WHERE resolution_id = $1
  UNION ALL SELECT order_id FROM parcel WHERE resolution_id = $1 LIMIT 1`,
};

/** Opens the dock. */
export function openDock(db: Database) {
  return {
    /**
     * Remembers an announcement; true when its parcel is at the dock already, and will be received at once.
     * @param arrives when goods that turned round are here
     */
    announce: async <R>(
      request: Asked<R>,
      answer: R,
      announced: Announcement,
      now: Date,
      arrives: Date,
    ): Promise<{ answer: R; waiting: boolean }> => {
      const { resolutionId, orderId, inspectionId, lines, neverHad } = announced;
      const row = [resolutionId, orderId, inspectionId, JSON.stringify(lines)];
      const receiving = [newId("stp"), now, traceparent()];
      const turned = neverHad ? JSON.stringify(turnedParcel(announced)) : null;
      const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
      const values = [request.bytes(answer), ...row, ...receiving, turned, units, newId("stp"), arrives];
      const done = await request.answer(announce, values);
      return { answer: (done as { answer: R }).answer, waiting: done?.noted !== undefined };
    },

    /** The announcement of a parcel that stands at the dock; undefined before it, and once it was received. */
    arrival: async (bookingId: string): Promise<Arrival | undefined> =>
      (await db.query<Arrival>(arrival, [bookingId]))[0],

    /** What is announced of a resolution. */
    announced: async (resolutionId: string): Promise<Pick<Arrival, "inspectionId" | "lines"> | undefined> =>
      (await db.query<Pick<Arrival, "inspectionId" | "lines">>(announced, [resolutionId]))[0],

    sendBack: async <R>(
      request: Asked<R>,
      answer: R,
      trackingNumber: string,
      back: Omit<Announcement, "resolutionId" | "neverHad">,
      now: Date,
    ): Promise<R> => {
      const { inspectionId, orderId, lines } = back;
      const values = [request.bytes(answer), trackingNumber, inspectionId, orderId, JSON.stringify(lines), now];
      return ((await request.answer(sendBack, values)) as { answer: R }).answer;
    },

    /** The order that an inspection or a resolution belongs to, as far as the sandbox has seen it. */
    orderOf: async (inspectionOrResolution: string): Promise<string | undefined> =>
      (await db.query(orderOf, [inspectionOrResolution]))[0]?.order_id,
  };
}
