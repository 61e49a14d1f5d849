import assert from "node:assert/strict";
import type { LineDeduction } from "#gen/backhaul/refund/v1/refund_service.js";
import { newId } from "#kit/ids.js";
import { fromProto, money, toProto } from "#kit/pure/money.js";
import { type House, openHouse, refusal } from "./house.js";

describe("refund: deductions at the door", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());

  const deduction = (lineId: string, minor: bigint, currency: string): LineDeduction => ({
    lineId,
    cause: "HANDLING",
    amount: toProto(money(minor, currency)),
    note: "scratched",
  });

  it("are shown with the refund, and given back once when a dispute removes them", async () => {
    const order = house.order();
    const { lineId } = order.lines[0]!;
    const taken = deduction(lineId, 200n, order.currency);
    const first = await house.issue(order, { deductions: [taken] });
    const [shown] = first.quote!.adjustments;
    assert.deepEqual(
      [shown?.code, shown?.reference, shown?.cause, shown?.note, fromProto(shown!.amount!).minor],
      ["DEDUCTION", lineId, "HANDLING", "scratched", -200n],
    );
    const whole = fromProto(first.quote!.amount!).minor + 200n;
    await house.reaches(first.refundId, "SUCCEEDED");

    const requestId = newId("req");
    const back = { requestId, resolutionId: first.resolutionId, lines: [], returned: [taken] };
    const second = await house.issue(order, back);
    assert.equal(fromProto(second.quote!.amount!).minor, 200n);
    assert.deepEqual((await house.issue(order, back)).refundId, second.refundId, "the same request is the same refund");
    await house.reaches(second.refundId, "SUCCEEDED");

    const third = await house.issue(order, { ...back, requestId: newId("req") });
    assert.equal(fromProto(third.quote!.amount!).minor, 0n, "nothing is left that was taken");
    const paid = [first, second, third].reduce((sum, { quote }) => sum + fromProto(quote!.amount!).minor, 0n);
    assert.equal(paid, whole);
  });

  it("are refused without an amount, or without anything to refund", async () => {
    const order = house.order();
    const { lineId } = order.lines[0]!;
    const bare = { ...deduction(lineId, 1n, order.currency), amount: undefined };
    await assert.rejects(house.issue(order, { deductions: [bare] }), refusal("INVALID_REQUEST"));
    await assert.rejects(house.issue(order, { lines: [] }), refusal("INVALID_REQUEST"));
  });
});
