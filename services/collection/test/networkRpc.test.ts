import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CollectionState } from "#gen/backhaul/collection/v1/collection.js";
import { CollectionServiceService, ScheduleCollectionRequest } from "#gen/backhaul/collection/v1/collection_service.js";
import { LabelForm, NotOfferedReason } from "#gen/backhaul/collection/v1/network.js";
import { CarrierReason } from "#gen/backhaul/collection/v1/network_choice.js";
import {
  CollectionNetworkServiceService,
  ListHandOverOptionsRequest,
} from "#gen/backhaul/collection/v1/network_service.js";
import { CollectionMethod } from "#gen/backhaul/eligibility/v1/decision.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { clientAs, playPartners, until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { readCollectionConfig } from "../config.js";
import { temperatures } from "../core/network/network.js";
import { start } from "../service.js";
import { carrier, dropOff, networkData, pickup } from "./network.builders.js";
import { outside } from "./outside.js";

const { COLLECTION_METHOD_PICKUP_CONTACTLESS: contactless, COLLECTION_METHOD_DROP_OFF_CVS: store } = CollectionMethod;
const reason = (expected: string) => (error: unknown) => error instanceof RpcError && error.reason === expected;

/** Both drive every day until just before midnight, cj for less and three at a time; epost also to the islands, one each. */
const always = { weekdays: [0, 1, 2, 3, 4, 5, 6], holidays: true, closed: {} };
const open = { cut_off: { time: "23:59", days_before: 0 }, days_ahead: 4 };
const city = (cost_minor: number, capacity: number) => ({ cost_minor, promise_days: 2, capacity });
const network = networkData({
  areas: { city: ["0"], islands: ["63"] },
  carriers: [
    carrier("cj", [pickup({ ...open, areas: { city: city(2_000, 3) } }), dropOff()], { works: always }),
    carrier(
      "epost",
      [
        pickup({
          ...open,
          limits: { weight_grams: 20_000, temperatures },
          areas: { city: city(5_000, 1), islands: city(7_000, 1) },
        }),
      ],
      { works: always },
    ),
  ],
  centres: [
    { centre: "icheon", areas: ["city", "islands"], temperatures: ["AMBIENT"], seller_ids: [] },
    { centre: "cold", areas: ["city"], temperatures, seller_ids: [] },
    { centre: "vendor", areas: ["city"], temperatures: ["AMBIENT"], seller_ids: ["s-1"] },
  ],
});

describe("collection network: service", () => {
  let stage: Stage;
  let running: Awaited<ReturnType<typeof start>>;
  let partners: Awaited<ReturnType<typeof playPartners>>;
  let db: Database;
  const world = outside();
  const folder = mkdtempSync(join(tmpdir(), "networks-"));
  const opened: { close(): void }[] = [];
  const as: typeof clientAs = (...args) => {
    const client = clientAs(...args);
    opened.push(client);
    return client;
  };
  let collections: ReturnType<typeof clientAs<typeof CollectionServiceService>>;
  let customer: typeof collections;
  let options: ReturnType<typeof clientAs<typeof CollectionNetworkServiceService>>;
  let agent: typeof options;

  before(async () => {
    writeFileSync(join(folder, "KR.json"), JSON.stringify(network));
    stage = await openStage();
    partners = await playPartners(stage, world.contracts);
    const names = ["TRANSPORT", "ADDRESS", "CATALOG", "ORDER", "CALENDAR"];
    const addresses = Object.fromEntries(names.map((name) => [`${name}_ADDRESS`, partners.address]));
    const env = stage.env("collection", { ...addresses, COLLECTION_NETWORKS: folder });
    running = await start(readCollectionConfig(env));
    db = openDatabase({ url: stage.databaseUrl, schema: env.DATABASE_SCHEMA ?? "", poolSize: 2 });
    collections = as(CollectionServiceService, running.port);
    customer = as(CollectionServiceService, running.port, "CUSTOMER", "c-1");
    options = as(CollectionNetworkServiceService, running.port, "CUSTOMER", "c-1");
    agent = as(CollectionNetworkServiceService, running.port, "AGENT", "a-1");
  });
  // Nobody's places are another test's.
  beforeEach(async () => {
    await db.query({ name: "", text: "TRUNCATE slot_ledger, slot_place" }, []);
    world.broken.clear();
  });
  after(async () => {
    for (const client of opened) client.close();
    await db?.close();
    await running?.stop();
    await partners?.stop();
    await stage?.close();
    rmSync(folder, { recursive: true });
  });

  const list = (orderId: string, change: Partial<ListHandOverOptionsRequest> = {}, client = agent) =>
    client.listHandOverOptions(ListHandOverOptionsRequest.fromPartial({ orderId, ...change }));
  const slotsOf = async (orderId: string, name: string) => {
    const { options: ways } = await list(orderId);
    return ways.find((it) => it.carrier === name && it.method === contactless)?.slots.map(({ slotId }) => slotId) ?? [];
  };
  const schedule = async (change: Partial<ScheduleCollectionRequest> = {}) => {
    const request = ScheduleCollectionRequest.fromPartial({
      requestId: newId("req"),
      resolutionId: newId("res"),
      orderId: change.orderId ?? world.order(),
      customerId: "c-1",
      market: "KR",
      method: contactless,
      units: 1,
      maxAttempts: 3,
      // A door of its own, or the driver of another collection would come along.
      addressKey: newId("adr"),
      ...change,
    });
    return (await collections.scheduleCollection(request)).collection!;
  };
  const settled = ({ collectionId }: { collectionId: string }) =>
    until(`${collectionId} was booked or refused`, async () => {
      const { collection } = await collections.getCollection({ collectionId });
      return collection?.state !== CollectionState.COLLECTION_STATE_CREATED && collection;
    });
  const booked = async (change: Partial<ScheduleCollectionRequest> = {}) => settled(await schedule(change));
  const askedFor = ({ orderId }: { orderId: string }) => world.asked.filter((it) => it.orderId === orderId);
  const taken = async () => {
    const rows = await db.query(
      { name: "", text: "SELECT carrier, slot_id, taken FROM slot_ledger WHERE taken > 0" },
      [],
    );
    return rows.map((row) => `${row.carrier} ${row.slot_id} ${row.taken}`).sort();
  };

  it("lists ways, carriers, slots, cost and promise for staff; customers are not told what carriers ask of us", async () => {
    const orderId = world.order();
    const { options: ways, notOffered } = await list(orderId);
    assert.deepEqual(
      ways.map((way) => [way.method, way.carrier, way.cost?.units]),
      [
        [contactless, "cj", 2_000n],
        [contactless, "epost", 5_000n],
        [CollectionMethod.COLLECTION_METHOD_PICKUP_IN_PERSON, "cj", 2_000n],
        [CollectionMethod.COLLECTION_METHOD_PICKUP_IN_PERSON, "epost", 5_000n],
        [store, "cj", 2_000n],
      ],
    );
    assert.ok(ways[0]!.slots.length >= 6 && ways[0]!.promiseTime! > ways[0]!.slots[0]!.startTime!);
    assert.deepEqual([ways[4]!.label, ways[4]!.centre], [LabelForm.LABEL_FORM_QR_CODE, "icheon"]);
    assert.ok(notOffered.some((it) => it.method === CollectionMethod.COLLECTION_METHOD_DROP_OFF_LOCKER));
    const theirs = await list(orderId, {}, options);
    assert.deepEqual(
      theirs.options.map((way) => way.cost),
      ways.map(() => undefined),
    );
  });

  it("weighs the lines that are named, and says why a way is not offered", async () => {
    const orderId = world.order({ quantity: 3, product: { weightGrams: 9_000 } });
    const heavy = await list(orderId);
    const tooHeavy = { method: contactless, carrier: "cj", reason: NotOfferedReason.NOT_OFFERED_REASON_TOO_HEAVY };
    assert.deepEqual(heavy.options, []);
    assert.ok(heavy.notOffered.some((it) => JSON.stringify(it) === JSON.stringify(tooHeavy)));
    const two = await list(orderId, { lineIds: ["l-1"], quantities: [2], methods: [store] });
    assert.deepEqual(
      two.options.map(({ carrier: name }) => name),
      ["cj"],
    );
    await assert.rejects(list(orderId, { lineIds: ["l-2"] }), reason("LINE_NOT_IN_ORDER"));
    await assert.rejects(list(orderId, { lineIds: ["l-1"], quantities: [4] }), reason("UNITS_EXCEED_PURCHASED"));
    await assert.rejects(list(orderId, { quantities: [1] }), reason("INVALID_REQUEST"));
  });

  it("tells nobody of somebody else's order, and says when an address is not served or a market has no network", async () => {
    await assert.rejects(list(world.order({ customerId: "c-2" }), {}, options), reason("ORDER_NOT_FOUND"));
    await assert.rejects(list("o-none"), reason("ORDER_NOT_FOUND"));
    await assert.rejects(list(world.order({ postcode: "99999" })), reason("ADDRESS_NOT_SERVED"));
    const operator = as(CollectionNetworkServiceService, running.port, "OPERATOR", "o-1");
    await assert.rejects(operator.listReturnCentres({ market: "TW" }), reason("NETWORK_NOT_FOUND"));
    assert.deepEqual(
      (await operator.listReturnCentres({ market: "KR" })).centres.map(({ centre }) => centre),
      ["cold", "icheon", "vendor"],
    );
    const { days } = await operator.getCarrierCalendar({ market: "KR", carrier: "cj" });
    assert.deepEqual(days, [], "the calendar of this test knows 2020 only");
    await assert.rejects(operator.getCarrierCalendar({ market: "KR", carrier: "ups" }), reason("NETWORK_NOT_FOUND"));
  });

  it("books with the cheapest carrier, for the return centre, in a slot that it holds, and says why", async () => {
    const collection = await booked();
    const { carrier: name, centre, carrierReason } = collection;
    assert.deepEqual([name, centre, carrierReason], ["cj", "icheon", CarrierReason.CARRIER_REASON_CHEAPEST]);
    const [request] = askedFor(collection);
    assert.deepEqual([request?.carrier, request?.destination, request?.slotId], ["cj", "icheon", ""]);
    assert.deepEqual(request?.heldSlot, collection.slot);
    assert.deepEqual(await taken(), [`cj ${collection.slot?.slotId} 1`]);
  });

  it("pays for a carrier who is there in time, and for one who carries what others do not", async () => {
    const orderId = world.order({ product: { weightGrams: 30_000 } });
    const goods = [{ sku: world.skuOf(orderId), quantity: 1, sellerId: "" }];
    const refused = await booked({ orderId, goods });
    assert.equal(refused.state, CollectionState.COLLECTION_STATE_DIRECTION_FAILED);
    assert.deepEqual(askedFor({ orderId }), [], "no carrier is asked for what none carries");
    const frozen = await booked({ temperature: "FROZEN" });
    assert.deepEqual([frozen.carrier, frozen.centre], ["epost", "cold"]);
    const island = await booked({ orderId: world.order({ postcode: "63001" }) });
    assert.deepEqual([island.carrier, island.carrierReason], ["epost", CarrierReason.CARRIER_REASON_ONLY_ONE]);
  });

  it("sends what one driver takes along to each its own return centre, and what that driver cannot take with another", async () => {
    const door = { addressKey: newId("adr") };
    const first = await booked(door);
    const goodsOf = (change: Parameters<typeof world.order>[0] = {}, sellerId = "") => {
      const orderId = world.order(change);
      return { ...door, orderId, goods: [{ sku: world.skuOf(orderId), quantity: 1, sellerId }] };
    };
    const same = await booked(goodsOf());
    const vendors = await booked(goodsOf({}, "s-1"));
    const frozen = await booked(goodsOf({ product: { temperature: "FROZEN" } }));
    assert.deepEqual(
      [first, same, vendors, frozen].map((it) => [it.carrier, it.centre]),
      [
        ["cj", "icheon"],
        ["cj", "icheon"],
        ["cj", "vendor"],
        ["epost", "cold"],
      ],
    );
    assert.equal(same.trackingNumber, first.trackingNumber, "one parcel");
    assert.notEqual(vendors.trackingNumber, first.trackingNumber, "a parcel of its own");
    const [beside] = world.added.filter(({ orderId }) => orderId === vendors.orderId);
    assert.deepEqual([beside?.ownParcel, beside?.destination], [true, "vendor"]);
    const drivers = (await taken()).map((line) => line.split(" ")[0]);
    assert.deepEqual(drivers, ["cj", "epost"], "one place with each driver");
    assert.deepEqual([same.visitId, vendors.visitId, frozen.visitId], [first.visitId, first.visitId, ""]);
    const callOff = ({ collectionId }: { collectionId: string }) =>
      collections.cancelCollection({ requestId: newId("req"), collectionId });
    await callOff(first);
    await callOff(same);
    await until("their booking was called off", async () => world.canceled.has(first.bookingId));
    assert.equal((await taken()).length, 2, "the driver still comes for the vendor's goods");
    await callOff(vendors);
    await until("the place is free", async () => (await taken()).length === 1);
  });

  it("sends another driver, in a place of their own, for what the first takes no more", async () => {
    const door = newId("adr");
    const first = await booked({ addressKey: door });
    world.full.add(first.bookingId);
    const second = await booked({ addressKey: door });
    assert.equal(second.state, CollectionState.COLLECTION_STATE_SCHEDULED);
    assert.notEqual(second.bookingId, first.bookingId);
    assert.equal(second.visitId, "");
    assert.deepEqual(await taken(), [`cj ${first.slot?.slotId} 2`]);
    await collections.cancelCollection({ requestId: newId("req"), collectionId: second.collectionId });
    await until("their place is free", async () => (await taken())[0] === `cj ${first.slot?.slotId} 1`);
    await collections.cancelCollection({ requestId: newId("req"), collectionId: first.collectionId });
    await until("every place is free", async () => (await taken()).length === 0);
  });

  it("moves either of two drivers who come to one door with that driver's place, and leaves the other's", async () => {
    const door = newId("adr");
    const mine = await booked({ addressKey: door });
    const frozenOrder = world.order({ product: { temperature: "FROZEN" } });
    const goods = [{ sku: world.skuOf(frozenOrder), quantity: 1, sellerId: "" }];
    const cold = await booked({ addressKey: door, orderId: frozenOrder, goods });
    assert.deepEqual([mine.carrier, cold.carrier], ["cj", "epost"]);
    const lastOf = async ({ collectionId }: { collectionId: string }) =>
      (await customer.listSlots({ collectionId })).slots.at(-1)!.slotId;
    const move = async ({ collectionId }: { collectionId: string }, slotId: string) =>
      (await customer.rescheduleCollection({ requestId: newId("req"), collectionId, slotId })).collection!;

    const last = await lastOf(mine);
    const moved = await move(mine, last);
    assert.equal(moved.slot?.slotId, last);
    assert.deepEqual(await taken(), [`cj ${last} 1`, `epost ${cold.slot?.slotId} 1`]);
    const still = (await collections.getCollection({ collectionId: cold.collectionId })).collection!;
    assert.deepEqual(still.slot, cold.slot);

    const later = await booked({ addressKey: door });
    assert.deepEqual(
      [later.visitId, later.slot],
      [mine.visitId, moved.slot],
      "who comes after it has its driver's slot",
    );
    const coldLast = await lastOf(cold);
    await move(cold, coldLast);
    assert.deepEqual(await taken(), [`cj ${last} 1`, `epost ${coldLast} 1`]);
  });

  it("tells the fact of the booking where the parcel goes", async () => {
    const { collectionId } = await booked();
    const text = "SELECT body FROM outbox WHERE aggregate_id = $1 AND subject LIKE '%CollectionScheduled'";
    const [row] = await db.query({ name: "", text }, [collectionId]);
    assert.ok(Buffer.from(row.body).includes("icheon"));
  });

  it("needs no place in a driver's day for what the customer brings", async () => {
    const brought = await booked({ method: store });
    assert.deepEqual([brought.carrier, brought.centre, brought.slot], ["cj", "icheon", undefined]);
    assert.deepEqual(await taken(), []);
  });

  it("sends no more than come in a slot: the fourth who wants it gets another", async () => {
    const wanted = (await slotsOf(world.order(), "cj")).at(-1)!;
    const all = await Promise.all(Array.from({ length: 6 }, () => booked({ slotId: wanted })));
    const inSlot = all.filter(({ slot }) => slot?.slotId === wanted);
    assert.deepEqual(inSlot.map((it) => it.carrier).sort(), ["cj", "cj", "cj", "epost"]);
    assert.equal(
      all.every((it) => it.state === CollectionState.COLLECTION_STATE_SCHEDULED),
      true,
    );
    assert.equal((await slotsOf(world.order(), "cj")).includes(wanted), false, "and it is not offered any more");
  });

  it("takes another slot when the carrier does not keep to the one it holds, and gives the place back", async () => {
    const wanted = (await slotsOf(world.order(), "cj")).at(-1)!;
    world.broken.add(wanted);
    const collection = await booked({ slotId: wanted });
    assert.equal(collection.state, CollectionState.COLLECTION_STATE_SCHEDULED);
    assert.notEqual(collection.slot?.slotId, wanted);
    assert.deepEqual(await taken(), [`cj ${collection.slot?.slotId} 1`]);
  });

  it("gives the place back when the collection is called off", async () => {
    const { collectionId } = await booked();
    await collections.cancelCollection({ requestId: newId("req"), collectionId });
    await until("the place is free", async () => (await taken()).length === 0);
  });

  it("moves a visit to a slot of its carrier with its place, and refuses one that is full or not there", async () => {
    const first = await booked();
    const { slots } = await customer.listSlots({ collectionId: first.collectionId });
    const to = slots.at(-1)!;
    const move = { requestId: newId("req"), collectionId: first.collectionId, slotId: to.slotId };
    const { collection } = await customer.rescheduleCollection(move);
    assert.deepEqual(collection?.slot, to);
    assert.deepEqual(world.moved.at(-1)?.heldSlot, to);
    assert.deepEqual(await taken(), [`cj ${to.slotId} 1`]);
    assert.deepEqual((await customer.rescheduleCollection(move)).collection?.slot, to, "a repeat moves nothing");

    await Promise.all([booked({ slotId: to.slotId }), booked({ slotId: to.slotId })]);
    const other = await booked();
    const late = { requestId: newId("req"), collectionId: other.collectionId };
    await assert.rejects(customer.rescheduleCollection({ ...late, slotId: to.slotId }), reason("SLOT_GONE"));
    await assert.rejects(
      customer.rescheduleCollection({ ...late, slotId: "slt_2020-01-01_0912" }),
      reason("SLOT_GONE"),
    );
    const [still] = (
      await collections.getCollection({ collectionId: other.collectionId })
    ).collection!.slot!.slotId.split(" ");
    assert.equal(still, other.slot?.slotId);
  });

  it("keeps the old place when the carrier does not come in the new slot", async () => {
    const first = await booked();
    const { slots } = await customer.listSlots({ collectionId: first.collectionId });
    const to = slots.at(-1)!;
    world.broken.add(to.slotId);
    const move = { requestId: newId("req"), collectionId: first.collectionId, slotId: to.slotId };
    await assert.rejects(customer.rescheduleCollection(move), reason("SLOT_GONE"));
    assert.deepEqual(await taken(), [`cj ${first.slot?.slotId} 1`]);
  });

  it("leaves no place taken by a move whose answer was lost, once the visit is moved again or called off", async () => {
    for (const end of ["elsewhere", "where it is", "called off"]) {
      const first = await booked();
      const { collectionId } = first;
      const had = await taken();
      const { slots } = await customer.listSlots({ collectionId });
      const [unheard, elsewhere] = slots.filter(({ slotId }) => slotId !== first.slot?.slotId).slice(-2);
      world.silent.add(unheard!.slotId);
      const move = (slotId: string) => customer.rescheduleCollection({ requestId: newId("req"), collectionId, slotId });
      await assert.rejects(move(unheard!.slotId));
      assert.equal((await taken()).length, had.length + 1, "the driver may come then: the place is kept");
      world.silent.clear();
      if (end === "elsewhere") await move(elsewhere!.slotId);
      if (end === "where it is") await move(first.slot!.slotId);
      const left = end === "elsewhere" ? elsewhere! : first.slot!;
      if (end !== "called off") assert.deepEqual(await taken(), [`cj ${left.slotId} 1`], end);
      await collections.cancelCollection({ requestId: newId("req"), collectionId });
      await until("its places are free", async () => (await taken()).length === 0);
    }
  });

  it("has one place, in the slot it was moved to last, when many move it at once", async () => {
    const first = await booked();
    const { collectionId } = first;
    const { slots } = await customer.listSlots({ collectionId });
    for (let round = 0; round < 4; round++) {
      const moves = Array.from({ length: 8 }, (_, i) => {
        const { slotId } = slots[(round + i) % slots.length]!;
        return customer.rescheduleCollection({ requestId: newId("req"), collectionId, slotId });
      });
      await Promise.all(moves);
      const { collection } = await collections.getCollection({ collectionId });
      assert.deepEqual(await taken(), [`cj ${collection?.slot?.slotId} 1`], `round ${round}`);
    }
  });

  it("lets the transport partner choose in a market without a network", async () => {
    const collection = await booked({ market: "GB" });
    assert.deepEqual([collection.carrier, collection.centre], ["any", ""]);
    assert.equal(collection.carrierReason, CarrierReason.CARRIER_REASON_UNSPECIFIED);
  });
});
