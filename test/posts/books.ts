// Whether anything was given out that is not there: the services' books held against the sandbox's, which knows what was
// sold, captured, shelved and booked.
import type pg from "pg";
import type { Schemas } from "../../scripts/invariants/invariant.js";

/** What would be too much; each finds nothing. */
function queries(of: Schemas): Readonly<Record<string, string>> {
  const [resolution, collection, inspection, sandbox] = [
    of("resolution"),
    of("collection"),
    of("inspection"),
    of("partners"),
  ];
  const units = (lines: string) => `(SELECT sum((line->>'quantity')::int) FROM jsonb_array_elements(${lines}) line)`;
  const bought = `(SELECT order_id, sum(purchased) AS units, sum(held) AS held FROM ${resolution}.order_line GROUP BY 1)`;
  // Of what staff said that it need not be put back, they said so.
  const notSkipped = `NOT EXISTS (SELECT FROM ${resolution}.timeline t JOIN ${resolution}.resolution r USING (resolution_id)
    WHERE r.order_id = h.order_id AND t.name = 'StepSkipped')`;
  return {
    "more units in requests than were bought": `SELECT order_id, line_id, held, purchased FROM ${resolution}.order_line
      WHERE held > purchased OR held < 0`,
    "more money back than was captured": `SELECT payment_id, refunded_minor, captured_minor FROM ${sandbox}.payment
      WHERE refunded_minor + charged_back_minor > captured_minor`,
    "one share paid twice": `SELECT key, count(*) FROM ${sandbox}.provider_refund WHERE state <> 'FAILED' AND NOT by_mistake
      GROUP BY key HAVING count(*) > 1`,
    "more taken from the shelf than was on it": `SELECT sku, on_shelf FROM ${sandbox}.product WHERE on_shelf < 0`,
    "more set aside than is asked for": `SELECT h.order_id, sum(${units("h.lines")}) FROM ${sandbox}.stock_hold h
      LEFT JOIN ${bought} b USING (order_id) WHERE h.state = 'HELD' AND ${notSkipped}
      GROUP BY h.order_id, b.held HAVING sum(${units("h.lines")}) > coalesce(b.held, 0)`,
    // Where there is no collection, it is the order's own parcel that comes back.
    "more drivers or parcels than the collections have": `SELECT p.resolution_id, p.booked, c.wanted
      FROM (SELECT resolution_id, count(*) AS booked FROM ${sandbox}.parcel WHERE state <> 'CANCELED' GROUP BY 1) p
      LEFT JOIN (SELECT resolution_id,
          sum(CASE state WHEN 'CANCELED' THEN 0 ELSE coalesce(jsonb_array_length(parcels), 1) END) AS wanted
        FROM ${collection}.collection GROUP BY 1) c USING (resolution_id)
      WHERE p.booked > coalesce(c.wanted, 1)`,
    "more goods put to stock than came back": `SELECT d.inspection_id, sum(d.quantity) FROM ${sandbox}.disposed_line d
      JOIN ${inspection}.inspection i USING (inspection_id) LEFT JOIN ${bought} b ON b.order_id = i.order_id
      GROUP BY d.inspection_id, b.units HAVING sum(d.quantity) > coalesce(b.units, 0)`,
    "more goods sent back than came": `SELECT s.inspection_id, sum(${units("s.lines")}) FROM ${sandbox}.sent_back s
      LEFT JOIN ${bought} b ON b.order_id = s.order_id
      GROUP BY s.inspection_id, b.units HAVING sum(${units("s.lines")}) > coalesce(b.units, 0)`,
    "more taken off a tax document than it says": `SELECT document_number FROM ${sandbox}.tax_document
      WHERE corrected_minor > paid_minor`,
    "more tickets than were opened": `SELECT t.resolution_id, count(*) FROM ${sandbox}.ticket t GROUP BY 1
      HAVING count(*) > (SELECT count(*) FROM ${resolution}.ticket o WHERE o.resolution_id = t.resolution_id)`,
    "one difference asked for twice": `SELECT order_id FROM ${sandbox}.demand WHERE state = 'OPEN' GROUP BY 1 HAVING count(*) > 1`,
    "one guarantee set aside twice": `SELECT order_id FROM ${sandbox}.card_authorization WHERE state = 'AUTHORIZED'
      GROUP BY 1 HAVING count(*) > 1`,
  };
}

/** What is too much by now, and what shows it. */
export async function overdrawn(
  db: pg.Client,
  of: Schemas,
): Promise<readonly (readonly [what: string, row: object])[]> {
  const all = Object.entries(queries(of));
  const parts = all.map(
    ([what, sql]) => `SELECT ${db.escapeLiteral(what)} AS what, to_jsonb(t) AS row FROM (${sql}) t`,
  );
  const { rows } = await db.query<{ what: string; row: object }>(parts.join("\nUNION ALL "));
  return rows.map(({ what, row }) => [what, row]);
}
