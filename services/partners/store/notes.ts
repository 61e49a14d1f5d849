// What other systems do about a refund and nobody reads again but by its key: coupons given back, sellers' accounts
// corrected.
import { newId } from "#kit/ids.js";
import type { Database } from "#kit/postgres.js";
import type { Money } from "#kit/pure/money.js";
import { keyed, underKey } from "./keyed.js";

/** A coupon that was asked back. */
export type CouponReturn = {
  readonly key: string;
  readonly customerId: string;
  readonly couponId: string;
  readonly orderId: string;
  readonly restored: boolean;
};

/** A correction of what a seller is paid. */
export type Adjustment = {
  readonly key: string;
  readonly sellerId: string;
  readonly orderId: string;
  readonly amount: Money;
  readonly reason: string;
};

/** $2 customer, $3 coupon, $4 order, $5 whether it is restored, $6 now. */
const restoreCoupon = keyed(
  "coupon.restore",
  "coupon_return",
  "customer_id, coupon_id, order_id, restored, create_time",
  {
    change: `SELECT $2::text AS customer_id, $3::text AS coupon_id, $4::text AS order_id, $5::boolean AS restored,
      $6::timestamptz AS create_time FROM fresh`,
  },
);
/** $2 id, $3 seller, $4 order, $5 currency, $6 amount, $7 reason, $8 now. */
const adjust = keyed(
  "settlement.adjust",
  "adjustment",
  "adjustment_id, seller_id, order_id, currency, amount_minor, reason, create_time",
  {
    change: `SELECT $2::text AS adjustment_id, $3::text AS seller_id, $4::text AS order_id, $5::text AS currency,
      $6::bigint AS amount_minor, $7::text AS reason, $8::timestamptz AS create_time FROM fresh`,
  },
);

/** Opens the notes. */
export function openNotes(db: Database) {
  return {
    /** Answers whether the coupon was restored under this key. @throws DomainError REQUEST_ID_REUSED */
    restoreCoupon: async (coupon: CouponReturn, now: Date): Promise<boolean> => {
      const { key, customerId, couponId, orderId, restored } = coupon;
      const row = await underKey(
        db,
        restoreCoupon,
        [key, customerId, couponId, orderId, restored, now],
        (done) => done,
        (done) => done.customer_id === customerId && done.coupon_id === couponId && done.order_id === orderId,
      );
      return row.restored;
    },

    /** Answers the adjustment's id. @throws DomainError REQUEST_ID_REUSED */
    adjust: async (adjustment: Adjustment, now: Date): Promise<string> => {
      const { key, sellerId, orderId, amount, reason } = adjustment;
      const row = await underKey(
        db,
        adjust,
        [key, newId("adj"), sellerId, orderId, amount.currency, amount.minor, reason, now],
        (done) => done,
        (done) =>
          done.seller_id === sellerId &&
          done.order_id === orderId &&
          done.currency === amount.currency &&
          done.amount_minor === amount.minor &&
          done.reason === reason,
      );
      return row.adjustment_id;
    },
  };
}
