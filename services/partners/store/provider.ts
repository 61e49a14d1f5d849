// Moves in the payment provider's own book: refunds that settle, fail or come back, disputes; and the spoiling of that book.
// A move is one statement with its line on the statement and the step that tells the refund service of it.
import { newId } from "#kit/ids.js";
import type { Database, Statement } from "#kit/postgres.js";
import { traceparent } from "#kit/telemetry.js";
import type { DisputeMove, RefundMove } from "../core/provider.js";
import { notProviders } from "./payments.js";
import { idAt, lined } from "./statement.js";

/** What the step "tell" carries: it names the move, so that news that come twice are the same news. */
export type News = { readonly requestId: string; readonly paymentId: string; readonly key: string };

/** The refund or payout that key $1 was used for last. */
const latest = `SELECT provider_refund_id FROM provider_refund WHERE key = $1::text ORDER BY use_number DESC LIMIT 1`;

/** Plans the telling of what `moved` was moved; nothing where the step's id is null. */
const told = (step: number) => `INSERT INTO agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent)
    SELECT $${step}::text, $${step + 1}::text, 'tell', $${step + 2}::timestamptz,
      jsonb_build_object('requestId', $${step + 1}::text, 'paymentId', payment_id, 'key', key), $${step + 3}::text
    FROM moved WHERE $${step}::text IS NOT NULL`;

/** $1 key, $2 from, $3 to, $4 failure, $5 line, $6 its kind if not the refund's own, $7 … the telling, $9 now. */
const moveRefund: Statement = {
  name: "provider.moveRefund",
  text: `WITH moved AS (
    UPDATE provider_refund SET state = $3::text, failure = $4::text
    WHERE provider_refund_id = (${latest}) AND state = $2::text
    RETURNING provider_refund_id, kind, key, payment_id, currency, amount_minor, by_mistake),
  freed AS (
    UPDATE payment SET refunded_minor = refunded_minor - amount_minor FROM moved
    WHERE payment.payment_id = moved.payment_id AND $3::text IN ('FAILED', 'REVERSED') AND NOT by_mistake),
  lined AS (${lined("moved", { id: "$5", kind: "coalesce($6::text, kind)", amount: "amount_minor", now: "$9" })}),
  told AS (${told(7)})
  SELECT key FROM moved`,
};
/** $1 payment, $2 the move, $3 the line, $4 … the telling, $6 now. What is left of the payment is lost with the dispute. */
const moveDispute: Statement = {
  name: "provider.moveDispute",
  text: `WITH held AS (
    SELECT payment_id, CASE $2::text WHEN 'LOSE' THEN captured_minor - refunded_minor - charged_back_minor ELSE 0 END AS lost
    FROM payment WHERE payment_id = $1::text AND dispute_open = ($2::text <> 'OPEN') AND method NOT IN (${notProviders})
    FOR UPDATE),
  moved AS (
    UPDATE payment SET dispute_open = ($2::text = 'OPEN'), charged_back_minor = charged_back_minor + lost FROM held
    WHERE payment.payment_id = held.payment_id RETURNING payment.payment_id, '' AS key, currency, lost),
  lined AS (${lined("moved", { id: "$3", kind: "'CHARGEBACK'", amount: "lost", now: "$6", refund: "''" })}),
  told AS (${told(4)})
  SELECT payment_id FROM moved`,
};
/** $1 key, $2 payment, $3 line, $4 its refund, $5 its key, $6 now. A hundred minor units that nobody asked for. */
const addOrphan: Statement = {
  name: "provider.addOrphan",
  text: `WITH found AS (
    SELECT payment_id, currency, 100::bigint AS amount_minor, $4::text AS provider_refund_id, $5::text AS key
    FROM payment WHERE method NOT IN (${notProviders}) AND payment_id = coalesce(nullif($2::text, ''),
      (SELECT payment_id FROM provider_refund WHERE provider_refund_id = (${latest}))))
  ${lined("found", { id: "$3", kind: "'REFUND'", amount: "amount_minor", now: "$6" })} RETURNING line_id`,
};
/** $1 key, $2 id, $3 line, $4 now. The cap knows nothing of it: it is the provider's own mistake. */
const payTwice: Statement = {
  name: "provider.payTwice",
  text: `WITH again AS (
    INSERT INTO provider_refund (provider_refund_id, key, use_number, live_until, kind, payment_id, account_token, currency,
      amount_minor, create_time, state, failure, by_mistake)
    SELECT $2::text, key || '.again',
      (SELECT count(*) + 1 FROM provider_refund WHERE key = $1::text || '.again'), live_until, kind, payment_id,
      account_token, currency, amount_minor, $4::timestamptz, 'SUCCEEDED', '', true
    FROM provider_refund WHERE provider_refund_id = (${latest})
    RETURNING provider_refund_id, kind, key, payment_id, currency, amount_minor)
  ${lined("again", { id: "$3", kind: "kind", amount: "amount_minor", now: "$4" })} RETURNING line_id`,
};
/** The line of the refund under key $1, not of its reversal. */
const itsLine = `line_id = (SELECT line_id FROM statement_line WHERE provider_refund_id = (${latest})
  AND kind IN ('REFUND', 'PAYOUT') LIMIT 1)`;
const wrongAmount: Statement = {
  name: "provider.wrongAmount",
  text: `UPDATE statement_line SET amount_minor = amount_minor + 1 WHERE ${itsLine} RETURNING line_id`,
};
const wrongCurrency: Statement = {
  name: "provider.wrongCurrency",
  text: `UPDATE statement_line SET currency = CASE currency WHEN 'USD' THEN 'EUR' ELSE 'USD' END
  WHERE ${itsLine} RETURNING line_id`,
};
const dropLine: Statement = {
  name: "provider.dropLine",
  text: `DELETE FROM statement_line WHERE ${itsLine} RETURNING line_id`,
};
/** $1 key. The document may be corrected again by as much. */
const dropCorrection: Statement = {
  name: "provider.dropCorrection",
  text: `WITH gone AS (DELETE FROM correction WHERE key = $1 RETURNING document_number, amount_minor)
  UPDATE tax_document SET corrected_minor = corrected_minor - amount_minor FROM gone
  WHERE tax_document.document_number = gone.document_number RETURNING tax_document.document_number`,
};

/** Opens the moves. Each answers whether there was anything to move. */
export function openProvider(db: Database) {
  const did = async (statement: Statement, values: readonly unknown[]) =>
    (await db.query(statement, values)).length > 0;
  /** The values of `told`. The step stands under the move's own name. */
  const telling = (silently: boolean, now: Date) => [silently ? null : newId("stp"), newId("pmv"), now, traceparent()];

  return {
    moveRefund: (key: string, { from, to, failure, line }: RefundMove, silently: boolean, now: Date) => {
      const lineId = line ? idAt("sln", now) : null;
      const kind = line === "REVERSAL" ? line : null;
      return did(moveRefund, [key, from, to, failure, lineId, kind, ...telling(silently, now)]);
    },
    moveDispute: (paymentId: string, move: DisputeMove, silently: boolean, now: Date) =>
      did(moveDispute, [paymentId, move, idAt("sln", now), ...telling(silently, now)]),

    addOrphan: (key: string, paymentId: string, now: Date) =>
      did(addOrphan, [key, paymentId, idAt("sln", now), newId("prf"), newId("key"), now]),
    payTwice: (key: string, now: Date) => did(payTwice, [key, newId("prf"), idAt("sln", now), now]),
    wrongAmount: (key: string) => did(wrongAmount, [key]),
    wrongCurrency: (key: string) => did(wrongCurrency, [key]),
    dropLine: (key: string) => did(dropLine, [key]),
    dropCorrection: (key: string) => did(dropCorrection, [key]),
  };
}
