import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { type Collection, CollectionState } from "#gen/backhaul/collection/v1/collection.js";
import { CollectionServiceService, ScheduleCollectionRequest } from "#gen/backhaul/collection/v1/collection_service.js";
import { CollectionMethod } from "#gen/backhaul/eligibility/v1/decision.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { clientAs, playPartners, until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { readCollectionConfig } from "../config.js";
import { start } from "../service.js";
import { carrier, networkData, pickup } from "./network.builders.js";
import { outside } from "./outside.js";

const { COLLECTION_METHOD_PICKUP_CONTACTLESS: contactless, COLLECTION_METHOD_SWAP_AT_DOOR: swap } = CollectionMethod;
const always = { weekdays: [0, 1, 2, 3, 4, 5, 6], holidays: true, closed: {} };
const open = {
  cut_off: { time: "23:59", days_before: 0 },
  days_ahead: 4,
  areas: { city: { cost_minor: 2_000, promise_days: 2, capacity: 50 } },
};
const drives = [pickup({ ...open, methods: ["PICKUP_CONTACTLESS", "PICKUP_IN_PERSON", "SWAP_AT_DOOR"] })];
const network = networkData({
  areas: { city: ["0"] },
  carriers: [carrier("cj", drives, { works: always })],
  centres: [
    { centre: "icheon", areas: ["city"], temperatures: ["AMBIENT"], seller_ids: [] },
    { centre: "vendor", areas: ["city"], temperatures: ["AMBIENT"], seller_ids: ["s-1"] },
  ],
});

describe("collection: the door an order was delivered to", () => {
  let stage: Stage;
  let running: Awaited<ReturnType<typeof start>>;
  let partners: Awaited<ReturnType<typeof playPartners>>;
  let service: ReturnType<typeof clientAs<typeof CollectionServiceService>>;
  const world = outside();
  const folder = mkdtempSync(join(tmpdir(), "networks-"));

  before(async () => {
    writeFileSync(join(folder, "KR.json"), JSON.stringify(network));
    stage = await openStage();
    partners = await playPartners(stage, world.contracts);
    const names = ["TRANSPORT", "ADDRESS", "CATALOG", "ORDER", "CALENDAR"];
    const addresses = Object.fromEntries(names.map((name) => [`${name}_ADDRESS`, partners.address]));
    running = await start(readCollectionConfig(stage.env("collection", { ...addresses, COLLECTION_NETWORKS: folder })));
    service = clientAs(CollectionServiceService, running.port);
  });
  afterEach(() => {
    world.moods.address = undefined;
  });
  after(async () => {
    service?.close();
    await running?.stop();
    await partners?.stop();
    await stage?.close();
    rmSync(folder, { recursive: true });
  });

  const wanted = (orderId: string, change: Partial<ScheduleCollectionRequest> = {}) =>
    ScheduleCollectionRequest.fromPartial({
      requestId: newId("req"),
      resolutionId: newId("res"),
      orderId,
      customerId: "c-1",
      market: "KR",
      method: contactless,
      units: 1,
      maxAttempts: 3,
      ...change,
    });
  const scheduled = async (orderId: string, change: Partial<ScheduleCollectionRequest> = {}) =>
    (await service.scheduleCollection(wanted(orderId, change))).collection!;
  const settled = ({ collectionId }: Collection) =>
    until(`${collectionId} was booked or refused`, async () => {
      const { collection } = await service.getCollection({ collectionId });
      return collection?.state !== CollectionState.COLLECTION_STATE_CREATED && collection;
    });
  const booked = async (orderId: string, change: Partial<ScheduleCollectionRequest> = {}) =>
    settled(await scheduled(orderId, change));
  const times = (orderId: string) => world.addressesAsked.filter((asked) => asked === orderId).length;
  const drivers = (...all: Collection[]) =>
    world.asked.filter(({ resolutionId }) => all.some((one) => one.resolutionId === resolutionId)).length;

  it("orders of one customer at one door share a visit, and the partner is asked once for each", async () => {
    const orders = [1, 2, 3].map(() => world.order({ door: "d-1" }));
    const all = await Promise.all(orders.map((orderId) => booked(orderId)));
    assert.equal(new Set(all.map(({ visitId }) => visitId)).size, 1);
    assert.equal(drivers(...all), 1);
    assert.deepEqual(orders.map(times), [1, 1, 1], "what it said of the postcode serves the booking, too");
    const elsewhere = await booked(world.order({ door: "d-2" }));
    const another = await booked(world.order({ door: "d-1" }), { customerId: "c-2" });
    assert.equal(new Set([all[0], elsewhere, another].map((one) => one?.visitId)).size, 3);
  });

  it("a vendor's goods go along with the shop's, in a parcel of their own to the vendor's centre", async () => {
    const [mine, theirs] = [world.order({ door: "d-3" }), world.order({ door: "d-3" })];
    const shop = await booked(mine, { goods: [{ sku: world.skuOf(mine), quantity: 1, sellerId: "" }] });
    const vendor = await booked(theirs, { goods: [{ sku: world.skuOf(theirs), quantity: 1, sellerId: "s-1" }] });
    assert.deepEqual([shop.centre, vendor.centre, vendor.visitId], ["icheon", "vendor", shop.visitId]);
    assert.notEqual(vendor.trackingNumber, shop.trackingNumber);
    assert.equal(drivers(shop, vendor), 1);
  });

  it("where the partner names no door, each order is a door of its own", async () => {
    const [one, other] = [await booked(world.order()), await booked(world.order())];
    assert.notEqual(one.visitId, other.visitId);
    assert.equal(drivers(one, other), 2);
  });

  it("a key that might be an address is not kept", async () => {
    const [one, other] = [world.order({ door: "12 Sejong-daero" }), world.order({ door: "12 Sejong-daero" })];
    const [first, second] = [await booked(one), await booked(other)];
    assert.notEqual(first.visitId, second.visitId);
  });

  it("nobody is asked where the caller names the door or no driver shares a visit; an answer that stands is not changed", async () => {
    const [named, swapped, repeated] = [world.order(), world.order(), world.order({ door: "d-4" })];
    assert.equal((await scheduled(named, { addressKey: "d-4" })).orderId, named);
    assert.equal(times(named), 0);
    await booked(swapped, { method: swap });
    assert.equal(times(swapped), 1, "for the route, not for the door");
    const request = wanted(repeated);
    const first = await service.scheduleCollection(request);
    world.moods.address = () => Promise.reject(new RpcError(status.UNAVAILABLE, "", "down", {}, "address"));
    assert.deepEqual(await service.scheduleCollection(request), first);
  });

  it("while the partner is down a collection is made all the same, and booked when it is back", async () => {
    world.moods.address = () => Promise.reject(new RpcError(status.UNAVAILABLE, "", "down", {}, "address"));
    const orderId = world.order({ door: "d-5" });
    const collection = await scheduled(orderId);
    assert.equal(collection.state, CollectionState.COLLECTION_STATE_CREATED);
    world.moods.address = undefined;
    const { carrier: name, centre } = await settled(collection);
    assert.deepEqual([name, centre], ["cj", "icheon"]);
  });

  it("a partner that never answers keeps nobody waiting for long", async () => {
    let release = () => {};
    const hung = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.moods.address = () => hung;
    const collection = await scheduled(world.order({ door: "d-6" }));
    assert.match(collection.visitId, /^vis_/);
    world.moods.address = undefined;
    release();
    assert.equal((await settled(collection)).carrier, "cj");
  });
});
