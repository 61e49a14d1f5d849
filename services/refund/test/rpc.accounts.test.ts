import assert from "node:assert/strict";
import { PartialRefunds } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { newId } from "#kit/ids.js";
import { money } from "#kit/pure/money.js";
import { type House, keyOf, openHouse, refusal, sharesOf } from "./house.js";

describe("refund: money that needs an account", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
    house.psp.manners.set("VIRTUAL_ACCOUNT", { accountNeeded: true });
    house.psp.manners.set("CVS", { partial: PartialRefunds.PARTIAL_REFUNDS_NONE });
  });
  after(() => house?.close());

  const paidBy = (method: string) => ({ payments: [{ paymentId: "pay", method, captured: money(3_945n, "GBP") }] });
  const account = (refundId: string, change: object = {}) => ({
    requestId: newId("req"),
    refundId,
    bankCode: "088",
    accountNumber: "110-123-456789",
    holderName: "Kim Minji",
    ...change,
  });

  it("holds a virtual account's refund until its customer names an account, then pays it under the key it had", async () => {
    const { refundId, ...refund } = await house.issue(house.order(paidBy("VIRTUAL_ACCOUNT")));
    assert.deepEqual(sharesOf({ refundId, ...refund }), [["HELD", "ORIGINAL", 3_945n, "ACCOUNT"]]);
    assert.deepEqual(await house.told(refundId), ["RefundGranted", "RefundHeld"]);
    await house.rest();
    const key = keyOf({ refundId, ...refund });
    assert.equal(house.psp.paying(key), 0, "nobody is asked while it waits");
    const customer = house.as("CUSTOMER", "c-1");
    await customer.setRefundAccount(account(refundId));
    const paid = await house.reaches(refundId, "SUCCEEDED");
    assert.equal(keyOf(paid), key);
    const asked = house.psp.asked.filter((a) => a.key === key);
    assert.deepEqual(
      asked.map((a) => [a.rpc, a.accountToken.startsWith("acct-")]),
      [["refundPayment", true]],
    );
  });

  it("keeps other customers, unknown holders and refunds that wait for nothing away from it, and moves nothing", async () => {
    const { refundId } = await house.issue(house.order(paidBy("VIRTUAL_ACCOUNT")));
    const before = await house.rows();
    const stranger = house.as("CUSTOMER", "c-2");
    await assert.rejects(stranger.setRefundAccount(account(refundId)), refusal("REFUND_NOT_FOUND"));
    const customer = house.as("CUSTOMER", "c-1");
    const nobody = account(refundId, { holderName: "NOBODY" });
    await assert.rejects(customer.setRefundAccount(nobody), refusal("ACCOUNT_NOT_VERIFIED"));
    await assert.rejects(customer.setRefundAccount(account(newId("rfd"))), refusal("REFUND_NOT_FOUND"));
    assert.deepEqual(await house.rows(), before);
    await customer.setRefundAccount(account(refundId));
    await house.reaches(refundId, "SUCCEEDED");
    await assert.rejects(customer.setRefundAccount(account(refundId)), refusal("REFUND_STATE"));
  });

  it("answers the same request as before, also when the payment system is away; another body is refused", async () => {
    const { refundId } = await house.issue(house.order(paidBy("VIRTUAL_ACCOUNT")));
    const customer = house.as("CUSTOMER", "c-1");
    const asked = account(refundId, { requestId: `r${"x".repeat(127)}` });
    const first = await customer.setRefundAccount(asked);
    await house.reaches(refundId, "SUCCEEDED");
    house.psp.away.add("registerAccount");
    assert.deepEqual(await customer.setRefundAccount(asked), first);
    house.psp.away.clear();
    await assert.rejects(
      customer.setRefundAccount({ ...asked, accountNumber: "999-999" }),
      refusal("REQUEST_ID_REUSED"),
    );
  });

  it("never takes one caller's account for another's because both chose the same request id", async () => {
    const requestId = newId("req");
    const tokens: string[] = [];
    for (const [role, subject] of [
      ["CUSTOMER", "c-1"],
      ["AGENT", "anna"],
    ] as const) {
      const { refundId } = await house.issue(house.order(paidBy("VIRTUAL_ACCOUNT")));
      await house
        .as(role, subject)
        .setRefundAccount(account(refundId, { requestId, accountNumber: `110-${subject.length}` }));
      const paid = await house.reaches(refundId, "SUCCEEDED");
      tokens.push(house.psp.asked.find((a) => a.key === keyOf(paid))!.accountToken);
    }
    assert.notEqual(tokens[0], tokens[1]);
  });

  it("pays out to the account what was paid at a store counter", async () => {
    const { refundId } = await house.issue(house.order(paidBy("CVS")));
    await house.as("AGENT", "anna").setRefundAccount(account(refundId));
    const paid = await house.reaches(refundId, "SUCCEEDED");
    assert.deepEqual(sharesOf(paid), [["SUCCEEDED", "BANK_TRANSFER", 3_945n, ""]]);
    assert.deepEqual(
      house.psp.asked.filter((a) => a.key === keyOf(paid)).map((a) => a.rpc),
      ["payOut"],
    );
  });

  it("finds a payout whose answer was lost instead of paying it again", async () => {
    const { refundId } = await house.issue(house.order(paidBy("CVS")));
    house.psp.moods.push("done, answer lost");
    await house.as("CUSTOMER", "c-1").setRefundAccount(account(refundId));
    const paid = await house.reaches(refundId, "SUCCEEDED");
    assert.deepEqual(
      house.psp.asked.filter((a) => a.key === keyOf(paid)).map((a) => a.rpc),
      ["payOut", "findRefund"],
    );
  });
});
