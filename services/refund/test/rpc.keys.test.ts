import assert from "node:assert/strict";
import { RefundLookup } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { newId } from "#kit/ids.js";
import { money } from "#kit/pure/money.js";
import { until } from "#kit/testing/peers.js";
import { type House, keyOf, openHouse, sharesOf } from "./house.js";

const hour = 3_600_000;

describe("refund: one key for ever", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
    house.psp.manners.set("CARD", { keyLifetimeSeconds: 86_400n });
    house.psp.manners.set("PHONE_BILL", { lookup: RefundLookup.REFUND_LOOKUP_NONE });
  });
  after(() => house?.close());
  afterEach(() => {
    house.psp.away.clear();
    house.psp.moods.length = 0;
  });

  const paidBy = (method: string) => ({ payments: [{ paymentId: "pay", method, captured: money(3_945n, "GBP") }] });
  const asked = (key: string) => house.psp.asked.filter((a) => a.key === key).map((a) => a.rpc);

  it("finds what was done when the answer was lost, and asks nobody to pay again", async () => {
    house.psp.moods.push("done, answer lost");
    const { refundId } = await house.issue(house.order());
    const paid = await house.reaches(refundId, "SUCCEEDED");
    assert.deepEqual(asked(keyOf(paid)), ["refundPayment", "findRefund"]);
  });

  it("asks again under the same key when nothing was done", async () => {
    house.psp.moods.push("lost", "lost");
    const { refundId } = await house.issue(house.order());
    const paid = await house.reaches(refundId, "SUCCEEDED");
    const rpcs = asked(keyOf(paid));
    assert.deepEqual(rpcs.filter((rpc) => rpc === "refundPayment").length, 3);
    assert.equal(house.psp.book.get(keyOf(paid))?.providerRefundId, paid.quote!.tenders[0]!.providerRefundId);
  });

  it("never asks to pay once the provider may have forgotten the key: it looks, and calls a person", async () => {
    house.psp.moods.push("lost");
    house.psp.away.add("findRefund");
    const refund = await house.issue(house.order());
    const key = keyOf(refund);
    await until("the first call", async () => house.psp.paying(key) === 1);
    await house.clock.pass(25 * hour);
    house.psp.away.clear();
    const stuck = await house.reaches(refund.refundId, "MANUAL_REQUIRED");
    assert.match(stuck.quote!.tenders[0]!.failure, /no longer remembers the key/);
    assert.equal(house.psp.paying(key), 1, "paid for at most once, whatever became of the first call");
    const finance = house.as("FINANCE", "fiona");
    await finance.retryRefund({ requestId: newId("req"), refundId: refund.refundId });
    await house.rest();
    assert.equal(house.psp.paying(key), 1, "also when finance tries again");
    assert.equal((await house.read(refund.refundId)).quote!.tenders[0]!.failure, stuck.quote!.tenders[0]!.failure);
    const hand = {
      refundId: refund.refundId,
      paymentId: refund.quote!.tenders[0]!.paymentId,
      reference: "wire 1",
      note: "",
    };
    await finance.settleManually({ requestId: newId("req"), ...hand });
    assert.deepEqual(sharesOf(await house.reaches(refund.refundId, "SUCCEEDED")), [
      ["SUCCEEDED", "MANUAL", 3_945n, ""],
    ]);
  });

  it("takes up after the key's life what was done under it", async () => {
    house.psp.moods.push("done, answer lost");
    house.psp.away.add("findRefund");
    const refund = await house.issue(house.order());
    await until("the first call", async () => house.psp.paying(keyOf(refund)) === 1);
    await house.clock.pass(31 * 24 * hour);
    house.psp.away.clear();
    await house.reaches(refund.refundId, "SUCCEEDED");
    assert.equal(house.psp.paying(keyOf(refund)), 1);
  });

  it("calls a person after one lost answer of a provider that cannot be asked what it did", async () => {
    house.psp.moods.push("done, answer lost");
    const refund = await house.issue(house.order(paidBy("PHONE_BILL")));
    const stuck = await house.reaches(refund.refundId, "MANUAL_REQUIRED");
    assert.match(stuck.quote!.tenders[0]!.failure, /cannot tell/);
    assert.deepEqual(asked(keyOf(refund)), ["refundPayment"]);
    const quick = await house.issue(house.order(paidBy("PHONE_BILL")));
    await house.reaches(quick.refundId, "SUCCEEDED");
  });

  it("does not book what the provider says of another amount", async () => {
    house.psp.moods.push("another amount");
    const refund = await house.issue(house.order());
    await until("a second look", async () => asked(keyOf(refund)).includes("findRefund"));
    const [share] = sharesOf(await house.read(refund.refundId));
    assert.equal(share?.[0], "REQUESTED");
    const kinds = (await house.db.query("SELECT kind FROM ledger_journal WHERE refund_id = $1", [refund.refundId]))
      .rows;
    assert.deepEqual(kinds, [{ kind: "GRANT" }]);
    house.psp.book.set(keyOf(refund), { ...house.psp.book.get(keyOf(refund))!, amount: refund.quote!.amount });
    await house.reaches(refund.refundId, "SUCCEEDED");
  });

  it("does not take the refusal of a look for the refusal of the payment", async () => {
    house.psp.moods.push("done, answer lost");
    house.psp.refusedLooks.add("once");
    const refund = await house.issue(house.order());
    await until("it will look again", async () => {
      const { rows } = await house.db.query("SELECT due_time FROM agenda WHERE aggregate_id = $1", [refund.refundId]);
      return rows.some(({ due_time }) => due_time > house.clock.now());
    });
    assert.deepEqual(sharesOf(await house.read(refund.refundId)), [["REQUESTED", "ORIGINAL", 3_945n, ""]]);
    await house.clock.pass(hour);
    await house.reaches(refund.refundId, "SUCCEEDED");
    assert.equal(house.psp.paying(keyOf(refund)), 1);
  });

  it("pays nobody twice, however many answers are lost at once", async function () {
    // Whose answers are lost is not asked for seconds at a time.
    this.timeout(60_000);
    const orders = Array.from({ length: 24 }, () => house.order());
    const moods = ["done, answer lost", "lost", "done, answer lost"] as const;
    house.psp.moods.push(...orders.map((_, i) => moods[i % 3]!));
    const refunds = await Promise.all(orders.map((order) => house.issue(order)));
    await Promise.all(refunds.map(({ refundId }) => house.reaches(refundId, "SUCCEEDED", 45_000)));
    for (const order of orders) {
      const { paymentId } = order.payments[0]!;
      const paid = [...house.psp.book.values()].filter((r) => r.paymentId === paymentId);
      assert.equal(paid.length, 1);
      assert.equal(house.psp.payments.get(paymentId)?.refunded, 3_945n);
    }
  });
});
