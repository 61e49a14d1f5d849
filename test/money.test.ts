// Journeys of money over REST through the whole mesh: accounts, stored value, documents, reversals, recoveries, delay.
// After each the invariants are asked, and must find nothing.
import assert from "node:assert/strict";
import { ProviderMove } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import { breaches } from "./invariants.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type SeenRefund, type Shop } from "./shop.js";

describe("a journey of money", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    mesh = await openMesh();
    shop = await openShop(mesh.doors);
  });
  afterEach(async function () {
    if (this.currentTest?.state !== "passed") return;
    await shop.pass(0.01);
    const { databaseUrl, nats, env } = mesh.stage;
    const schemaOf = (service: string) => env(service).DATABASE_SCHEMA ?? service;
    assert.deepEqual(await breaches(databaseUrl, nats.url, schemaOf), []);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  const post = (role: Parameters<Shop["rest"]>[0], who: string, path: string, body: object) =>
    shop.rest(role, who, "POST", path, body);
  const account = { bankCode: "088", accountNumber: "110-123-456789", holderName: "Kim" };

  /** The refund of a resolution, as it stands. */
  async function refundOf(resolutionId: string): Promise<SeenRefund> {
    return shop.refund((await shop.see(resolutionId)).refundId);
  }

  it("KR: a virtual account waits for the customer's bank account, and is paid to it", async () => {
    const order = await shop.order({
      shipsInDays: 1,
      more: ({ orderId, money }) => ({
        payments: [{ paymentId: `pay-${orderId}`, method: "VIRTUAL_ACCOUNT", captured: money(50_000n) }],
      }),
    });
    const { resolutionId } = await shop.ask(order, "CANCELLATION");
    await shop.pass(0.1);
    const held = await refundOf(resolutionId);
    assert.equal(held.state, "REFUND_STATE_HELD");
    assert.equal(held.quote.tenders[0]?.heldFor, "ACCOUNT");
    const path = `/v1/refunds/${held.refundId}:setAccount`;
    const stranger = await post("CUSTOMER", "cus-stranger", path, account);
    assert.equal(stranger.json.reason, "REFUND_NOT_FOUND");
    const nobody = await post("CUSTOMER", order.customerId, path, { ...account, holderName: "NOBODY" });
    assert.equal(nobody.json.reason, "ACCOUNT_NOT_VERIFIED");
    assert.equal((await post("CUSTOMER", order.customerId, path, account)).status, 200);
    await shop.reaches(resolutionId, "CLOSED");
    assert.equal((await shop.providerRefunds(order.orderId)).length, 1);
    const again = await post("CUSTOMER", order.customerId, path, account);
    assert.equal(again.json.reason, "REFUND_STATE", "an account for a refund that is paid");
  });

  it("TW: a payment at a store counter goes to a bank account, and its e-invoice is voided or allowed for", async () => {
    const order = await shop.order({
      market: "TW",
      paidMinor: 120_000n,
      shipsInDays: 1,
      more: ({ orderId, money }) => ({
        payments: [{ paymentId: `pay-${orderId}`, method: "CVS", captured: money(120_000n) }],
        taxDocument: { kind: 2, number: `AB-${orderId}`, issueTime: new Date() },
      }),
    });
    const { resolutionId } = await shop.ask(order, "CANCELLATION");
    await shop.pass(0.1);
    const held = await refundOf(resolutionId);
    assert.deepEqual([held.state, held.quote.tenders[0]?.route], ["REFUND_STATE_HELD", "BANK_TRANSFER"]);
    await post("CUSTOMER", order.customerId, `/v1/refunds/${held.refundId}:setAccount`, account);
    await shop.reaches(resolutionId, "CLOSED");
    const paid = await refundOf(resolutionId);
    assert.equal(paid.twins[0]?.state, "TWIN_STATE_MATCHED");
    assert.match(paid.twins[0]?.correction ?? "", /VOID|ALLOWANCE/);
  });

  it("KR: card, points and a coupon come back each its own way, and earned points go", async () => {
    const order = await shop.order({
      paidMinor: 60_000n,
      shipsInDays: 1,
      more: ({ orderId, money }) => ({
        discounts: [{ discountId: `cpn-${orderId}`, kind: 2, amount: money(10_000n) }],
        payments: [
          { paymentId: `pts-${orderId}`, method: "POINTS", captured: money(20_000n) },
          { paymentId: `pay-${orderId}`, method: "CARD", captured: money(30_000n) },
        ],
        earnedPoints: 500n,
      }),
    });
    const { resolutionId } = await shop.ask(order, "CANCELLATION");
    await shop.reaches(resolutionId, "CLOSED");
    const { quote, twins } = await refundOf(resolutionId);
    assert.equal(quote.amount.units, "50000");
    assert.deepEqual(
      quote.tenders.map((t) => [t.route, t.amount.units, t.state]),
      [
        ["ORIGINAL", "30000", "TENDER_STATE_SUCCEEDED"],
        ["POINTS", "20000", "TENDER_STATE_SUCCEEDED"],
      ],
    );
    assert.deepEqual(
      quote.restored.map((r) => [r.kind, r.points]),
      [
        ["COUPON", "0"],
        ["POINTS_EARNED", "-500"],
      ],
    );
    assert.ok(twins.every(({ state }) => state === "TWIN_STATE_MATCHED"));
  });

  it("goodwill: at once up to the limit, by two people above it, and what it paid is not paid again", async () => {
    const order = await shop.order({ market: "GB", paidMinor: 20_000n, shipsInDays: 1 });
    const goodwill = (units: string, reason = "DELIVERY_LATE") =>
      post("AGENT", "alice", "/v1/refunds:grantGoodwill", {
        orderId: order.orderId,
        amount: { currencyCode: "GBP", units },
        reason,
      });
    assert.equal((await goodwill("10", "BORED")).json.reason, "REASON_UNKNOWN");
    assert.equal((await goodwill("501")).json.reason, "REFUND_EXCEEDS_CAPTURED");
    const small = (await goodwill("10")).json;
    assert.equal(small.state, "REFUND_STATE_REQUESTED");
    const large = (await goodwill("50")).json;
    assert.equal(large.state, "REFUND_STATE_GRANTED");
    const approve = `/v1/refunds/${large.refundId}:approve`;
    assert.equal((await post("AGENT", "bob", approve, {})).json.reason, "ROLE_NOT_ALLOWED");
    assert.equal((await post("LEAD", "lena", approve, {})).status, 200);
    await shop.pass(0.01);
    assert.equal((await shop.refund(large.refundId)).state, "REFUND_STATE_SUCCEEDED");
    const { resolutionId } = await shop.ask(order, "CANCELLATION");
    await shop.reaches(resolutionId, "CLOSED");
    const rest = await refundOf(resolutionId);
    assert.equal(rest.quote.amount.units, "140");
    assert.deepEqual(
      rest.quote.adjustments.map((a) => [a.code, a.amount.units]),
      [["PAID_BEFORE", "-60"]],
    );
  });

  it("money that comes back after all was closed opens the refund again, and is paid another way", async () => {
    const order = await shop.order({ shipsInDays: 1 });
    const { resolutionId } = await shop.ask(order, "CANCELLATION");
    await shop.reaches(resolutionId, "CLOSED");
    const first = await refundOf(resolutionId);
    const key = first.quote.tenders[0]?.providerKey ?? "";
    await shop.sandbox.moveProvider({
      move: ProviderMove.PROVIDER_MOVE_REVERSE,
      key,
      paymentId: "",
      silently: false,
    });
    await shop.pass(0.01);
    assert.equal((await refundOf(resolutionId)).state, "REFUND_STATE_FAILED");
    assert.equal((await shop.see(resolutionId)).onHold, true);
    await post("AGENT", "alice", `/v1/refunds/${first.refundId}:setAccount`, account);
    await shop.pass(0.01);
    const paid = await refundOf(resolutionId);
    assert.equal(paid.state, "REFUND_STATE_SUCCEEDED");
    const live = paid.quote.tenders.filter((t) => t.state === "TENDER_STATE_SUCCEEDED");
    assert.equal(live.length, 1);
    assert.notEqual(live[0]?.providerKey, key, "what was asked under the old key is over");
  });

  it("an early refund whose goods are rejected is recovered or given up", async () => {
    const order = await shop.order({ market: "KR", paidMinor: 50_000n });
    await shop.scenario({ twist: Twist.TWIST_DAMAGED, orderId: order.orderId });
    const { resolutionId } = await shop.ask(order, "RETURN");
    await shop.pass(5);
    const seen = await shop.see(resolutionId);
    assert.equal(seen.money, "MONEY_STATE_RECOVERING");
    const refund = await shop.refund(seen.refundId);
    assert.deepEqual([refund.recovery?.state, refund.recovery?.amount.units], ["RECOVERY_STATE_OPEN", "47000"]);
    const body = { recovered: false, reference: "small amount" };
    assert.equal((await post("FINANCE", "fiona", `/v1/refunds/${seen.refundId}:settleRecovery`, body)).status, 200);
    await shop.reaches(resolutionId, "CLOSED");
    assert.equal((await shop.see(resolutionId)).money, "MONEY_STATE_WRITTEN_OFF");
  });

  it("a part that is rejected is a difference that says why", async () => {
    const order = await shop.order({ market: "TW", paidMinor: 120_000n });
    await shop.scenario({ twist: Twist.TWIST_WRONG_ITEM, orderId: order.orderId, units: 1 });
    const { resolutionId } = await shop.ask(order, "RETURN");
    await shop.pass(5);
    const { quote, differences } = await refundOf(resolutionId);
    assert.equal(quote.amount.units, "600");
    assert.deepEqual(
      differences.map((d) => [d.code, d.quantity, d.amount.units]),
      [["REJECTED", 1, "-600"]],
    );
  });

  it("KR: what is paid late carries interest, paid by itself", async () => {
    const order = await shop.order({
      market: "KR",
      paidMinor: 1_000_000n,
      more: ({ orderId, money }) => ({
        payments: [{ paymentId: `pay-${orderId}`, method: "VIRTUAL_ACCOUNT", captured: money(1_000_000n) }],
      }),
    });
    await shop.scenario({ twist: Twist.TWIST_WRONG_ITEM, orderId: "none" });
    const { resolutionId } = await shop.ask(order, "RETURN", { reason: "DEFECTIVE" });
    await shop.pass(14);
    const late = await refundOf(resolutionId);
    assert.equal(late.state, "REFUND_STATE_HELD");
    await post("CUSTOMER", order.customerId, `/v1/refunds/${late.refundId}:setAccount`, account);
    await shop.reaches(resolutionId, "CLOSED");
    const paid = await refundOf(resolutionId);
    const days = paid.interest?.days ?? 0;
    assert.ok(days > 0, "interest runs");
    assert.equal(paid.interest?.amount.units, String(Math.ceil((1_000_000 * 0.15 * days) / 365)));
    assert.deepEqual(
      paid.quote.tenders.map((t) => [t.paymentId === "interest", t.state]),
      [
        [false, "TENDER_STATE_SUCCEEDED"],
        [true, "TENDER_STATE_SUCCEEDED"],
      ],
    );
  });

  it("the same request twice grants once", async () => {
    const order = await shop.order({ market: "GB", paidMinor: 20_000n });
    const body = { orderId: order.orderId, amount: { currencyCode: "GBP", units: "5" }, reason: "DELIVERY_LATE" };
    const key = newId("key");
    const answers = await Promise.all(
      [1, 2, 3].map(() => shop.rest("AGENT", "alice", "POST", "/v1/refunds:grantGoodwill", body, key)),
    );
    assert.equal(new Set(answers.map(({ json }) => json.refundId)).size, 1);
    const other = await shop.rest("AGENT", "alice", "POST", "/v1/refunds:grantGoodwill", { ...body, note: "x" }, key);
    assert.equal(other.json.reason, "REQUEST_ID_REUSED");
  });
});
