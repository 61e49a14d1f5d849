import assert from "node:assert/strict";
import type { GrantGoodwillRequest } from "#gen/backhaul/refund/v1/refund_service.js";
import { newId } from "#kit/ids.js";
import { money } from "#kit/pure/money.js";
import { soldLine } from "./builders.js";
import { type House, keyOf, openHouse, refusal, sharesOf } from "./house.js";

const gbp = (units: bigint, nanos = 0) => ({ currencyCode: "GBP", units, nanos });
const fee = (amount: object) => [{ code: "RETURN_SHIPPING", ruleId: "r", amount }] as never;

describe("refund: what it refuses, each with its own reason, and moves nothing", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());

  /** Refused with this reason, and not a row is written anywhere. */
  async function refused(expected: string, ask: () => Promise<unknown>): Promise<void> {
    await house.rest();
    const before = await house.rows();
    await assert.rejects(ask(), refusal(expected));
    assert.deepEqual(await house.rows(), before, "nothing is written");
  }
  const goodwill = (amount: object | undefined, change: Partial<GrantGoodwillRequest> = {}) => {
    const request = { requestId: newId("req"), orderId: house.order().orderId, reason: "DELIVERY_LATE", note: "" };
    return house.as("AGENT", "anna").grantGoodwill({ ...request, amount: amount as never, ...change });
  };

  for (const [what, expected, amount] of [
    ["more decimals than the currency has", "MONEY_INVALID", gbp(1n, 1_000_000)],
    ["a float's dust", "MONEY_INVALID", gbp(0n, 299_999_999)],
    ["signs that disagree", "MONEY_INVALID", gbp(1n, -10_000_000)],
    ["an amount below nothing", "MONEY_INVALID", gbp(-1n)],
    ["nothing at all", "MONEY_INVALID", gbp(0n)],
    ["a currency nobody knows", "CURRENCY_UNKNOWN", { currencyCode: "XXX", units: 1n, nanos: 0 }],
    ["no currency", "CURRENCY_UNKNOWN", { currencyCode: "", units: 1n, nanos: 0 }],
    ["another currency than the order's", "CURRENCY_MISMATCH", { currencyCode: "EUR", units: 1n, nanos: 0 }],
    ["more than goodwill goes up to", "REFUND_EXCEEDS_CAPTURED", gbp(501n)],
    ["more than was captured", "REFUND_EXCEEDS_CAPTURED", gbp(40n)],
    ["an amount beyond all numbers", "REFUND_EXCEEDS_CAPTURED", gbp(2n ** 62n)],
  ] as const) {
    it(`${what}: ${expected}`, () => refused(expected, () => goodwill(amount)));
  }

  it("no amount: INVALID_REQUEST", () => refused("INVALID_REQUEST", () => goodwill(undefined)));

  it("a reason that the market does not know: REASON_UNKNOWN", () =>
    refused("REASON_UNKNOWN", () => goodwill(gbp(1n), { reason: "BECAUSE" })));

  it("a cent of a currency that is paid in whole dollars: MONEY_INVALID", async () => {
    const twd = (minor: bigint) => money(minor, "TWD");
    const order = house.order({
      market: "TW",
      currency: "TWD",
      lines: [soldLine("tea", 1, 0n, { paid: twd(50_000n) })],
      shipping: twd(0n),
      payments: [{ paymentId: "card", method: "CARD", captured: twd(50_000n) }],
    });
    const half = { currencyCode: "TWD", units: 10n, nanos: 500_000_000 };
    await refused("MONEY_INVALID", () => goodwill(half, { orderId: order.orderId }));
    await refused("MONEY_INVALID", () => house.issue(order, { fees: fee(half) }));
    const krw = { currencyCode: "KRW", units: 10n, nanos: 500_000_000 };
    await refused("MONEY_INVALID", () => goodwill(krw, { orderId: order.orderId }));
  });

  it("fees below nothing, finer than is paid, of another or no known currency", async () => {
    const order = house.order();
    await refused("MONEY_INVALID", () => house.issue(order, { fees: fee(gbp(-5n)) }));
    await refused("MONEY_INVALID", () => house.issue(order, { fees: fee(gbp(0n, 1)) }));
    await refused("CURRENCY_MISMATCH", () =>
      house.issue(order, { fees: fee({ currencyCode: "EUR", units: 1n, nanos: 0 }) }),
    );
    await refused("CURRENCY_UNKNOWN", () =>
      house.issue(order, { fees: fee({ currencyCode: "GB", units: 1n, nanos: 0 }) }),
    );
  });

  it("an order, a line or units that are not there, and a market without a policy", async () => {
    const order = house.order();
    await refused("ORDER_NOT_FOUND", () => house.issue({ ...order, orderId: "ord-nowhere" }));
    await refused("LINE_NOT_IN_ORDER", () => house.issue(order, { lines: [{ lineId: "vase", quantity: 1 }] }));
    await refused("UNITS_EXCEED_PURCHASED", () => house.issue(order, { lines: [{ lineId: "mugs", quantity: 4 }] }));
    await refused("INVALID_REQUEST", () => house.issue(order, { lines: [{ lineId: "mugs", quantity: 0 }] }));
    await refused("INVALID_REQUEST", () => house.issue(order, { lines: [] }));
    const promised = [{ lineId: "mugs", quantity: 4, rejected: 0, missing: 0, reason: "" }];
    await refused("UNITS_EXCEED_PURCHASED", () => house.issue(order, { promised }));
    await refused("NO_POLICY", () => house.issue(house.order({ market: "DE" })));
  });

  it("another body under a request id that was used, for every verb that takes one", async () => {
    const order = house.order();
    const requestId = newId("req");
    const resolutionId = newId("res");
    const { refundId } = await house.issue(order, {
      requestId,
      resolutionId,
      lines: [{ lineId: "lamp", quantity: 1 }],
    });
    await house.reaches(refundId, "SUCCEEDED");
    await refused("REQUEST_ID_REUSED", () =>
      house.issue(order, { requestId, resolutionId, lines: [{ lineId: "mugs", quantity: 1 }] }),
    );
    const first = { requestId: newId("req"), orderId: order.orderId, reason: "DELIVERY_LATE", note: "" };
    const anna = house.as("AGENT", "anna");
    const given = await anna.grantGoodwill({ ...first, amount: gbp(1n) });
    await house.reaches(given.refund!.refundId, "SUCCEEDED");
    await refused("REQUEST_ID_REUSED", () => anna.grantGoodwill({ ...first, amount: gbp(2n) }));
    const recovered = {
      requestId: newId("req"),
      refundId,
      lines: [{ lineId: "lamp", quantity: 1 }],
      reason: "empty box",
    };
    await house.service.recoverRefund(recovered);
    await refused("REQUEST_ID_REUSED", () => house.service.recoverRefund({ ...recovered, reason: "no box" }));
  });

  it("verbs on a refund that is closed: REFUND_STATE", async () => {
    const order = house.order();
    const { refundId, ...refund } = await house.issue(order);
    await house.reaches(refundId, "SUCCEEDED");
    const finance = house.as("FINANCE", "fiona");
    const at = () => ({ requestId: newId("req"), refundId });
    const account = { bankCode: "088", accountNumber: "110-123", holderName: "Kim" };
    const hand = { paymentId: order.payments[0]!.paymentId, reference: "wire", note: "" };
    await refused("REFUND_STATE", () => finance.approveRefund(at()));
    await refused("REFUND_STATE", () => finance.declineRefund({ ...at(), note: "no" }));
    await refused("REFUND_STATE", () => finance.retryRefund(at()));
    await refused("REFUND_STATE", () => finance.settleManually({ ...at(), ...hand }));
    await refused("REFUND_STATE", () => house.as("CUSTOMER", "c-1").setRefundAccount({ ...at(), ...account }));
    await refused("REFUND_STATE", () => finance.settleRecovery({ ...at(), recovered: true, reference: "x" }));
    await refused("UNITS_EXCEED_PURCHASED", () =>
      house.service.recoverRefund({ ...at(), lines: [{ lineId: "mugs", quantity: 4 }], reason: "?" }),
    );
    assert.equal(house.psp.paying(keyOf({ refundId, ...refund })), 1);
  });

  it("a refund that is not there, for every verb: REFUND_NOT_FOUND", async () => {
    const at = () => ({ requestId: newId("req"), refundId: newId("rfd") });
    const finance = house.as("FINANCE", "fiona");
    await refused("REFUND_NOT_FOUND", () => finance.getRefund(at()));
    await refused("REFUND_NOT_FOUND", () => finance.listLedgerEntries(at()));
    await refused("REFUND_NOT_FOUND", () => finance.approveRefund(at()));
    await refused("REFUND_NOT_FOUND", () => finance.declineRefund({ ...at(), note: "no" }));
    await refused("REFUND_NOT_FOUND", () => finance.retryRefund(at()));
    await refused("REFUND_NOT_FOUND", () =>
      finance.settleManually({ ...at(), paymentId: "p", reference: "w", note: "" }),
    );
    await refused("REFUND_NOT_FOUND", () =>
      house.service.recoverRefund({ ...at(), lines: [{ lineId: "a", quantity: 1 }], reason: "?" }),
    );
    await refused("REFUND_NOT_FOUND", () => finance.settleRecovery({ ...at(), recovered: true, reference: "x" }));
  });

  it("never quotes less than nothing to a customer, and stores nothing of a quote", async () => {
    const order = house.order();
    const customer = house.as("CUSTOMER", "c-1");
    const ask = { orderId: order.orderId, lines: [{ lineId: "mugs", quantity: 1 }], refundShipping: true };
    await refused("MONEY_INVALID", () => customer.quoteRefund({ ...ask, fees: fee(gbp(-5n)) }));
    await refused("ORDER_NOT_FOUND", () => house.as("CUSTOMER", "c-2").quoteRefund({ ...ask, fees: [] }));
    const before = await house.rows();
    const { quote } = await customer.quoteRefund({ ...ask, fees: [] });
    assert.deepEqual(await house.rows(), before);
    assert.ok(quote!.tenders[0]!.expectedTime! > house.clock.now(), "with the day the customer should have it");
    const { refundId, ...refund } = await house.issue(order, { lines: ask.lines });
    assert.deepEqual(refund.quote!.items, quote!.items, "what is paid is what was quoted");
    assert.deepEqual(sharesOf(await house.reaches(refundId, "SUCCEEDED")), [["SUCCEEDED", "ORIGINAL", 333n, ""]]);
  });
});
