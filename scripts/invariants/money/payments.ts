// What was paid, to whom, once: 1, 5, 6, 8, 10, 11 and 15.
import type { Around, Invariant } from "../invariant.js";

export function paymentInvariants({ of, now }: Around): Invariant[] {
  const [refund, partners, reconciler] = [of("refund"), of("partners"), of("reconciler")];
  /** The tender's key of a journal: a later payment under it carries "#2". */
  const keyOf = (journal: string) => `regexp_replace(${journal}.source, '#\\d+$', '')`;

  return [
    {
      number: 1,
      name: "no payment gives back more than was captured and not charged back",
      look: "the refunds of its order, its provider's statement and the reconciler's breaks; have nothing more asked of that payment until it is known",
      questions: [
        {
          reads: ["refund"],
          sql: `SELECT 'paid and promised' AS what, p.payment_id, sum(t.amount_minor) AS given,
          p.captured_minor - p.charged_back_minor AS cap
        FROM ${refund}.payment p JOIN ${refund}.tender t USING (payment_id)
        WHERE t.state NOT IN ('VOIDED', 'FAILED', 'REVERSED')
        GROUP BY p.payment_id HAVING sum(t.amount_minor) > p.captured_minor - p.charged_back_minor
      UNION ALL SELECT 'the counter forgets tenders', p.payment_id, sum(t.amount_minor), p.refunded_minor
        FROM ${refund}.payment p JOIN ${refund}.tender t USING (payment_id) WHERE t.state <> 'VOIDED'
        GROUP BY p.payment_id HAVING sum(t.amount_minor) > p.refunded_minor`,
        },
        {
          reads: ["partners"],
          sql: `SELECT 'in the provider''s book' AS what, p.payment_id,
          p.charged_back_minor + coalesce((SELECT sum(amount_minor) FROM ${partners}.provider_refund r
            WHERE r.payment_id = p.payment_id AND r.state IN ('PENDING', 'SUCCEEDED') AND NOT r.by_mistake), 0) AS given,
          p.captured_minor
        FROM ${partners}.payment p
        WHERE p.charged_back_minor + coalesce((SELECT sum(amount_minor) FROM ${partners}.provider_refund r
            WHERE r.payment_id = p.payment_id AND r.state IN ('PENDING', 'SUCCEEDED') AND NOT r.by_mistake), 0)
          > p.captured_minor`,
        },
      ],
    },
    {
      number: 5,
      name: "no share of a refund is paid twice",
      look: "both payments at the provider, and the tender's history in the audit trail; have the second one taken back",
      questions: [
        {
          reads: ["refund", "partners"],
          sql: `SELECT 'by the provider' AS what, t.refund_id, t.payment_id, array_agg(p.provider_refund_id) AS payments
        FROM ${partners}.provider_refund p JOIN ${refund}.tender t ON t.provider_key = p.key
        WHERE p.state = 'SUCCEEDED' AND NOT p.by_mistake
        GROUP BY t.refund_id, t.payment_id HAVING count(DISTINCT p.provider_refund_id) > 1
      UNION ALL SELECT 'by the provider and by hand', t.refund_id, t.payment_id, ARRAY[p.provider_refund_id]
        FROM ${partners}.provider_refund p JOIN ${refund}.tender t ON t.provider_key = p.key
        WHERE p.state = 'SUCCEEDED' AND t.state = 'SUCCEEDED' AND t.route = 'MANUAL'`,
        },
      ],
    },
    {
      number: 6,
      name: "a provider key is of one refund, payment and amount, for ever",
      look: "who wrote the tender's key: the audit trail of the refund; ask the provider by both keys, never pay again",
      questions: [
        {
          reads: ["refund"],
          sql: `WITH asked AS (SELECT r.refund_id, t->>'providerKey' AS key, t->>'paymentId' AS payment_id,
          (t->'amount'->>'minor')::bigint AS minor, t->'amount'->>'currency' AS currency
        FROM ${refund}.refund r, jsonb_array_elements(r.tenders) t)
      SELECT 'the refund and its row differ' AS what, coalesce(a.key, t.provider_key) AS key
        FROM asked a FULL JOIN ${refund}.tender t ON t.provider_key = a.key
        WHERE (a.refund_id, a.payment_id, a.minor, a.currency)
          IS DISTINCT FROM (t.refund_id, t.payment_id, t.amount_minor, t.currency)
      UNION ALL SELECT 'two refunds use it', key FROM asked GROUP BY key HAVING count(*) > 1
      UNION ALL SELECT 'two keys for one share', string_agg(provider_key, ' ') FROM ${refund}.tender
        WHERE state <> 'VOIDED' GROUP BY refund_id, payment_id HAVING count(*) > 1`,
        },
        {
          reads: ["refund", "partners"],
          sql: `SELECT 'the provider knows it for something else' AS what, p.key
        FROM ${partners}.provider_refund p JOIN ${refund}.tender t ON t.provider_key = p.key
        WHERE (p.currency, p.amount_minor) <> (t.currency, t.amount_minor)
          OR p.payment_id NOT IN (t.payment_id, '')`,
        },
      ],
    },
    {
      number: 8,
      name: "what the provider has paid, the ledger books, and nothing else; so with what came back",
      look: "npm run operator -- steps list --service refund: an answer that was not booked; the reconciler's breaks say which",
      questions: [
        {
          reads: ["refund", "partners"],
          sql: `WITH ours AS (SELECT ${keyOf("j")} AS key, count(*) FILTER (WHERE j.kind = 'PAY') AS pays,
          count(*) FILTER (WHERE j.kind = 'REVERSE') AS reverses
        FROM ${refund}.ledger_journal j WHERE j.kind IN ('PAY', 'REVERSE') AND EXISTS (
          SELECT FROM ${refund}.ledger_entry e WHERE e.journal_id = j.journal_id AND e.account LIKE 'psp:%') GROUP BY 1),
      theirs AS (SELECT key, count(*) FILTER (WHERE state = 'SUCCEEDED') AS paid,
          count(*) FILTER (WHERE state = 'REVERSED') AS came_back
        FROM ${partners}.provider_refund WHERE NOT by_mistake GROUP BY key)
      SELECT 'payments or reversals differ' AS what, key, t.state, pays, reverses, paid, came_back
        FROM ours FULL JOIN theirs USING (key) LEFT JOIN ${refund}.tender t ON t.provider_key = key
        WHERE (coalesce(pays, 0) - coalesce(reverses, 0), coalesce(reverses, 0)) <> (coalesce(paid, 0), coalesce(came_back, 0))
          -- Whoever does not know the outcome yet has not booked it.
          AND (t.state IN ('REQUESTED', 'PENDING', 'MANUAL_REQUIRED') AND coalesce(pays, 0) = coalesce(reverses, 0))
            IS NOT TRUE
      UNION ALL SELECT 'booked on another payment', t.provider_key, t.state, NULL, NULL, NULL, NULL
        FROM ${refund}.ledger_journal j JOIN ${refund}.tender t ON t.provider_key = ${keyOf("j")}
        JOIN ${refund}.ledger_entry e USING (journal_id)
        WHERE j.kind IN ('PAY', 'REVERSE') AND e.account LIKE 'psp:%' AND e.account <> 'psp:' || t.payment_id`,
        },
      ],
    },
    {
      number: 10,
      name: "every line of the statement is a refund's, or a break that is young or explained",
      look: "the reconciler's open breaks: each has an owner and says what it found",
      questions: [
        {
          reads: ["partners", "refund", "reconciler"],
          sql: `WITH lines AS (SELECT coalesce(nullif(key, ''), line_id) AS key, array_agg(line_id) AS line_ids,
          max(book_time) AS book_time, array_agg(DISTINCT currency) AS currencies,
          sum(CASE kind WHEN 'REVERSAL' THEN -1 ELSE 1 END) AS net,
          sum(CASE kind WHEN 'REVERSAL' THEN -amount_minor ELSE amount_minor END) AS minor
        FROM ${partners}.statement_line WHERE kind <> 'CHARGEBACK' GROUP BY 1)
      SELECT 'no refund explains it, and no break' AS what, l.key, l.minor, l.currencies, t.state
        FROM lines l LEFT JOIN ${refund}.tender t ON t.provider_key = l.key
        WHERE l.book_time < ${now} - interval '1 hour'
          AND (l.net = 0 AND (t.state = 'SUCCEEDED' AND t.route <> 'MANUAL') IS NOT TRUE
            OR l.net = 1 AND l.minor = t.amount_minor AND l.currencies = ARRAY[t.currency] AND t.route <> 'MANUAL'
              AND t.state IN ('SUCCEEDED', 'REQUESTED', 'PENDING')) IS NOT TRUE
          AND NOT EXISTS (SELECT FROM ${reconciler}.break b WHERE (b.reference = l.key OR b.reference = ANY (l.line_ids))
            AND b.state IN ('OPEN', 'EXPLAINED'))`,
        },
        {
          reads: ["reconciler"],
          sql: `SELECT 'a break is open for more than a day' AS what, reference, kind
        FROM ${reconciler}.break WHERE state = 'OPEN' AND find_time < ${now} - interval '24 hours'`,
        },
      ],
    },
    {
      number: 11,
      name: "nothing is asked of a payment that is disputed or charged back, unless two people wanted it",
      look: "the payment's dispute at the provider, and who issued the refund",
      questions: [
        {
          reads: ["refund"],
          sql: `SELECT 'asked for in a dispute' AS what, t.provider_key, t.payment_id, p.dispute_open, p.charged_back_minor
        FROM ${refund}.tender t JOIN ${refund}.payment p USING (payment_id) JOIN ${refund}.refund r USING (refund_id)
        WHERE t.state = 'REQUESTED' AND t.route = 'ORIGINAL'
          AND (p.dispute_open OR t.amount_minor > p.captured_minor - p.charged_back_minor)
          AND (r.granted_by = '' OR r.issued_by IN ('', r.granted_by))`,
        },
      ],
    },
    {
      number: 15,
      name: "points, credit and coupons come back once, and never more than was used",
      look: "the customer's movements of points and credit under the tender's key; coupons by order",
      questions: [
        {
          reads: ["refund", "partners"],
          sql: `SELECT 'more than was used' AS what, m.reference, sum(m.amount_minor)::text AS detail
        FROM ${partners}.movement m JOIN ${partners}.payment p ON p.payment_id = m.reference
        WHERE m.kind = 'RESTORE' GROUP BY m.reference, p.captured_minor HAVING sum(m.amount_minor) > p.captured_minor
      UNION ALL SELECT 'a paid share is not one movement of its amount', t.provider_key, t.amount_minor::text
        FROM ${refund}.tender t LEFT JOIN ${partners}.movement m ON m.key = t.provider_key
        WHERE t.route IN ('POINTS', 'STORE_CREDIT') AND t.state = 'SUCCEEDED'
          AND (m.amount_minor, m.currency) IS DISTINCT FROM (t.amount_minor, t.currency)
      UNION ALL SELECT 'a movement that no refund asked for', m.key, m.kind FROM ${partners}.movement m
        LEFT JOIN ${refund}.tender t ON t.provider_key = m.key
        WHERE m.kind IN ('RESTORE', 'GRANT') AND (t.route IN ('POINTS', 'STORE_CREDIT')) IS NOT TRUE
      UNION ALL SELECT 'a coupon came back twice', coupon_id, string_agg(key, ' ') FROM ${partners}.coupon_return
        WHERE restored GROUP BY coupon_id, order_id HAVING count(*) > 1
      UNION ALL SELECT 'more earned points are taken than were asked for', key, points::text FROM ${partners}.movement
        WHERE kind = 'REVOKE' AND points > asked_points`,
        },
        {
          reads: ["refund"],
          sql: `SELECT 'booked more than once, or not' AS what, t.provider_key AS key, count(j.journal_id)::text AS detail
        FROM ${refund}.tender t LEFT JOIN ${refund}.ledger_journal j
          ON j.kind = 'PAY' AND j.refund_id = t.refund_id AND ${keyOf("j")} = t.provider_key
        WHERE t.route IN ('POINTS', 'STORE_CREDIT') AND t.state = 'SUCCEEDED'
        GROUP BY t.provider_key HAVING count(j.journal_id) <> 1
      UNION ALL SELECT 'a coupon comes back twice', w->>'reference', string_agg(r.refund_id, ' ')
        FROM ${refund}.refund r, jsonb_array_elements(r.twins) w WHERE w->>'kind' = 'COUPON'
        GROUP BY r.order_id, w->>'reference' HAVING count(*) > 1`,
        },
      ],
    },
  ];
}
