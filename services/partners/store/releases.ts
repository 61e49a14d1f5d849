// What leaves the warehouse and what does not. Stopping, calling back and shipping lock the order's row, so that of two
// that race exactly one finds the goods where it needs them.
import type { Database, Statement } from "#kit/postgres.js";
import { type Asked, once } from "./once.js";
import type { toStop } from "./orders.js";

type Lines = ReturnType<typeof toStop>;

const cappedInsert = (table: string, column: string, where: string) =>
  `INSERT INTO ${table} (order_id, line_id, purchased, ${column})
      SELECT change.id, l.line_id, l.purchased, l.quantity
      FROM change, jsonb_to_recordset($6::jsonb) AS l(line_id text, purchased int, quantity int)
      WHERE ${where} ORDER BY l.line_id
      ON CONFLICT (order_id, line_id) DO UPDATE SET ${column} = ${table}.${column} + excluded.${column}`;

/**
 * $4 the answer in time, $5 the order, $6 the lines, $7 now, $8 the answer too late, $9 whether it is told later.
 * What somebody has seen leave must not be stopped after it, so the time that counts is the commit's own: the clock cannot be
 * moved while it is read, and a second before an order leaves its list is closed.
 */
const stop = once(
  "order.stop",
  `SELECT order_id AS id, gone, CASE WHEN gone THEN $8::bytea ELSE $4::bytea END AS response
   FROM fresh, LATERAL (
     SELECT o.order_id, coalesce(least(o.ship_time, o.deliver_time) <= greatest($7::timestamptz,
       clock_timestamp() + s.offset_ms * interval '1 millisecond') + interval '1 second', false) AS gone
     FROM sold_order o, sandbox s WHERE o.order_id = $5::text FOR UPDATE OF o FOR SHARE OF s) o`,
  {
    stopped: cappedInsert("stopped_units", "stopped", "NOT change.gone"),
    // Under the id it was asked with, which is what somebody looks for.
    pending: `INSERT INTO release_stop (stop_id, order_id, gone) SELECT $2::text, id, gone FROM change WHERE $9::boolean`,
  },
);

/** $4 "intercepted", $5 the order, $6 the lines, $7 now, $8 "refused". */
const intercept = once(
  "order.intercept",
  `SELECT order_id AS id, moving, CASE WHEN moving THEN $4::bytea ELSE $8::bytea END AS response
   FROM fresh, LATERAL (
     SELECT o.order_id, o.ship_time IS NOT NULL AND o.ship_time <= $7::timestamptz
       AND (o.deliver_time IS NULL OR o.deliver_time > $7::timestamptz) AS moving
     FROM sold_order o WHERE o.order_id = $5::text FOR UPDATE) o`,
  { intercepted: cappedInsert("intercepted_units", "intercepted", "change.moving") },
);

const ship: Statement = {
  name: "order.ship",
  text: `UPDATE sold_order SET ship_time = $2, deliver_time = $3
    WHERE order_id = $1 AND (least(ship_time, deliver_time) IS NULL OR least(ship_time, deliver_time) > $2)
    RETURNING order_id`,
};
const findStop: Statement = {
  name: "order.findStop",
  text: "SELECT gone FROM release_stop WHERE stop_id = $1 AND order_id = $2",
};

/** Opens the gate of the warehouse. @param forget drops what is remembered of an order */
export function openReleases(db: Database, forget: (orderId: string) => void) {
  async function decide<R>(request: Asked<R>, statement: typeof stop, orderId: string, values: readonly unknown[]) {
    try {
      return ((await request.answer(statement, values)) as { answer: R }).answer;
    } finally {
      // An answer that was lost may have been a commit.
      forget(orderId);
    }
  }

  return {
    /** Holds units back for good, unless they have left. Breaks stopped_units_cap_check at more than were bought. */
    stop: <R>(
      request: Asked<R>,
      answers: { readonly inTime: R; readonly tooLate: R },
      told: "now" | "later",
      orderId: string,
      lines: Lines,
      now: Date,
    ): Promise<R> => {
      const { inTime, tooLate } = answers;
      const values = [request.bytes(inTime), orderId, JSON.stringify(lines), now, request.bytes(tooLate)];
      return decide(request, stop, orderId, [...values, told === "later"]);
    },

    /** How a stop ended whose answer comes later; undefined for none of ours. */
    found: async (orderId: string, stopId: string): Promise<"IN_TIME" | "TOO_LATE" | undefined> => {
      const [row] = await db.query(findStop, [stopId, orderId]);
      if (!row) return undefined;
      return row.gone ? "TOO_LATE" : "IN_TIME";
    },

    /** Turns units round that are on their way. */
    intercept: <R>(
      request: Asked<R>,
      answers: { readonly intercepted: R; readonly refused: R },
      orderId: string,
      lines: Lines,
      now: Date,
    ): Promise<R> => {
      const { intercepted, refused } = answers;
      const values = [request.bytes(intercepted), orderId, JSON.stringify(lines), now, request.bytes(refused)];
      return decide(request, intercept, orderId, values);
    },

    /** Lets an order leave now; false when it had left before. */
    ship: async (orderId: string, now: Date, deliverTime: Date): Promise<boolean> => {
      const rows = await db.query(ship, [orderId, now, deliverTime]);
      forget(orderId);
      return rows.length > 0;
    },
  };
}
