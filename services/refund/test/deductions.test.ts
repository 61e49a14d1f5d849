import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "#kit/pure/check.js";
import { money, stepOf } from "#kit/pure/money.js";
import { differences, quote } from "../core/quote.js";
import { twinsOf } from "../core/twins.js";
import type { GrantedSoFar, LineDeduction, SoldOrder, Wanted } from "../core/types.js";
import { nothingYet, soldLine, soldOrder } from "./builders.js";
import { type Cart, carts } from "./carts.js";

const gbp = (minor: bigint) => money(minor, "GBP");
const off = (lineId: string, minor: bigint, change: Partial<LineDeduction> = {}): LineDeduction => ({
  lineId,
  cause: "HANDLING",
  amount: gbp(minor),
  note: "scratched",
  ...change,
});
const wanted = (change: Partial<Wanted> = {}): Wanted => ({
  lines: [{ lineId: "lamp", quantity: 1 }],
  fees: [],
  refundShipping: true,
  ...change,
});
const refused = (reason: string) => (error: unknown) => error instanceof DomainError && error.reason === reason;

describe("refund: deductions", () => {
  const order = soldOrder({
    lines: [
      soldLine("mugs", 3, 1000n, { tax: gbp(167n) }),
      soldLine("lamp", 1, 2550n, { tax: gbp(425n), sellerId: "s-1" }),
    ],
  });

  it("stand in the quote one by one, each with its cause and what was seen", () => {
    const deductions = [off("lamp", 300n), off("lamp", 150n, { cause: "USE", note: "" })];
    const { amount, adjustments, tax } = quote(order, wanted({ deductions }), nothingYet);
    assert.equal(amount.minor, 2100n);
    assert.deepEqual(adjustments, [
      { code: "DEDUCTION", amount: gbp(-300n), reference: "lamp", cause: "HANDLING", note: "scratched" },
      { code: "DEDUCTION", amount: gbp(-150n), reference: "lamp", cause: "USE", note: "" },
    ]);
    assert.equal(tax?.minor, 350n, "the credit note's tax is what the lower amount contains");
  });

  it("are differences to what was promised, and the customer reads why", () => {
    const deductions = [off("mugs", 100n)];
    const lines = [{ lineId: "mugs", quantity: 2 }];
    const asked = wanted({ lines, deductions });
    const promised = [{ lineId: "mugs", quantity: 3, rejected: 1, missing: 0, reason: "" }];
    const found = differences(order, asked, promised, quote(order, asked, nothingYet), nothingYet);
    assert.deepEqual(
      found.map(({ code, amount, reason }) => [code, amount.minor, reason]),
      [
        ["REJECTED", -334n, ""],
        ["DEDUCTION", -100n, "HANDLING: scratched"],
      ],
    );
  });

  it("never take more than the units of their line bring, nor from a line that is not refunded", () => {
    const deductions = [off("lamp", 2000n), off("lamp", 2000n, { cause: "USE" }), off("lamp", 5n, { cause: "MORE" })];
    const { amount, adjustments } = quote(order, wanted({ deductions }), nothingYet);
    assert.deepEqual([amount.minor, adjustments.map((a) => a.amount.minor)], [0n, [-2000n, -550n]]);
    assert.throws(
      () => quote(order, wanted({ deductions: [off("mugs", 1n)] }), nothingYet),
      refused("LINE_NOT_IN_ORDER"),
    );
  });

  it("are the seller's gain as the unit's lost value is theirs", () => {
    const scene = { fault: "CUSTOMER", whole: false, newKey: () => "key", now: new Date(0) } as const;
    const quoted = quote(order, wanted({ deductions: [off("lamp", 300n)] }), nothingYet);
    const [settlement] = twinsOf(order, quoted, scene).filter(({ kind }) => kind === "SETTLEMENT");
    assert.deepEqual(settlement?.amount, gbp(-2250n));
  });

  it("come back when a dispute removes them, once: never more than was taken", () => {
    const soFar: GrantedSoFar = {
      ...nothingYet,
      refunds: 1,
      units: new Map([["lamp", 1]]),
      deducted: new Map([["lamp", 300n]]),
    };
    const back = (returned: LineDeduction[]) => quote(order, wanted({ lines: [], returned }), soFar);
    const whole = back([off("lamp", 300n)]);
    assert.deepEqual([whole.amount.minor, whole.tax?.minor], [300n, 50n]);
    assert.equal(whole.adjustments[0]?.code, "DEDUCTION_RETURNED");
    assert.equal(back([off("lamp", 200n), off("lamp", 200n)]).amount.minor, 300n);
    assert.equal(quote(order, wanted({ lines: [], returned: [off("lamp", 300n)] }), nothingYet).amount.minor, 0n);
  });

  it("conserve every minor unit: what is paid, less what stays deducted, is what was paid for it", () => {
    const raw = fc.record({
      percent: fc.array(fc.bigInt(0n, 140n), { minLength: 1, maxLength: 12 }),
      back: fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
    });
    fc.assert(
      fc.property(carts, raw, (cart, { percent, back }) => {
        const { paid, kept } = reduceAll(cart, percent, back);
        const captured = cart.order.payments.reduce((sum, { captured }) => sum + captured.minor, 0n);
        assert.equal(paid + kept, captured);
      }),
      { numRuns: 300 },
    );
  });
});

/** Refunds a cart part by part with deductions on each; some are given back at the end, each asked for twice. */
function reduceAll({ order, parts }: Cart, percent: readonly bigint[], back: readonly boolean[]) {
  let soFar: GrantedSoFar = { ...nothingYet, deducted: new Map() };
  let paid = 0n;
  const rest = order.lines.map((line, i) => ({ line: i, quantity: line.quantity }));
  const step = stepOf(order.currency);
  const taken: LineDeduction[] = [];
  for (const [n, { line, quantity }] of [...parts, ...rest].entries()) {
    const sold = order.lines[line];
    const left = sold ? sold.quantity - (soFar.units.get(sold.lineId) ?? 0) : 0;
    if (!sold || left === 0) continue;
    const lines = [{ lineId: sold.lineId, quantity: Math.min(quantity, left) }];
    const plain = quote(order, { lines, fees: [], refundShipping: true }, soFar);
    const share = plain.items[0]?.amount.minor ?? 0n;
    const minor = ((share * (percent[n % percent.length] ?? 0n)) / 100n / step) * step;
    const deduction = { lineId: sold.lineId, cause: "USE", amount: money(minor, order.currency), note: "" };
    const quoted = quote(order, { lines, fees: [], refundShipping: true, deductions: [deduction] }, soFar);
    if (back[n % back.length]) taken.push(deduction);
    paid += quoted.amount.minor;
    soFar = after(order, soFar, quoted);
  }
  for (const deduction of [...taken, ...taken]) {
    const quoted = quote(order, { lines: [], fees: [], refundShipping: true, returned: [deduction] }, soFar);
    paid += quoted.amount.minor;
    soFar = after(order, soFar, quoted);
  }
  return { paid, kept: [...(soFar.deducted ?? [])].reduce((sum, [, minor]) => sum + minor, 0n) };
}

/** The books after a refund, kept in the plainest way. */
function after(
  order: SoldOrder,
  soFar: GrantedSoFar,
  { items, adjustments, amount }: ReturnType<typeof quote>,
): GrantedSoFar {
  assert.ok(amount.minor >= 0n, "never negative");
  const units = new Map(soFar.units);
  for (const { lineId, quantity } of items) units.set(lineId, (units.get(lineId) ?? 0) + quantity);
  const deducted = new Map(soFar.deducted);
  const takenBack = new Map(soFar.takenBack);
  for (const {
    code,
    reference,
    amount: { minor },
  } of adjustments) {
    const book = code.startsWith("DEDUCTION") ? deducted : takenBack;
    book.set(reference, (book.get(reference) ?? 0n) - minor);
  }
  const [payment] = order.payments;
  const refunded = (soFar.payments.get(payment?.paymentId ?? "")?.refunded ?? 0n) + amount.minor;
  const books = { refunded, goodwill: 0n, chargedBack: 0n, disputeOpen: false };
  return {
    ...soFar,
    refunds: soFar.refunds + 1,
    units,
    takenBack,
    deducted,
    payments: new Map([[payment?.paymentId ?? "", books]]),
  };
}
