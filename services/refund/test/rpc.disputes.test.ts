import assert from "node:assert/strict";
import { newId } from "#kit/ids.js";
import { money } from "#kit/pure/money.js";
import { until } from "#kit/testing/peers.js";
import type { SoldOrder } from "../core/types.js";
import { type House, keyOf, openHouse, sharesOf } from "./house.js";

const hour = 3_600_000;

describe("refund: a payment that the customer's bank disputes", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
    house.psp.manners.set("CARD", { keyLifetimeSeconds: 86_400n });
    house.psp.manners.set("VIRTUAL_ACCOUNT", { accountNeeded: true, keyLifetimeSeconds: 86_400n });
  });
  after(() => house?.close());
  afterEach(() => {
    house.psp.away.clear();
    house.psp.moods.length = 0;
  });

  const paymentOf = ({ payments }: SoldOrder) => payments[0]!.paymentId;
  const open = (order: SoldOrder) => dispute(order, true, 0n);
  const end = (order: SoldOrder, chargedBack: bigint) => dispute(order, false, chargedBack);
  /** The bank says so, and the provider tells us. */
  async function dispute(order: SoldOrder, disputeOpen: boolean, chargedBack: bigint) {
    Object.assign(house.psp.payments.get(paymentOf(order))!, { disputeOpen, chargedBack });
    await house.news({ paymentId: paymentOf(order) });
    await house.rest();
  }
  /** Never more out of a payment than came in, by the provider's own book. */
  function covered(order: SoldOrder) {
    const { captured, refunded, chargedBack } = house.psp.payments.get(paymentOf(order))!;
    assert.ok(refunded + chargedBack <= captured.minor, `${refunded} and ${chargedBack} of ${captured.minor}`);
  }
  const account = { bankCode: "088", accountNumber: "110-123-456789", holderName: "Kim" };

  it("waits for the end of it, and is paid where it is won", async () => {
    const order = house.order();
    await open(order);
    const { refundId, ...refund } = await house.issue(order);
    assert.deepEqual(sharesOf({ refundId, ...refund }), [["HELD", "ORIGINAL", 3_945n, "DISPUTE"]]);
    await house.rest();
    assert.equal(house.psp.paying(keyOf({ refundId, ...refund })), 0);
    await end(order, 0n);
    await house.reaches(refundId, "SUCCEEDED");
    covered(order);
  });

  it("is not paid where it is lost: the bank took the money, and the payment is free of it", async () => {
    const order = house.order();
    await open(order);
    const { refundId } = await house.issue(order);
    await end(order, 3_945n);
    const done = await house.reaches(refundId, "VOIDED");
    assert.deepEqual(sharesOf(done), [["VOIDED", "ORIGINAL", 3_945n, ""]]);
    assert.equal(house.psp.paying(keyOf(done)), 0);
    assert.deepEqual(await house.told(refundId), ["RefundGranted", "RefundHeld", "RefundSucceeded"]);
    const { rows } = await house.db.query(
      "SELECT refunded_minor::int AS refunded, charged_back_minor::int AS back FROM payment WHERE payment_id = $1",
      [paymentOf(order)],
    );
    assert.deepEqual(rows, [{ refunded: 0, back: 3_945 }]);
    assert.equal((await house.balances(refundId)).refunds_payable, undefined);
    covered(order);
  });

  it("holds what was asked for and not answered, and asks nobody meanwhile", async () => {
    const order = house.order();
    house.psp.moods.push("lost");
    house.psp.away.add("findRefund");
    const refund = await house.issue(order);
    await until("the first call", async () => house.psp.paying(keyOf(refund)) === 1);
    Object.assign(house.psp.payments.get(paymentOf(order))!, { disputeOpen: true });
    await house.news({ paymentId: paymentOf(order) });
    house.psp.away.clear();
    await house.reaches(refund.refundId, "HELD");
    await house.rest();
    assert.equal(house.psp.paying(keyOf(refund)), 1);
    await end(order, 3_945n);
    await house.reaches(refund.refundId, "VOIDED");
    assert.equal(house.psp.paying(keyOf(refund)), 1);
    covered(order);
  });

  it("books what was paid before anybody heard of the dispute, though its answer was lost", async () => {
    const order = house.order();
    house.psp.moods.push("done, answer lost");
    house.psp.away.add("findRefund");
    const refund = await house.issue(order);
    Object.assign(house.psp.payments.get(paymentOf(order))!, { disputeOpen: true });
    house.psp.away.clear();
    await house.news({ paymentId: paymentOf(order) });
    await house.reaches(refund.refundId, "SUCCEEDED");
  });

  it("opened while a second person or an account was waited for, is seen before anybody is asked", async () => {
    const granted = house.order();
    const goodwill = await house.goodwill(granted, 2_500n);
    const virtual = house.order({
      payments: [{ paymentId: "va", method: "VIRTUAL_ACCOUNT", captured: money(3_945n, "GBP") }],
    });
    const waiting = await house.issue(virtual);
    for (const order of [granted, virtual]) await open(order);
    await house.as("LEAD", "lena").approveRefund({ requestId: newId("req"), refundId: goodwill.refundId });
    await house
      .as("CUSTOMER", "c-1")
      .setRefundAccount({ requestId: newId("req"), refundId: waiting.refundId, ...account });
    for (const [{ refundId }, order, back] of [
      [goodwill, granted, 3_945n],
      [waiting, virtual, 0n],
    ] as const) {
      const held = await house.reaches(refundId, "HELD");
      assert.equal(sharesOf(held)[0]?.[3], "DISPUTE");
      assert.equal(house.psp.paying(keyOf(held)), 0);
      // Longer than a key lives: it was never shown to anybody, so it is none the older for it.
      await house.clock.pass(25 * hour);
      await end(order, back);
      const done = await house.reaches(refundId, back > 0n ? "VOIDED" : "SUCCEEDED");
      assert.equal(house.psp.paying(keyOf(done)), back > 0n ? 0 : 1);
      covered(order);
    }
  });

  it("that was lost before anybody heard of it stops what was not paid by then", async () => {
    const order = house.order();
    const { refundId } = await house.goodwill(order, 2_500n);
    await end(order, 3_945n);
    await house.as("LEAD", "lena").approveRefund({ requestId: newId("req"), refundId });
    const done = await house.reaches(refundId, "VOIDED");
    assert.equal(house.psp.paying(keyOf(done)), 0);
    covered(order);
  });

  it("takes only what it took: the rest of a payment is still paid", async () => {
    const order = house.order();
    await end(order, 1_000n);
    const { refundId, quote } = await house.issue(order);
    assert.deepEqual(
      quote!.adjustments.map((a) => a.code),
      ["CHARGED_BACK"],
    );
    assert.deepEqual(sharesOf(await house.reaches(refundId, "SUCCEEDED")), [["SUCCEEDED", "ORIGINAL", 2_945n, ""]]);
    covered(order);
  });
});
