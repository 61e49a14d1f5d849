// What went wrong elsewhere, in public: each bug with its number, and what we do instead.
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Answer, answered, disputeLost, disputeOpened, disputeWon } from "../core/answers.js";
import { quote } from "../core/quote.js";
import { grant } from "../core/refund.js";
import type { GrantedSoFar, Refund, SoldOrder } from "../core/types.js";
import { nothingYet, soldLine, soldOrder } from "./builders.js";
import { refundAll } from "./carts.js";
import { at, days, gbp, noon, openDesk, owed, reason, said, scene } from "./desk.js";

const lines = (lineId: string, quantity: number) => [{ lineId, quantity }];
const whole = (order: SoldOrder) => order.lines.map(({ lineId, quantity }) => ({ lineId, quantity }));
const amountOf = (order: SoldOrder, wanted: ReturnType<typeof lines>, soFar = nothingYet) =>
  quote(order, { lines: wanted, fees: [], refundShipping: true }, soFar).amount.minor;
const card = (minor: bigint) => [{ paymentId: "card", method: "CARD", captured: gbp(minor) }];
const unitsGone = (units: Record<string, number>): GrantedSoFar => ({
  ...nothingYet,
  units: new Map(Object.entries(units)),
});

describe("refund: what went wrong elsewhere", () => {
  it("three asked, two arrived, two paid (Spree #14678)", () => {
    const order = soldOrder({ lines: [soldLine("shoes", 3, 26_997n)], shipping: gbp(0n), payments: card(26_997n) });
    const promised = [{ lineId: "shoes", quantity: 3, rejected: 0, missing: 1, reason: "not in the parcel" }];
    const { refund } = openDesk({ order, owed: { lines: lines("shoes", 2), promised } });
    assert.equal(refund.quote.amount.minor, 17_998n, "not 269.97, which is 89.99 over");
    assert.deepEqual(
      refund.differences.map((d) => [d.code, d.quantity, d.amount.minor, d.reason]),
      [["MISSING", 1, -8_999n, "not in the parcel"]],
    );
  });

  it("units of a line come back one by one: the rest is not blocked, and none comes back twice", () => {
    const order = soldOrder({ lines: [soldLine("mugs", 3, 1_000n)], shipping: gbp(0n), payments: card(1_000n) });
    assert.equal(amountOf(order, lines("mugs", 1)), 333n);
    assert.equal(amountOf(order, lines("mugs", 2), unitsGone({ mugs: 1 })), 667n);
    assert.throws(() => amountOf(order, lines("mugs", 3), unitsGone({ mugs: 1 })), reason("UNITS_EXCEED_PURCHASED"));
    assert.throws(() => amountOf(order, lines("mugs", 1), unitsGone({ mugs: 3 })), reason("UNITS_EXCEED_PURCHASED"));
  });

  it("a discounted unit brings what was paid for it, not its list price (sonata-project/ecommerce #177)", () => {
    const off = {
      discountId: "cpn",
      kind: "COUPON",
      amount: gbp(2_000n),
      lineIds: [],
      minimumSpend: undefined,
    } as const;
    const order = soldOrder({
      lines: [soldLine("jacket", 1, 10_000n), soldLine("scarf", 1, 2_500n)],
      discounts: [off],
      shipping: gbp(0n),
      payments: card(10_500n),
    });
    assert.equal(amountOf(order, lines("jacket", 1)), 8_400n, "not 100.00, which is 16.00 over");
  });

  it("a coupon from £100.00 is not kept on £50.00 by sending the rest back (sonata-project/ecommerce #177)", () => {
    const off = {
      discountId: "cpn",
      kind: "COUPON",
      amount: gbp(2_000n),
      lineIds: [],
      minimumSpend: gbp(10_000n),
    } as const;
    const order = soldOrder({
      lines: [soldLine("bait", 1, 5_000n), soldLine("wanted", 1, 5_000n)],
      discounts: [off],
      shipping: gbp(0n),
      payments: card(8_000n),
    });
    assert.equal(amountOf(order, lines("bait", 1)), 3_000n, "what is kept costs its full price");
  });

  it("one of two discounted items takes its own part of the discount along (EDD #8076)", () => {
    const off = {
      discountId: "d",
      kind: "PROMOTION",
      amount: gbp(1_000n),
      lineIds: [],
      minimumSpend: undefined,
    } as const;
    const order = soldOrder({
      lines: [soldLine("a", 1, 2_000n), soldLine("b", 1, 2_000n)],
      discounts: [off],
      shipping: gbp(0n),
      payments: card(3_000n),
    });
    assert.equal(amountOf(order, lines("a", 1)), 1_500n, "not 10.00, with all of the discount taken off one");
  });

  it("a full refund of £179.25 is £179.25, however it was discounted (WooCommerce #64668)", () => {
    const off = {
      discountId: "d",
      kind: "PROMOTION",
      amount: gbp(1_992n),
      lineIds: [],
      minimumSpend: undefined,
    } as const;
    const order = soldOrder({
      lines: [soldLine("a", 3, 7_777n), soldLine("b", 7, 6_545n), soldLine("c", 1, 5_000n)],
      discounts: [off],
      shipping: gbp(595n),
      payments: card(17_925n),
    });
    assert.equal(amountOf(order, whole(order)), 17_925n);
    const oneByOne = refundAll({
      order,
      split: "WATERFALL",
      parts: Array.from({ length: 11 }, (_, i) => ({ line: i % 3, quantity: 1 })),
    });
    assert.equal(
      oneByOne.reduce((sum, r) => sum + r.quote.amount.minor, 0n),
      17_925n,
      "unit by unit too",
    );
  });

  it("no penny is left over of what does not divide (Solidus #512, Spree #6226)", () => {
    for (const [quantity, paid] of [
      [3, 1_000n],
      [7, 1n],
      [6, 100n],
      [11, 12_345n],
    ] as const) {
      const order = soldOrder({ lines: [soldLine("x", quantity, paid)], shipping: gbp(0n), payments: card(paid) });
      const each = Array.from({ length: quantity }, (_, i) => amountOf(order, lines("x", 1), unitsGone({ x: i })));
      assert.equal(
        each.reduce((a, b) => a + b, 0n),
        paid,
      );
      const even = each.every((a) => each.every((b) => a - b <= 1n));
      assert.ok(even, "and no two units differ by more than one");
    }
  });

  it("a charge that is disputed is not refunded as well (Gumroad #4372, #4515; Hyperswitch #10533)", () => {
    const desk = openDesk().do((r) => disputeOpened(r, "pay-1", noon));
    assert.deepEqual([desk.refund.state, desk.tender().heldFor], ["HELD", "DISPUTE"]);
    desk.do((r) => disputeLost(r, "pay-1", days(20))).sound();
    assert.deepEqual([desk.refund.state, desk.balance("chargebacks:pay-1")], ["VOIDED", -3_945n]);
    const won = openDesk()
      .do((r) => disputeOpened(r, "pay-1", noon))
      .do((r) => disputeWon(r, "pay-1", days(20)));
    assert.equal(won.refund.state, "REQUESTED");
  });

  it("what was charged back before is not refunded again (WooPayments #6378)", () => {
    const gone = { refunded: 0n, goodwill: 0n, chargedBack: 3_945n, disputeOpen: false };
    const soFar = { ...nothingYet, payments: new Map([["pay-1", gone]]) };
    const { refund, told } = openDesk({ soFar });
    assert.deepEqual([refund.state, refund.quote.amount.minor, refund.tenders.length], ["VOIDED", 0n, 0]);
    assert.deepEqual(
      refund.quote.adjustments.map((a) => [a.code, a.amount.minor]),
      [["CHARGED_BACK", -3_945n]],
    );
    assert.ok(told.includes("RefundSucceeded"));
  });

  it("a refund that fails or comes back after it succeeded is owed again, a second or a month later (Adyen, Razorpay)", () => {
    for (const seconds of [1, 60, 86_400, 30 * 86_400]) {
      for (const late of ["FAILED", "REVERSED"] as const) {
        const desk = openDesk().do((r) => answered(r, "key-1", said("SUCCEEDED"), at()));
        const now = new Date(noon.getTime() + seconds * 1_000);
        desk.do((r) => answered(r, "key-1", said(late, "account closed"), { now, customerDays: 5 })).sound();
        assert.deepEqual([desk.refund.state, desk.tender().state], ["FAILED", "REVERSED"]);
        assert.ok(desk.told.includes("RefundReversed"));
        assert.deepEqual([desk.balance("refunds_payable"), desk.balance("psp:pay-1")], [-3_945n, 0n]);
      }
    }
  });

  it("the provider's news may be faster than its answer, come twice, or both (Polar #9630)", () => {
    const words: Answer["state"][] = ["PENDING", "SUCCEEDED", "SUCCEEDED", "PENDING"];
    for (const first of words.keys()) {
      for (const second of words.keys()) {
        for (const third of words.keys()) {
          const order = [...new Set([first, second, third, 0, 1, 2, 3])].map((i) => words[i]!);
          const desk = openDesk();
          for (const word of order) desk.do((r) => answered(r, "key-1", said(word), at())).sound();
          assert.equal(desk.refund.state, "SUCCEEDED", order.join());
          assert.equal(desk.journals.filter(({ kind }) => kind === "PAY").length, 1);
          assert.equal(desk.told.filter((name) => name === "RefundSucceeded").length, 1);
        }
      }
    }
  });

  it("points go back as points and a gift card to the gift card, never more than each paid, never twice", () => {
    const ways = ["POINTS", "GIFT_CARD", "CARD", "STORE_CREDIT"] as const;
    const tenders = fc.array(fc.tuple(fc.constantFrom(...ways), fc.bigInt(1n, 5_000n)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(tenders, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 6 }), (paid, parts) => {
        const sum = paid.reduce((total, [, minor]) => total + minor, 0n);
        const order = soldOrder({
          lines: [soldLine("x", 12, sum)],
          shipping: gbp(0n),
          payments: paid.map(([method, minor], i) => ({ paymentId: `p-${i}`, method, captured: gbp(minor) })),
        });
        const refunds = refundAll({
          order,
          split: "WATERFALL",
          parts: parts.map((quantity) => ({ line: 0, quantity })),
        });
        for (const { paymentId, method, captured } of order.payments) {
          const shares = refunds.flatMap((r: Refund) => r.tenders).filter((t) => t.paymentId === paymentId);
          assert.equal(
            shares.reduce((total, { amount }) => total + amount.minor, 0n),
            captured.minor,
          );
          const route = { POINTS: "POINTS", GIFT_CARD: "STORE_CREDIT", STORE_CREDIT: "STORE_CREDIT", CARD: "ORIGINAL" }[
            method
          ];
          assert.ok(shares.every((t) => t.route === route));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("takes no fee for a bonus: one below nothing, in another currency or finer than is paid is refused", () => {
    const fee = (minor: bigint, currency = "GBP") => [{ code: "X", amount: { minor, currency }, ruleId: "r" }];
    const ask = (fees: ReturnType<typeof fee>) => () => grant(scene(), owed(soldOrder(), { fees }));
    assert.throws(ask([...fee(-500n), ...fee(1_000n)]), reason("MONEY_INVALID"));
    assert.throws(ask(fee(1n, "EUR")), reason("CURRENCY_MISMATCH"));
    assert.throws(ask(fee(150n, "TWD")), reason("MONEY_INVALID"));
  });
});
