// Random carts and random ways to refund them: what the property tests and the long proof share. The books are kept here
// in the plainest way, without any of the code under test.
import assert from "node:assert/strict";
import fc from "fast-check";
import { exponentOf, money, stepOf } from "#kit/pure/money.js";
import { grant } from "../core/refund.js";
import { shares } from "../core/shares.js";
import type { Discount, GrantedSoFar, PaymentSoFar, Refund, SoldLine, SoldOrder } from "../core/types.js";
import { allPlain, policy } from "./builders.js";

export type Cart = {
  readonly order: SoldOrder;
  readonly split: "WATERFALL" | "PROPORTIONAL";
  /** Parts to refund, one after the other; what is left comes last. */
  readonly parts: readonly { readonly line: number; readonly quantity: number }[];
};

const currencies = ["KRW", "TWD", "JPY", "GBP", "EUR", "KWD"] as const;
const methods = ["CARD", "POINTS", "GIFT_CARD", "BANK_TRANSFER", "STORE_CREDIT"] as const;

const rawLine = fc.record({
  quantity: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 1, max: 12 }) },
    { weight: 1, arbitrary: fc.constant(80_995) },
  ),
  steps: fc.bigInt(0n, 500_000n),
  taxPercent: fc.constantFrom(0n, 5n, 10n, 20n),
  told: fc.boolean(),
});
const rawDiscount = fc.record({
  percent: fc.bigInt(1n, 70n),
  coupon: fc.boolean(),
  minimumPercent: fc.option(fc.bigInt(1n, 120n), { nil: undefined }),
  on: fc.array(fc.nat({ max: 5 }), { maxLength: 3 }),
});

/** Tenders × discounts × tax × currencies, with a random sequence of partial refunds. */
export const carts: fc.Arbitrary<Cart> = fc
  .record({
    currency: fc.constantFrom(...currencies),
    lines: fc.array(rawLine, { minLength: 1, maxLength: 6 }),
    discounts: fc.array(rawDiscount, { maxLength: 3 }),
    shippingSteps: fc.bigInt(0n, 5_000n),
    tenders: fc.array(fc.record({ method: fc.constantFrom(...methods), weight: fc.bigInt(1n, 100n) }), {
      minLength: 1,
      maxLength: 4,
    }),
    earnedPoints: fc.constantFrom(0, 0, 137),
    split: fc.constantFrom("WATERFALL" as const, "PROPORTIONAL" as const),
    parts: fc.array(fc.record({ line: fc.nat({ max: 5 }), quantity: fc.integer({ min: 1, max: 9 }) }), {
      maxLength: 14,
    }),
  })
  .map(({ currency, split, parts, ...raw }) => {
    const step = stepOf(currency);
    const lines: SoldLine[] = raw.lines.map(({ quantity, steps, taxPercent, told }, i) => {
      const paid = money(steps * step, currency);
      const tax = told ? money((paid.minor * taxPercent) / (100n + taxPercent), currency) : undefined;
      return { lineId: `l-${i}`, quantity, paid, tax, sellerId: "" };
    });
    const whole = lines.reduce((sum, { paid }) => sum + paid.minor, 0n);
    const discounts: Discount[] = raw.discounts.map(({ percent, coupon, minimumPercent, on }, i) => ({
      discountId: `d-${i}`,
      kind: coupon ? "COUPON" : "PROMOTION",
      amount: money(((whole * percent) / 100n / step) * step, currency),
      lineIds: [...new Set(on.filter((n) => n < lines.length).map((n) => `l-${n}`))],
      minimumSpend: minimumPercent === undefined ? undefined : money((whole * minimumPercent) / 100n, currency),
    }));
    const bare: SoldOrder = {
      orderId: "o-1",
      customerId: "c-1",
      market: "GB",
      currency,
      lines,
      discounts,
      shipping: money(raw.shippingSteps * step, currency),
      payments: [],
      taxDocument: undefined,
      earnedPoints: raw.earnedPoints,
    };
    const net = [...shares(bare).values()].reduce((sum, share) => sum + share.net.minor, 0n) + bare.shipping.minor;
    return { order: { ...bare, payments: tendersOf(net, raw.tenders, currency) }, split, parts };
  });

/** What was paid, over several ways; the last takes what is left. */
function tendersOf(net: bigint, tenders: readonly { method: string; weight: bigint }[], currency: string) {
  const step = stepOf(currency);
  const weights = tenders.reduce((sum, { weight }) => sum + weight, 0n);
  let left = net;
  return tenders.map(({ method, weight }, i) => {
    const share = i === tenders.length - 1 ? left : ((net * weight) / weights / step) * step;
    left -= share;
    return { paymentId: `p-${i}`, method, captured: money(share, currency) };
  });
}

/** Everything refunded in the cart's order, part by part; each refund is checked on its own. */
export function refundAll({ order, split, parts }: Cart): Refund[] {
  const rest = order.lines.map((line, i) => ({ line: i, quantity: line.quantity }));
  const refunds: Refund[] = [];
  let soFar = emptyBooks;
  for (const { line, quantity } of [...parts, ...rest]) {
    const sold = order.lines[line];
    const left = sold ? sold.quantity - (soFar.units.get(sold.lineId) ?? 0) : 0;
    if (!sold || left === 0) continue;
    const lines = [{ lineId: sold.lineId, quantity: Math.min(quantity, left) }];
    const { next } = grant(
      {
        refundId: `r-${refunds.length}`,
        order,
        soFar,
        policy: policy({ split, fourEyesAbove: money(10n ** 15n, order.currency) }),
        abilities: allPlain,
        newKey: () => "key",
        actor: "SERVICE:test",
        now: new Date(0),
      },
      {
        resolutionId: "res",
        wanted: { lines, fees: [], refundShipping: true },
        promised: [],
        fault: "CUSTOMER",
        dueTime: undefined,
        dueArticle: "",
      },
    );
    soundAlone(next, order);
    soFar = booked(soFar, next);
    refunds.push(next);
  }
  return refunds;
}

const emptyBooks: GrantedSoFar = {
  refunds: 0,
  units: new Map(),
  payments: new Map(),
  takenBack: new Map(),
  pointsRevoked: 0,
};

function booked(soFar: GrantedSoFar, refund: Refund): GrantedSoFar {
  const units = new Map(soFar.units);
  for (const { lineId, quantity } of refund.quote.items) units.set(lineId, (units.get(lineId) ?? 0) + quantity);
  const payments = new Map<string, PaymentSoFar>(soFar.payments);
  for (const { paymentId, amount } of refund.tenders) {
    const before = payments.get(paymentId) ?? { refunded: 0n, goodwill: 0n, chargedBack: 0n, disputeOpen: false };
    payments.set(paymentId, { ...before, refunded: before.refunded + amount.minor });
  }
  const takenBack = new Map(soFar.takenBack);
  for (const { amount, reference } of refund.quote.adjustments) {
    takenBack.set(reference, (takenBack.get(reference) ?? 0n) - amount.minor);
  }
  const revoked = refund.quote.restored.reduce((sum, { points }) => sum - Math.min(points, 0), 0);
  return { refunds: soFar.refunds + 1, units, payments, takenBack, pointsRevoked: soFar.pointsRevoked + revoked };
}

/** What holds of every refund by itself. */
function soundAlone({ quote, tenders }: Refund, { currency }: SoldOrder): void {
  assert.ok(quote.amount.minor >= 0n, "never negative");
  assert.ok(
    quote.items.every(({ amount }) => amount.minor >= 0n),
    "no unit brings less than nothing",
  );
  const parts = quote.items.reduce((sum, { amount }) => sum + amount.minor, 0n);
  const corrections = quote.adjustments.reduce((sum, { amount }) => sum + amount.minor, 0n);
  assert.equal(parts + corrections, quote.amount.minor, "the items explain the amount");
  assert.equal(
    tenders.reduce((sum, { amount }) => sum + amount.minor, 0n),
    quote.amount.minor,
    "the tenders are the amount",
  );
  for (const { amount } of tenders) {
    assert.ok(amount.minor > 0n);
    assert.equal(amount.minor % stepOf(currency), 0n, `${currency} is paid in steps, exponent ${exponentOf(currency)}`);
  }
}

/** What holds of all refunds of a cart together. */
function soundTogether(cart: Cart, refunds: readonly Refund[]): void {
  const { order } = cart;
  const paid = order.payments.reduce((sum, { captured }) => sum + captured.minor, 0n);
  const back = refunds.reduce((sum, { quote }) => sum + quote.amount.minor, 0n);
  assert.equal(back, paid, "all that was paid, to the last minor unit");
  for (const { paymentId, captured } of order.payments) {
    const over = refunds.flatMap((r) => r.tenders).filter((t) => t.paymentId === paymentId);
    assert.equal(
      over.reduce((sum, { amount }) => sum + amount.minor, 0n),
      captured.minor,
      `all of ${paymentId}`,
    );
  }
  for (const { lineId, tax } of order.lines) {
    if (!tax) continue;
    const items = refunds.flatMap((r) => r.quote.items).filter((i) => i.lineId === lineId);
    assert.equal(
      items.reduce((sum, { quantity }) => sum + quantity, 0),
      order.lines.find((l) => l.lineId === lineId)?.quantity,
    );
  }
  const tax = order.lines.reduce((sum, line) => sum + taxOf(line, shares(order).get(line.lineId)?.net.minor), 0n);
  const taxBack = refunds.reduce((sum, { quote }) => sum + (quote.tax?.minor ?? 0n), 0n);
  const corrected = refunds.some(({ quote }) => quote.adjustments.length > 0);
  assert.ok(corrected ? taxBack <= tax : taxBack === tax, `${taxBack} of the ${tax} of tax that was contained`);
  const points = refunds.flatMap((r) => r.quote.restored).reduce((sum, r) => sum - Math.abs(r.points), 0);
  const worth = [...shares(order).values()].some(({ net }) => net.minor > 0n);
  assert.equal(Math.abs(points), worth ? order.earnedPoints : 0, "all the points that were earned");
  const coupons = refunds.flatMap((r) => r.quote.restored).filter(({ kind }) => kind === "COUPON");
  assert.equal(coupons.length, order.discounts.filter(({ kind }) => kind === "COUPON").length, "each coupon once");
}

/** The tax in what a line brought: the part of its price's tax that discounts on several lines left, to the nearest step. */
function taxOf({ tax, paid }: SoldLine, net = 0n): bigint {
  if (!tax || paid.minor === 0n) return 0n;
  const step = stepOf(paid.currency);
  if (net === paid.minor) return tax.minor;
  return ((2n * tax.minor * net + paid.minor * step) / (2n * paid.minor * step)) * step;
}

/** Each line brings the same in total whatever the order of its refunds. */
function perLine(refunds: readonly Refund[]): Map<string, bigint> {
  const totals = new Map<string, bigint>();
  for (const { lineId, amount } of refunds.flatMap((r) => r.quote.items)) {
    totals.set(lineId, (totals.get(lineId) ?? 0n) + amount.minor);
  }
  return new Map([...totals].sort());
}

/** One cart in two orders: both bring all that was paid, and each line the same. */
export function orderIndependent(cart: Cart): void {
  const one = refundAll(cart);
  soundTogether(cart, one);
  const other = refundAll({ ...cart, parts: [...cart.parts].reverse() });
  soundTogether(cart, other);
  assert.deepEqual(perLine(one), perLine(other));
}
