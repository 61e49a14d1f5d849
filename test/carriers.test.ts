// What carriers say in their own words, from the signed message at the edge to the resolution's timeline and the money:
// the whole mesh, real sockets. The sandbox's own drivers stay at home.
import assert from "node:assert/strict";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { sign } from "../gateway/webhooks.js";
import { cjMessage, easypostMessage, ecpayMessage } from "../services/collection/test/messages.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

const secrets = { old: Buffer.alloc(32, "before rotation"), fresh: Buffer.alloc(32, "after rotation") };

describe("carriers' own words, from the signed message to the money", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    const pairs = ["cj", "seven", "easypost"].flatMap((name) =>
      Object.values(secrets).map((secret) => `${name}:whsec_${secret.toString("base64")}`),
    );
    mesh = await openMesh({ settings: { gateway: { WEBHOOK_SECRETS: pairs.join(",") } } });
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  /** A return that no driver of the sandbox will ever come for, with the number of its parcel. */
  async function booked(market: "KR" | "TW" | "GB", more: object = {}) {
    const order = await shop.order({ market, paidMinor: 50_000n });
    await shop.scenario({ twist: Twist.TWIST_NO_HAND_OVER, orderId: order.orderId });
    const lines = [{ lineId: order.lineId, quantity: 2, reason: "NO_LONGER_NEEDED" }];
    const body = { orderId: order.orderId, kind: "KIND_RETURN", lines, ...more };
    const { status, json } = await shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", body);
    assert.equal(status, 200, JSON.stringify(json));
    await shop.pass(0.01);
    const { collectionId } = await shop.see(json.resolutionId);
    const { json: collection } = await shop.rest("AGENT", "alice", "GET", `/v1/collections/${collectionId}`);
    assert.notEqual(collection.trackingNumber, "", JSON.stringify(collection));
    return { resolutionId: json.resolutionId as string, trackingNumber: collection.trackingNumber as string };
  }

  async function send(carrier: string, body: string, secret = secrets.fresh) {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = sign(secret, "msg_1", timestamp, Buffer.from(body)).toString("base64");
    const response = await fetch(`${mesh.gatewayUrl}/webhooks/carriers/${carrier}/messages`, {
      method: "POST",
      body,
      headers: {
        "content-type": body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded",
        "webhook-id": "msg_1",
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${signature}`,
      },
    });
    return { status: response.status, text: await response.text() };
  }

  /** The dock reads the label, by which it finds the return. */
  async function scan(trackingNumber: string): Promise<void> {
    const body = { centre: "main", trackingNumber };
    const { status, json } = await shop.rest("WAREHOUSE", "wendy", "POST", "/v1/dock/parcels:scan", body);
    assert.deepEqual([status, json.quarantined], [200, []], JSON.stringify(json));
  }

  /** What the customer reads of the way, oldest first. */
  async function way(resolutionId: string): Promise<string[]> {
    await shop.pass(0.01);
    const entries = await shop.timeline(resolutionId);
    return entries.map(({ name }) => name).filter((name) => /^Parcel/.test(name));
  }

  it("KR: a scan at the door in CJ's words pays the customer, the last one brings the goods to inspection", async () => {
    const { resolutionId, trackingNumber } = await booked("KR");
    assert.equal((await send("cj", cjMessage(trackingNumber, ["11"]))).status, 204);
    assert.deepEqual(await way(resolutionId), ["ParcelPickedUp"]);
    const scanned = await shop.see(resolutionId);
    assert.deepEqual([scanned.goods, scanned.money], ["GOODS_STATE_IN_TRANSIT", "MONEY_STATE_REFUNDED"]);
    const whole = cjMessage(trackingNumber, ["11", "41", "82", "91"]);
    assert.deepEqual(await Promise.all([send("cj", whole), send("cj", whole)]).then(([one]) => one?.status), 204);
    assert.deepEqual(await way(resolutionId), ["ParcelPickedUp", "ParcelDelivered"]);
    await scan(trackingNumber);
    assert.deepEqual(await way(resolutionId), ["ParcelPickedUp", "ParcelDelivered", "ParcelReceived"]);
    assert.equal((await shop.see(resolutionId)).goods, "GOODS_STATE_INSPECTING");
  });

  it("TW: a parcel given to a 7-ELEVEN is followed by ECPay's codes, and nothing is paid before the inspection", async () => {
    const { resolutionId, trackingNumber } = await booked("TW", { collectionMethod: "COLLECTION_METHOD_DROP_OFF_CVS" });
    for (const code of ["2068", "2030", "2073", "2067"]) {
      assert.deepEqual(await send("seven", ecpayMessage(trackingNumber, code)), { status: 200, text: "1|OK" });
      // Hours lie between them: of facts that come at once either may be written down first.
      await way(resolutionId);
    }
    assert.deepEqual(await way(resolutionId), ["ParcelPickedUp", "ParcelDelivered"]);
    await scan(trackingNumber);
    assert.deepEqual(await way(resolutionId), ["ParcelPickedUp", "ParcelDelivered", "ParcelReceived"]);
    const seen = await shop.see(resolutionId);
    assert.deepEqual([seen.goods, seen.money], ["GOODS_STATE_INSPECTING", "MONEY_STATE_WAITING"]);
    const clock = seen.deadlines.find(({ step }) => step === "statutory-refund");
    assert.ok(clock, "the statutory clock runs from the receipt");
  });

  it("GB: EasyPost speaks for the carrier, signed by the secret that is being rotated out", async () => {
    const { resolutionId, trackingNumber } = await booked("GB");
    const codes = ["in_transit/arrived_at_facility", "delivered/arrived_at_destination"];
    // Each message tells the whole way so far. A day lies between them: of facts that come at once either may be written
    // down first, by whichever replica has it.
    for (const sofar of [codes.slice(0, 1), codes]) {
      const message = easypostMessage("Hermes", trackingNumber, sofar);
      assert.equal((await send("easypost", message, secrets.old)).status, 204);
      assert.equal((await send("easypost", message, Buffer.alloc(32, "forged"))).status, 401);
      await way(resolutionId);
    }
    assert.deepEqual(await way(resolutionId), ["ParcelPickedUp", "ParcelDelivered"]);
    await scan(trackingNumber);
    assert.deepEqual(await way(resolutionId), ["ParcelPickedUp", "ParcelDelivered", "ParcelReceived"]);
    assert.equal((await shop.see(resolutionId)).goods, "GOODS_STATE_INSPECTING");
  });
});
