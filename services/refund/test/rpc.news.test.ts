import assert from "node:assert/strict";
import { ProviderRefundState } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { newId } from "#kit/ids.js";
import { type House, keyOf, openHouse, refusal, sharesOf } from "./house.js";

const { PROVIDER_REFUND_STATE_SUCCEEDED, PROVIDER_REFUND_STATE_FAILED, PROVIDER_REFUND_STATE_REVERSED } =
  ProviderRefundState;
const day = 86_400_000;

describe("refund: news of a provider", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());

  /** A refund that its provider has accepted and not settled yet. */
  async function pending() {
    house.psp.moods.push("pending");
    const { refundId } = await house.issue(house.order());
    return house.reaches(refundId, "PENDING");
  }
  /** A refund that came back after it was paid. */
  async function reversed() {
    const { refundId } = await house.issue(house.order());
    const paid = await house.reaches(refundId, "SUCCEEDED");
    house.psp.move(keyOf(paid), PROVIDER_REFUND_STATE_REVERSED, "account closed");
    await house.news({ key: keyOf(paid) });
    return house.reaches(refundId, "FAILED");
  }
  const account = { bankCode: "088", accountNumber: "110-123-456789", holderName: "Kim" };

  it("settles what was pending, and what was said first may be heard twice", async () => {
    const { refundId, ...refund } = await pending();
    const key = keyOf({ refundId, ...refund });
    house.psp.move(key, PROVIDER_REFUND_STATE_SUCCEEDED);
    assert.deepEqual(await house.news({ key }), { refunds: 1 });
    await house.reaches(refundId, "SUCCEEDED");
    await house.news({ key });
    await house.rest();
    assert.deepEqual(await house.told(refundId), ["RefundGranted", "RefundSucceeded"]);
    assert.equal((await house.balances(refundId)).refunds_payable, undefined);
  });

  it("is only a hint: nothing moves by saying so, and what is not ours is nobody's", async () => {
    const refund = await pending();
    assert.deepEqual(await house.news({ key: keyOf(refund) }), { refunds: 1 });
    await house.rest();
    assert.deepEqual(sharesOf(await house.read(refund.refundId)), [["PENDING", "ORIGINAL", 3_945n, ""]]);
    assert.deepEqual(await house.news({ key: "key-of-somebody" }), { refunds: 0 });
    await assert.rejects(
      house.as("FINANCE", "fiona").noteProviderNews({ requestId: "r", paymentId: "", key: "k" }),
      refusal("ROLE_NOT_ALLOWED"),
    );
  });

  it("is looked for once a day where nobody tells it", async () => {
    const refund = await pending();
    house.psp.move(keyOf(refund), PROVIDER_REFUND_STATE_SUCCEEDED);
    await house.clock.pass(day + 1_000);
    await house.reaches(refund.refundId, "SUCCEEDED");
  });

  it("shows a late failure, and finance pays by hand, though not whoever issued it", async () => {
    const order = house.order();
    house.psp.moods.push("pending");
    const { refundId } = await house.goodwill(order, 1_500n, house.as("FINANCE", "fred"));
    const refund = await house.reaches(refundId, "PENDING");
    house.psp.move(keyOf(refund), PROVIDER_REFUND_STATE_FAILED, "the card is closed");
    await house.news({ key: keyOf(refund) });
    const failed = await house.reaches(refundId, "FAILED");
    assert.equal(failed.quote!.tenders[0]!.failure, "the card is closed");
    const hand = { refundId, paymentId: order.payments[0]!.paymentId, reference: "wire 7", note: "by phone" };
    const byHand = (subject: string) =>
      house.as("FINANCE", subject).settleManually({ requestId: newId("req"), ...hand });
    await assert.rejects(byHand("fred"), refusal("SELF_APPROVAL"));
    const { refund: paid } = await byHand("fiona");
    assert.deepEqual(sharesOf(paid!), [["SUCCEEDED", "MANUAL", 1_500n, ""]]);
    assert.equal(paid!.quote!.tenders[0]!.providerRefundId, "wire 7");
    assert.equal((await house.balances(refundId))[`manual:${hand.paymentId}`], -1_500n);
    await assert.rejects(byHand("fiona"), refusal("REFUND_STATE"));
  });

  it("opens a paid refund again when its money came back, and the ledger with it", async () => {
    const refund = await reversed();
    assert.deepEqual(sharesOf(refund), [["REVERSED", "ORIGINAL", 3_945n, ""]]);
    assert.equal(refund.settleTime, undefined);
    assert.deepEqual(await house.told(refund.refundId), [
      "RefundGranted",
      "RefundSucceeded",
      "RefundReversed",
      "RefundFailed",
    ]);
    const balances = await house.balances(refund.refundId);
    assert.equal(balances.refunds_payable, -3_945n, "owed again");
    assert.equal(
      Object.keys(balances).some((account) => account.startsWith("psp:")),
      false,
    );
    const { entries } = await house.as("FINANCE", "fiona").listLedgerEntries({ refundId: refund.refundId });
    assert.deepEqual([...new Set(entries.map(({ kind }) => kind))], ["GRANT", "PAY", "REVERSE"]);
  });

  it("pays what came back to the customer's account, under a key of its own", async () => {
    const { refundId, ...refund } = await reversed();
    const customer = house.as("CUSTOMER", "c-1");
    await customer.setRefundAccount({ requestId: newId("req"), refundId, ...account });
    const paid = await house.reaches(refundId, "SUCCEEDED");
    assert.deepEqual(sharesOf(paid), [
      ["VOIDED", "ORIGINAL", 3_945n, ""],
      ["SUCCEEDED", "BANK_TRANSFER", 3_945n, ""],
    ]);
    assert.equal(keyOf(paid), keyOf({ refundId, ...refund }));
    assert.notEqual(keyOf(paid, 1), keyOf(paid));
    assert.equal(house.psp.paying(keyOf(paid)), 1, "the old key was asked to pay once, for ever");
    assert.equal((await house.balances(refundId)).refunds_payable, undefined);
    const { rows } = await house.db.query("SELECT refunded_minor::text AS minor FROM payment WHERE payment_id = $1", [
      paid.quote!.tenders[0]!.paymentId,
    ]);
    assert.deepEqual(rows, [{ minor: "3945" }], "and counts against the cap once");
  });

  it("may name the payment alone; one that the provider does not know is refused", async () => {
    const refund = await pending();
    house.psp.move(keyOf(refund), PROVIDER_REFUND_STATE_SUCCEEDED);
    assert.deepEqual(await house.news({ paymentId: refund.quote!.tenders[0]!.paymentId }), { refunds: 1 });
    await house.reaches(refund.refundId, "SUCCEEDED");
    await assert.rejects(house.news({ paymentId: "pay-unknown" }), refusal("PARTNER_NOT_FOUND"));
  });
});
