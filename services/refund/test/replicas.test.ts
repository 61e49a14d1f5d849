import assert from "node:assert/strict";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { newId } from "#kit/ids.js";
import { clientAs } from "#kit/testing/peers.js";
import { type House, openHouse, refusal } from "./house.js";

describe("refund: a replica", () => {
  let house: House;
  let other: Awaited<ReturnType<House["replica"]>>;
  before(async () => {
    house = await openHouse();
    other = await house.replica();
  });
  after(async () => {
    await other?.stop();
    await house?.close();
  });

  it("decides again from what the other has written, and not from what it remembers", async () => {
    const { refundId } = await house.goodwill(house.order(), 3_000n);
    const there = clientAs(RefundServiceService, other.port, "LEAD", "lena");
    await there.approveRefund({ requestId: newId("req"), refundId });
    there.close();
    const decline = { requestId: newId("req"), refundId, note: "too much" };
    await assert.rejects(house.as("LEAD", "lea").declineRefund(decline), refusal("REFUND_STATE"));
    await house.reaches(refundId, "SUCCEEDED");
  });
});
