// Named builders: each test says only what matters to it.
import { DiscountKind, Order, TaxDocumentKind } from "#gen/backhaul/partner/order/v1/order_service.js";
import { money, toProto } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import type { RefundPolicy } from "../core/policy.js";
import type { Abilities, AbilitiesOf, GrantedSoFar, SoldLine, SoldOrder } from "../core/types.js";

/** Nothing granted back yet. */
export const nothingYet: GrantedSoFar = {
  refunds: 0,
  units: new Map(),
  payments: new Map(),
  takenBack: new Map(),
  pointsRevoked: 0,
};

/** A provider without surprises. */
export const plain: Abilities = {
  partial: "ANY",
  accountNeeded: false,
  keyLifetimeSeconds: 86_400,
  lookup: "BY_KEY",
  errorsKept: false,
  customerDays: 5,
};
export const allPlain: AbilitiesOf = () => plain;

/** A market's policy with round limits. */
export function policy(change: Partial<RefundPolicy> = {}): RefundPolicy {
  const gbp = (minor: bigint) => money(minor, "GBP");
  return {
    market: "GB",
    currency: "GBP",
    fourEyesAbove: gbp(100_000n),
    goodwill: { atOnceUpTo: gbp(1_000n), most: gbp(5_000n), reasons: ["DELIVERY_LATE"] },
    tenderOrder: ["GIFT_CARD", "CARD"],
    split: "WATERFALL",
    interest: undefined,
    ...change,
  };
}

/** A line as it was sold. */
export function soldLine(lineId: string, quantity: number, minor: bigint, change: Partial<SoldLine> = {}): SoldLine {
  return { lineId, quantity, paid: money(minor, "GBP"), tax: undefined, sellerId: "", ...change };
}

/** Three mugs for £10.00 and one lamp for £25.50, delivery £3.95, paid by card. */
export function soldOrder(change: Partial<SoldOrder> = {}): SoldOrder {
  const gbp = (minor: bigint) => money(minor, "GBP");
  return {
    orderId: "o-1",
    customerId: "c-1",
    market: "GB",
    currency: "GBP",
    lines: [soldLine("mugs", 3, 1000n), soldLine("lamp", 1, 2550n)],
    discounts: [],
    taxDocument: undefined,
    earnedPoints: 0,
    shipping: gbp(395n),
    payments: [{ paymentId: "pay-1", method: "CARD", captured: gbp(3945n) }],
    ...change,
  };
}

const discountKinds = words(DiscountKind, "DISCOUNT_KIND_");
const documentKinds = words(TaxDocumentKind, "TAX_DOCUMENT_KIND_");

/** The same order as the order system tells it. */
export function orderMessage(sold: SoldOrder = soldOrder()): Order {
  const { taxDocument } = sold;
  return Order.fromPartial({
    orderId: sold.orderId,
    customerId: sold.customerId,
    market: sold.market,
    currencyCode: sold.currency,
    lines: sold.lines.map((l) => ({
      lineId: l.lineId,
      sku: l.lineId,
      quantity: l.quantity,
      paid: toProto(l.paid),
      tax: l.tax && toProto(l.tax),
      sellerId: l.sellerId,
    })),
    discounts: sold.discounts.map((d) => ({
      discountId: d.discountId,
      kind: discountKinds.value(d.kind),
      amount: toProto(d.amount),
      lineIds: [...d.lineIds],
      minimumSpend: d.minimumSpend && toProto(d.minimumSpend),
    })),
    shipping: toProto(sold.shipping),
    payments: sold.payments.map((p) => ({ ...p, captured: toProto(p.captured) })),
    taxDocument: taxDocument && { ...taxDocument, kind: documentKinds.value(taxDocument.kind) },
    earnedPoints: BigInt(sold.earnedPoints),
  });
}
