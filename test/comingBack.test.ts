// Goods that come back without being fetched: turned round on their way, or never taken. They travel to the dock by
// themselves, and the market's policy says who bears it. And goods in two parcels, or exchanged before. Told over REST through the whole mesh.
import assert from "node:assert/strict";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { breaches } from "./invariants.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

const amount = (currencyCode: string, units: number) => ({ currencyCode, units: String(units), nanos: 0 });

describe("how goods come back", function () {
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
    assert.deepEqual(await breaches(databaseUrl, nats.url, (service) => env(service).DATABASE_SCHEMA ?? service), []);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  /** An order that has left, and that its carrier brings back. */
  async function broughtBack(market: "GB" | "KR" | "TW", reason: string, paidMinor: bigint) {
    const { orderId } = await shop.order({ market, shipsInDays: 1, paidMinor });
    await shop.sandbox.shipOrder({ orderId });
    const body = { shipmentId: `shp-${orderId}`, reason: `UNASKED_REASON_${reason}` };
    const { status, json } = await shop.rest(
      "CARRIER",
      { GB: "hermes", KR: "cj", TW: "seven" }[market],
      "POST",
      `/v1/orders/${orderId}:reportUnaskedReturn`,
      body,
    );
    assert.equal(status, 200, JSON.stringify(json));
    return { orderId, resolutionId: json.resolution.resolutionId as string };
  }

  it("what a carrier was asked to turn round is at the dock some days later, and refunded", async () => {
    const order = await shop.order({ shipsInDays: 1 });
    await shop.sandbox.shipOrder({ orderId: order.orderId });
    const { resolutionId } = await shop.ask(order, "CANCELLATION");
    await shop.pass(0.5);
    assert.equal((await shop.see(resolutionId)).goods, "GOODS_STATE_IN_TRANSIT");
    assert.deepEqual(await shop.providerRefunds(order.orderId), []);
    await shop.pass(4);
    const closed = await shop.reaches(resolutionId, "CLOSED");
    assert.deepEqual([closed.goods, closed.refunded], ["GOODS_STATE_INSPECTED", amount("KRW", 50_000)]);
  });

  for (const { market, reason, rule, paidMinor, refunded } of [
    { market: "KR", reason: "UNCLAIMED", rule: "kr-withdrawal", paidMinor: 50_000n, refunded: amount("KRW", 47_000) },
    {
      market: "KR",
      reason: "RETURN_TO_SENDER",
      rule: "kr-withdrawal",
      paidMinor: 50_000n,
      refunded: amount("KRW", 50_000),
    },
    { market: "TW", reason: "UNCLAIMED", rule: "tw-rescission", paidMinor: 120_000n, refunded: amount("TWD", 1_200) },
    {
      market: "GB",
      reason: "REFUSED_DELIVERY",
      rule: "gb-change-of-mind",
      paidMinor: 5_000n,
      refunded: amount("GBP", 50),
    },
  ] as const) {
    it(`${market}: ${reason} is judged by a leaf of its own and pays ${refunded.units} ${refunded.currencyCode}`, async () => {
      const { orderId, resolutionId } = await broughtBack(market, reason, paidMinor);
      await shop.pass(4.5);
      const closed = await shop.reaches(resolutionId, "CLOSED");
      const decision = (await shop.rest("AGENT", "alice", "GET", `/v1/resolutions/${resolutionId}`)).json.decision;
      assert.deepEqual(
        decision.lines.map((line: { reason: string; ruleId: string }) => [line.reason, line.ruleId]),
        [[reason, rule]],
      );
      assert.deepEqual(closed.refunded, refunded);
      assert.equal((await shop.providerRefunds(orderId)).length, 1);
    });
  }

  it("what travels in two parcels is scanned twice, looked at twice, and refunded once", async () => {
    const order = await shop.order({ paidMinor: 150_000n });
    const { resolutionId } = await shop.ask(order, "RETURN");
    const { collectionId } = await until("it is collected", async () => {
      const seen = await shop.see(resolutionId);
      return seen.collectionId !== "" && seen;
    });
    await until("it is booked", async () => {
      const body = { parcels: [{ units: 1 }, { units: 1 }] };
      return (await shop.rest("AGENT", "alice", "POST", `/v1/collections/${collectionId}:split`, body)).status === 200;
    });
    await shop.pass(5);
    const closed = await shop.reaches(resolutionId, "CLOSED");
    assert.deepEqual(closed.refunded, amount("KRW", 147_000));
    const { json } = await shop.rest("WAREHOUSE", "wendy", "GET", `/v1/inspections/${closed.inspectionId}`);
    const numbers = json.receipts.map((receipt: { trackingNumber: string }) => receipt.trackingNumber);
    assert.deepEqual([new Set(numbers).size, numbers.length], [2, 2]);
    assert.deepEqual(
      json.recorded.map(({ detail }: { detail: { unitNumber: number } }) => detail.unitNumber).sort(),
      [1, 1, 2, 2],
      "each unit by two people",
    );
    assert.equal((await shop.providerRefunds(order.orderId)).length, 1);
  });

  it("customers are not asked to say what only a carrier knows", async () => {
    const { orderId, customerId, lineId } = await shop.order();
    const lines = [{ lineId, quantity: 1, reason: "UNCLAIMED" }];
    const body = { orderId, kind: "KIND_RETURN", lines };
    const { status, json } = await shop.rest("CUSTOMER", customerId, "POST", "/v1/resolutions", body);
    assert.deepEqual([status, json.reason], [422, "REASON_UNKNOWN"]);
  });

  it("what was exchanged twice in Korea is not exchanged a third time, and returned for money", async () => {
    // Sixty days to change one's mind, so that the time is not what ends it.
    const { orderId, customerId, lineId } = await shop.order({ product: { returnClass: "EXTENDED" } });
    const ask = async (kind: string, originResolutionId: string) => {
      const replacementSku = kind === "EXCHANGE" ? newId("sku") : "";
      const lines = [{ lineId, quantity: 2, reason: "SIZE_TOO_SMALL", replacementSku }];
      const body = { orderId, kind: `KIND_${kind}`, lines, originResolutionId };
      const { status, json } = await shop.rest("CUSTOMER", customerId, "POST", "/v1/resolutions", body);
      assert.equal(status, 200, JSON.stringify(json));
      return json;
    };
    let origin = "";
    for (const _ of ["first", "second"]) {
      const { resolutionId } = await ask("EXCHANGE", origin);
      await shop.pass(4.6);
      assert.equal((await shop.reaches(resolutionId, "CLOSED")).stock, "STOCK_STATE_FULFILLED");
      origin = resolutionId;
    }
    const third = await ask("EXCHANGE", origin);
    assert.deepEqual(
      [third.state, third.decision.lines[0].ruleId],
      ["RESOLUTION_STATE_DECLINED", "kr-exchanged-too-often"],
    );
    assert.equal((await ask("RETURN", origin)).state, "RESOLUTION_STATE_OPEN");
  });
});
