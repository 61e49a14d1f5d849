// The dock: announcements and parcels meet here, whichever comes first; and what goes back to customers.
import { newId } from "#kit/ids.js";
import type { Database, Statement } from "#kit/postgres.js";
import { traceparent } from "#kit/telemetry.js";
import type { ExpectedLine } from "../core/findings.js";
import { type Asked, once } from "./once.js";

/** Goods to expect. */
export type Announcement = {
  readonly inspectionId: string;
  readonly resolutionId: string;
  readonly orderId: string;
  readonly lines: readonly ExpectedLine[];
};

/** A parcel at the dock that was announced. */
export type Arrival = {
  readonly inspectionId: string;
  readonly orderId: string;
  readonly lines: readonly ExpectedLine[];
};

/** $4 the answer, $5 … the announcement, $9 … the step that receives a parcel which was faster. */
const announce = once(
  "dock.announce",
  `INSERT INTO dock (resolution_id, order_id, inspection_id, lines)
   SELECT $5::text, $6::text, $7::text, $8::jsonb FROM fresh
   ON CONFLICT (resolution_id) DO UPDATE SET inspection_id = excluded.inspection_id, lines = excluded.lines
   RETURNING resolution_id AS id, booking_id, $4::bytea AS response`,
  {
    planned: `INSERT INTO agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent)
      SELECT $9::text, booking_id, 'receive', $10::timestamptz, '{}', $11::text FROM change WHERE booking_id IS NOT NULL`,
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
  text: `SELECT d.inspection_id AS "inspectionId", d.order_id AS "orderId", d.lines
  FROM parcel p JOIN dock d USING (resolution_id)
  WHERE p.booking_id = $1 AND p.state = 'DELIVERED' AND d.booking_id = p.booking_id AND d.inspection_id IS NOT NULL`,
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
    /** Remembers an announcement; true when its parcel is at the dock already, and will be received at once. */
    announce: async <R>(
      request: Asked<R>,
      answer: R,
      announced: Announcement,
      now: Date,
    ): Promise<{ answer: R; waiting: boolean }> => {
      const { resolutionId, orderId, inspectionId, lines } = announced;
      const row = [resolutionId, orderId, inspectionId, JSON.stringify(lines)];
      const done = await request.answer(announce, [request.bytes(answer), ...row, newId("stp"), now, traceparent()]);
      return { answer: (done as { answer: R }).answer, waiting: done?.noted !== undefined };
    },

    /** The announcement of a parcel that stands at the dock; undefined before it, and once it was received. */
    arrival: async (bookingId: string): Promise<Arrival | undefined> =>
      (await db.query<Arrival>(arrival, [bookingId]))[0],

    sendBack: async <R>(
      request: Asked<R>,
      answer: R,
      trackingNumber: string,
      back: Omit<Announcement, "resolutionId">,
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
