// What is bought and asked back in Korea, in many shapes: for the core as it reads it, and for the sandbox.
import { RequestedLine } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { ImportedOrder } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import { money, toProto } from "#kit/pure/money.js";
import type { Asked, Order } from "../services/eligibility/core/order.js";

const day = 86_400_000;
const categories = ["homeware", "fashion", "electronics", "cosmetics", "fresh"];
const reasons = ["NO_LONGER_NEEDED", "SIZE_TOO_SMALL", "STYLE", "DEFECTIVE", "DAMAGED_ON_ARRIVAL"];
/** 1,000 prices from ₩5,000 to ₩304,700. */
const priceOf = (nth: number) => 5_000 + ((nth * 7_919) % 1_000) * 300;

/** An order of five lines with what is asked of it, in one of many shapes. */
export function coreOrder(nth: number, now: Date): { order: Order; asked: Asked } {
  const delivered = new Date(now.getTime() - (nth % 45) * day);
  const units = categories.map((_, at) => ({ lineId: `l-${at}`, quantity: 3 }));
  const order: Order = {
    orderId: `o-${nth}`,
    customerId: "c-1",
    market: "KR",
    currency: "KRW",
    orderTime: new Date(delivered.getTime() - 2 * day),
    tier: nth % 3 === 0 ? "PLUS" : "NONE",
    riskScore: nth % 100,
    notice: "WITH_ORDER",
    listEntryIds: [],
    shipments: [{ delivered, units }],
    lines: categories.map((category, at) => ({
      lineId: `l-${at}`,
      sku: `sku-${at}`,
      title: "A thing",
      purchased: 3,
      paid: money(BigInt(priceOf(nth * 5 + at)), "KRW"),
      category,
      temperature: "AMBIENT",
      sellerType: "SHOP",
      fulfilment: "OWN",
      itemClass: "",
      finalSale: false,
      listed: "NONE",
    })),
  };
  const lines = categories.map((_, at) => ({
    lineId: `l-${at}`,
    quantity: 2,
    reason: reasons[(nth + at) % 3] as string,
    opened: at % 2 === 0,
    note: "",
    replacementSku: "",
    discovered: undefined,
  }));
  return { order, asked: { kind: "RETURN", lines } };
}

/** Korean orders of one to five lines, delivered up to 45 days ago. */
export function soldOrder(nth: number): ImportedOrder {
  const deliverTime = new Date(Date.now() - (nth % 45) * day - 3_600_000);
  const orderId = `policies-${nth}`;
  const lines = categories.slice(0, 1 + (nth % 5)).map((category, at) => ({
    lineId: `l-${at}`,
    sku: `bench-${category}-${nth % 500}`,
    title: category,
    quantity: 2,
    paid: toProto(money(BigInt(priceOf(nth * 5 + at)), "KRW")),
    category,
    sellerType: "SHOP",
  }));
  const captured = lines.reduce((sum, _, at) => sum + priceOf(nth * 5 + at), 0);
  return ImportedOrder.fromPartial({
    order: {
      orderId,
      customerId: `bench-${nth % 4_000}`,
      market: "KR",
      currencyCode: "KRW",
      orderTime: new Date(deliverTime.getTime() - 2 * day),
      lines,
      shipping: toProto(money(0n, "KRW")),
      payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: toProto(money(BigInt(captured), "KRW")) }],
    },
    shipTime: new Date(deliverTime.getTime() - day),
    deliverTime,
  });
}

/** Change of mind or claims, by turns, for every line. */
export function requestOf({ order }: ImportedOrder, nth: number) {
  const claim = nth % 2 === 1;
  return {
    orderId: order?.orderId ?? "",
    kind: claim ? Kind.KIND_CLAIM : Kind.KIND_RETURN,
    lines: (order?.lines ?? []).map(({ lineId }, at) =>
      RequestedLine.fromPartial({ lineId, quantity: 1, reason: reasons[claim ? 3 + (at % 2) : at % 3] as string }),
    ),
  };
}

export type Request = ReturnType<typeof requestOf>;
