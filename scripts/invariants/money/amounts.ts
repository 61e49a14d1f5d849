// What a refund amounts to, down to the minor unit: 2, 3, 4, 7, 9 and 14.
import type { Around, Invariant } from "../invariant.js";

/** The largest amount that every JSON reader keeps exactly. */
const most = Number.MAX_SAFE_INTEGER;

export function amountInvariants({ of }: Around): Invariant[] {
  const [refund, resolution, partners] = [of("refund"), of("resolution"), of("partners")];
  const total = (list: string) =>
    `(SELECT coalesce(sum((part->'amount'->>'minor')::bigint), 0) FROM jsonb_array_elements(r.quote->'${list}') part)`;

  return [
    {
      number: 2,
      name: "no unit is refunded that was not bought, twice, or beyond what was accepted",
      look: "the refund's items against the order's lines and the inspection's findings: services/refund/core/quote.ts",
      questions: [
        {
          reads: ["refund", "resolution"],
          sql: `SELECT 'more units than were bought, or the counter is wrong' AS what, l.order_id, l.line_id,
          l.refunded_units AS counted, coalesce(sum(i.quantity), 0) AS refunded
        FROM ${refund}.refund_line l LEFT JOIN ${refund}.refund_item i USING (order_id, line_id)
        GROUP BY l.order_id, l.line_id
        HAVING coalesce(sum(i.quantity), 0) <> l.refunded_units OR l.refunded_units > l.purchased
      UNION ALL SELECT 'not counted', order_id, line_id, 0, sum(quantity) FROM ${refund}.refund_item i
        WHERE NOT EXISTS (SELECT FROM ${refund}.refund_line l WHERE (l.order_id, l.line_id) = (i.order_id, i.line_id))
        GROUP BY order_id, line_id
      UNION ALL SELECT 'the same unit twice', a.order_id, a.line_id, b.from_unit, a.from_unit + a.quantity
        FROM ${refund}.refund_item a JOIN ${refund}.refund_item b USING (order_id, line_id)
        WHERE b.from_unit > a.from_unit AND b.from_unit < a.from_unit + a.quantity
      UNION ALL SELECT 'more than was asked back, or more than was accepted and nobody recovers it', r.refund_id,
          i.line_id, v.accepted, i.quantity
        FROM ${refund}.refund r
        JOIN (SELECT refund_id, line_id, sum(quantity) AS quantity FROM ${refund}.refund_item GROUP BY 1, 2) i
          USING (refund_id)
        JOIN (SELECT resolution_id, line->>'lineId' AS line_id, sum((line->>'quantity')::int) AS asked,
            sum((line->>'accepted')::int) AS accepted,
            sum((line->>'accepted')::int + (line->>'rejected')::int + (line->>'missing')::int) AS judged
          FROM ${resolution}.resolution, jsonb_array_elements(lines) line GROUP BY 1, 2) v
          USING (resolution_id, line_id)
        WHERE i.quantity > v.asked OR v.judged > 0 AND i.quantity > v.accepted AND r.recovery IS NULL`,
        },
      ],
    },
    {
      number: 3,
      name: "a line brings what was paid for it, to the last minor unit, and never more",
      look: "refund_line and refund_item of the line: what each refund took of it, in their order",
      questions: [
        {
          reads: ["refund"],
          sql: `SELECT l.order_id, l.line_id, l.paid_minor AS paid, l.refunded_minor AS counted,
          coalesce(sum(i.amount_minor), 0) AS refunded
        FROM ${refund}.refund_line l LEFT JOIN ${refund}.refund_item i USING (order_id, line_id)
        GROUP BY l.order_id, l.line_id
        HAVING coalesce(sum(i.amount_minor), 0) <> l.refunded_minor OR l.refunded_minor > l.paid_minor
          OR l.refunded_units = l.purchased AND l.refunded_minor <> l.paid_minor`,
        },
      ],
    },
    {
      number: 4,
      name: "a refund is the sum of its lines, and of its shares; no share is more than was paid that way",
      look: "the refund's quote against its items and tenders: services/refund/core/tenders.ts",
      questions: [
        {
          reads: ["refund"],
          sql: `SELECT 'its lines' AS what, r.refund_id, ${total("items")} AS quoted, coalesce(i.minor, 0) AS found
        FROM ${refund}.refund r LEFT JOIN (SELECT refund_id, sum(amount_minor) AS minor FROM ${refund}.refund_item
          GROUP BY refund_id) i USING (refund_id)
        WHERE coalesce(i.minor, 0) <> ${total("items")}
      UNION ALL SELECT 'its shares', r.refund_id, r.amount_minor, coalesce(t.minor, 0)
        FROM ${refund}.refund r LEFT JOIN (SELECT refund_id, sum(amount_minor) AS minor FROM ${refund}.tender t
          WHERE payment_id <> 'interest' AND (state <> 'VOIDED' OR EXISTS (SELECT FROM ${refund}.ledger_journal j
            WHERE j.refund_id = t.refund_id AND j.kind IN ('VOID', 'CHARGEBACK') AND j.source = t.provider_key))
          GROUP BY refund_id) t USING (refund_id)
        WHERE coalesce(t.minor, 0) <> r.amount_minor
      UNION ALL SELECT 'its interest', r.refund_id, (r.interest->'amount'->>'minor')::bigint, t.amount_minor
        FROM ${refund}.refund r JOIN ${refund}.tender t USING (refund_id)
        WHERE t.payment_id = 'interest' AND t.amount_minor IS DISTINCT FROM (r.interest->'amount'->>'minor')::bigint
      UNION ALL SELECT 'a share of a payment', t.refund_id, p.captured_minor, t.amount_minor
        FROM ${refund}.tender t JOIN ${refund}.payment p USING (payment_id) WHERE t.amount_minor > p.captured_minor`,
        },
      ],
    },
    {
      number: 7,
      name: "every journal balances, and no booking is ever changed",
      look: "who writes to the ledger past its triggers: the database's own log; what is wrong is booked against, never changed",
      questions: [
        {
          reads: ["refund"],
          sql: `SELECT 'does not sum to zero' AS what, journal_id AS id, currency AS detail FROM ${refund}.ledger_entry
        GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0
      UNION ALL SELECT 'is empty', j.journal_id, j.kind FROM ${refund}.ledger_journal j
        WHERE NOT EXISTS (SELECT FROM ${refund}.ledger_entry e WHERE e.journal_id = j.journal_id)
      UNION ALL SELECT 'is of another refund than its journal', e.entry_id, e.journal_id
        FROM ${refund}.ledger_entry e JOIN ${refund}.ledger_journal j USING (journal_id) WHERE e.refund_id <> j.refund_id
      UNION ALL SELECT 'the guard is off', g.guard, g.guarded
        FROM (VALUES ('ledger_entry', 'ledger_balanced'), ('ledger_entry', 'ledger_immutable'),
          ('ledger_journal', 'ledger_journal_immutable')) AS g(guarded, guard)
        LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass('${refund}.' || g.guarded) AND t.tgname = g.guard
          AND t.tgenabled IN ('O', 'A') WHERE t.oid IS NULL
      UNION ALL SELECT 'rows were changed or deleted', relname, (n_tup_upd + n_tup_del)::text FROM pg_stat_all_tables
        WHERE schemaname = '${refund}' AND relname IN ('ledger_entry', 'ledger_journal') AND n_tup_upd + n_tup_del > 0`,
        },
      ],
    },
    {
      number: 9,
      name: "amounts are above zero, exact in any reader, and in the currency of what was paid",
      look: "the order as the order system told it, and the market's currency",
      questions: [
        {
          reads: ["refund"],
          sql: `SELECT 'a share is not in its payment''s currency' AS what, t.provider_key AS id, t.currency AS detail
        FROM ${refund}.tender t LEFT JOIN ${refund}.payment p USING (payment_id) JOIN ${refund}.refund r USING (refund_id)
        WHERE t.currency <> r.currency OR t.currency <> p.currency
      UNION ALL SELECT 'a booking is not in its refund''s currency', e.entry_id, e.currency
        FROM ${refund}.ledger_entry e JOIN ${refund}.refund r USING (refund_id) WHERE e.currency <> r.currency
      UNION ALL SELECT 'not above zero, or too large', t.provider_key, t.amount_minor::text FROM ${refund}.tender t
        WHERE t.amount_minor NOT BETWEEN 1 AND ${most}
      UNION ALL SELECT 'below zero, or too large', r.refund_id, r.amount_minor::text FROM ${refund}.refund r
        WHERE r.amount_minor NOT BETWEEN 0 AND ${most}
      UNION ALL SELECT 'nothing, or too large', e.entry_id, e.amount_minor::text FROM ${refund}.ledger_entry e
        WHERE e.amount_minor = 0 OR abs(e.amount_minor) > ${most}
      UNION ALL SELECT 'no currency', r.refund_id, r.currency FROM ${refund}.refund r WHERE r.currency !~ '^[A-Z]{3}$'`,
        },
        {
          reads: ["partners"],
          sql: `SELECT 'the provider paid in another currency' AS what, p.provider_refund_id, p.currency
        FROM ${partners}.provider_refund p JOIN ${partners}.payment c USING (payment_id) WHERE p.currency <> c.currency`,
        },
      ],
    },
    {
      number: 14,
      name: "what is kept back is between nothing and everything, and what is paid is the rest",
      look: "the refund's quote: items, adjustments and fees, and the sum that was paid",
      questions: [
        {
          reads: ["refund"],
          sql: `SELECT q.* FROM (SELECT r.refund_id, r.amount_minor AS paid, ${total("fees")} AS kept,
          CASE r.origin WHEN 'GOODWILL' THEN (r.quote->'amount'->>'minor')::bigint ELSE ${total("items")} END
            + ${total("adjustments")} AS gross,
          EXISTS (SELECT FROM jsonb_array_elements(r.quote->'fees') fee WHERE (fee->'amount'->>'minor')::bigint < 0)
            AS negative
        FROM ${refund}.refund r) q
        WHERE q.negative OR q.kept > q.gross OR q.paid <> q.gross - q.kept OR q.paid < 0`,
        },
      ],
    },
  ];
}
