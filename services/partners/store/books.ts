// The outside systems' books, summed. Nothing here trusts a counter: sums are made from what was booked.
import type { Database, Statement } from "#kit/postgres.js";
import type { Money } from "#kit/pure/money.js";

/** What the outside systems count. */
export type Books = {
  readonly refunded: readonly { readonly amount: Money; readonly refunds: bigint }[];
  readonly overRefundedPayments: bigint;
  readonly orders: bigint;
  readonly disposed: readonly { readonly disposition: string; readonly units: bigint }[];
};

/** What is paid or on its way, refunds and payouts. */
const refunded: Statement = {
  name: "books.refunded",
  text: `SELECT currency, sum(amount_minor)::bigint AS minor, count(*) AS refunds FROM provider_refund
  WHERE state IN ('PENDING', 'SUCCEEDED') GROUP BY 1 ORDER BY 1`,
};
const over: Statement = {
  name: "books.over",
  text: `SELECT count(*) AS n FROM (
    SELECT payment_id FROM provider_refund r JOIN payment p USING (payment_id) WHERE r.state IN ('PENDING', 'SUCCEEDED')
    GROUP BY payment_id, p.captured_minor HAVING sum(r.amount_minor) > p.captured_minor) AS broken`,
};
const orders: Statement = { name: "books.orders", text: "SELECT count(*) AS n FROM sold_order" };
const disposed: Statement = {
  name: "books.disposed",
  text: "SELECT disposition, sum(quantity)::bigint AS units FROM disposed_line GROUP BY 1 ORDER BY 1",
};

/** Sums the books. */
export async function sumBooks(db: Database): Promise<Books> {
  const [paid, broken, known, stock] = await Promise.all(
    [refunded, over, orders, disposed].map((one) => db.query(one)),
  );
  return {
    refunded: (paid ?? []).map(({ currency, minor, refunds }) => ({ amount: { currency, minor }, refunds })),
    overRefundedPayments: broken?.[0].n,
    orders: known?.[0].n,
    disposed: (stock ?? []) as { disposition: string; units: bigint }[],
  };
}
