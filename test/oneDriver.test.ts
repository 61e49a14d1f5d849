// One driver for what a customer hands over at one door, and each to the return centre it belongs to: from three requests
// over REST to the labels at the dock and the money. The whole mesh, real sockets; the sandbox's own drivers stay at home.
import assert from "node:assert/strict";
import pg from "pg";
import { ImportedOrder, MasterProduct } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import { sign } from "../gateway/webhooks.js";
import { cjMessage } from "../services/collection/test/messages.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

const secret = Buffer.alloc(32, "of a carrier");
const day = 86_400_000;
/** Whose goods the example network of Korea sends to a centre of their own. */
const vendor = "example-vendor";

describe("one driver for several orders", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    mesh = await openMesh({ settings: { gateway: { WEBHOOK_SECRETS: `cj:whsec_${secret.toString("base64")}` } } });
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  /** Two units that a customer bought, delivered to a door two days ago. */
  async function sold(customerId: string, addressKey: string, sellerId = "") {
    const [orderId, sku, time] = [newId("ord"), newId("sku"), (await shop.now()).getTime()];
    const paid = toProto(money(50_000n, "KRW"));
    const line = { lineId: "l-1", sku, title: "Mug", quantity: 2, paid, category: "homeware", sellerId };
    const order = {
      orderId,
      customerId,
      market: "KR",
      currencyCode: "KRW",
      orderTime: new Date(time - 4 * day),
      lines: [{ ...line, sellerType: sellerId ? "MARKETPLACE" : "SHOP" }],
      shipping: toProto(money(0n, "KRW")),
      payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: paid }],
    };
    const [shipTime, deliverTime] = [new Date(time - 3 * day), new Date(time - 2 * day)];
    const products = [MasterProduct.fromPartial({ sku, category: "homeware", stock: 10, weightGrams: 400 })];
    await shop.sandbox.importMasterData({ products, members: [] });
    const imported = { order, shipTime, deliverTime, addressKey, postcode: "04524" };
    await shop.sandbox.importOrders({ orders: [ImportedOrder.fromPartial(imported)] });
    await shop.scenario({ twist: Twist.TWIST_NO_HAND_OVER, orderId });
    return { orderId, customerId, lineId: "l-1" };
  }

  async function collectionOf(resolutionId: string) {
    const { collectionId } = await shop.see(resolutionId);
    return (await shop.rest("AGENT", "alice", "GET", `/v1/collections/${collectionId}`)).json;
  }

  /** Places that drivers' days have left for whom. */
  async function placesOf(collectionIds: readonly string[]): Promise<string[]> {
    const db = new pg.Client({ connectionString: mesh.stage.databaseUrl });
    await db.connect();
    const places = `${mesh.env("collection").DATABASE_SCHEMA}.slot_place`;
    const { rows } = await db.query(`SELECT holder_id FROM ${places} WHERE holder_id = ANY($1)`, [collectionIds]);
    await db.end();
    return rows.map((row) => row.holder_id);
  }

  /** The driver scans the label. */
  async function pickedUp(trackingNumber: string): Promise<void> {
    const body = cjMessage(trackingNumber, ["11"]);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = sign(secret, trackingNumber, timestamp, Buffer.from(body)).toString("base64");
    const { status } = await fetch(`${mesh.gatewayUrl}/webhooks/carriers/cj/messages`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "webhook-id": trackingNumber,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${signature}`,
      },
    });
    assert.equal(status, 204);
  }

  it("KR: three returns, two doors, two drivers; a vendor's goods go to the vendor, and each order is paid once", async () => {
    const customer = newId("cus");
    const orders = [
      await sold(customer, "door-1"),
      await sold(customer, "door-1", vendor),
      await sold(customer, "door-2"),
    ];
    const asked = await Promise.all(orders.map((order) => shop.ask(order, "RETURN")));
    const ids = asked.map(({ resolutionId }) => resolutionId);
    await shop.pass(0.01);
    const collections = await Promise.all(ids.map(collectionOf));
    const [mine, theirs, elsewhere] = collections;

    assert.match(mine.visitId, /^vis_/);
    assert.equal(theirs.visitId, mine.visitId);
    assert.deepEqual([theirs.carrier, theirs.slot], [mine.carrier, mine.slot]);
    assert.notEqual(elsewhere.visitId, mine.visitId);
    const places = await placesOf(collections.map(({ collectionId }) => collectionId));
    assert.equal(places.length, 2, "one driver's place for each door");

    assert.deepEqual(
      collections.map(({ centre }) => centre),
      ["icheon-1", "paju-vendor", "icheon-1"],
    );
    const labels: string[] = collections.map(({ trackingNumber }) => trackingNumber);
    assert.equal(new Set(labels).size, 3);

    for (const label of labels) await pickedUp(label);
    await shop.pass(0.01);
    for (const [i, trackingNumber] of labels.entries()) {
      const body = { centre: collections[i].centre, trackingNumber };
      const { status, json } = await shop.rest("WAREHOUSE", "wendy", "POST", "/v1/dock/parcels:scan", body);
      assert.deepEqual([status, json.quarantined, json.inspection?.resolutionId], [200, [], ids[i]]);
      const good = { verdict: "UNIT_VERDICT_ACCEPTED", grade: "GRADE_LIKE_NEW", condition: "CONDITION_SELLABLE" };
      const found = { lineId: "l-1", quantity: 2, ...good, disposition: "DISPOSITION_RESTOCKED" };
      const at = `/v1/inspections/${json.inspection.inspectionId}:complete`;
      const completed = await shop.rest("WAREHOUSE", "wendy", "POST", at, { findings: [found] });
      assert.equal(completed.status, 200, JSON.stringify(completed.json));
    }
    for (const [i, resolutionId] of ids.entries()) {
      assert.equal((await shop.reaches(resolutionId, "CLOSED")).money, "MONEY_STATE_REFUNDED");
      const refunds = await shop.providerRefunds(orders[i]?.orderId ?? "");
      assert.equal(refunds.length, 1);
    }
  });
});
