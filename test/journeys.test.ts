// Journeys over REST through the whole mesh: real Postgres, real nats-server, real sockets. Days pass on the sandbox's
// clock. After each journey the invariants are asked, and must find nothing.
import assert from "node:assert/strict";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import { echoShuffled } from "./echo.js";
import { breaches } from "./invariants.js";
import { type Mesh, openMesh, type ServiceName } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

/** All that a journey must leave behind. */
async function sound(mesh: Mesh): Promise<void> {
  const { databaseUrl, nats, env } = mesh.stage;
  const schema = (service: string) => env(service).DATABASE_SCHEMA ?? service;
  assert.deepEqual(await breaches(databaseUrl, nats.url, schema), []);
}

const won = (units: number) => ({ currencyCode: "KRW", units: String(units), nanos: 0 });

describe("a journey", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    mesh = await openMesh();
    shop = await openShop(mesh.doors);
  });
  afterEach(async function () {
    // A clock that settles has waited for every fact and step.
    if (this.currentTest?.state === "passed") {
      await shop.pass(0.01);
      await sound(mesh);
    }
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  it("KR: a return is refunded at the pickup scan, less the fee for sending it back", async () => {
    const order = await shop.order({ market: "KR", paidMinor: 50_000n });
    const asked = await shop.ask(order, "RETURN");
    assert.equal(asked.state, "RESOLUTION_STATE_OPEN");
    await shop.pass(1.1);
    const scanned = await shop.see(asked.resolutionId);
    assert.equal(scanned.goods, "GOODS_STATE_IN_TRANSIT");
    assert.equal(scanned.money, "MONEY_STATE_REFUNDED");
    assert.deepEqual(scanned.refunded, won(47_000));
    await shop.pass(3);
    const closed = await shop.see(asked.resolutionId);
    assert.equal(closed.state, "RESOLUTION_STATE_CLOSED");
    assert.equal(closed.lines[0]?.accepted, 2);
  });

  it("TW: a return is refunded after the inspection, at no cost to the customer", async () => {
    const order = await shop.order({ market: "TW", paidMinor: 120_000n });
    const { resolutionId } = await shop.ask(order, "RETURN");
    await shop.pass(1.1);
    assert.equal((await shop.see(resolutionId)).money, "MONEY_STATE_WAITING");
    await shop.pass(3);
    const closed = await shop.see(resolutionId);
    assert.equal(closed.state, "RESOLUTION_STATE_CLOSED");
    assert.deepEqual(closed.refunded, { currencyCode: "TWD", units: "1200", nanos: 0 });
  });

  it("GB: a return is refunded after the inspection, less the stated fee", async () => {
    const order = await shop.order({ market: "GB", paidMinor: 2_000n });
    const { resolutionId } = await shop.ask(order, "RETURN");
    await shop.pass(4);
    const closed = await shop.see(resolutionId);
    assert.equal(closed.state, "RESOLUTION_STATE_CLOSED");
    const [refund] = await shop.providerRefunds(order.orderId);
    const fees = closed.decision.terms?.fees as { amount: { units: string; nanos: number } }[];
    const fee = fees.reduce((sum, { amount }) => sum + Number(amount.units) * 100 + amount.nanos / 10_000_000, 0);
    assert.equal(Number(refund?.amount?.units) * 100 + (refund?.amount?.nanos ?? 0) / 10_000_000, 2_000 - fee);
  });

  it("a cancellation is stopped before it ships, and refunded at once", async () => {
    const order = await shop.order({ shipsInDays: 1 });
    const { resolutionId } = await shop.ask(order, "CANCELLATION");
    const closed = await shop.reaches(resolutionId, "CLOSED");
    assert.equal(closed.goods, "GOODS_STATE_STOPPED");
    assert.deepEqual(closed.refunded, won(50_000));
  });

  it("a cancellation that comes too late goes on as a return", async () => {
    const order = await shop.order({ shipsInDays: 1 });
    await shop.scenario({ twist: Twist.TWIST_ALREADY_SHIPPED, orderId: order.orderId });
    const { resolutionId } = await shop.ask(order, "CANCELLATION");
    await shop.pass(6);
    const closed = await shop.see(resolutionId);
    assert.equal(closed.state, "RESOLUTION_STATE_CLOSED");
    assert.equal(closed.goods, "GOODS_STATE_INSPECTED");
    assert.equal(closed.money, "MONEY_STATE_REFUNDED");
    const names = (await shop.timeline(resolutionId)).map((entry) => entry.name);
    assert.ok(names.includes("AlreadyShipped") && names.includes("ReturnGranted"), names.join());
  });

  it("an exchange is fulfilled", async () => {
    const order = await shop.order({});
    const { resolutionId } = await shop.ask(order, "EXCHANGE", {
      reason: "SIZE_TOO_SMALL",
      more: { replacementSku: "mug-large" },
    });
    await shop.pass(0.1);
    assert.equal((await shop.see(resolutionId)).stock, "STOCK_STATE_HELD");
    await shop.pass(4);
    const closed = await shop.see(resolutionId);
    assert.equal(closed.state, "RESOLUTION_STATE_CLOSED");
    assert.equal(closed.stock, "STOCK_STATE_FULFILLED");
    assert.equal(closed.money, "MONEY_STATE_NONE");
    assert.deepEqual(await shop.providerRefunds(order.orderId), []);
  });

  it("an exchange whose replacement is sold out becomes a refund", async () => {
    const order = await shop.order({});
    await shop.scenario({ twist: Twist.TWIST_SOLD_OUT, orderId: order.orderId });
    const { resolutionId } = await shop.ask(order, "EXCHANGE", {
      reason: "SIZE_TOO_SMALL",
      more: { replacementSku: "mug-large" },
    });
    await shop.pass(4);
    const closed = await shop.see(resolutionId);
    assert.equal(closed.state, "RESOLUTION_STATE_CLOSED");
    assert.equal(closed.stock, "STOCK_STATE_SOLD_OUT");
    assert.equal(closed.money, "MONEY_STATE_REFUNDED");
    assert.equal((await shop.providerRefunds(order.orderId)).length, 1);
  });

  it("a claim for a damaged item is refunded without sending it back", async () => {
    const order = await shop.order({ paidMinor: 20_000n });
    const { resolutionId } = await shop.ask(order, "CLAIM", { reason: "DAMAGED_ON_ARRIVAL" });
    const closed = await shop.reaches(resolutionId, "CLOSED");
    assert.equal(closed.goods, "GOODS_STATE_NOT_REQUIRED");
    assert.deepEqual(closed.refunded, won(20_000));
  });

  it("what is never handed over is reminded of, withdraws itself, lets its units go, and can be taken up again", async () => {
    const order = await shop.order({});
    await shop.scenario({ twist: Twist.TWIST_NO_HAND_OVER, orderId: order.orderId });
    const { resolutionId } = await shop.ask(order, "RETURN");
    for (let day = 0; day < 16; day++) await shop.pass(1);
    const withdrawn = await shop.see(resolutionId);
    assert.equal(withdrawn.state, "RESOLUTION_STATE_AUTO_WITHDRAWN");
    const { notifications } = await shop.sandbox.listNotifications({ resolutionId });
    const sent = notifications.map(({ template }) => template).filter((it) => /^(handover|auto)-/.test(it));
    assert.deepEqual(sent, ["handover-reminder", "handover-reminder", "handover-reminder", "auto-withdrawn"]);
    const again = await shop.ask(order, "CLAIM", { reason: "DEFECTIVE" });
    assert.notEqual(again.state, "RESOLUTION_STATE_DECLINED", "the units are free again");
  });

  it("two failed pickups, then success", async () => {
    const order = await shop.order({});
    await shop.scenario({ twist: Twist.TWIST_PICKUP_FAILED, orderId: order.orderId, times: 2 });
    const { resolutionId } = await shop.ask(order, "RETURN");
    for (let day = 0; day < 8; day++) await shop.pass(1);
    const closed = await shop.see(resolutionId);
    assert.equal(closed.state, "RESOLUTION_STATE_CLOSED");
    const failed = (await shop.timeline(resolutionId)).filter((entry) => entry.name === "PickupAttemptFailed");
    assert.equal(failed.length, 2);
  });

  it("one of two units is rejected: a part is refunded, the other is on its way back", async () => {
    const order = await shop.order({ paidMinor: 300_001n });
    await shop.scenario({ twist: Twist.TWIST_DAMAGED, orderId: order.orderId, units: 1 });
    const { resolutionId } = await shop.ask(order, "RETURN", { reason: "NOT_AS_DESCRIBED" });
    await shop.pass(5);
    const closed = await shop.see(resolutionId);
    assert.equal(closed.state, "RESOLUTION_STATE_CLOSED");
    assert.deepEqual([closed.lines[0]?.accepted, closed.lines[0]?.rejected], [1, 1]);
    assert.deepEqual(closed.refunded, won(150_000));
    const { json } = await shop.rest("WAREHOUSE", "wendy", "GET", `/v1/inspections/${closed.inspectionId}`);
    assert.notEqual(json.sendBackTrackingNumber, "");
  });

  it("a provider that times out after success has exactly one refund in its book", async () => {
    const order = await shop.order({ paidMinor: 20_000n });
    await shop.scenario({
      twist: Twist.TWIST_TIMEOUT_AFTER_SUCCESS,
      orderId: order.orderId,
      method: "RefundPayment",
      times: 1,
    });
    const { resolutionId } = await shop.ask(order, "CLAIM", { reason: "DAMAGED_ON_ARRIVAL" });
    const closed = await shop.reaches(resolutionId, "CLOSED");
    assert.deepEqual(closed.refunded, won(20_000));
    assert.equal((await shop.providerRefunds(order.orderId)).length, 1);
  });

  it("the same request twice is one resolution with the same answer", async () => {
    const order = await shop.order({});
    const key = newId("key");
    const first = await shop.ask(order, "RETURN", { key });
    const second = await shop.ask(order, "RETURN", { key });
    assert.deepEqual(second, first);
    const body = {
      orderId: order.orderId,
      kind: "KIND_RETURN",
      lines: [{ lineId: "l-1", quantity: 1, reason: "COLOR" }],
    };
    const { status, json } = await shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", body, key);
    assert.deepEqual([status, json.reason], [422, "REQUEST_ID_REUSED"]);
  });

  it("of fifty that ask for the same unit at once exactly one is taken", async () => {
    const order = await shop.order({ quantity: 1 });
    const body = {
      orderId: order.orderId,
      kind: "KIND_RETURN",
      lines: [{ lineId: "l-1", quantity: 1, reason: "COLOR" }],
    };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", body)),
    );
    assert.equal(answers.filter((a) => a.status === 200).length, 1);
    const refused = answers.filter((a) => a.status !== 200);
    assert.deepEqual(new Set(refused.map((a) => a.json.reason)), new Set(["UNITS_UNAVAILABLE"]));
  });

  it("a customer withdraws before the hand-over, and the driver does not come", async () => {
    const order = await shop.order({});
    const { resolutionId } = await shop.ask(order, "RETURN");
    const { status } = await shop.rest(
      "CUSTOMER",
      order.customerId,
      "POST",
      `/v1/resolutions/${resolutionId}:withdraw`,
      {},
    );
    assert.equal(status, 200);
    await shop.pass(5);
    const seen = await shop.see(resolutionId);
    assert.equal(seen.state, "RESOLUTION_STATE_WITHDRAWN");
    assert.equal(seen.onHold, false);
    assert.ok(!(await shop.timeline(resolutionId)).some((entry) => entry.name === "ParcelPickedUp"));
  });

  it("every delivery is doubled and shuffled, again and again, and all ends the same", async () => {
    const kept = await shop.order({ paidMinor: 20_000n });
    const claim = await shop.ask(kept, "CLAIM", { reason: "DAMAGED_ON_ARRIVAL" });
    const sent = await shop.order({});
    const back = await shop.ask(sent, "RETURN");
    const swapped = await shop.order({});
    const exchange = await shop.ask(swapped, "EXCHANGE", {
      reason: "SIZE_TOO_SMALL",
      more: { replacementSku: "mug-large" },
    });
    let echoed = 0;
    for (let half = 0; half < 8; half++) {
      echoed = await echoShuffled(mesh.stage.nats.url);
      await shop.pass(0.5);
    }
    assert.ok(echoed > 15, String(echoed));
    for (const { resolutionId } of [claim, back, exchange]) {
      assert.equal((await shop.see(resolutionId)).state, "RESOLUTION_STATE_CLOSED");
    }
    assert.equal((await shop.providerRefunds(kept.orderId)).length, 1);
    assert.equal((await shop.providerRefunds(sent.orderId)).length, 1);
    assert.equal((await shop.providerRefunds(swapped.orderId)).length, 0);
  });

  it("nats-server is killed in mid-journey, and the journey ends all the same", async () => {
    const order = await shop.order({});
    await mesh.stage.nats.kill();
    const { resolutionId } = await shop.ask(order, "RETURN");
    await mesh.stage.nats.restart();
    await shop.pass(1.1);
    await mesh.stage.nats.kill();
    await mesh.stage.nats.restart();
    await shop.pass(4);
    assert.equal((await shop.reaches(resolutionId, "CLOSED")).money, "MONEY_STATE_REFUNDED");
  });

  it("the JetStream store is deleted in mid-journey, and the journey ends all the same", async () => {
    const order = await shop.order({});
    const { resolutionId } = await shop.ask(order, "RETURN");
    await shop.pass(1.1);
    await mesh.stage.nats.wipe();
    await shop.pass(4);
    assert.equal((await shop.reaches(resolutionId, "CLOSED")).money, "MONEY_STATE_REFUNDED");
    assert.equal((await shop.providerRefunds(order.orderId)).length, 1);
  });

  for (const service of [
    "eligibility",
    "collection",
    "inspection",
    "refund",
    "resolution",
    "gateway",
  ] satisfies ServiceName[]) {
    it(`${service} is stopped and started in mid-journey, and the journey ends all the same`, async () => {
      const order = await shop.order({});
      const { resolutionId } = await shop.ask(order, "RETURN");
      await mesh.stopService(service);
      await mesh.startService(service);
      await shop.pass(5);
      assert.equal((await shop.reaches(resolutionId, "CLOSED")).money, "MONEY_STATE_REFUNDED");
    });
  }
});
