// Units of goods: 21 to 25. None is in two places, each is accounted for, and the law's times are kept.
import { type Around, type Invariant, quoted } from "../invariant.js";
import { scanned } from "./words.js";

/** Methods by which a driver comes. */
const fetched = ["PICKUP_CONTACTLESS", "PICKUP_IN_PERSON", "SWAP_AT_DOOR"];
/** Whose failed attempts count: as agreed with the market's policy. */
const notTheCustomers = ["LOGISTICS", "PLATFORM", "GENERAL"];

/** What was paid for before anybody looked stays held, whatever was found: no unit is refunded twice. */
const paidLast = "NOT coalesce((r.chart->'context'->>'refundedEarly')::boolean, false)";

export function unitInvariants({ of, now, grace }: Around): Invariant[] {
  const [res, collection, inspection, partners] = [
    of("resolution"),
    of("collection"),
    of("inspection"),
    of("partners"),
  ];

  return [
    {
      number: 21,
      name: "no unit is in two requests",
      look: "the resolutions of the order: two of them hold the same units, or one that ended has not let go",
      questions: [
        {
          reads: ["resolution"],
          sql: `SELECT 'held twice, or never let go' AS what, l.order_id, l.line_id, l.held, l.purchased, s.held AS found
        FROM ${res}.order_line l LEFT JOIN (
          SELECT r.order_id, coalesce(line->>'heldAs', line->>'lineId') AS line_id,
            sum((line->>'quantity')::int - CASE WHEN r.state = 'CLOSED' AND ${paidLast} THEN (line->>'rejected')::int ELSE 0 END) AS held
          FROM ${res}.resolution r, jsonb_array_elements(r.lines) line
          WHERE r.state IN ('PENDING_REVIEW', 'OPEN', 'CLOSED') GROUP BY 1, 2) s USING (order_id, line_id)
        WHERE l.held <> coalesce(s.held, 0) OR l.held > l.purchased`,
        },
      ],
    },
    {
      number: 22,
      name: "a unit is stopped or shipped, never both",
      look: "the warehouse's answer to StopRelease, and what left: the order's shipments",
      questions: [
        {
          reads: ["partners"],
          sql: `SELECT 'more is held back than was sold' AS what, order_id, line_id, sum(units) AS units, min(purchased) AS sold
        FROM (SELECT order_id, line_id, purchased, stopped AS units FROM ${partners}.stopped_units
          UNION ALL SELECT order_id, line_id, purchased, intercepted FROM ${partners}.intercepted_units) u
        GROUP BY order_id, line_id HAVING sum(units) > min(purchased)`,
        },
        {
          reads: ["resolution", "partners"],
          sql: `SELECT 'refunded as stopped, and the warehouse let it go' AS what, s.order_id, s.line_id, s.units, u.stopped
        FROM (SELECT r.order_id, line->>'lineId' AS line_id, sum((line->>'quantity')::int) AS units
          FROM ${res}.resolution r, jsonb_array_elements(r.lines) line
          WHERE r.goods = 'STOPPED' AND line->>'heldAs' IS NULL GROUP BY 1, 2) s
        LEFT JOIN ${partners}.stopped_units u USING (order_id, line_id) WHERE s.units > coalesce(u.stopped, 0)`,
        },
        {
          reads: ["partners"],
          sql: `SELECT 'a hold that left twice, or while it was let go' AS what, p.hold_id, h.state, count(*) AS shipments
        FROM ${partners}.replacement p LEFT JOIN ${partners}.stock_hold h USING (hold_id)
        GROUP BY p.hold_id, h.state HAVING count(*) > 1 OR h.state IS DISTINCT FROM 'SHIPPED'`,
        },
        {
          reads: ["resolution", "partners"],
          sql: `SELECT 'the replacement is said to have left, and did not' AS what, r.resolution_id, r.stock, r.stock_hold_id
        FROM ${res}.resolution r WHERE r.stock = 'FULFILLED' AND NOT EXISTS (
          SELECT FROM ${partners}.replacement p WHERE p.hold_id = r.stock_hold_id)
      UNION ALL SELECT 'the replacement left, and it is said to be let go', r.resolution_id, r.stock, r.stock_hold_id
        FROM ${res}.resolution r JOIN ${partners}.replacement p ON p.hold_id = r.stock_hold_id
        WHERE r.stock IN ('RELEASED', 'SOLD_OUT')`,
        },
        {
          reads: ["resolution", "partners"],
          sql: `SELECT 'set aside on a card for what has ended' AS what, a.authorization_id, a.order_id
        FROM ${partners}.card_authorization a LEFT JOIN ${res}.resolution r
          ON r.exchange->'guarantee'->>'authorizationId' = a.authorization_id AND r.state = 'OPEN'
        WHERE a.state = 'AUTHORIZED' AND r.resolution_id IS NULL`,
        },
      ],
    },
    {
      number: 23,
      name: "what was expected is accepted, rejected or missing, unit by unit",
      look: "the inspection's findings, and the resolution's lines; disputes decided since",
      questions: [
        {
          reads: ["inspection"],
          sql: `SELECT 'expected is not accepted, rejected and missing' AS what, i.inspection_id, line.*
        FROM ${inspection}.inspection i, LATERAL (
          SELECT line_id, coalesce(e.units, 0) AS expected, coalesce(f.units, 0) AS judged
          FROM (SELECT it->>'lineId' AS line_id, sum((it->>'quantity')::int) AS units
            FROM jsonb_array_elements(i.expected) it GROUP BY 1) e
          FULL JOIN (SELECT it->>'lineId' AS line_id, sum((it->>'quantity')::int) AS units
            FROM jsonb_array_elements(i.findings) it WHERE it->>'verdict' IN ('ACCEPTED', 'REJECTED', 'MISSING')
            GROUP BY 1) f USING (line_id)) line
        WHERE i.state = 'INSPECTED' AND line.expected <> line.judged`,
        },
        {
          reads: ["inspection"],
          sql: `SELECT 'judged, and never received' AS what, inspection_id, state, receive_time, complete_time
        FROM ${inspection}.inspection WHERE state IN ('REGISTERED', 'INSPECTED') AND receive_time IS NULL
          OR (state = 'INSPECTED') <> (complete_time IS NOT NULL)`,
        },
        {
          reads: ["resolution", "inspection"],
          sql: `SELECT 'counted otherwise than it was judged' AS what, r.resolution_id, line->>'lineId' AS line_id, f.accepted, f.rejected
        FROM ${res}.resolution r JOIN ${inspection}.inspection i USING (inspection_id)
          CROSS JOIN jsonb_array_elements(r.lines) line
          CROSS JOIN LATERAL (
            SELECT coalesce(sum((it->>'quantity')::int) FILTER (WHERE it->>'verdict' = 'ACCEPTED'), 0) AS accepted,
              coalesce(sum((it->>'quantity')::int) FILTER (WHERE it->>'verdict' = 'REJECTED'), 0) AS rejected
            FROM jsonb_array_elements(i.findings) it WHERE it->>'lineId' = line->>'lineId') f
        WHERE r.goods = 'INSPECTED' AND i.state = 'INSPECTED' AND i.disputes = '[]'
          AND ((line->>'accepted')::int, (line->>'rejected')::int) <> (f.accepted, f.rejected)`,
        },
        {
          reads: ["partners"],
          sql: `SELECT 'a unit is put to stock twice' AS what, a.inspection_id, a.line_id, b.first FROM ${partners}.disposed_units a
        JOIN ${partners}.disposed_units b USING (inspection_id, line_id)
        WHERE b.first > a.first AND b.first < a.first + a.quantity`,
        },
      ],
    },
    {
      number: 24,
      name: "one driver at most is on the way for a request, as often as agreed, and no failed visit is the end of it",
      look: "the resolution's collections, their attempts, and npm run operator -- steps list --service collection",
      underWay: true,
      questions: [
        {
          reads: ["collection"],
          sql: `SELECT 'two live pick-ups' AS what, resolution_id AS id, array_agg(collection_id)::text AS detail
        FROM ${collection}.collection
        WHERE resolution_id <> '' AND state NOT IN (${quoted([...scanned, "DIRECTION_FAILED", "CANCELED"])})
        GROUP BY resolution_id HAVING count(*) > 1
      UNION ALL SELECT 'more failed attempts than agreed', c.collection_id, a.failed::text FROM ${collection}.collection c,
          LATERAL (SELECT count(*) AS failed FROM jsonb_array_elements(c.attempts) it WHERE it->>'outcome' = 'FAILED'
            AND coalesce(it->>'fault', 'GENERAL') IN (${quoted(notTheCustomers)})) a
        WHERE a.failed > c.max_attempts
      UNION ALL SELECT 'attempts are not numbered through', c.collection_id, a.numbers::text FROM ${collection}.collection c,
          LATERAL (SELECT array_agg((it->>'number')::int ORDER BY at) AS numbers, count(*)::int AS attempts
            FROM jsonb_array_elements(c.attempts) WITH ORDINALITY AS listed(it, at)) a
        WHERE a.numbers <> ARRAY(SELECT generate_series(1, a.attempts))
      UNION ALL SELECT 'a failed visit, and nobody looks after it', c.collection_id, c.state FROM ${collection}.collection c
        WHERE c.state = 'ATTEMPT_FAILED' AND c.method IN (${quoted(fetched)}) AND c.presume_lost_time IS NULL
          AND NOT EXISTS (SELECT FROM ${collection}.agenda a WHERE a.aggregate_id = c.collection_id)
      UNION ALL SELECT 'places are counted wrong, or more are taken than there are', slot_id, taken || ' of ' || capacity
        FROM ${collection}.slot_ledger l LEFT JOIN (SELECT market, area, slot_id, carrier, count(*) AS places
          FROM ${collection}.slot_place GROUP BY 1, 2, 3, 4) p USING (market, area, slot_id, carrier)
        WHERE taken > capacity OR taken <> coalesce(places, 0)`,
        },
      ],
    },
    {
      number: 25,
      name: "the law's time to refund or to collect has not passed without a person being called",
      look: "the resolution's deadlines and its attention: pay it, and say why it was late",
      underWay: true,
      questions: [
        {
          reads: ["resolution"],
          sql: `SELECT 'the time to refund has passed' AS what, r.resolution_id, r.market, d->>'due' AS due, d->>'article' AS article
        FROM ${res}.resolution r, jsonb_array_elements(r.deadlines) d
        WHERE r.state = 'OPEN' AND r.money IN ('WAITING', 'REFUNDING') AND NOT r.on_hold AND d->>'step' = 'statutory-refund'
          AND (d->>'due')::timestamptz < ${now} - ${grace}
      UNION ALL SELECT 'the time to collect has passed', r.resolution_id, r.market, d->>'due', d->>'article'
        FROM ${res}.resolution r, jsonb_array_elements(r.deadlines) d
        WHERE r.state = 'OPEN' AND r.goods = 'COLLECTING' AND NOT r.on_hold AND d->>'step' = 'statutory-collection'
          AND (d->>'due')::timestamptz < ${now} - ${grace}`,
        },
      ],
    },
  ];
}
