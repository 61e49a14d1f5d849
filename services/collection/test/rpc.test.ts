import assert from "node:assert/strict";
import {
  AttemptOutcome,
  type Collection,
  CollectionState,
  TrackingKind,
} from "#gen/backhaul/collection/v1/collection.js";
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
import { start } from "../service.js";
import { eventOf } from "./builders.js";
import { fakeCarrier } from "./carrier.js";

type State = keyof typeof CollectionState extends infer K
  ? K extends `COLLECTION_STATE_${infer W}`
    ? W
    : never
  : never;

describe("collection: rpc", () => {
  let stage: Stage;
  let running: Awaited<ReturnType<typeof start>>;
  let partners: Awaited<ReturnType<typeof playPartners>>;
  let db: Database;
  const carrier = fakeCarrier();
  const open: { close(): void }[] = [];
  const as: typeof clientAs = (...args) => {
    const client = clientAs(...args);
    open.push(client);
    return client;
  };
  let service: ReturnType<typeof clientAs<typeof CollectionServiceService>>;
  let cj: typeof service;
  let customer: typeof service;

  before(async () => {
    stage = await openStage();
    partners = await playPartners(stage, [implement(TransportServiceService, carrier.handlers)]);
    const env = stage.env("collection", { TRANSPORT_ADDRESS: partners.address });
    running = await start(readCollectionConfig(env));
    db = openDatabase({ url: stage.databaseUrl, schema: env.DATABASE_SCHEMA ?? "", poolSize: 2 });
    service = as(CollectionServiceService, running.port);
    cj = as(CollectionServiceService, running.port, "CARRIER", "cj");
    customer = as(CollectionServiceService, running.port, "CUSTOMER", "c-1");
  });
  after(async () => {
    for (const client of open) client.close();
    await db?.close();
    await running?.stop();
    await partners?.stop();
    await stage?.close();
  });

  const schedule = async (change: Partial<ScheduleCollectionRequest> = {}) => {
    const request = ScheduleCollectionRequest.fromPartial({
      requestId: newId("req"),
      resolutionId: newId("res"),
      orderId: newId("ord"),
      customerId: "c-1",
      market: "KR",
      method: CollectionMethod.COLLECTION_METHOD_PICKUP_CONTACTLESS,
      units: 2,
      maxAttempts: 2,
      ...change,
    });
    return (await service.scheduleCollection(request)).collection!;
  };
  const inState = (collectionId: string, state: State) =>
    until(`${collectionId} became ${state}`, async () => {
      const { collection } = await service.getCollection({ collectionId });
      return collection?.state === CollectionState[`COLLECTION_STATE_${state}`] && collection;
    });
  const booked = async (change: Partial<ScheduleCollectionRequest> = {}) =>
    inState((await schedule(change)).collectionId, "SCHEDULED");
  const tell = ({ carrier: name, trackingNumber }: Collection, event: ReturnType<typeof eventOf>, client = cj) =>
    client.recordTracking({ carrier: name, trackingNumber, event });
  const cancel = async (collectionId: string) =>
    (await service.cancelCollection({ requestId: newId("req"), collectionId })).collection!;
  const facts = async (collectionId: string): Promise<string[]> => {
    const text = "SELECT subject FROM outbox WHERE aggregate_id = $1 ORDER BY event_id";
    return (await db.query({ name: "test.facts", text }, [collectionId])).map(({ subject }) =>
      subject.split(".").at(-1),
    );
  };
  const openSteps = async (collectionId: string) =>
    (await db.query({ name: "test.steps", text: "SELECT step FROM agenda WHERE aggregate_id = $1" }, [collectionId]))
      .length;
  const reason =
    (expected: string, metadata: object = {}) =>
    (error: unknown) => {
      assert.ok(error instanceof RpcError, String(error));
      assert.equal(error.reason, expected);
      assert.deepEqual({ ...error.metadata, ...metadata }, error.metadata);
      return true;
    };

  it("answers at once, and is booked under the step's id soon after", async () => {
    const stored = await schedule({ slotId: "slt_2" });
    assert.equal(stored.state, CollectionState.COLLECTION_STATE_CREATED);
    const done = await inState(stored.collectionId, "SCHEDULED");
    assert.equal(done.slot?.slotId, "slt_2");
    const asked = carrier.asked.find((r) => r.resolutionId === done.resolutionId)!;
    assert.match(asked.requestId, /^stp_/);
    assert.equal(carrier.book.get(asked.requestId)?.bookingId, done.bookingId);
    assert.deepEqual(await facts(done.collectionId), ["CollectionScheduled"]);
  });

  it("gives the same answer to the same request, and refuses its id for another", async () => {
    const request = { requestId: newId("req"), resolutionId: newId("res"), orderId: newId("ord") };
    const first = await schedule(request);
    assert.deepEqual(await schedule(request), first);
    await assert.rejects(schedule({ ...request, units: 3 }), reason("REQUEST_ID_REUSED"));
  });

  it("books a label where the customer ships", async () => {
    const done = await booked({ method: CollectionMethod.COLLECTION_METHOD_CUSTOMER_SHIPS });
    assert.ok(done.trackingNumber);
    await assert.rejects(customer.listSlots({ collectionId: done.collectionId }), reason("COLLECTION_STATE"));
  });

  it("books once when the carrier's answer is lost", async () => {
    carrier.moods.push("timeout-after-success");
    const done = await booked();
    assert.equal(
      new Set(carrier.asked.filter((r) => r.resolutionId === done.resolutionId).map((r) => r.requestId)).size,
      1,
    );
  });

  it("takes the first slot when the chosen one is gone", async () => {
    carrier.moods.push("slot-gone");
    const done = await booked({ slotId: "slt_2" });
    assert.equal(done.slot?.slotId, "slt_1");
    assert.equal(
      new Set(carrier.asked.filter((r) => r.resolutionId === done.resolutionId).map((r) => r.requestId)).size,
      2,
    );
  });

  it("fails when the carrier refuses", async () => {
    carrier.moods.push("refuse");
    const failed = await inState((await schedule()).collectionId, "DIRECTION_FAILED");
    assert.deepEqual(await facts(failed.collectionId), ["CollectionFailed"]);
  });

  it("follows a parcel, and shows each report to its customer", async () => {
    const done = await booked();
    const told = Date.now();
    for (const [kind, ms] of [
      ["DELIVERED", 3],
      ["OUT_FOR_PICKUP", 1],
      ["PICKED_UP", 2],
    ] as const) {
      const { applied, collection } = await tell(done, eventOf(kind, { eventTime: new Date(told + ms) }));
      assert.equal(applied, kind === "DELIVERED");
      assert.equal(collection?.state, CollectionState.COLLECTION_STATE_DELIVERED);
    }
    assert.deepEqual(await facts(done.collectionId), ["CollectionScheduled", "ParcelPickedUp", "ParcelDelivered"]);
    const { events } = await customer.listTracking({ collectionId: done.collectionId });
    assert.deepEqual(
      events.map((e) => e.kind),
      [
        TrackingKind.TRACKING_KIND_OUT_FOR_PICKUP,
        TrackingKind.TRACKING_KIND_PICKED_UP,
        TrackingKind.TRACKING_KIND_DELIVERED,
      ],
    );
  });

  it("gives the first answer to the same report, whoever brings it and even when its text was mended", async () => {
    const done = await booked();
    const event = eventOf("PICKED_UP");
    const first = await tell(done, event);
    assert.equal(first.applied, true);
    assert.deepEqual(await tell(done, { ...event, code: "PICK-UP" }), first);
    assert.deepEqual(await tell(done, event, service), first);
    assert.deepEqual(await facts(done.collectionId), ["CollectionScheduled", "ParcelPickedUp"]);
  });

  it("takes a report in once, however many bring it at once", async () => {
    const done = await booked();
    const events = ["CARRIER_NOTIFIED", "PICKED_UP", "DELIVERED"].map((kind) => eventOf(kind as "PICKED_UP"));
    await Promise.all(events.flatMap((event) => Array.from({ length: 6 }, () => tell(done, event))));
    const { collection } = await service.getCollection({ collectionId: done.collectionId });
    assert.equal(collection?.state, CollectionState.COLLECTION_STATE_DELIVERED);
    const { events: kept } = await service.listTracking({ collectionId: done.collectionId });
    assert.deepEqual(kept.map((e) => e.eventId).sort(), events.map((e) => e.eventId).sort());
    assert.deepEqual((await facts(done.collectionId)).sort(), [
      "CollectionScheduled",
      "ParcelDelivered",
      "ParcelPickedUp",
    ]);
  });

  it("gives up after two carrier failures, and calls the booking off", async () => {
    const done = await booked();
    await tell(done, eventOf("ATTEMPT_FAILED", { fault: Fault.FAULT_CUSTOMER, code: "NOT_AT_HOME" }));
    await tell(done, eventOf("ATTEMPT_FAILED", { fault: Fault.FAULT_LOGISTICS, code: "NO_VAN" }));
    const { collection } = await tell(
      done,
      eventOf("ATTEMPT_FAILED", { fault: Fault.FAULT_PLATFORM, code: "NO_LABEL" }),
    );
    assert.equal(collection?.state, CollectionState.COLLECTION_STATE_DIRECTION_FAILED);
    assert.deepEqual(
      collection.attempts.map((a) => [a.number, a.outcome, a.fault, a.code]),
      [
        [1, AttemptOutcome.ATTEMPT_OUTCOME_FAILED, Fault.FAULT_CUSTOMER, "NOT_AT_HOME"],
        [2, AttemptOutcome.ATTEMPT_OUTCOME_FAILED, Fault.FAULT_LOGISTICS, "NO_VAN"],
        [3, AttemptOutcome.ATTEMPT_OUTCOME_FAILED, Fault.FAULT_PLATFORM, "NO_LABEL"],
      ],
    );
    await until("the booking was called off", async () => carrier.canceled.has(done.bookingId));
    const told = ["CollectionScheduled", ...Array(3).fill("PickupAttemptFailed"), "CollectionFailed"];
    assert.deepEqual(await facts(done.collectionId), told);
  });

  it("keeps what a driver left behind, and tells the customer when they come again", async () => {
    const done = await booked();
    const evidence = { mediaIds: ["med_01KAA"], note: "문 앞에 없음" };
    const nextAttemptTime = new Date(Date.now() + 86_400_000);
    const failed = { fault: Fault.FAULT_CUSTOMER, code: "NOT_AT_HOME", evidence, nextAttemptTime };
    await tell(done, eventOf("ATTEMPT_FAILED", failed));
    const { collection } = await customer.getCollection({ collectionId: done.collectionId });
    assert.deepEqual(
      [collection?.attempts[0]?.evidence, collection?.attempts[0]?.nextAttemptTime],
      [evidence, nextAttemptTime],
    );
    const { events } = await customer.listTracking({ collectionId: done.collectionId });
    assert.deepEqual([events[0]?.evidence, events[0]?.reporter], [evidence, "cj"]);
    const wrong = eventOf("ATTEMPT_FAILED", { evidence: { mediaIds: ["../etc"], note: "" } });
    await assert.rejects(tell(done, wrong), reason("INVALID_REQUEST"));
  });

  it("reads a code by its carrier's vocabulary, and a kind that was told before the code", async () => {
    const done = await booked();
    await tell(done, eventOf("PICKED_UP", { kind: 0, code: "42" }));
    assert.equal((await inState(done.collectionId, "IN_TRANSIT")).attempts[0]?.code, "42");
    await tell(done, eventOf("OUT_FOR_DELIVERY", { code: "91" }));
    assert.ok(await inState(done.collectionId, "OUT_FOR_DELIVERY"));
    await assert.rejects(tell(done, eventOf("PICKED_UP", { kind: 0, code: "" })), reason("INVALID_REQUEST"));
  });

  it("scores carriers for operators, and for nobody else", async () => {
    const done = await booked({ market: "TW" });
    await tell(done, eventOf("PICKED_UP"), as(CollectionServiceService, running.port, "CARRIER", "seven"));
    const range = { market: "TW", carrier: "", startTime: new Date(0), endTime: new Date(Date.now() + 60_000) };
    const operator = as(CollectionServiceService, running.port, "OPERATOR", "olga");
    const { scores } = await operator.getCarrierScorecard(range);
    assert.deepEqual(
      scores.map(({ carrier: name, collections, handedOver }) => [name, collections, handedOver]),
      [["seven", 1n, 1n]],
    );
    await assert.rejects(operator.getCarrierScorecard({ ...range, endTime: undefined }), reason("INVALID_REQUEST"));
    for (const client of [customer, cj])
      await assert.rejects(client.getCarrierScorecard(range), reason("ROLE_NOT_ALLOWED"));
    const page = { reporter: "", pageSize: 0, pageToken: "" };
    await assert.rejects(customer.listUnknownCodes(page), reason("ROLE_NOT_ALLOWED"));
    await assert.rejects(
      cj.recordCarrierMessage({ carrier: "seven", content: Buffer.from("x") }),
      reason("CARRIER_MESSAGE_UNREADABLE", { carrier: "seven" }),
    );
  });

  it("calls a booking off with its collection, but follows the goods when the driver came all the same", async () => {
    const done = await booked();
    const canceled = await cancel(done.collectionId);
    assert.equal(canceled.state, CollectionState.COLLECTION_STATE_CANCELED);
    await until("the booking was called off", async () => carrier.canceled.has(done.bookingId));
    assert.equal((await tell(done, eventOf("OUT_FOR_PICKUP"))).applied, false);
    const { applied, collection } = await tell(done, eventOf("PICKED_UP"));
    assert.deepEqual([applied, collection?.state], [true, CollectionState.COLLECTION_STATE_PICKED_UP]);
    assert.deepEqual(await facts(done.collectionId), ["CollectionScheduled", "CollectionCanceled", "ParcelPickedUp"]);
    assert.deepEqual((await cancel(done.collectionId)).state, CollectionState.COLLECTION_STATE_PICKED_UP);
    assert.equal((await facts(done.collectionId)).length, 3);
  });

  it("calls a booking off that was under way when its collection was canceled", async () => {
    let letGo = () => {};
    carrier.gate.wait = new Promise<void>((resolve) => (letGo = resolve));
    const { collectionId, resolutionId } = await schedule();
    const asked = await until("the carrier was asked", async () =>
      carrier.asked.find((r) => r.resolutionId === resolutionId),
    );
    assert.equal((await cancel(collectionId)).state, CollectionState.COLLECTION_STATE_CANCELED);
    letGo();
    carrier.gate.wait = Promise.resolve();
    const bookingId = await until("it was booked", async () => carrier.book.get(asked.requestId)?.bookingId);
    await until("the booking was called off", async () => carrier.canceled.has(bookingId));
    await until("nothing is left to do", async () => (await openSteps(collectionId)) === 0);
    assert.deepEqual(await facts(collectionId), ["CollectionCanceled"]);
    const { collection } = await service.getCollection({ collectionId });
    assert.deepEqual(
      [collection?.state, collection?.bookingId],
      [CollectionState.COLLECTION_STATE_CANCELED, bookingId],
    );
    assert.equal((await tell(collection!, eventOf("PICKED_UP"))).applied, true);
  });

  it("calls a booking off whose answer was lost before the cancellation", async () => {
    let letGo = () => {};
    carrier.gate.wait = new Promise<void>((resolve) => (letGo = resolve));
    carrier.moods.push("timeout-after-success");
    const { collectionId, resolutionId } = await schedule();
    const asked = await until("the carrier was asked", async () =>
      carrier.asked.find((r) => r.resolutionId === resolutionId),
    );
    await cancel(collectionId);
    letGo();
    carrier.gate.wait = Promise.resolve();
    await until("nothing is left to do", async () => (await openSteps(collectionId)) === 0);
    assert.ok(carrier.canceled.has(carrier.book.get(asked.requestId)!.bookingId));
  });

  it("moves a visit to another slot, and answers a repeat from the record", async () => {
    const { collectionId, bookingId } = await booked();
    const { slots } = await customer.listSlots({ collectionId });
    assert.deepEqual(
      slots.map((s) => s.slotId),
      ["slt_1", "slt_2", "slt_3"],
    );
    const request = { requestId: newId("req"), collectionId, slotId: "slt_2" };
    const first = await customer.rescheduleCollection(request);
    assert.equal(first.collection?.state, CollectionState.COLLECTION_STATE_CUSTOMER_RESCHEDULED);
    assert.equal(first.collection?.slot?.slotId, "slt_2");
    assert.deepEqual(await customer.rescheduleCollection(request), first);
    const moves = carrier.moved.filter((m) => m.bookingId === bookingId);
    assert.equal(moves.length, 1);
    assert.match(moves[0]!.requestId, /^[A-Za-z0-9_.:-]{1,128}$/);
  });

  it("records the slot that the carrier heard of last, however many move a visit at once", async () => {
    const { collectionId, bookingId } = await booked();
    const agent = as(CollectionServiceService, running.port, "AGENT", "ann");
    const move = (client: typeof agent, slotId: string) =>
      client.rescheduleCollection({ requestId: "same-id", collectionId, slotId });
    await Promise.all([move(customer, "slt_2"), move(agent, "slt_3")]);
    const { collection } = await service.getCollection({ collectionId });
    assert.equal(collection?.slot?.slotId, carrier.moved.filter((m) => m.bookingId === bookingId).at(-1)?.slotId);
  });

  it("refuses to move to a slot that is gone, or a visit that is over", async () => {
    const done = await booked();
    const move = (slotId: string) =>
      customer.rescheduleCollection({ requestId: newId("req"), collectionId: done.collectionId, slotId });
    await assert.rejects(move("slt_9"), reason("SLOT_GONE", { slot_id: "slt_9" }));
    await tell(done, eventOf("PICKED_UP"));
    const over = { collection_id: done.collectionId, state: "PICKED_UP", verb: "reschedule" };
    await assert.rejects(move("slt_2"), reason("COLLECTION_STATE", over));
    assert.equal(carrier.moved.filter((m) => m.bookingId === done.bookingId).length, 1);
  });

  it("keeps customers to their own, carriers to their parcels, and roles to their rights", async () => {
    const done = await booked();
    const { collectionId } = done;
    const stranger = as(CollectionServiceService, running.port, "CUSTOMER", "c-2");
    const missing = reason("COLLECTION_NOT_FOUND", { collection_id: collectionId });
    await assert.rejects(stranger.getCollection({ collectionId }), missing);
    await assert.rejects(stranger.listTracking({ collectionId }), missing);
    await assert.rejects(stranger.listSlots({ collectionId }), missing);
    await assert.rejects(stranger.rescheduleCollection({ requestId: "r", collectionId, slotId: "slt_2" }), missing);
    await assert.rejects(stranger.cancelCollection({ requestId: "r", collectionId }), reason("ROLE_NOT_ALLOWED"));
    const tcat = as(CollectionServiceService, running.port, "CARRIER", "tcat");
    const unseen = reason("COLLECTION_NOT_FOUND", { tracking_number: done.trackingNumber });
    await assert.rejects(tell(done, eventOf("LOST"), tcat), unseen);
    await assert.rejects(tell({ ...done, carrier: "tcat" }, eventOf("LOST"), tcat), unseen);
    assert.equal((await service.getCollection({ collectionId })).collection?.version, done.version);
  });

  it("knows no collection it was never asked for", async () => {
    const collectionId = newId("col");
    await assert.rejects(service.getCollection({ collectionId }), reason("COLLECTION_NOT_FOUND"));
    await assert.rejects(service.cancelCollection({ requestId: "r", collectionId }), reason("COLLECTION_NOT_FOUND"));
    await assert.rejects(
      cj.recordTracking({ carrier: "cj", trackingNumber: "NONE", event: eventOf("PICKED_UP") }),
      reason("COLLECTION_NOT_FOUND", { tracking_number: "NONE" }),
    );
  });

  it("lists each broken rule of a request, and writes nothing", async () => {
    const wrong = schedule({
      orderId: "no such order!",
      units: 0,
      method: CollectionMethod.COLLECTION_METHOD_NONE,
      maxAttempts: 21,
    });
    await assert.rejects(wrong, (error) => {
      reason("INVALID_REQUEST")(error);
      assert.match((error as Error).message, /order_id.*method.*units.*max_attempts/);
      return true;
    });
    const done = await booked();
    const garbage = eventOf("PICKED_UP", {
      eventId: "two words",
      kind: 99 as TrackingKind,
      code: "x".repeat(1000),
    });
    await assert.rejects(tell(done, garbage), (error) => {
      reason("INVALID_REQUEST")(error);
      assert.match((error as Error).message, /event\.event_id.*event\.kind.*event\.code/);
      return true;
    });
    await assert.rejects(tell(done, eventOf("PICKED_UP", { eventTime: new Date(8.64e15) })), reason("INVALID_REQUEST"));
    await assert.rejects(
      cj.recordTracking({ carrier: "cj", trackingNumber: done.trackingNumber, event: undefined }),
      reason("INVALID_REQUEST"),
    );
    assert.deepEqual((await service.listTracking({ collectionId: done.collectionId })).events, []);
  });
});
