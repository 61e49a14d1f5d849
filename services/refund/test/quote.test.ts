import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "#kit/pure/check.js";
import { money } from "#kit/pure/money.js";
import { quote, shippingLine } from "../core/quote.js";
import { split } from "../core/tenders.js";
import type { GrantedSoFar, Wanted } from "../core/types.js";
import { allPlain, nothingYet, policy, soldLine, soldOrder } from "./builders.js";

const wanted = (lines: Wanted["lines"], more: Partial<Wanted> = {}): Wanted => ({
  lines,
  fees: [],
  refundShipping: true,
  ...more,
});
const reason = (expected: string) => (error: unknown) => error instanceof DomainError && error.reason === expected;

describe("refund: quote", () => {
  it("gives each unit its place in the line, so that three thirds of £10.00 are £10.00", () => {
    const shares: bigint[] = [];
    for (const from of [0, 1, 2]) {
      const soFar: GrantedSoFar = { ...nothingYet, units: new Map([["mugs", from]]) };
      shares.push(quote(soldOrder(), wanted([{ lineId: "mugs", quantity: 1 }]), soFar).amount.minor);
    }
    assert.deepEqual(shares, [333n, 333n, 334n]);
  });

  it("gives the delivery cost back with the last unit, and only once", () => {
    const all = [
      { lineId: "mugs", quantity: 3 },
      { lineId: "lamp", quantity: 1 },
    ];
    const last = quote(soldOrder(), wanted(all), nothingYet);
    assert.equal(last.amount.minor, 3945n);
    assert.equal(last.items.at(-1)?.lineId, shippingLine);
    assert.equal(quote(soldOrder(), wanted(all.slice(0, 1)), nothingYet).shipping.minor, 0n);
  });

  it("takes fees, but never more than there is", () => {
    const fee = { code: "RETURN_SHIPPING", amount: money(500n, "GBP"), ruleId: "gb-fee" };
    const one = quote(soldOrder(), wanted([{ lineId: "mugs", quantity: 1 }], { fees: [fee] }), nothingYet);
    assert.equal(one.fees[0]?.amount.minor, 333n);
    assert.equal(one.amount.minor, 0n);
  });

  it("refuses a line that is not in the order, more units than are left, and a fee in another currency", () => {
    const order = soldOrder();
    assert.throws(
      () => quote(order, wanted([{ lineId: "vase", quantity: 1 }]), nothingYet),
      reason("LINE_NOT_IN_ORDER"),
    );
    assert.throws(
      () => quote(order, wanted([{ lineId: "mugs", quantity: 4 }]), nothingYet),
      reason("UNITS_EXCEED_PURCHASED"),
    );
    const fee = { code: "X", amount: money(1n, "EUR"), ruleId: "x" };
    assert.throws(
      () => quote(order, wanted([{ lineId: "mugs", quantity: 1 }], { fees: [fee] }), nothingYet),
      reason("CURRENCY_MISMATCH"),
    );
  });

  it("counts a line that is named twice as one", () => {
    const twice = quote(
      soldOrder(),
      wanted([
        { lineId: "mugs", quantity: 2 },
        { lineId: "mugs", quantity: 1 },
      ]),
      nothingYet,
    );
    assert.equal(twice.amount.minor, 1000n);
  });

  it("splits over the payments in order, and refuses what was not captured", () => {
    const gbp = (minor: bigint) => money(minor, "GBP");
    const order = soldOrder({
      payments: [
        { paymentId: "gift", method: "GIFT_CARD", captured: gbp(1000n) },
        { paymentId: "card", method: "CARD", captured: gbp(2945n) },
      ],
    });
    const past = { refunded: 200n, goodwill: 0n, chargedBack: 0n, disputeOpen: false };
    const soFar = { ...nothingYet, payments: new Map([["gift", past]]) };
    const scene = { policy: policy(), abilities: allPlain, newKey: () => "key" };
    const parts = split(order, gbp(1500n), { ...scene, soFar });
    assert.deepEqual(
      parts.map((t) => [t.paymentId, t.amount.minor]),
      [
        ["gift", 800n],
        ["card", 700n],
      ],
    );
    assert.throws(() => split(order, gbp(3946n), { ...scene, soFar: nothingYet }), reason("REFUND_EXCEEDS_CAPTURED"));
  });

  it("sums to what was paid, whatever the order and size of partial refunds", () => {
    const sequence = fc.array(fc.tuple(fc.constantFrom("mugs", "lamp"), fc.integer({ min: 1, max: 3 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.bigInt(0n, 10_000_000n), fc.bigInt(0n, 10_000_000n), sequence, (mugs, lamp, asks) => {
        const order = soldOrder({
          lines: [soldLine("mugs", 7, mugs), soldLine("lamp", 2, lamp)],
          payments: [{ paymentId: "card", method: "CARD", captured: money(mugs + lamp + 395n, "GBP") }],
        });
        const units = new Map<string, number>();
        let paid = 0n;
        const rest: [string, number][] = [
          ["mugs", 7],
          ["lamp", 2],
        ];
        for (const [lineId, quantity] of [...asks, ...rest]) {
          const bought = order.lines.find((l) => l.lineId === lineId)!.quantity;
          const ask = Math.min(quantity, bought - (units.get(lineId) ?? 0));
          if (ask <= 0) continue;
          const q = quote(order, wanted([{ lineId, quantity: ask }]), { ...nothingYet, units });
          paid += q.amount.minor;
          for (const i of q.items) units.set(i.lineId, i.fromUnit + i.quantity);
        }
        assert.equal(paid, mugs + lamp + order.shipping.minor);
      }),
      { numRuns: 300 },
    );
  });
});
