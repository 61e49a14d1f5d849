// How goods change hands over REST, through the whole mesh: a label as a file, a proof that the policy asks for, the
// customer's own courier, the driver's word. The sandbox's own drivers stay at home.
import assert from "node:assert/strict";
import { PDFDocument } from "pdf-lib";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

describe("handing over, from the customer's phone to the driver's", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    mesh = await openMesh();
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
});
