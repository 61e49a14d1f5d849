// How the example networks route, from the options at the edge to the parcel at the return centre: the whole mesh, real
// sockets.
import assert from "node:assert/strict";
import { type Mesh, openMesh } from "./mesh.js";
import { type OrderOptions, openShop, type Shop } from "./shop.js";

type Way = {
  readonly method: string;
  readonly carrier: string;
  readonly cost?: object;
  readonly slots: readonly unknown[];
};

describe("goods are collected by the network", function () {
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

  const optionsOf = ({ orderId, customerId }: { orderId: string; customerId: string }, query = "") =>
    shop.rest("CUSTOMER", customerId, "GET", `/v1/orders/${orderId}/hand-over-options${query}`);

  /** The collection of a return, as soon as it is booked or refused. */
  async function collectionOf(options: OrderOptions) {
    const order = await shop.order(options);
    const { resolutionId } = await shop.ask(order, "RETURN");
    await shop.pass(0.01);
    const { collectionId } = await shop.see(resolutionId);
    const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/collections/${collectionId}`);
    return { resolutionId, collection: json };
  }

  it("customers see how they can hand goods over at their address, and what is not offered, with the reason", async () => {
    const seoul = await optionsOf(await shop.order({ postcode: "04524" }));
    assert.equal(seoul.status, 200, JSON.stringify(seoul.json));
    const ways: Way[] = seoul.json.options;
    const pickups = ways.filter(({ method }) => method === "COLLECTION_METHOD_PICKUP_IN_PERSON");
    assert.deepEqual(
      pickups.map(({ carrier }) => carrier),
      ["cj", "epost", "hanjin"],
      "the cheapest first",
    );
    assert.ok(pickups.every(({ slots, cost }) => slots.length > 0 && cost === undefined));

    const island = await optionsOf(await shop.order({ postcode: "40217" }));
    const reasons: string[] = island.json.notOffered.map((it: Record<string, string>) => `${it.carrier} ${it.reason}`);
    assert.ok(reasons.includes("cj NOT_OFFERED_REASON_AREA_NOT_SERVED"), reasons.join());

    const freezer = await shop.order({ postcode: "04524", product: { weightGrams: 45_000, longestSideCm: 180 } });
    const heavy = await optionsOf(freezer, "?lineIds=l-1&quantities=1");
    assert.deepEqual(
      heavy.json.options.map((it: Way) => it.carrier),
      ["hanjin"],
    );
  });

  it("says so where nobody collects, and tells nobody of another's order", async () => {
    const { status, json } = await optionsOf(await shop.order({ postcode: "99999" }));
    assert.deepEqual([status, json.reason], [409, "ADDRESS_NOT_SERVED"]);
    const { orderId } = await shop.order();
    assert.equal((await optionsOf({ orderId, customerId: "somebody" })).status, 404);
  });

  it("KR: Seoul goes with the cheapest carrier, an island with the one who goes there; both reach their return centre", async () => {
    const seoul = await collectionOf({ postcode: "04524" });
    const island = await collectionOf({ postcode: "40217" });
    assert.deepEqual(
      [seoul, island].map(({ collection }) => [collection.carrier, collection.centre, collection.carrierReason]),
      [
        ["cj", "icheon-1", "CARRIER_REASON_CHEAPEST"],
        ["epost", "icheon-1", "CARRIER_REASON_ONLY_ONE"],
      ],
    );
    assert.match(island.collection.trackingNumber, /^EPOST-/);
    await shop.pass(4);
    for (const { resolutionId } of [seoul, island]) await shop.reaches(resolutionId, "CLOSED");
  });

  it("a return from where nobody collects is no driver's: a person is asked to look", async () => {
    const { collection, resolutionId } = await collectionOf({ postcode: "99999" });
    assert.equal(collection.state, "COLLECTION_STATE_DIRECTION_FAILED");
    assert.equal((await shop.see(resolutionId)).onHold, true);
  });
});
