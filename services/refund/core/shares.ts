// What each unit brought. A discount on several lines together is allocated to them at order time by largest remainder,
// and a unit's share of its line is its place in it: so any sequence of partial refunds, in any order, sums to what was
// paid, to the last minor unit.
import { allocate, type Money, shareOfUnits, subtract, zero } from "#kit/pure/money.js";
import type { Discount, SoldLine, SoldOrder } from "./types.js";

/** A line with its share of every discount of the whole order. */
export type LineShare = {
  readonly line: SoldLine;
  /** What its units brought after those discounts. */
  readonly net: Money;
  readonly discounts: ReadonlyMap<string, Money>;
};

/** The lines a discount was given on. */
export function discountedLines(order: SoldOrder, { lineIds }: Discount): readonly SoldLine[] {
  return lineIds.length === 0 ? order.lines : order.lines.filter((line) => lineIds.includes(line.lineId));
}

/**
 * Every line with its share of the order's discounts, by what the lines cost. A discount never makes a line negative:
 * it is allocated by what is left of each line after the discounts before it.
 */
export function shares(order: SoldOrder): ReadonlyMap<string, LineShare> {
  const left = new Map(order.lines.map((line) => [line.lineId, line.paid]));
  const given = new Map(order.lines.map((line) => [line.lineId, new Map<string, Money>()]));
  for (const discount of order.discounts) {
    const lines = discountedLines(order, discount);
    const weights = lines.map(({ lineId }) => (left.get(lineId) as Money).minor);
    const whole = weights.reduce((a, b) => a + b, 0n);
    if (whole === 0n) continue;
    const amount = discount.amount.minor > whole ? { ...discount.amount, minor: whole } : discount.amount;
    capped(allocate(amount, weights), weights).forEach((share, i) => {
      const { lineId } = lines[i] as SoldLine;
      left.set(lineId, subtract(left.get(lineId) as Money, share));
      (given.get(lineId) as Map<string, Money>).set(discount.discountId, share);
    });
  }
  return new Map(
    order.lines.map((line) => [
      line.lineId,
      {
        line,
        net: left.get(line.lineId) as Money,
        discounts: given.get(line.lineId) as ReadonlyMap<string, Money>,
      },
    ]),
  );
}

/** Rounding to a currency's steps may give a line more than it has; what is too much goes to lines that have room. */
function capped(parts: readonly Money[], most: readonly bigint[]): Money[] {
  let over = 0n;
  const kept = parts.map((part, i) => {
    const cap = most[i] as bigint;
    if (part.minor <= cap) return part.minor;
    over += part.minor - cap;
    return cap;
  });
  for (let i = 0; over > 0n && i < kept.length; i++) {
    const room = (most[i] as bigint) - (kept[i] as bigint);
    const more = room < over ? room : over;
    kept[i] = (kept[i] as bigint) + more;
    over -= more;
  }
  return parts.map(({ currency }, i) => ({ minor: kept[i] as bigint, currency }));
}

/** The share of units [from, from + count) of a line in an amount that belongs to the whole line. */
export function unitsOf(line: SoldLine, amount: Money | undefined, from: number, count: number): Money {
  if (!amount) return zero(line.paid.currency);
  return shareOfUnits(amount, BigInt(line.quantity), BigInt(from), BigInt(count));
}
