// Money against goods: 12 and 13. What was agreed stands in the resolution, what came in the inspection.
import type { Around, Invariant } from "../invariant.js";

export function goodsInvariants({ of, limits }: Around): Invariant[] {
  const [refund, resolution, inspection] = [of("refund"), of("resolution"), of("inspection")];
  const values = Object.entries(limits).map(([market, minor]) => `('${market}', ${minor})`);
  /** Refunds of goods that are to come back, with the word of the policy. Nothing is waited for that never left, or is lost. */
  const returns = `SELECT r.refund_id, r.customer_id, r.market, r.state, r.amount_minor, r.create_time, v.state AS case_state,
      v.terms->>'trigger' AS trigger, (v.terms->>'inspection')::boolean AS inspects, i.state AS goods, i.receive_time,
      i.complete_time, i.findings,
      (v.chart->'context'->>'stopped')::boolean IS TRUE OR (v.chart->'context'->>'lost')::boolean IS TRUE
        OR (v.chart->'context'->>'guaranteeDue')::boolean IS TRUE AS excused
    FROM ${refund}.refund r JOIN ${resolution}.resolution v USING (resolution_id)
    LEFT JOIN ${inspection}.inspection i USING (resolution_id)
    WHERE r.amount_minor > 0 AND (v.terms->>'collection')::boolean`;

  return [
    {
      number: 12,
      name: "money goes before the goods only where the policy says so, and within the customer's limit",
      look: "the resolution's terms and the customer's other open returns: services/eligibility/policies",
      questions: [
        {
          reads: ["refund", "resolution", "inspection"],
          sql: `WITH returns AS (${returns})
      SELECT 'refunded before receipt' AS what, refund_id AS id, trigger AS detail FROM returns
        WHERE (receive_time IS NULL OR receive_time > create_time) AND NOT excused
          AND trigger NOT IN ('ON_APPROVAL', 'ON_PICKUP_SCAN')
      UNION ALL SELECT 'more than the limit is out', customer_id, sum(amount_minor)::text
        FROM returns JOIN (VALUES ${values.join(", ")}) AS limits(market, most) USING (market)
        WHERE receive_time IS NULL AND NOT excused AND goods = 'EXPECTED' AND case_state = 'OPEN'
          AND state NOT IN ('VOIDED', 'FAILED')
        GROUP BY customer_id, market, most HAVING sum(amount_minor) > most`,
        },
      ],
    },
    {
      number: 13,
      name: "where the goods decide, they are judged first, and what was accepted is what is paid",
      look: "the inspection's findings and the refund's items side by side; late disputes",
      questions: [
        {
          reads: ["refund", "resolution", "inspection"],
          sql: `WITH decided AS (SELECT * FROM (${returns}) r
        WHERE r.trigger IN ('ON_INSPECTION', 'ON_DEADLINE') AND r.inspects AND NOT r.excused)
      SELECT 'paid before it was judged' AS what, refund_id, NULL AS line_id, NULL AS accepted, NULL AS paid
        FROM decided WHERE complete_time IS NULL OR create_time < complete_time
      UNION ALL SELECT 'not what was accepted', d.refund_id, line.line_id, line.accepted, line.paid
        FROM decided d CROSS JOIN LATERAL (
          SELECT line_id, coalesce(f.units, 0) AS accepted, coalesce(i.units, 0) AS paid
          FROM (SELECT finding->>'lineId' AS line_id, sum((finding->>'quantity')::int) AS units
            FROM jsonb_array_elements(d.findings) finding WHERE finding->>'verdict' = 'ACCEPTED' GROUP BY 1) f
          FULL JOIN (SELECT line_id, sum(quantity) AS units FROM ${refund}.refund_item
            WHERE refund_id = d.refund_id AND line_id <> '~shipping' GROUP BY 1) i USING (line_id)) line
        WHERE d.complete_time <= d.create_time AND line.accepted <> line.paid`,
        },
      ],
    },
  ];
}
