// The order book: what was sold, drawn from a story of its own per order. Three markets, several lines, ways of paying,
// sellers, coupons, tax documents; everything adds up to what was captured.
import {
  DiscountKind,
  Order,
  type OrderServiceService,
  TaxDocumentKind,
} from "#gen/backhaul/partner/order/v1/order_service.js";
import { DomainError } from "#kit/pure/check.js";
import { toProto } from "#kit/pure/money.js";
import type { Chance } from "../../prove/chance.js";
import { some } from "./some.js";

const markets = [
  { market: "GB", currency: "GBP", step: 1n, scale: 100n, methods: ["CARD", "GIFT_CARD", "POINTS"] },
  { market: "KR", currency: "KRW", step: 1n, scale: 1_000n, methods: ["CARD", "VIRTUAL_ACCOUNT", "POINTS"] },
  { market: "TW", currency: "TWD", step: 100n, scale: 3_000n, methods: ["CARD", "CARD_INSTALLMENT", "ATM", "POINTS"] },
] as const;

const documents = {
  GB: TaxDocumentKind.TAX_DOCUMENT_KIND_VAT_INVOICE,
  KR: TaxDocumentKind.TAX_DOCUMENT_KIND_CASH_RECEIPT,
  TW: TaxDocumentKind.TAX_DOCUMENT_KIND_E_INVOICE,
} as const;

/** An order as it was sold. */
export function drawOrder(orderId: string, chance: Chance, now: Date): Order {
  const { market, currency, step, scale, methods } = chance.pick(markets);
  const amount = (minor: bigint) => toProto({ minor, currency });
  const drawn = () => BigInt(chance.between(5, 400)) * step * (scale / step / 10n || 1n);
  const lines = Array.from({ length: chance.between(1, 3) }, (_, i) => {
    const quantity = chance.between(1, 6);
    const paid = drawn() + BigInt(chance.below(quantity + 1)) * step;
    const tax = chance.percent(50) ? amount(paid / 11n) : undefined;
    const sellerId = chance.percent(25) ? "seller-1" : "";
    return {
      line: { lineId: `${orderId}-${i + 1}`, sku: `sku-${i + 1}`, quantity, tax, sellerId, paid: amount(paid) },
      paid,
    };
  });
  const shipping = chance.percent(60) ? (drawn() / 10n / step) * step : 0n;
  const goods = lines.reduce((sum, { paid }) => sum + paid, 0n);
  const off = chance.percent(25) ? (goods / 10n / step) * step : 0n;
  const discounts =
    off > 0n
      ? [
          {
            discountId: `${orderId}-off`,
            kind: chance.percent(50) ? DiscountKind.DISCOUNT_KIND_COUPON : DiscountKind.DISCOUNT_KIND_PROMOTION,
            amount: amount(off),
            lineIds: lines.map(({ line }) => line.lineId),
            minimumSpend: chance.percent(50) ? amount(goods / 2n) : undefined,
          },
        ]
      : [];
  return Order.fromPartial({
    orderId,
    customerId: `c-${orderId}`,
    market,
    currencyCode: currency,
    orderTime: now,
    lines: lines.map(({ line }) => line),
    shipping: amount(shipping),
    payments: shares(goods + shipping - off, step, chance.between(1, 2)).map((minor, i, all) => ({
      paymentId: `pay-${orderId}-${i + 1}`,
      method: all.length > 1 && i > 0 ? "POINTS" : chance.pick(methods),
      captured: amount(minor),
    })),
    discounts,
    taxDocument: chance.percent(50) ? { kind: documents[market], number: `T-${orderId}`, issueTime: now } : undefined,
    earnedPoints: BigInt(chance.percent(30) ? chance.between(10, 500) : 0),
  });
}

/** What was paid over each way, in whole steps. */
function shares(whole: bigint, step: bigint, ways: number): bigint[] {
  const second = ways > 1 ? (whole / 3n / step) * step : 0n;
  return second > 0n ? [whole - second, second] : [whole];
}

export type OrderBook = ReturnType<typeof openOrders>;

export function openOrders() {
  const orders = new Map<string, Order>();
  const contract = some<typeof OrderServiceService>({
    async getOrder({ orderId }) {
      const order = orders.get(orderId);
      if (!order) throw new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
      return { order };
    },
  });
  return { orders, contract };
}
