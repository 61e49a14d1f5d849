// How an amount comes about. A line's units are refunded in order, and each unit's share is its place in the line: so any
// sequence of partial refunds sums to what was paid, and the last one takes the residue.
import { check } from "#kit/pure/check.js";
import { type Money, min, shareOfUnits, subtract, sum, zero } from "#kit/pure/money.js";
import type { Fee, GrantedSoFar, Item, Quote, SoldOrder, Tender, Wanted } from "./types.js";

/** Delivery cost is refunded at most once, so it is kept like a line of one unit. */
export const shippingLine = "~shipping";

/**
 * Items less fees, plus the delivery cost once everything of the order is refunded.
 * @throws DomainError LINE_NOT_IN_ORDER, UNITS_EXCEED_PURCHASED, CURRENCY_MISMATCH
 */
export function quote(order: SoldOrder, wanted: Wanted, soFar: GrantedSoFar): Quote {
  const items = merged(wanted.lines).map(({ lineId, quantity }) => item(order, lineId, quantity, soFar));
  const shipping = wanted.refundShipping && isLast(order, items, soFar) ? order.shipping : zero(order.currency);
  if (shipping.minor > 0n) {
    items.push({ lineId: shippingLine, quantity: 1, fromUnit: 0, purchased: 1, amount: shipping });
  }
  const gross = sum(
    items.map((i) => i.amount),
    order.currency,
  );
  const fees = cappedFees(wanted.fees, gross);
  return {
    items,
    fees,
    shipping,
    amount: subtract(
      gross,
      sum(
        fees.map((fee) => fee.amount),
        order.currency,
      ),
    ),
  };
}

function item(order: SoldOrder, lineId: string, quantity: number, soFar: GrantedSoFar): Item {
  const line = order.lines.find((l) => l.lineId === lineId);
  check(line !== undefined, "LINE_NOT_IN_ORDER", `order ${order.orderId} has no line ${lineId}`, {
    order_id: order.orderId,
    line_id: lineId,
  });
  const fromUnit = soFar.units.get(lineId) ?? 0;
  const left = line.quantity - fromUnit;
  check(
    quantity <= left,
    "UNITS_EXCEED_PURCHASED",
    `${left} of ${line.quantity} units of ${lineId} are left to refund`,
    {
      line_id: lineId,
      requested: String(quantity),
      purchased: String(line.quantity),
    },
  );
  const amount = shareOfUnits(line.paid, BigInt(line.quantity), BigInt(fromUnit), BigInt(quantity));
  return { lineId, quantity, fromUnit, purchased: line.quantity, amount };
}

/** The same line twice in one request is one line. */
function merged(lines: Wanted["lines"]): Wanted["lines"] {
  const byLine = new Map<string, number>();
  for (const { lineId, quantity } of lines) byLine.set(lineId, (byLine.get(lineId) ?? 0) + quantity);
  return [...byLine].map(([lineId, quantity]) => ({ lineId, quantity }));
}

/** Whether nothing of the order is left after these items, and its delivery cost was not given back before. */
function isLast(order: SoldOrder, items: readonly Item[], soFar: GrantedSoFar): boolean {
  if (soFar.units.has(shippingLine)) return false;
  const now = new Map(items.map((i) => [i.lineId, i.quantity]));
  return order.lines.every((l) => (soFar.units.get(l.lineId) ?? 0) + (now.get(l.lineId) ?? 0) === l.quantity);
}

/** Fees never make a refund negative: they are taken in order until nothing is left. */
function cappedFees(fees: readonly Fee[], gross: Money): Fee[] {
  let left = gross;
  const taken: Fee[] = [];
  for (const fee of fees) {
    const amount = min(fee.amount, left);
    left = subtract(left, amount);
    if (amount.minor > 0n) taken.push({ ...fee, amount });
  }
  return taken;
}

/**
 * Splits an amount over what the order was paid with, in the order's own order, never more than is left of each.
 * @param newKey gives a provider key that was never used before
 * @throws DomainError REFUND_EXCEEDS_CAPTURED
 */
export function split(order: SoldOrder, amount: Money, soFar: GrantedSoFar, newKey: () => string): Tender[] {
  let left = amount;
  const tenders: Tender[] = [];
  for (const { paymentId, method, captured } of order.payments) {
    const free = subtract(captured, { minor: soFar.payments.get(paymentId) ?? 0n, currency: captured.currency });
    const part = min(left, free);
    if (part.minor <= 0n) continue;
    left = subtract(left, part);
    tenders.push({
      paymentId,
      method,
      captured,
      amount: part,
      state: "GRANTED",
      providerKey: newKey(),
      providerRefundId: "",
      failure: "",
    });
  }
  check(
    left.minor === 0n,
    "REFUND_EXCEEDS_CAPTURED",
    `${left.minor} minor units more than is left of what was captured`,
    {
      payment_id: order.payments.map((p) => p.paymentId).join(","),
      requested: amount.minor.toString(),
      left: subtract(amount, left).minor.toString(),
    },
  );
  return tenders;
}
