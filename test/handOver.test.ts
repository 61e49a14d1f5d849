// How goods change hands over REST, through the whole mesh: a label as a file, a proof that the policy asks for, the
// customer's own courier, the driver's word. The sandbox's own drivers stay at home.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { PDFDocument } from "pdf-lib";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { until } from "#kit/testing/peers.js";
import { sign } from "../gateway/webhooks.js";
import { cjMessage } from "../services/collection/test/messages.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

const secret = Buffer.alloc(32, "the carrier's own");

describe("handing over, from the customer's phone to the driver's", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    const WEBHOOK_SECRETS = `cj:whsec_${secret.toString("base64")}`;
    mesh = await openMesh({ settings: { gateway: { WEBHOOK_SECRETS } } });
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  const get = async (subject: string, path: string, headers: Record<string, string> = {}) =>
    fetch(`${mesh.gatewayUrl}${path}`, {
      headers: { authorization: `Bearer ${await mesh.doors.token("CUSTOMER", subject)}`, ...headers },
    });
  async function booked({ blocked = false, more = {} } = {}) {
    const order = await shop.order({ market: "KR", paidMinor: 50_000n });
    await shop.scenario({ twist: Twist.TWIST_NO_HAND_OVER, orderId: order.orderId });
    if (blocked) {
      const entry = {
        market: "KR",
        kind: "LIST_KIND_BLOCK",
        subject: "LIST_SUBJECT_CUSTOMER",
        value: order.customerId,
      };
      const listed = { ...entry, reason: "bricks in boxes", endTime: "2099-01-01T00:00:00Z" };
      const { status, json } = await shop.rest("LEAD", "lea", "POST", "/v1/listEntries", listed);
      assert.equal(status, 200, JSON.stringify(json));
    }
    const lines = [{ lineId: order.lineId, quantity: 2, reason: "NO_LONGER_NEEDED" }];
    const body = { orderId: order.orderId, kind: "KIND_RETURN", lines, ...more };
    const { status, json } = await shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", body);
    assert.equal(status, 200, JSON.stringify(json));
    await shop.pass(0.01);
    const { collectionId } = await shop.see(json.resolutionId);
    return { ...order, resolutionId: json.resolutionId as string, collection: await collectionOf(collectionId) };
  }
  const collectionOf = async (collectionId: string) =>
    (await shop.rest("AGENT", "alice", "GET", `/v1/collections/${collectionId}`)).json;

  /** From here on Korea's orders are judged by its policy with other words in one of its rules. */
  async function judgedBy(ruleId: string, words: object): Promise<void> {
    const shipped = new URL("../services/eligibility/policies/KR.json", import.meta.url);
    const document = JSON.stringify(
      JSON.parse(readFileSync(shipped, "utf8"), (_, value) => (value?._id === ruleId ? { ...value, ...words } : value)),
    );
    const act = async (role: "POLICY_AUTHOR" | "POLICY_APPROVER", path: string, body: object = {}) => {
      const subject = role === "POLICY_AUTHOR" ? "ann" : "bob";
      const { status, json } = await shop.rest(role, subject, "POST", `/v1/policies${path}`, body);
      assert.equal(status, 200, JSON.stringify(json));
      return json;
    };
    const { policyId } = await act("POLICY_AUTHOR", "", { document, effectiveTime: await shop.now() });
    await act("POLICY_AUTHOR", `/${policyId}:validate`);
    const now = await shop.now();
    const range = { sinceTime: new Date(now.getTime() - 86_400_000), untilTime: now };
    await act("POLICY_AUTHOR", `/${policyId}:simulate`, range);
    await until("it is simulated", async () => {
      const { json } = await shop.rest("POLICY_AUTHOR", "ann", "GET", `/v1/policies/${policyId}`);
      return json.state === "POLICY_STATE_SIMULATED";
    });
    await act("POLICY_APPROVER", `/${policyId}:approve`, { note: "" });
    await act("POLICY_APPROVER", `/${policyId}:activate`);
    // The orders of these journeys were placed four days before they are imported.
    await shop.pass(5);
  }

  /** CJ's driver scans the parcel at the door. */
  async function scanned(trackingNumber: string): Promise<void> {
    const body = cjMessage(trackingNumber, ["11"]);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = sign(secret, "msg_1", timestamp, Buffer.from(body)).toString("base64");
    const headers = {
      "content-type": "application/json",
      "webhook-id": "msg_1",
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${signature}`,
    };
    const response = await fetch(`${mesh.gatewayUrl}/webhooks/carriers/cj/messages`, { method: "POST", body, headers });
    assert.equal(response.status, 204, await response.text());
    await shop.pass(0.01);
  }

  it("gives the customer a label as a PDF, once: who has it is told that it still holds", async () => {
    const { customerId, collection } = await booked();
    const path = `/v1/collections/${collection.collectionId}/label?format=PDF`;
    const first = await get(customerId, path);
    assert.equal(first.status, 200);
    assert.equal(first.headers.get("content-type"), "application/pdf");
    const document = await PDFDocument.load(await first.arrayBuffer());
    assert.equal(document.getTitle(), collection.trackingNumber);
    const again = await get(customerId, path, { "if-none-match": first.headers.get("etag") ?? "" });
    assert.equal(again.status, 304);
    assert.equal((await get("somebody-else", path)).status, 404);
  });

  it("asks the driver for the proof that the decision froze, and believes their word", async () => {
    const { collection } = await booked({ blocked: true });
    assert.equal(collection.handOver.verification, "VERIFICATION_IN_PERSON");
    assert.equal(collection.handOver.proof, "HAND_OVER_PROOF_AWAITED");
    const { carrier, trackingNumber, collectionId } = collection;
    const path = `/v1/parcels/${carrier}/${trackingNumber}:confirmHandOver`;
    const refused = await shop.rest("CARRIER", carrier, "POST", path, { driverId: "d-7" });
    assert.equal(refused.json.reason, "COLLECTION_STATE", JSON.stringify(refused.json));
    const { status, json } = await shop.rest("CARRIER", carrier, "POST", path, { driverId: "d-7", inPerson: true });
    assert.equal(status, 200, JSON.stringify(json));
    assert.equal((await collectionOf(collectionId)).handOver.proof, "HAND_OVER_PROOF_CONFIRMED");
  });

  it("calls a person when nobody said who handed over, who may say it for the driver, and why", async () => {
    const { resolutionId, collection } = await booked({ blocked: true });
    await scanned(collection.trackingNumber);
    const waits = await shop.see(resolutionId);
    assert.equal(waits.goods, "GOODS_STATE_IN_TRANSIT");
    assert.match(waits.holdReason, /nobody confirmed who handed them over: call the customer/);

    const path = `/v1/resolutions/${resolutionId}:confirmHandOver`;
    const body = { note: "called the customer: it was her" };
    const { status, json } = await shop.rest("AGENT", "alice", "POST", path, body);
    assert.deepEqual([status, json.onHold], [200, false], JSON.stringify(json));
    const said = (await shop.timeline(resolutionId)).find(({ name }) => name === "HandOverConfirmed");
    assert.deepEqual(said, { ...said, text: body.note, applied: true });
    const again = await shop.rest("AGENT", "alice", "POST", path, body);
    assert.deepEqual([again.status, again.json.reason], [409, "RESOLUTION_STATE"], "nothing waits any more");
  });

  it("needs nobody when the driver's word comes after the scan", async () => {
    const { resolutionId, collection } = await booked({ blocked: true });
    await scanned(collection.trackingNumber);
    assert.equal((await shop.see(resolutionId)).onHold, true);
    const path = `/v1/parcels/${collection.carrier}/${collection.trackingNumber}:confirmHandOver`;
    const word = { driverId: "d-7", inPerson: true };
    assert.equal((await shop.rest("CARRIER", collection.carrier, "POST", path, word)).status, 200);
    await shop.pass(0.01);
    const seen = await shop.see(resolutionId);
    assert.deepEqual([seen.goods, seen.onHold], ["GOODS_STATE_IN_TRANSIT", false]);
  });

  it("tells the driver what the customer wrote, and nobody else", async () => {
    const { customerId, collection } = await booked();
    const { collectionId } = collection;
    const memo = { doorMemo: "behind the blue gate, 4711#" };
    const set = await shop.rest("CUSTOMER", customerId, "POST", `/v1/collections/${collectionId}:setDoorMemo`, memo);
    assert.equal(set.status, 200, JSON.stringify(set.json));
    const read = await shop.rest("CUSTOMER", customerId, "GET", `/v1/collections/${collectionId}/door-memo`);
    assert.deepEqual(read.json, memo);
    await shop.pass(0.01);
    assert.ok(!JSON.stringify([set.json, await collectionOf(collectionId)]).includes("4711"));
  });

  it("says to REST what is wrong with a wrong try", async () => {
    const { customerId, collection } = await booked();
    const at = `/v1/collections/${collection.collectionId}`;
    const code = await shop.rest("CUSTOMER", customerId, "GET", `${at}/hand-over-code`);
    assert.deepEqual([code.status, code.json.reason], [409, "HAND_OVER_CODE_NONE"]);
    const waybill = { carrier: "cj", trackingNumber: "12" };
    const entered = await shop.rest("CUSTOMER", customerId, "POST", `${at}:enterWaybill`, waybill);
    assert.deepEqual([entered.status, entered.json.reason], [422, "WAYBILL_INVALID"]);
  });

  it("refunds at the scan only once the driver said who handed over, where a policy wants both", async () => {
    await judgedBy("kr-terms-withdrawal-fast", { verification: '"IN_PERSON"' });
    const { resolutionId, orderId, collection } = await booked({
      more: { collectionMethod: "COLLECTION_METHOD_PICKUP_IN_PERSON" },
    });
    await scanned(collection.trackingNumber);
    const waits = await shop.see(resolutionId);
    assert.deepEqual([waits.goods, waits.money], ["GOODS_STATE_IN_TRANSIT", "MONEY_STATE_WAITING"]);
    assert.deepEqual(await shop.providerRefunds(orderId), []);

    const path = `/v1/parcels/${collection.carrier}/${collection.trackingNumber}:confirmHandOver`;
    const word = { driverId: "d-7", inPerson: true };
    assert.equal((await shop.rest("CARRIER", collection.carrier, "POST", path, word)).status, 200);
    await shop.pass(0.01);
    const paid = await shop.see(resolutionId);
    assert.deepEqual([paid.goods, paid.money, paid.onHold], ["GOODS_STATE_IN_TRANSIT", "MONEY_STATE_REFUNDED", false]);
    assert.equal((await shop.providerRefunds(orderId)).length, 1);
  });
});
