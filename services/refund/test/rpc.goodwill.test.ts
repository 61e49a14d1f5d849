import assert from "node:assert/strict";
import { newId } from "#kit/ids.js";
import { fromProto } from "#kit/pure/money.js";
import { type House, openHouse, refusal, sharesOf, stateWords } from "./house.js";

describe("refund: goodwill, and who may grant and issue", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());

  const approve = (role: "LEAD" | "FINANCE", who: string, refundId: string) =>
    house.as(role, who).approveRefund({ requestId: newId("req"), refundId });

  it("goes out at once up to the market's limit, with its reason", async () => {
    const order = house.order();
    const { refundId, ...refund } = await house.goodwill(order, 2_000n, undefined, { note: "two weeks late" });
    assert.deepEqual(
      [refund.origin, refund.reason, refund.grantedBy, refund.issuedBy],
      ["GOODWILL", "DELIVERY_LATE: two weeks late", "AGENT:anna", "AGENT:anna"],
    );
    await house.reaches(refundId, "SUCCEEDED");
    assert.deepEqual(await house.balances(refundId), {
      goodwill: 2_000n,
      [`psp:${order.payments[0]!.paymentId}`]: -2_000n,
    });
  });

  it("above it waits for a second person, who is another one", async () => {
    const { refundId, state } = await house.goodwill(house.order(), 2_001n, house.as("LEAD", "lena"));
    assert.equal(stateWords.word(state), "GRANTED");
    await assert.rejects(approve("LEAD", "lena", refundId), refusal("SELF_APPROVAL"));
    await assert.rejects(approve("FINANCE", "lena", refundId), refusal("SELF_APPROVAL"));
    await assert.rejects(
      house.as("AGENT", "anna").approveRefund({ requestId: newId("req"), refundId }),
      refusal("ROLE_NOT_ALLOWED"),
    );
    const { refund } = await approve("FINANCE", "fiona", refundId);
    assert.equal(refund!.issuedBy, "FINANCE:fiona");
    await house.reaches(refundId, "SUCCEEDED");
    await assert.rejects(approve("FINANCE", "fred", refundId), refusal("REFUND_STATE"));
  });

  it("is issued once, however many approve it at once", async () => {
    const { refundId } = await house.goodwill(house.order(), 3_000n);
    const results = await Promise.allSettled(["a", "b", "c", "d"].map((who) => approve("LEAD", who, refundId)));
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    const paid = await house.reaches(refundId, "SUCCEEDED");
    assert.equal(house.psp.paying(paid.quote!.tenders[0]!.providerKey), 1);
  });

  it("declined it is over, and the payment free of it", async () => {
    const order = house.order();
    const { refundId } = await house.goodwill(order, 3_900n);
    const decline = { requestId: newId("req"), refundId, note: "they were told before" };
    const { refund } = await house.as("LEAD", "lena").declineRefund(decline);
    assert.deepEqual(
      [stateWords.word(refund!.state), sharesOf(refund!)],
      ["VOIDED", [["VOIDED", "ORIGINAL", 3_900n, ""]]],
    );
    assert.deepEqual(await house.balances(refundId), {});
    await assert.rejects(approve("FINANCE", "fiona", refundId), refusal("REFUND_STATE"));
    const owed = await house.issue(order);
    assert.equal(fromProto(owed.quote!.amount!).minor, 3_945n);
    await house.reaches(owed.refundId, "SUCCEEDED");
  });

  it("is no way out of a debt: what a resolution brings cannot be declined", async () => {
    const { refundId } = await house.issue(house.order());
    const decline = { requestId: newId("req"), refundId, note: "no" };
    await assert.rejects(house.as("LEAD", "lena").declineRefund(decline), refusal("REFUND_STATE"));
  });

  it("counts against what the order still brings", async () => {
    const order = house.order();
    const first = await house.goodwill(order, 1_945n);
    await house.reaches(first.refundId, "SUCCEEDED");
    const { refundId, quote } = await house.issue(order);
    assert.deepEqual(
      quote!.adjustments.map((a) => [a.code, fromProto(a.amount!).minor]),
      [["PAID_BEFORE", -1_945n]],
    );
    await house.reaches(refundId, "SUCCEEDED");
    assert.equal(house.psp.payments.get(order.payments[0]!.paymentId)?.refunded, 3_945n);
    await assert.rejects(house.goodwill(order, 1n), refusal("REFUND_EXCEEDS_CAPTURED"));
  });
});
