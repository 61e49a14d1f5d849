import assert from "node:assert/strict";
import fc from "fast-check";
import { differences, quote } from "../core/quote.js";
import type { Promised, Wanted } from "../core/types.js";
import { nothingYet, soldLine, soldOrder } from "./builders.js";
import { gbp } from "./desk.js";

const order = soldOrder({
  lines: [soldLine("mugs", 5, 1_000n), soldLine("lamp", 1, 2_550n)],
  payments: [{ paymentId: "card", method: "CARD", captured: gbp(3_945n) }],
});
const fee = { code: "RETURN_SHIPPING", amount: gbp(350n), ruleId: "gb-fee" };
const promise = (lineId: string, quantity: number, rejected = 0, missing = 0): Promised => ({
  lineId,
  quantity,
  rejected,
  missing,
  reason: "inspected",
});

/** What becomes of a promise when these lines are paid: as [code, line, units, amount]. */
function became(promised: readonly Promised[], lines: Wanted["lines"], fees: Wanted["fees"] = []) {
  const wanted = { lines, fees, refundShipping: true };
  const paid = quote(order, wanted, nothingYet);
  const before = quote(order, { ...wanted, lines: promised }, nothingYet);
  const found = differences(order, wanted, promised, paid, nothingYet);
  const explained = found.reduce((sum, { amount }) => sum + amount.minor, 0n);
  assert.equal(explained, paid.amount.minor - before.amount.minor, "both sums differ by exactly these");
  return found.map((d) => [d.code, d.lineId, d.quantity, d.amount.minor]);
}

describe("refund: differences between what was promised and what is paid", () => {
  it("names nothing where the promise is kept, or none was made", () => {
    assert.deepEqual(became([promise("mugs", 5)], [{ lineId: "mugs", quantity: 5 }]), []);
    assert.deepEqual(
      differences(
        order,
        { lines: [], fees: [], refundShipping: true },
        [],
        quote(order, { lines: [{ lineId: "mugs", quantity: 1 }], fees: [], refundShipping: true }, nothingYet),
        nothingYet,
      ),
      [],
    );
  });

  it("names what was rejected and what was missing apart, each unit with its own share", () => {
    assert.deepEqual(became([promise("mugs", 5, 2, 1)], [{ lineId: "mugs", quantity: 2 }]), [
      ["REJECTED", "mugs", 2, -400n],
      ["MISSING", "mugs", 1, -200n],
    ]);
    assert.deepEqual(became([promise("mugs", 5, 2)], [{ lineId: "mugs", quantity: 3 }]), [
      ["REJECTED", "mugs", 2, -400n],
    ]);
    assert.deepEqual(became([promise("mugs", 5, 0, 5), promise("lamp", 1)], [{ lineId: "lamp", quantity: 1 }]), [
      ["MISSING", "mugs", 5, -1_000n],
      ["ADJUSTMENT", "", 0, -395n],
    ]);
  });

  it("names units that nobody explains as such", () => {
    assert.deepEqual(became([promise("mugs", 5)], [{ lineId: "mugs", quantity: 4 }]), [["UNITS", "mugs", 1, -200n]]);
  });

  it("names what follows from it: delivery cost that waits for the last unit, a fee that found less to take", () => {
    assert.deepEqual(became([promise("mugs", 5), promise("lamp", 1, 1)], [{ lineId: "mugs", quantity: 5 }]), [
      ["REJECTED", "lamp", 1, -2_550n],
      ["ADJUSTMENT", "", 0, -395n],
    ]);
    assert.deepEqual(became([promise("mugs", 5, 4)], [{ lineId: "mugs", quantity: 1 }], [fee]), [
      ["REJECTED", "mugs", 4, -800n],
      ["ADJUSTMENT", "", 0, 150n],
    ]);
  });

  it("takes a line that is promised twice for one", () => {
    assert.deepEqual(became([promise("mugs", 2, 1), promise("mugs", 3, 1, 1)], [{ lineId: "mugs", quantity: 2 }]), [
      ["REJECTED", "mugs", 2, -400n],
      ["MISSING", "mugs", 1, -200n],
    ]);
  });

  it("explains the whole difference, whatever came of whatever was promised", () => {
    const line = fc.record({
      quantity: fc.integer({ min: 1, max: 5 }),
      paid: fc.integer({ min: 0, max: 5 }),
      rejected: fc.integer({ min: 0, max: 5 }),
      missing: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(line, fc.boolean(), fc.boolean(), (mugs, lamp, withFee) => {
        const promised = [
          promise("mugs", mugs.quantity, mugs.rejected, mugs.missing),
          ...(lamp ? [promise("lamp", 1)] : []),
        ];
        const lines = [
          { lineId: "mugs", quantity: Math.min(mugs.paid, mugs.quantity) },
          { lineId: "lamp", quantity: 1 },
        ].filter(({ quantity }) => quantity > 0);
        const found = became(promised, lines, withFee ? [fee] : []);
        const units = found.filter(([code, of]) => code !== "ADJUSTMENT" && of === "mugs");
        const gone = units.reduce((sum, [, , quantity]) => sum + (quantity as number), 0);
        assert.equal(gone, mugs.quantity - Math.min(mugs.paid, mugs.quantity), "every unit has its reason");
      }),
      { numRuns: 500 },
    );
  });
});
