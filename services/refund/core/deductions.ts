// What an inspection takes off a refund, and what a dispute gives back of it: each item a correction of its own, with its
// cause, so that the customer reads what is missing and why.
import { check } from "#kit/pure/check.js";
import { isZero, type Money, min, money, negate, portion, subtract, sum } from "#kit/pure/money.js";
import { payable } from "./payable.js";
import type { Adjustment, Difference, GrantedSoFar, Item, LineDeduction, SoldOrder } from "./types.js";

/**
 * The deductions of these items, together never more than a line's units bring: what is too much is not taken.
 * @throws DomainError LINE_NOT_IN_ORDER for a line that is not refunded, CURRENCY_MISMATCH, MONEY_INVALID
 */
export function deducted(order: SoldOrder, wanted: readonly LineDeduction[], items: readonly Item[]): Adjustment[] {
  const room = new Map(items.map(({ lineId, amount }) => [lineId, amount]));
  return capped(order, wanted, room).map(({ lineId, cause, amount, note }) => {
    return { code: "DEDUCTION", amount: negate(amount), reference: lineId, cause, note };
  });
}

/**
 * What is given back of earlier deductions, never more than they took.
 * @throws DomainError LINE_NOT_IN_ORDER, CURRENCY_MISMATCH, MONEY_INVALID
 */
export function returned(order: SoldOrder, wanted: readonly LineDeduction[], soFar: GrantedSoFar): Adjustment[] {
  const room = new Map(
    order.lines.map(({ lineId }) => [lineId, money(soFar.deducted?.get(lineId) ?? 0n, order.currency)]),
  );
  return capped(order, wanted, room).map(({ lineId, cause, amount, note }) => {
    return { code: "DEDUCTION_RETURNED", amount, reference: lineId, cause, note };
  });
}

/** Each deduction as a difference to what was promised. */
export function asDifferences(adjustments: readonly Adjustment[]): Difference[] {
  return adjustments
    .filter(({ code }) => code === "DEDUCTION")
    .map(({ amount, reference: lineId, cause = "", note = "" }) => {
      return { code: "DEDUCTION", lineId, quantity: 0, amount, reason: note ? `${cause}: ${note}` : cause };
    });
}

/** What deductions took off a line and what was given back of it; negative where they took more. */
export function ofLine(adjustments: readonly Adjustment[], lineId: string, currency: string): Money {
  const mine = adjustments.filter(({ code, reference }) => isDeduction(code) && reference === lineId);
  return sum(
    mine.map(({ amount }) => amount),
    currency,
  );
}

/** The tax in what is given back: a line's tax, by what it is of its price. */
export function taxReturned(order: SoldOrder, adjustments: readonly Adjustment[]): Money {
  const parts = adjustments.flatMap(({ code, reference, amount }) => {
    const line = order.lines.find(({ lineId }) => lineId === reference);
    if (code !== "DEDUCTION_RETURNED" || !line?.tax || line.paid.minor === 0n) return [];
    return [portion(line.tax, amount.minor, line.paid.minor, "half-up")];
  });
  return sum(parts, order.currency);
}

export function isDeduction(code: Adjustment["code"]): boolean {
  return code === "DEDUCTION" || code === "DEDUCTION_RETURNED";
}

function capped(order: SoldOrder, wanted: readonly LineDeduction[], room: Map<string, Money>): LineDeduction[] {
  return wanted.flatMap((deduction): LineDeduction[] => {
    const { lineId } = deduction;
    payable(deduction.amount);
    const left = room.get(lineId);
    check(left !== undefined, "LINE_NOT_IN_ORDER", `of ${lineId} nothing is refunded that could be corrected`, {
      order_id: order.orderId,
      line_id: lineId,
    });
    const amount = min(deduction.amount, left);
    room.set(lineId, subtract(left, amount));
    return isZero(amount) ? [] : [{ ...deduction, amount }];
  });
}
