// What only the whole mesh can show of findings and of a hand-over: a deduction from the bench to the customer's card and
// back after a dispute, and a request taken up again over REST.
import assert from "node:assert/strict";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { until } from "#kit/testing/peers.js";
import { breaches } from "./invariants.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

describe("findings and hand-overs in the mesh", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    mesh = await openMesh({ replicas: 1 });
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });
  const sound = async () => {
    await shop.pass(0.01);
    const { databaseUrl, nats, env } = mesh.stage;
    const schema = (service: string) => env(service).DATABASE_SCHEMA ?? service;
    assert.deepEqual(await breaches(databaseUrl, nats.url, schema), []);
  };
  const dollars = (units: number) => ({ currencyCode: "TWD", units: String(units), nanos: 0 });
  const finding = (deductions: object[]) => ({
    lineId: "l-1",
    quantity: 2,
    verdict: "UNIT_VERDICT_ACCEPTED",
    grade: "GRADE_FAIR",
    condition: "CONDITION_CUSTOMER_DAMAGED",
    disposition: "DISPOSITION_RESALE_GRADED",
    detail: { deductions },
  });

  it("TW: a deduction is taken off with its reason, and paid back once when a dispute removes it", async () => {
    const order = await shop.order({ market: "TW", paidMinor: 120_000n });
    // The goods come by hand, so that the bench is ours.
    await shop.scenario({ twist: Twist.TWIST_NO_HAND_OVER, orderId: order.orderId });
    const { resolutionId } = await shop.ask(order, "RETURN");
    const { inspectionId } = await until("the dock expects it", async () => {
      const seen = await shop.see(resolutionId);
      return seen.inspectionId !== "" && seen;
    });
    const at = `/v1/inspections/${inspectionId}`;
    const { json: expected } = await shop.rest("WAREHOUSE", "wendy", "GET", at);
    const [detail] = expected.terms.details;
    assert.deepEqual(
      [expected.terms.deductionCauses, detail.category, detail.unitValue],
      [["USE", "DAMAGE"], "homeware", dollars(600)],
    );
    await shop.rest("WAREHOUSE", "wendy", "POST", `${at}:receive`, {});
    const used = { cause: "USE", amount: dollars(100), note: "worn for a week" };
    const { status, json } = await shop.rest("WAREHOUSE", "wendy", "POST", `${at}:complete`, {
      findings: [finding([used])],
    });
    assert.equal(status, 200, JSON.stringify(json));
    const closed = await shop.reaches(resolutionId, "CLOSED");
    assert.deepEqual(closed.refunded, dollars(1_100));
    const { json: refund } = await shop.rest("FINANCE", "fiona", "GET", `/v1/refunds/${closed.refundId}`);
    assert.deepEqual(
      refund.differences.map((d: { code: string; reason: string }) => [d.code, d.reason]),
      [["DEDUCTION", "USE: worn for a week"]],
    );

    const claim = { party: "DISPUTE_PARTY_CUSTOMER", lineId: "l-1", statement: "it came like that" };
    const { json: disputed } = await shop.rest("AGENT", "alice", "POST", `${at}:dispute`, claim);
    const { disputeId } = disputed.disputes[0];
    const ruling = { disputeId, outcome: "DISPUTE_OUTCOME_UPHELD", note: "the photos show it", corrected: finding([]) };
    const decided = await shop.rest("LEAD", "lena", "POST", `${at}:decideDispute`, ruling);
    assert.equal(decided.status, 200, JSON.stringify(decided.json));
    await until("the rest is paid", async () => (await shop.see(resolutionId)).refunded?.units === "1200");
    const paid = await shop.providerRefunds(order.orderId);
    assert.deepEqual(paid.map(({ amount }) => amount?.units).sort(), [100n, 1_100n]);
    await sound();
  });

  it("a request that withdrew itself is taken up again in one tap, and its pickup is booked anew", async () => {
    const order = await shop.order({});
    await shop.scenario({ twist: Twist.TWIST_NO_HAND_OVER, orderId: order.orderId, times: 1 });
    const { resolutionId } = await shop.ask(order, "RETURN");
    await shop.pass(16);
    const withdrawn = await shop.see(resolutionId);
    assert.equal(withdrawn.state, "RESOLUTION_STATE_AUTO_WITHDRAWN");
    const { status, json } = await shop.rest(
      "CUSTOMER",
      order.customerId,
      "POST",
      `/v1/resolutions/${resolutionId}:reopen`,
      {},
    );
    assert.equal(status, 200, JSON.stringify(json));
    assert.equal(json.goods, "GOODS_STATE_COLLECTING");
    await until("a new pickup is booked", async () => {
      const { collectionId } = await shop.see(resolutionId);
      if (collectionId === withdrawn.collectionId) return false;
      const { json: collection } = await shop.rest("AGENT", "alice", "GET", `/v1/collections/${collectionId}`);
      return collection.trackingNumber !== "";
    });
    await sound();
  });
});
