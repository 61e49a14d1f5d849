// The payment provider's own book. One statement pays back: the key is looked up, the cap is a CHECK, the refund is
// booked, or nothing of it.

import { newId } from "#kit/ids.js";
import type { Database, Statement } from "#kit/postgres.js";
import { violated } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Money } from "#kit/pure/money.js";

/** A refund in the book. */
export type BookedRefund = {
  readonly providerRefundId: string;
  readonly key: string;
  readonly paymentId: string;
  readonly amount: Money;
  readonly createTime: Date;
};

const columns = `key, provider_refund_id, payment_id, currency, amount_minor, create_time`;

const payBack: Statement = {
  name: "payment.payBack",
  text: `WITH before AS (SELECT ${columns} FROM provider_refund WHERE key = $1::text),
  change AS (
    UPDATE payment SET refunded_minor = refunded_minor + $4::bigint
    WHERE payment_id = $2::text AND currency = $3::text AND NOT EXISTS (SELECT FROM before) RETURNING payment_id),
  booked AS (
    INSERT INTO provider_refund (${columns})
    SELECT $1::text, $5::text, payment_id, $3::text, $4::bigint, $6::timestamptz FROM change RETURNING ${columns})
  SELECT ${columns} FROM before UNION ALL SELECT ${columns} FROM booked`,
};
const byKey: Statement = { name: "payment.byKey", text: `SELECT ${columns} FROM provider_refund WHERE key = $1` };
const ofOrder: Statement = {
  name: "payment.ofOrder",
  text: `SELECT r.* FROM provider_refund r JOIN payment p USING (payment_id) WHERE p.order_id = $1 ORDER BY provider_refund_id`,
};
const find: Statement = {
  name: "payment.find",
  text: "SELECT order_id, currency, captured_minor - refunded_minor AS left_minor FROM payment WHERE payment_id = $1",
};

/** Opens the book. */
export function openPayments(db: Database) {
  async function refundOf(key: string): Promise<BookedRefund | undefined> {
    const [row] = await db.query(byKey, [key]);
    return row && toRefund(row);
  }

  /** Why nothing was paid back. */
  async function refusal(paymentId: string, { minor, currency }: Money): Promise<DomainError> {
    const [payment] = await db.query(find, [paymentId]);
    if (!payment)
      return new DomainError("PARTNER_NOT_FOUND", `no payment ${paymentId}`, { partner: "payment", id: paymentId });
    if (payment.currency !== currency) {
      const metadata = { currency, expected: payment.currency };
      return new DomainError(
        "CURRENCY_MISMATCH",
        `payment ${paymentId} is in ${payment.currency}, not ${currency}`,
        metadata,
      );
    }
    const metadata = { payment_id: paymentId, requested: String(minor), left: String(payment.left_minor) };
    return new DomainError(
      "REFUND_EXCEEDS_CAPTURED",
      `${payment.left_minor} is left of ${paymentId}, not ${minor}`,
      metadata,
    );
  }

  return {
    refundOf,

    /**
     * Pays back once per key; a key that was used before gives its first answer.
     * @throws DomainError PARTNER_NOT_FOUND, CURRENCY_MISMATCH, REFUND_EXCEEDS_CAPTURED, REQUEST_ID_REUSED
     */
    payBack: async (key: string, paymentId: string, amount: Money, now: Date): Promise<BookedRefund> => {
      let refund: BookedRefund | undefined;
      try {
        const [row] = await db.query(payBack, [key, paymentId, amount.currency, amount.minor, newId("prf"), now]);
        refund = row && toRefund(row);
      } catch (error) {
        const broken = violated(error);
        if (broken !== "payment_cap_check" && broken !== "provider_refund_pkey") throw error;
        // Somebody used the key while we tried; or the cap holds.
        refund = await refundOf(key);
      }
      if (!refund) throw await refusal(paymentId, amount);
      const { currency, minor } = refund.amount;
      if (refund.paymentId === paymentId && currency === amount.currency && minor === amount.minor) return refund;
      throw new DomainError("REQUEST_ID_REUSED", `key "${key}" was first used for another refund`, { request_id: key });
    },

    /** In the order they were made. */
    refundsOf: async (orderId: string): Promise<BookedRefund[]> => (await db.query(ofOrder, [orderId])).map(toRefund),

    /** The order that a payment belongs to; undefined for no payment of ours. */
    orderOf: async (paymentId: string): Promise<string | undefined> => (await db.query(find, [paymentId]))[0]?.order_id,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: shaped by the statements above
function toRefund(row: any): BookedRefund {
  return {
    providerRefundId: row.provider_refund_id,
    key: row.key,
    paymentId: row.payment_id,
    amount: { minor: row.amount_minor, currency: row.currency },
    createTime: row.create_time,
  };
}
