import assert from "node:assert/strict";
import { quote } from "../core/quote.js";
import type { Discount, GrantedSoFar, Quote, SoldOrder, Wanted } from "../core/types.js";
import { nothingYet, soldLine, soldOrder } from "./builders.js";
import { gbp } from "./desk.js";

const coupon = (change: Partial<Discount> = {}): Discount => ({
  discountId: "cpn",
  kind: "COUPON",
  amount: gbp(2_000n),
  lineIds: [],
  minimumSpend: gbp(10_000n),
  ...change,
});
/** A coat for £60.00 and a bag for £50.00, £20.00 off from £100.00; £90.00 by card. */
const order = (change: Partial<SoldOrder> = {}, ...discounts: Discount[]): SoldOrder =>
  soldOrder({
    lines: [soldLine("coat", 1, 6_000n), soldLine("bag", 1, 5_000n)],
    shipping: gbp(0n),
    discounts: discounts.length > 0 ? discounts : [coupon()],
    payments: [{ paymentId: "card", method: "CARD", captured: gbp(9_000n) }],
    ...change,
  });
const wanted = (...lineIds: string[]): Wanted => ({
  lines: lineIds.map((lineId) => ({ lineId, quantity: 1 })),
  fees: [],
  refundShipping: true,
});

/** The books after a refund, in the plainest way. */
function after(soFar: GrantedSoFar, { items, adjustments, restored, amount }: Quote): GrantedSoFar {
  const units = new Map(soFar.units);
  for (const { lineId, quantity } of items) units.set(lineId, (units.get(lineId) ?? 0) + quantity);
  const takenBack = new Map(soFar.takenBack);
  for (const a of adjustments) takenBack.set(a.reference, (takenBack.get(a.reference) ?? 0n) - a.amount.minor);
  const refunded = (soFar.payments.get("card")?.refunded ?? 0n) + amount.minor;
  const payments = new Map([["card", { refunded, goodwill: 0n, chargedBack: 0n, disputeOpen: false }]]);
  const pointsRevoked = soFar.pointsRevoked - restored.reduce((sum, { points }) => sum + points, 0);
  return { refunds: soFar.refunds + 1, units, payments, takenBack, pointsRevoked };
}

/** Refunds the lines one after the other: amount, corrections and what is given back of each. */
function inTurn(sold: SoldOrder, ...lineIds: string[]) {
  let soFar = nothingYet;
  return lineIds.map((lineId) => {
    const quoted = quote(sold, wanted(lineId), soFar);
    soFar = after(soFar, quoted);
    return [
      quoted.amount.minor,
      quoted.adjustments.map((a) => [a.code, a.amount.minor]),
      quoted.restored.map((r) => [r.kind, r.points]),
    ];
  });
}

describe("refund: coupons with a minimum spend", () => {
  it("takes back the discount on what is kept once that falls below the minimum, and gives it back with the rest", () => {
    assert.deepEqual(inTurn(order(), "bag", "coat"), [
      // 50.00 less its share of 9.09 are 40.91; the coat's share of 10.91 is no longer earned.
      [3_000n, [["COUPON_BELOW_MINIMUM", -1_091n]], []],
      // 49.09 and the 10.91: together 90.00, which is what was paid.
      [6_000n, [["COUPON_RETURNED", 1_091n]], [["COUPON", 0]]],
    ]);
  });

  it("leaves it while what is kept still reaches the minimum, to the penny", () => {
    const at = (minimum: bigint) => inTurn(order({}, coupon({ minimumSpend: gbp(minimum) })), "bag")[0]?.[0];
    assert.equal(at(6_000n), 4_091n, "60.00 are kept, 60.00 were asked for");
    assert.equal(at(6_001n), 3_000n);
  });

  it("takes no more than the refund brings: the rest waits for the next one", () => {
    const sold = order(
      {
        lines: [soldLine("coat", 1, 10_000n), soldLine("pin", 1, 100n), soldLine("sock", 1, 900n)],
        payments: [{ paymentId: "card", method: "CARD", captured: gbp(9_000n) }],
      },
      coupon({ minimumSpend: gbp(11_000n) }),
    );
    const [pin, sock, coat] = inTurn(sold, "pin", "sock", "coat");
    assert.deepEqual(pin, [0n, [["COUPON_BELOW_MINIMUM", -82n]], []]);
    assert.deepEqual(sock, [0n, [["COUPON_BELOW_MINIMUM", -736n]], []]);
    assert.deepEqual(coat, [9_000n, [["COUPON_RETURNED", 818n]], [["COUPON", 0]]]);
  });

  it("gives a coupon back when nothing is kept of what it was spent on, and only then", () => {
    const onBag = coupon({ lineIds: ["bag"], minimumSpend: undefined, amount: gbp(1_000n) });
    const sold = order({ payments: [{ paymentId: "card", method: "CARD", captured: gbp(10_000n) }] }, onBag);
    assert.deepEqual(
      inTurn(sold, "bag", "coat").map(([amount, , restored]) => [amount, restored]),
      [
        [4_000n, [["COUPON", 0]]],
        [6_000n, []],
      ],
    );
    const campaign = order({}, coupon({ kind: "PROMOTION", minimumSpend: undefined }));
    assert.deepEqual(
      quote(campaign, wanted("coat", "bag"), nothingYet).restored,
      [],
      "a campaign is nobody's to have back",
    );
  });

  it("lets no two coupons take the same penny", () => {
    const two = order(
      { payments: [{ paymentId: "card", method: "CARD", captured: gbp(7_000n) }] },
      coupon(),
      coupon({ discountId: "cpn-2" }),
    );
    const [bag, coat] = inTurn(two, "bag", "coat");
    assert.equal((bag?.[0] as bigint) + (coat?.[0] as bigint), 7_000n);
    assert.ok((bag?.[0] as bigint) >= 0n);
  });

  it("takes earned points back with the units that earned them, all of them in the end", () => {
    const sold = order({
      earnedPoints: 100,
      discounts: [],
      payments: [{ paymentId: "card", method: "CARD", captured: gbp(11_000n) }],
    });
    assert.deepEqual(
      inTurn(sold, "bag", "coat").map(([, , restored]) => restored),
      [[["POINTS_EARNED", -45]], [["POINTS_EARNED", -55]]],
    );
  });
});
