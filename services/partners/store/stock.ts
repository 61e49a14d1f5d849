// The shelf: units set aside for replacements, and what became of returned units. A product that was never imported has no
// row and no end of units.
import { newId } from "#kit/ids.js";
import { type Database, type Statement, violated } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { type Asked, keepAnswer, once } from "./once.js";

/** Units of a product. */
export type StockLine = { readonly sku: string; readonly quantity: number };

/** Units of a product with what becomes of them, in the contract's words. */
export type DisposedLine = StockLine & {
  readonly disposition: string;
  readonly grade: string;
  /** Which units of which lines; empty where the caller does not tell units apart. */
  readonly units: readonly { readonly lineId: string; readonly first: number; readonly quantity: number }[];
};

const merged = (lines: string) => `SELECT sku, sum(quantity)::int AS quantity
  FROM jsonb_to_recordset(${lines}) AS l(sku text, quantity int) GROUP BY sku`;

/** $4 the answer, $5 the hold, $6 the order, $7 the lines, $8 its end, $9 now. What lapsed goes back first. Rows are locked in one order; the CHECK refuses what is not there. */
const hold = once(
  "stock.hold",
  `INSERT INTO stock_hold (hold_id, order_id, lines, state, moved_by, expire_time)
   SELECT $5::text, $6::text, $7::jsonb, 'HELD', '', $8::timestamptz FROM fresh
   RETURNING hold_id AS id, $4::bytea AS response, lines`,
  {
    lapsed: `UPDATE stock_hold SET state = 'LAPSED' WHERE hold_id IN (SELECT hold_id FROM stock_hold, fresh
        WHERE state = 'HELD' AND expire_time <= $9::timestamptz ORDER BY hold_id FOR UPDATE OF stock_hold SKIP LOCKED)
      RETURNING lines`,
    wanted: `SELECT sku, sum(quantity)::int AS quantity FROM (
        SELECT l.sku, l.quantity FROM change, jsonb_to_recordset(lines) AS l(sku text, quantity int)
        UNION ALL SELECT l.sku, -l.quantity FROM lapsed, jsonb_to_recordset(lines) AS l(sku text, quantity int)) u
      GROUP BY sku`,
    locked: `SELECT p.sku, w.quantity FROM product p JOIN wanted w USING (sku) ORDER BY p.sku FOR UPDATE OF p`,
    taken: `UPDATE product SET on_shelf = on_shelf - locked.quantity FROM locked WHERE product.sku = locked.sku`,
  },
);

/** $4 "released", $5 "gone already", $6 the hold. The request that releases it puts the units back, nobody after it. */
const release = once(
  "stock.release",
  `UPDATE stock_hold SET state = CASE state WHEN 'HELD' THEN 'RELEASED' ELSE state END,
     moved_by = CASE state WHEN 'HELD' THEN $2::text ELSE moved_by END
   FROM fresh WHERE hold_id = $6::text
   RETURNING hold_id AS id, CASE state WHEN 'SHIPPED' THEN $5::bytea ELSE $4::bytea END AS response,
     CASE WHEN state = 'RELEASED' AND moved_by = $2::text THEN lines END AS lines`,
  {
    wanted: merged("(SELECT lines FROM change WHERE lines IS NOT NULL)"),
    locked: `SELECT p.sku, w.quantity FROM product p JOIN wanted w USING (sku) ORDER BY p.sku FOR UPDATE OF p`,
    back: `UPDATE product SET on_shelf = on_shelf + locked.quantity FROM locked WHERE product.sku = locked.sku`,
  },
);

/** $4 "held on", $5 "gone", $6 the hold, $7 its new end, $8 now. A hold that lapsed goes back on the shelf. */
const renew = once(
  "stock.renew",
  `UPDATE stock_hold SET
     state = CASE WHEN state = 'HELD' AND expire_time <= $8::timestamptz THEN 'LAPSED' ELSE state END,
     moved_by = CASE WHEN state = 'HELD' AND expire_time <= $8::timestamptz THEN $2::text ELSE moved_by END,
     expire_time = CASE WHEN state = 'HELD' AND expire_time > $8::timestamptz THEN $7::timestamptz ELSE expire_time END
   FROM fresh WHERE hold_id = $6::text
   RETURNING hold_id AS id, CASE state WHEN 'HELD' THEN $4::bytea ELSE $5::bytea END AS response,
     CASE WHEN state = 'LAPSED' AND moved_by = $2::text THEN lines END AS lines`,
  {
    wanted: merged("(SELECT lines FROM change WHERE lines IS NOT NULL)"),
    locked: `SELECT p.sku, w.quantity FROM product p JOIN wanted w USING (sku) ORDER BY p.sku FOR UPDATE OF p`,
    back: `UPDATE product SET on_shelf = on_shelf + locked.quantity FROM locked WHERE product.sku = locked.sku`,
  },
);

/** $4 the answer, $5 the posting, $6 the inspection, $7 the lines, $8 their units. A unit booked before breaks it all. */
const dispose = once("stock.dispose", `SELECT $5::text AS id, $4::bytea AS response FROM fresh`, {
  posted: `INSERT INTO disposed_line (posting_id, line_number, inspection_id, sku, quantity, disposition, grade)
    SELECT change.id, l.n, $6::text, l.sku, l.quantity, l.disposition, l.grade
    FROM change, ROWS FROM (jsonb_to_recordset($7::jsonb) AS (sku text, quantity int, disposition text, grade text))
      WITH ORDINALITY AS l(sku, quantity, disposition, grade, n) RETURNING sku, quantity, disposition`,
  marked: `INSERT INTO disposed_units (inspection_id, line_id, first, quantity)
    SELECT $6::text, u."lineId", u.first, u.quantity
    FROM change, jsonb_to_recordset($8::jsonb) AS u("lineId" text, first int, quantity int)`,
  wanted: `SELECT sku, sum(quantity)::int AS quantity FROM posted WHERE disposition = 'RESTOCKED' GROUP BY sku`,
  locked: `SELECT p.sku, w.quantity FROM product p JOIN wanted w USING (sku) ORDER BY p.sku FOR UPDATE OF p`,
  back: `UPDATE product SET on_shelf = on_shelf + locked.quantity FROM locked WHERE product.sku = locked.sku`,
});

const find: Statement = { name: "stock.find", text: "SELECT order_id, lines FROM stock_hold WHERE hold_id = $1" };

/** Opens the shelf. */
export function openStock(db: Database) {
  return {
    /** Sets all of it aside, or answers `soldOut` and sets nothing aside. */
    hold: async <R>(
      request: Asked<R>,
      held: R,
      soldOut: R,
      holdId: string,
      orderId: string,
      lines: readonly StockLine[],
      until: { readonly expireTime: Date | undefined; readonly now: Date },
    ): Promise<R> => {
      try {
        const { expireTime = null, now } = until;
        const values = [request.bytes(held), holdId, orderId, JSON.stringify(lines), expireTime, now];
        const done = await request.answer(hold, values);
        return (done as { answer: R }).answer;
      } catch (error) {
        if (violated(error) !== "product_shelf_check") throw error;
        return keep(request, soldOut, orderId);
      }
    },
    keep,

    /** Holds units for longer; undefined for no hold of ours. */
    renew: async <R>(
      request: Asked<R>,
      answers: { readonly held: R; readonly gone: R },
      holdId: string,
      expireTime: Date,
      now: Date,
    ): Promise<R | undefined> => {
      const { held, gone } = answers;
      return (await request.answer(renew, [request.bytes(held), request.bytes(gone), holdId, expireTime, now]))?.answer;
    },

    /** Puts held units back; undefined for no hold of ours. */
    release: async <R>(request: Asked<R>, released: R, gone: R, holdId: string): Promise<R | undefined> =>
      (await request.answer(release, [request.bytes(released), request.bytes(gone), holdId]))?.answer,

    /** Books what became of returned units. */
    dispose: async <R>(
      request: Asked<R>,
      answer: R,
      inspectionId: string,
      lines: readonly DisposedLine[],
    ): Promise<R> => {
      const units = lines.flatMap((line) => line.units);
      const posting = [newId("pst"), inspectionId, JSON.stringify(lines), JSON.stringify(units)];
      try {
        return ((await request.answer(dispose, [request.bytes(answer), ...posting])) as { answer: R }).answer;
      } catch (error) {
        if (violated(error) !== "disposed_once") throw error;
        const message = `units of inspection ${inspectionId} were booked before`;
        throw new DomainError("PARTNER_REFUSED", message, { partner: "inventory", code: "UNIT_BOOKED" });
      }
    },

    /** A hold's order and units; undefined for no hold of ours. */
    find: async (holdId: string): Promise<{ orderId: string; lines: StockLine[] } | undefined> => {
      const [row] = await db.query(find, [holdId]);
      return row && { orderId: row.order_id, lines: row.lines };
    },
  };

  async function keep<R>(request: Asked<R>, answer: R, about: string): Promise<R> {
    const done = await request.answer(keepAnswer, [request.bytes(answer), about]);
    return (done as { answer: R }).answer;
  }
}
