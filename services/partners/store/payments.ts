// The payment provider's own book, read.
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Money } from "#kit/pure/money.js";
import { storedValue } from "../core/capabilities.js";
import type { RefundState } from "../core/provider.js";

/** A refund or a payout in the book. */
export type BookedRefund = {
  readonly providerRefundId: string;
  readonly key: string;
  readonly kind: "REFUND" | "PAYOUT";
  /** "" for a payout. */
  readonly paymentId: string;
  readonly accountToken: string;
  readonly amount: Money;
  readonly createTime: Date;
  readonly state: RefundState;
  readonly failure: string;
};

/** A payment as the provider sees it. */
export type BookedPayment = {
  readonly paymentId: string;
  readonly method: string;
  readonly captured: Money;
  readonly refunded: Money;
  readonly chargedBack: Money;
  readonly disputeOpen: boolean;
};

export const refundColumns = `key, use_number, live_until, provider_refund_id, kind, payment_id, account_token, currency,
  amount_minor, create_time, state, failure`;

export const quoted = (methods: readonly string[]) => methods.map((method) => `'${method}'`).join(", ");
/** The methods whose payments the payment provider does not have. */
export const notProviders = quoted(storedValue);

const byKey: Statement = {
  name: "payment.byKey",
  text: `SELECT ${refundColumns} FROM provider_refund WHERE key = $1 ORDER BY use_number DESC LIMIT 1`,
};
/** What is paid, or on its way. */
const paid = "state IN ('PENDING', 'SUCCEEDED')";
const ofOrder: Statement = {
  name: "payment.ofOrder",
  text: `SELECT r.* FROM provider_refund r JOIN payment p USING (payment_id)
  WHERE p.order_id = $1 AND ${paid} ORDER BY provider_refund_id`,
};
const orderOf: Statement = { name: "payment.orderOf", text: "SELECT order_id FROM payment WHERE payment_id = $1" };
const find: Statement = {
  name: "payment.find",
  text: `SELECT method, currency, captured_minor, charged_back_minor, dispute_open,
    (SELECT coalesce(sum(amount_minor), 0)::bigint FROM provider_refund r
      WHERE r.payment_id = payment.payment_id AND ${paid}) AS paid_minor
  FROM payment WHERE payment_id = $1 AND method NOT IN (${notProviders})`,
};

/** Opens the book. */
export function openPayments(db: Database) {
  return {
    /** The refund or payout that a key was used for last. */
    refundOf: async (key: string): Promise<BookedRefund | undefined> => {
      const [row] = await db.query(byKey, [key]);
      return row && toRefund(row);
    },

    /** A payment of the provider's. @throws DomainError PARTNER_NOT_FOUND */
    find: async (paymentId: string): Promise<BookedPayment> => {
      const [row] = await db.query(find, [paymentId]);
      if (!row) throw unknown(paymentId, `no payment ${paymentId}`);
      const { method, currency, dispute_open: disputeOpen } = row;
      const money = (minor: bigint): Money => ({ minor, currency });
      return {
        paymentId,
        method,
        captured: money(row.captured_minor),
        refunded: money(row.paid_minor),
        chargedBack: money(row.charged_back_minor),
        disputeOpen,
      };
    },

    /** What is paid or on its way, in the order it was made. */
    refundsOf: async (orderId: string): Promise<BookedRefund[]> => (await db.query(ofOrder, [orderId])).map(toRefund),

    /** The order that a payment belongs to; undefined for no payment of ours. */
    orderOf: async (paymentId: string): Promise<string | undefined> =>
      (await db.query(orderOf, [paymentId]))[0]?.order_id,
  };
}

export function unknown(id: string, message: string): DomainError {
  return new DomainError("PARTNER_NOT_FOUND", message, { partner: "payment", id });
}

// biome-ignore lint/suspicious/noExplicitAny: shaped by statements that select refundColumns
export function toRefund(row: any): BookedRefund {
  return {
    providerRefundId: row.provider_refund_id,
    key: row.key,
    kind: row.kind,
    paymentId: row.payment_id,
    accountToken: row.account_token,
    amount: { minor: row.amount_minor, currency: row.currency },
    createTime: row.create_time,
    state: row.state,
    failure: row.failure,
  };
}
