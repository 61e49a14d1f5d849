import assert from "node:assert/strict";
import fc from "fast-check";
import { money } from "#kit/pure/money.js";
import { quote } from "../core/quote.js";
import { shares, unitsOf } from "../core/shares.js";
import type { Discount, SoldOrder } from "../core/types.js";
import { nothingYet, soldLine, soldOrder } from "./builders.js";

/** An order of lines [quantity, paid in minor units], with discounts on all of it or on some lines. */
function sold(
  currency: string,
  lines: readonly (readonly [number, bigint])[],
  ...discounts: Partial<Discount>[]
): SoldOrder {
  return soldOrder({
    currency,
    lines: lines.map(([quantity, minor], i) => soldLine(`l-${i}`, quantity, 0n, { paid: money(minor, currency) })),
    shipping: money(0n, currency),
    discounts: discounts.map((d, i) => ({
      discountId: `d-${i}`,
      kind: "PROMOTION",
      amount: money(0n, currency),
      lineIds: [],
      minimumSpend: undefined,
      ...d,
    })),
    payments: [{ paymentId: "card", method: "CARD", captured: money(10n ** 12n, currency) }],
  });
}
const nets = (order: SoldOrder) => [...shares(order).values()].map(({ net }) => net.minor);
/** What each unit of each line brings, one refund after the other. */
const units = (order: SoldOrder) =>
  [...shares(order).values()].map(({ line, net }) =>
    Array.from({ length: line.quantity }, (_, i) => unitsOf(line, net, i, 1).minor),
  );

describe("refund: each unit's share, by currency", () => {
  const golden: readonly (readonly [string, SoldOrder, readonly (readonly bigint[])[]])[] = [
    [
      "GBP: £10.00 off three for £20.00, £15.00 and £10.00; a line of three thirds",
      sold(
        "GBP",
        [
          [3, 2000n],
          [1, 1500n],
          [2, 1000n],
        ],
        { amount: money(1000n, "GBP") },
      ),
      [[518n, 518n, 519n], [1167n], [389n, 389n]],
    ],
    [
      "KRW: ₩1,000 off three equal lines: the won left over goes to the first, a line of three takes its own residue last",
      sold(
        "KRW",
        [
          [3, 10_000n],
          [1, 10_000n],
          [1, 10_000n],
        ],
        { amount: money(1000n, "KRW") },
      ),
      [[3222n, 3222n, 3222n], [9667n], [9667n]],
    ],
    [
      "TWD: whole dollars, although ISO gives it two decimals",
      sold(
        "TWD",
        [
          [3, 100_000n],
          [2, 50_000n],
        ],
        { amount: money(10_000n, "TWD") },
      ),
      [
        [31_100n, 31_100n, 31_100n],
        [23_300n, 23_400n],
      ],
    ],
    [
      "KWD: thousandths",
      sold(
        "KWD",
        [
          [3, 10_000n],
          [1, 5_000n],
        ],
        { amount: money(1_000n, "KWD") },
      ),
      [[3_111n, 3_111n, 3_111n], [4_667n]],
    ],
    ["JPY: no decimals", sold("JPY", [[7, 100n]], { amount: money(1n, "JPY") }), [[14n, 14n, 14n, 14n, 14n, 14n, 15n]]],
  ];
  for (const [title, order, expected] of golden) {
    it(title, () => {
      assert.deepEqual(units(order), expected);
      const off = order.discounts.reduce((sum, { amount }) => sum + amount.minor, 0n);
      const paid = order.lines.reduce((sum, line) => sum + line.paid.minor, 0n);
      assert.equal(
        expected.flat().reduce((a, b) => a + b, 0n),
        paid - off,
      );
    });
  }

  it("TWD: lines that are not whole dollars never become negative: 1.50 and 2.50 with 4.00 off are nothing", () => {
    assert.deepEqual(
      nets(
        sold(
          "TWD",
          [
            [1, 150n],
            [1, 250n],
          ],
          { amount: money(400n, "TWD") },
        ),
      ),
      [0n, 0n],
    );
    assert.deepEqual(
      nets(
        sold(
          "TWD",
          [
            [1, 150n],
            [1, 250n],
          ],
          { amount: money(300n, "TWD") },
        ),
      ),
      [50n, 50n],
    );
    assert.deepEqual(
      nets(
        sold(
          "TWD",
          [
            [1, 50n],
            [1, 50n],
            [1, 900n],
          ],
          { amount: money(1000n, "TWD") },
        ),
      ),
      [0n, 0n, 0n],
    );
  });

  it("never makes a line negative, and always gives all of the discount that fits", () => {
    const line = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.bigInt(0n, 100_000n));
    const order = fc.tuple(fc.constantFrom("KRW", "TWD", "GBP", "KWD"), fc.array(line, { minLength: 1, maxLength: 5 }));
    fc.assert(
      fc.property(order, fc.array(fc.bigInt(0n, 300_000n), { maxLength: 3 }), ([currency, lines], offs) => {
        const cart = sold(currency, lines, ...offs.map((minor) => ({ amount: money(minor, currency) })));
        const left = nets(cart);
        assert.ok(left.every((minor) => minor >= 0n));
        const paid = lines.reduce((sum, [, minor]) => sum + minor, 0n);
        const off = offs.reduce((sum, minor) => sum + minor, 0n);
        assert.equal(
          left.reduce((a, b) => a + b, 0n),
          off > paid ? 0n : paid - off,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it("gives a discount on some lines to those alone, and one on nothing that was sold to nobody", () => {
    const order = sold(
      "GBP",
      [
        [1, 1000n],
        [1, 1000n],
      ],
      { amount: money(500n, "GBP"), lineIds: ["l-1"] },
      {
        amount: money(500n, "GBP"),
        lineIds: ["l-9"],
      },
    );
    assert.deepEqual(nets(order), [1000n, 500n]);
  });
});

describe("refund: the tax in an amount", () => {
  const taxed = (change: Partial<SoldOrder> = {}) =>
    soldOrder({
      lines: [soldLine("coat", 2, 12_000n, { tax: money(2_000n, "GBP") }), soldLine("book", 1, 1_000n)],
      shipping: money(0n, "GBP"),
      payments: [{ paymentId: "card", method: "CARD", captured: money(13_000n, "GBP") }],
      ...change,
    });
  const tax = (order: SoldOrder, quantity: number, fee = 0n) =>
    quote(
      order,
      {
        lines: [{ lineId: "coat", quantity }],
        fees: [{ code: "RETURN_SHIPPING", amount: money(fee, "GBP"), ruleId: "r" }],
        refundShipping: true,
      },
      nothingYet,
    ).tax?.minor;

  it("is each unit's, and absent where the order does not tell", () => {
    assert.deepEqual([tax(taxed(), 1), tax(taxed(), 2)], [1_000n, 2_000n]);
    assert.equal(tax(taxed({ lines: [soldLine("coat", 2, 12_000n)] }), 1), undefined);
  });

  it("goes with a discount on several lines: £60.00 left of £120.00 hold half of the tax", () => {
    const half = { discountId: "d", kind: "COUPON", amount: money(6_000n, "GBP"), lineIds: ["coat"] } as const;
    const order = taxed({
      discounts: [{ ...half, minimumSpend: undefined }],
      payments: [{ paymentId: "card", method: "CARD", captured: money(7_000n, "GBP") }],
    });
    assert.equal(tax(order, 2), 1_000n);
  });

  it("is never more than the amount holds: what is kept as a fee takes its part of it", () => {
    assert.equal(tax(taxed(), 1, 3_000n), 500n, "half of the 60.00 is kept");
    assert.equal(tax(taxed(), 1, 5_999n), 0n, "of a penny nothing");
    assert.equal(tax(taxed(), 1, 6_000n), 0n);
  });
});
