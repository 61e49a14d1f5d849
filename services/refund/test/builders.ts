// Named builders: each test says only what matters to it.
import { Order } from "#gen/backhaul/partner/order/v1/order_service.js";
import { money, toProto } from "#kit/pure/money.js";
import type { GrantedSoFar, SoldOrder } from "../core/types.js";

/** Nothing granted back yet. */
export const nothingYet: GrantedSoFar = { units: new Map(), payments: new Map() };

/** Three mugs for £10.00 and one lamp for £25.50, delivery £3.95, paid by card. */
export function soldOrder(change: Partial<SoldOrder> = {}): SoldOrder {
  const gbp = (minor: bigint) => money(minor, "GBP");
  return {
    orderId: "o-1",
    customerId: "c-1",
    market: "GB",
    currency: "GBP",
    lines: [
      { lineId: "mugs", quantity: 3, paid: gbp(1000n) },
      { lineId: "lamp", quantity: 1, paid: gbp(2550n) },
    ],
    shipping: gbp(395n),
    payments: [{ paymentId: "pay-1", method: "CARD", captured: gbp(3945n) }],
    ...change,
  };
}

/** The same order as the order system tells it. */
export function orderMessage(sold: SoldOrder = soldOrder()): Order {
  return Order.fromPartial({
    orderId: sold.orderId,
    customerId: sold.customerId,
    market: sold.market,
    currencyCode: sold.currency,
    lines: sold.lines.map((l) => ({ lineId: l.lineId, sku: l.lineId, quantity: l.quantity, paid: toProto(l.paid) })),
    shipping: toProto(sold.shipping),
    payments: sold.payments.map((p) => ({ ...p, captured: toProto(p.captured) })),
  });
}
