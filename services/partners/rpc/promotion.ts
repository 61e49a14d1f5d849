// The system that gives coupons out.
import { DiscountKind } from "#gen/backhaul/partner/order/v1/order_service.js";
import type { PromotionServiceService } from "#gen/backhaul/partner/promotion/v1/promotion_service.js";
import type { Clock } from "#kit/clock.js";
import { DomainError } from "#kit/pure/check.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";

/** Coupons whose time is over are known by their id. */
const ended = /^expired/;

export function promotionPartner({ notes, orders }: Store, clock: Clock): Partner<typeof PromotionServiceService> {
  /** Whether the customer spent the coupon on that order. */
  async function spent(customerId: string, couponId: string, orderId: string): Promise<boolean> {
    if (!(await orders.isOf(orderId, customerId))) return false;
    const { order } = await orders.find(orderId);
    return order.discounts.some((d) => d.kind === DiscountKind.DISCOUNT_KIND_COUPON && d.discountId === couponId);
  }

  return {
    restoreCoupon: {
      about: ({ orderId }) => orderId,
      answer: async ({ key, customerId, couponId, orderId }) => {
        if (!(await spent(customerId, couponId, orderId))) {
          const message = `${customerId} spent no coupon ${couponId} on order ${orderId}`;
          throw new DomainError("PARTNER_NOT_FOUND", message, { partner: "promotion", id: couponId });
        }
        const coupon = { key, customerId, couponId, orderId, restored: !ended.test(couponId) };
        return { restored: await notes.restoreCoupon(coupon, clock.now()) };
      },
    },
  };
}
