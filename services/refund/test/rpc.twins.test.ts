import assert from "node:assert/strict";
import { ProviderRefundState } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { CorrectionKind } from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import { TwinState } from "#gen/backhaul/refund/v1/refund.js";
import { newId } from "#kit/ids.js";
import { fromProto, money } from "#kit/pure/money.js";
import { soldLine } from "./builders.js";
import { type House, openHouse, refusal, sharesOf } from "./house.js";

const day = 86_400_000;
const krw = (minor: bigint) => money(minor, "KRW");

describe("refund: what goes along with the money", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());
  afterEach(() => {
    house.partners.closed.documents = false;
  });

  /** ₩60,000 of a seller's goods less a coupon, by card and points, with a cash receipt. */
  const korean = () =>
    house.order({
      market: "KR",
      currency: "KRW",
      lines: [soldLine("phone", 1, 0n, { paid: krw(60_000n), tax: krw(5_455n), sellerId: "s-1" })],
      shipping: krw(0n),
      discounts: [{ discountId: "cpn-1", kind: "COUPON", amount: krw(10_000n), lineIds: [], minimumSpend: undefined }],
      payments: [
        { paymentId: "pts", method: "POINTS", captured: krw(20_000n) },
        { paymentId: "card", method: "CARD", captured: krw(30_000n) },
      ],
      taxDocument: { kind: "CASH_RECEIPT", number: "CR-1", issueTime: house.clock.now() },
      earnedPoints: 300,
    });

  it("pays card and points each its own way, and has everybody do their part, once", async () => {
    const order = korean();
    const { refundId } = await house.issue(order);
    const paid = await house.reaches(refundId, "SUCCEEDED");
    assert.deepEqual(sharesOf(paid), [
      ["SUCCEEDED", "ORIGINAL", 30_000n, ""],
      ["SUCCEEDED", "POINTS", 20_000n, ""],
    ]);
    assert.deepEqual(
      paid.twins.map((t) => [t.kind, t.reference, TwinState[t.state], t.counterpartId !== ""]),
      [
        ["TAX_DOCUMENT", "CR-1", "TWIN_STATE_MATCHED", true],
        ["COUPON", "cpn-1", "TWIN_STATE_MATCHED", true],
        ["POINTS_EARNED", order.orderId, "TWIN_STATE_MATCHED", true],
        ["SETTLEMENT", "s-1", "TWIN_STATE_MATCHED", true],
      ],
    );
    const [document, , points, settlement] = paid.twins.map(({ key }) => key) as [string, string, string, string];
    const correction = house.partners.corrections.get(document);
    assert.equal(correction?.kind, CorrectionKind.CORRECTION_KIND_CASH_RECEIPT_CANCEL);
    assert.deepEqual([fromProto(correction!.amount!).minor, correction!.tax?.minor], [50_000n, 4_546n]);
    assert.equal(house.partners.movements.get(points)?.points, 300n);
    assert.equal(house.partners.adjustments.get(settlement)?.amount.minor, -50_000n);
    assert.deepEqual(await house.balances(refundId), {
      [`psp:${order.payments[1]!.paymentId}`]: -30_000n,
      "sales_returns:phone": 50_000n,
      "sales_returns:sellers": -50_000n,
      "sales_returns:tax": -4_546n,
      "seller:s-1": 50_000n,
      [`stored_value:${order.payments[0]!.paymentId}`]: -20_000n,
      tax_payable: 4_546n,
    });
  });

  it("does not close with an unmatched document: it fails, and closes when finance has tried again", async () => {
    house.partners.closed.documents = true;
    const { refundId } = await house.issue(korean());
    const failed = await house.reaches(refundId, "FAILED");
    const key = failed.twins[0]!.key;
    assert.match(failed.twins[0]!.failure, /tax office/);
    assert.ok(
      sharesOf(failed).every(([state]) => state === "SUCCEEDED"),
      "the money is out all the same",
    );
    assert.equal((await house.told(refundId)).at(-1), "RefundFailed");
    await assert.rejects(
      house.as("AGENT", "anna").retryRefund({ requestId: newId("req"), refundId }),
      refusal("ROLE_NOT_ALLOWED"),
    );
    house.partners.closed.documents = false;
    await house.as("FINANCE", "fiona").retryRefund({ requestId: newId("req"), refundId });
    const closed = await house.reaches(refundId, "SUCCEEDED");
    assert.equal(closed.twins[0]!.key, key);
    assert.equal([...house.partners.corrections.keys()].filter((of) => of === key).length, 1);
    await assert.rejects(
      house.as("FINANCE", "fiona").retryRefund({ requestId: newId("req"), refundId }),
      refusal("REFUND_STATE"),
    );
  });

  it("KR: interest comes by itself for every day of delay, and is paid as store credit", async () => {
    house.psp.manners.set("VIRTUAL_ACCOUNT", { accountNeeded: true });
    const order = house.order({
      market: "KR",
      currency: "KRW",
      lines: [soldLine("phone", 1, 0n, { paid: krw(100_000n) })],
      shipping: krw(0n),
      payments: [{ paymentId: "va", method: "VIRTUAL_ACCOUNT", captured: krw(100_000n) }],
    });
    const dueTime = new Date(house.clock.now().getTime() + day);
    const { refundId } = await house.issue(order, { dueTime, dueArticle: "E-Commerce Act Art. 18(2)" });
    await house.clock.pass(1.5 * day);
    await house.rest();
    const first = (await house.read(refundId)).interest!;
    assert.deepEqual([first.days, fromProto(first.amount!).minor], [1, 42n], "41.09 up to the won");
    await house.clock.pass(4 * day);
    await house.rest();
    assert.equal((await house.read(refundId)).interest!.days, 5);
    const account = { bankCode: "088", accountNumber: "110-123", holderName: "Kim" };
    await house.as("CUSTOMER", "c-1").setRefundAccount({ requestId: newId("req"), refundId, ...account });
    const paid = await house.reaches(refundId, "SUCCEEDED");
    assert.deepEqual(sharesOf(paid), [
      ["SUCCEEDED", "ORIGINAL", 100_000n, ""],
      ["SUCCEEDED", "STORE_CREDIT", 206n, ""],
    ]);
    const credit = house.partners.movements.get(`${refundId}.interest`);
    assert.deepEqual([credit?.kind, fromProto(credit!.amount!).minor], ["GRANT", 206n]);
    assert.equal(paid.interest?.article, "E-Commerce Act Art. 18(2), Decree Art. 21-3");
    const balances = await house.balances(refundId);
    assert.deepEqual([balances.interest_expense, balances.refunds_payable], [206n, undefined]);
    assert.ok((await accruals(refundId)) <= 1, "one day is waited for at most");
  });

  it("KR: waits for one day of delay at a time, also when the money came back on the day it was paid", async () => {
    const order = korean();
    const dueTime = new Date(house.clock.now().getTime() - day / 2);
    const { refundId } = await house.issue(order, { dueTime });
    const paid = await house.reaches(refundId, "SUCCEEDED");
    await house.rest();
    const { providerKey: key } = paid.quote!.tenders.find(({ method }) => method === "CARD")!;
    house.psp.move(key, ProviderRefundState.PROVIDER_REFUND_STATE_REVERSED);
    await house.news({ key });
    await house.reaches(refundId, "FAILED");
    assert.equal(await accruals(refundId), 1);
    await house.clock.pass(day);
    await house.rest();
    assert.equal(await accruals(refundId), 1);
    const { interest } = await house.read(refundId);
    // ₩50,000 for the first day, ₩30,000 for the second: 32.87 up to the won.
    assert.deepEqual([interest!.days, fromProto(interest!.amount!).minor], [2, 33n]);
  });

  async function accruals(refundId: string): Promise<number> {
    const { rows } = await house.db.query("SELECT step FROM agenda WHERE aggregate_id = $1 AND step = 'accrue'", [
      refundId,
    ]);
    return rows.length;
  }
});
