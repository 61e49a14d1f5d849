import assert from "node:assert/strict";
import { type Collection, CollectionState } from "#gen/backhaul/collection/v1/collection.js";
import { CollectionServiceService, ScheduleCollectionRequest } from "#gen/backhaul/collection/v1/collection_service.js";
import { CollectionMethod } from "#gen/backhaul/eligibility/v1/decision.js";
import { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { Fault } from "#gen/backhaul/type/v1/kind.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { implement } from "#kit/server.js";
import { clientAs, playPartners, until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { readCollectionConfig } from "../config.js";
import { collectionStates } from "../proto.js";
import { start } from "../service.js";
import { eventOf } from "./builders.js";
import { fakeCarrier } from "./carrier.js";

describe("collection: visits and parcels", () => {
  let stage: Stage;
  let running: Awaited<ReturnType<typeof start>>;
  let partners: Awaited<ReturnType<typeof playPartners>>;
  let db: Database;
  const carrier = fakeCarrier();
  type Client = ReturnType<typeof clientAs<typeof CollectionServiceService>>;
  let service: Client;
  let cj: Client;
  let customer: Client;

  before(async () => {
    stage = await openStage();
    partners = await playPartners(stage, [implement(TransportServiceService, carrier.handlers)]);
    const env = stage.env("collection", { TRANSPORT_ADDRESS: partners.address });
    running = await start(readCollectionConfig(env));
    db = openDatabase({ url: stage.databaseUrl, schema: env.DATABASE_SCHEMA ?? "", poolSize: 2 });
    service = clientAs(CollectionServiceService, running.port);
    cj = clientAs(CollectionServiceService, running.port, "CARRIER", "cj");
    customer = clientAs(CollectionServiceService, running.port, "CUSTOMER", "c-1");
  });
  after(async () => {
    for (const client of [service, cj, customer]) client?.close();
    await db?.close();
    await running?.stop();
    await partners?.stop();
    await stage?.close();
  });

  const schedule = async (addressKey: string, change: Partial<ScheduleCollectionRequest> = {}): Promise<Collection> => {
    const request = ScheduleCollectionRequest.fromPartial({
      requestId: newId("req"),
      resolutionId: newId("res"),
      orderId: newId("ord"),
      customerId: "c-1",
      market: "KR",
      method: CollectionMethod.COLLECTION_METHOD_PICKUP_CONTACTLESS,
      units: 2,
      maxAttempts: 2,
      addressKey,
      ...change,
    });
    return (await service.scheduleCollection(request)).collection!;
  };
  const read = async ({ collectionId }: Collection) => (await service.getCollection({ collectionId })).collection!;
  const stateOf = async (one: Collection) => collectionStates.word((await read(one)).state);
  const inState = (one: Collection, state: string) =>
    until(`${one.collectionId} became ${state}`, async () => {
      const now = await read(one);
      return collectionStates.word(now.state) === state && now;
    });
  const booked = async (addressKey: string, change: Partial<ScheduleCollectionRequest> = {}) =>
    inState(await schedule(addressKey, change), "SCHEDULED");
  const tell = (parcel: { carrier: string; trackingNumber: string }, event: ReturnType<typeof eventOf>) =>
    cj.recordTracking({ carrier: parcel.carrier, trackingNumber: parcel.trackingNumber, event });
  const cancel = async ({ collectionId }: Collection) =>
    (await service.cancelCollection({ requestId: newId("req"), collectionId })).collection!;
  const factsOf = async ({ collectionId }: Collection): Promise<string[]> => {
    const text = "SELECT subject FROM outbox WHERE aggregate_id = $1 ORDER BY event_id";
    const rows = await db.query<{ subject: string }>({ name: "test.facts", text }, [collectionId]);
    return rows.map(({ subject }) => subject.split(".").at(-1) ?? "");
  };
  const bookingsFor = (...all: Collection[]) =>
    carrier.asked.filter(({ resolutionId }) => all.some((one) => one.resolutionId === resolutionId));
  const nothingLeftToDo = ({ collectionId }: Collection) =>
    until("nothing is left to do", async () => {
      const text = "SELECT FROM agenda WHERE aggregate_id = $1 AND step <> 'watch'";
      return (await db.query({ name: "test.left", text }, [collectionId])).length === 0;
    });
  const reason = (expected: string) => (error: unknown) => error instanceof RpcError && error.reason === expected;

  it("sends one driver for all that a customer hands over at an address, however many ask at once", async () => {
    const asked = await Promise.all(Array.from({ length: 5 }, () => schedule("door-1")));
    const all = await Promise.all(asked.map((one) => inState(one, "SCHEDULED")));
    assert.equal(new Set(all.map(({ visitId }) => visitId)).size, 1);
    assert.match(all[0]?.visitId ?? "", /^vis_/);
    assert.equal(new Set(all.map(({ trackingNumber }) => trackingNumber)).size, 1);
    assert.equal(new Set(all.map(({ slot }) => slot?.slotId)).size, 1);
    assert.equal(bookingsFor(...all).length, 1);
    const told = carrier.added.filter(({ bookingId }) => bookingId === all[0]?.bookingId);
    assert.equal(told.length, 4, "the carrier knows how much there is to take along");
  });

  it("sends another driver to another address, market or customer, and none where goods are brought", async () => {
    const one = await booked("door-2");
    const others = await Promise.all([
      booked("door-3"),
      booked("door-2", { market: "TW" }),
      booked("door-2", { customerId: "c-2" }),
      booked("", { orderId: "o-77" }),
    ]);
    const brought = await booked("door-2", { method: CollectionMethod.COLLECTION_METHOD_DROP_OFF_CVS });
    assert.equal(new Set([one, ...others].map(({ visitId }) => visitId)).size, 5);
    assert.equal(brought.visitId, "");
    assert.equal(bookingsFor(one, ...others, brought).length, 6);
    const sameOrder = await booked("", { orderId: "o-77" });
    assert.equal(sameOrder.visitId, others[3]?.visitId, "without a key the order names the address");
  });

  it("takes a parcel's report in for each collection in it, once, and answers when all are stored", async () => {
    const one = await booked("door-4");
    const other = await booked("door-4");
    const event = eventOf("PICKED_UP");
    const first = await tell(one, event);
    assert.deepEqual([first.applied, first.collection?.collectionId], [true, one.collectionId]);
    assert.deepEqual(first.furtherCollectionIds, [other.collectionId]);
    for (const each of [one, other]) {
      assert.equal(await stateOf(each), "PICKED_UP");
      assert.deepEqual(await factsOf(each), ["CollectionScheduled", "ParcelPickedUp"]);
    }
    assert.deepEqual(await tell(one, event), first, "the same report again gets the first answer");
    await Promise.all(["IN_TRANSIT", "DELIVERED", "DELIVERED"].map((kind) => tell(one, eventOf(kind as "DELIVERED"))));
    for (const each of [one, other]) {
      assert.equal(await stateOf(each), "DELIVERED");
      assert.equal((await factsOf(each)).filter((name) => name === "ParcelDelivered").length, 1);
      const { events } = await customer.listTracking({ collectionId: each.collectionId });
      assert.deepEqual(new Set(events.map(({ trackingNumber }) => trackingNumber)), new Set([one.trackingNumber]));
    }
  });

  it("lets nobody join a driver who was there", async () => {
    const one = await booked("door-5");
    await tell(one, eventOf("PICKED_UP"));
    const late = await booked("door-5");
    assert.notEqual(late.visitId, one.visitId);
    assert.notEqual(late.trackingNumber, one.trackingNumber);
    assert.equal(bookingsFor(one, late).length, 2);
  });

  it("counts a failed attempt for each collection, and a repeated report for nobody who joined after it", async () => {
    const one = await booked("door-6");
    const other = await booked("door-6");
    const before = eventOf("ATTEMPT_FAILED", { fault: Fault.FAULT_CUSTOMER });
    await tell(one, before);
    for (const each of [one, other]) assert.equal((await read(each)).attempts.length, 1);
    const late = await booked("door-6");
    assert.equal(late.visitId, one.visitId);
    await tell(one, before);
    assert.deepEqual((await read(late)).attempts, []);
    await tell(one, eventOf("ATTEMPT_FAILED", { fault: Fault.FAULT_CUSTOMER }));
    assert.deepEqual(
      await Promise.all([one, other, late].map(async (each) => (await read(each)).attempts.length)),
      [2, 2, 1],
    );
  });

  it("moves every collection of a visit with one of them, and tells each", async () => {
    const [one, other] = [await booked("door-7"), await booked("door-7")];
    const { slots } = await customer.listSlots({ collectionId: other.collectionId });
    const slotId = slots.find((slot) => slot.slotId !== one.slot?.slotId)?.slotId ?? "";
    const request = { requestId: newId("req"), collectionId: other.collectionId, slotId };
    const { collection } = await customer.rescheduleCollection(request);
    assert.equal(collection?.slot?.slotId, slotId);
    const moved = await inState(one, "CUSTOMER_RESCHEDULED");
    assert.equal(moved.slot?.slotId, slotId);
    assert.equal(carrier.moved.filter(({ bookingId }) => bookingId === one.bookingId).length, 1);
    await nothingLeftToDo(other);
    for (const each of [one, other]) {
      assert.deepEqual(await factsOf(each), ["CollectionScheduled", "VisitMoved"]);
    }
    assert.equal((await booked("door-7")).slot?.slotId, slotId, "whoever joins later comes to the new slot");
  });

  it("keeps one slot for all, the one the carrier heard of last, however many move the visit at once", async () => {
    const all = [await booked("door-8"), await booked("door-8"), await booked("door-8")];
    await Promise.all(
      all.map(({ collectionId }, i) =>
        customer.rescheduleCollection({ requestId: newId("req"), collectionId, slotId: `slt_${i + 1}` }),
      ),
    );
    await Promise.all(all.map(nothingLeftToDo));
    const last = carrier.moved.filter(({ bookingId }) => bookingId === all[0]?.bookingId).at(-1)?.slotId;
    assert.deepEqual(await Promise.all(all.map(async (each) => (await read(each)).slot?.slotId)), [last, last, last]);
  });

  it("leaves the driver to the others when one is called off, and calls the driver off with the last", async () => {
    const [one, other] = [await booked("door-9"), await booked("door-9")];
    await cancel(one);
    await nothingLeftToDo(one);
    assert.equal(carrier.canceled.has(one.bookingId), false);
    assert.equal((await tell(other, eventOf("CARRIER_NOTIFIED"))).furtherCollectionIds.length, 0);
    assert.deepEqual([await stateOf(one), await stateOf(other)], ["CANCELED", "CARRIER_NOTIFIED"]);
    await cancel(other);
    await until("the booking was called off", async () => carrier.canceled.has(other.bookingId));
    const next = await booked("door-9");
    assert.notEqual(next.visitId, one.visitId, "a visit that nobody waits for is over");
  });

  it("calls the driver off once all have left at once", async () => {
    const all = await Promise.all(
      (await Promise.all([1, 2, 3].map(() => schedule("door-10")))).map((one) => inState(one, "SCHEDULED")),
    );
    await Promise.all(all.map(cancel));
    await Promise.all(all.map(nothingLeftToDo));
    assert.ok(carrier.canceled.has(all[0]?.bookingId ?? ""));
  });

  it("books for whoever still waits when the first was called off before its booking", async () => {
    let letGo = () => {};
    carrier.gate.wait = new Promise<void>((resolve) => (letGo = resolve));
    const one = await schedule("door-11");
    await until("the carrier was asked", async () => bookingsFor(one).length > 0);
    const other = await schedule("door-11");
    assert.equal(other.visitId, one.visitId);
    await cancel(one);
    letGo();
    carrier.gate.wait = Promise.resolve();
    const done = await inState(other, "SCHEDULED");
    await nothingLeftToDo(one);
    assert.equal(carrier.canceled.has(done.bookingId), false);
    assert.equal(await stateOf(one), "CANCELED");
  });

  it("splits into parcels that go their own ways, and is delivered with the last of them", async () => {
    const one = await booked("door-13", { units: 5 });
    const { collectionId } = one;
    const request = { requestId: newId("req"), collectionId, parcels: [{ units: 2 }, { units: 2 }, { units: 1 }] };
    const first = await customer.splitIntoParcels(request);
    assert.deepEqual(await customer.splitIntoParcels(request), first);
    const { parcels } = await until("each has its number", async () => {
      const now = await read(one);
      return now.parcels.every(({ trackingNumber }) => trackingNumber !== "") && now;
    });
    assert.deepEqual(
      parcels.map(({ units }) => units),
      [2, 2, 1],
    );
    assert.equal(new Set(parcels.map(({ trackingNumber }) => trackingNumber)).size, 3);
    assert.equal(parcels[0]?.trackingNumber, one.trackingNumber);
    const [a, b, c] = parcels as [
      Collection["parcels"][number],
      Collection["parcels"][number],
      Collection["parcels"][number],
    ];
    const sameId = { eventId: "one-id-for-all" };
    for (const parcel of parcels) assert.equal((await tell(parcel, eventOf("PICKED_UP", sameId))).applied, true);
    await tell(b, eventOf("DELIVERED"));
    await tell(a, eventOf("LOST"));
    assert.equal(await stateOf(one), "IN_TRANSIT");
    await tell(c, eventOf("DELIVERED"));
    const end = await read(one);
    assert.equal(end.state, CollectionState.COLLECTION_STATE_DELIVERED);
    assert.deepEqual(
      end.parcels.map(({ state }) => collectionStates.word(state)),
      ["LOST", "DELIVERED", "DELIVERED"],
    );
    const facts = (await factsOf(one)).filter((name) => name !== "ParcelAdded");
    assert.deepEqual(facts, [
      "CollectionScheduled",
      "ParcelPickedUp",
      "FurtherParcelPickedUp",
      "FurtherParcelPickedUp",
      "ParcelDelivered",
      "ParcelLost",
      "ParcelDelivered",
    ]);
  });

  it("calls every parcel off with its collection", async () => {
    const one = await booked("door-14");
    const { collectionId } = one;
    await customer.splitIntoParcels({ requestId: newId("req"), collectionId, parcels: [{ units: 1 }, { units: 1 }] });
    await nothingLeftToDo(one);
    const bookings = (await read(one)).parcels.map(({ bookingId }) => bookingId);
    await cancel(one);
    await nothingLeftToDo(one);
    for (const bookingId of bookings) assert.ok(carrier.canceled.has(bookingId), bookingId);
  });

  it("refuses to split what is not there, what is gone, what is split, and what is somebody else's", async () => {
    const one = await booked("door-15");
    const stranger = clientAs(CollectionServiceService, running.port, "CUSTOMER", "c-9");
    const parcels = (...units: number[]) => units.map((count) => ({ units: count }));
    const ask = (client: Client, units: number[]) =>
      client.splitIntoParcels({ requestId: newId("req"), collectionId: one.collectionId, parcels: parcels(...units) });
    await assert.rejects(ask(stranger, [1, 1]), reason("COLLECTION_NOT_FOUND"));
    stranger.close();
    await assert.rejects(ask(customer, [1, 2]), reason("PARCEL_UNITS"));
    await assert.rejects(ask(customer, [1, 1, 1]), reason("PARCELS_TOO_MANY"));
    await assert.rejects(ask(customer, [2]), reason("INVALID_REQUEST"));
    await ask(customer, [1, 1]);
    await assert.rejects(ask(customer, [1, 1]), reason("PARCELS_SPLIT_BEFORE"));
    await tell(one, eventOf("PICKED_UP"));
    await assert.rejects(ask(customer, [1, 1]), reason("PARCELS_TOO_LATE"));
    await assert.rejects(
      tell({ carrier: "cj", trackingNumber: "NONE" }, eventOf("PICKED_UP")),
      reason("COLLECTION_NOT_FOUND"),
    );
  });
});
