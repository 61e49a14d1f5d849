import assert from "node:assert/strict";
import { CollectionMethod } from "#gen/backhaul/eligibility/v1/decision.js";
import { UnitVerdict } from "#gen/backhaul/inspection/v1/inspection.js";
import type { BookPickupRequest, BookPickupResponse } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { WarehouseServiceService } from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { booking, hour, reason, type Sandbox, sandbox } from "./builders.js";
import { type Bench, bench, type Edge, edge } from "./outside.js";

describe("partners: a parcel's life", () => {
  let stage: Stage;
  let box: Sandbox;
  let gateway: Edge;
  let inspection: Bench;

  before(async () => {
    stage = await openStage();
    [gateway, inspection, box] = await Promise.all([edge(), bench(stage), sandbox(stage)]);
    box.running.pointAt({ gatewayUrl: gateway.url, inspectionAddress: inspection.address });
  });
  afterEach(async () => {
    await box.scenarios.clearScenarios({});
    assert.deepEqual(gateway.faults, []);
  });
  after(async () => {
    await box?.stop();
    await gateway?.stop();
    await inspection?.stop();
    await stage?.close();
  });

  type Booked = BookPickupResponse & { readonly request: BookPickupRequest };
  const book = async (change: Partial<BookPickupRequest> = {}): Promise<Booked> => {
    const request = booking(change);
    return { ...(await box.transport.bookPickup(request)), request };
  };
  const announce = async ({ request: { resolutionId, orderId } }: Booked) => {
    const inspectionId = newId("ins");
    const lines = [
      { lineId: "mugs", sku: "mug", quantity: 3 },
      { lineId: "lamp", sku: "lamp", quantity: 1 },
    ];
    const request = { requestId: newId("req"), inspectionId, resolutionId, orderId, lines, neverHad: false };
    await box.as(WarehouseServiceService).announceParcel(request);
    return inspectionId;
  };
  const kinds = ({ trackingNumber }: Booked) =>
    gateway.of(trackingNumber).map((r) => r.event.kind.replace("TRACKING_KIND_", ""));
  const moved = async ({ request: { resolutionId } }: Booked) =>
    (await box.operator.moveParcel({ resolutionId })).state;

  it("goes from the door to the verdicts by the mesh's clock", async () => {
    const parcel = await book();
    assert.equal(parcel.carrier, "hermes");
    const inspectionId = await announce(parcel);
    await box.go(23);
    assert.deepEqual(kinds(parcel), []);
    await box.go(2);
    assert.deepEqual(kinds(parcel), ["PICKED_UP"]);
    await box.go(48);
    assert.deepEqual(kinds(parcel), ["PICKED_UP", "DELIVERED"]);
    const received = inspection.received.filter((r) => r.inspectionId === inspectionId);
    assert.deepEqual(received, [{ requestId: `${parcel.bookingId}:receive`, inspectionId }]);
    assert.deepEqual(inspection.callers.at(-1), { subject: "dock", role: "WAREHOUSE", via: "partners" });
    await box.go(4);
    const verdict = inspection.completed.find((r) => r.inspectionId === inspectionId);
    assert.deepEqual(
      verdict?.findings.map((f) => [f.lineId, f.quantity, f.verdict]),
      [
        ["mugs", 3, UnitVerdict.UNIT_VERDICT_ACCEPTED],
        ["lamp", 1, UnitVerdict.UNIT_VERDICT_ACCEPTED],
      ],
    );
  });

  it("does all of it in one leap of the clock, and everything at its own time", async () => {
    const { now } = await box.clock.getClock({});
    const parcel = await book();
    const inspectionId = await announce(parcel);
    await box.go(24 * 7);
    assert.ok(inspection.completed.some((r) => r.inspectionId === inspectionId));
    const hours = gateway
      .of(parcel.trackingNumber)
      .map((r) => Math.round((Date.parse(r.event.event_time) - now!.getTime()) / hour));
    assert.deepEqual(
      hours.sort((a, b) => a - b),
      [24, 72],
    );
  });

  it("waits at the dock for its announcement, and is received once", async () => {
    const parcel = await book();
    await box.go(24 * 7);
    const inspectionId = await announce(parcel);
    await until("the parcel to be received", async () =>
      inspection.received.some((r) => r.inspectionId === inspectionId),
    );
    await box.go(5);
    await announce(parcel);
    await box.go(5);
    assert.equal(inspection.received.filter((r) => r.requestId === `${parcel.bookingId}:receive`).length, 1);
    assert.equal(inspection.completed.filter((r) => r.requestId === `${parcel.bookingId}:inspect`).length, 1);
  });

  it("is told of when its carrier is asked, as its webhook tells it", async () => {
    const parcel = await book();
    const { bookingId, carrier, trackingNumber } = parcel;
    const known = async () => (await box.transport.getTracking({ bookingId, carrier, trackingNumber })).events;
    assert.deepEqual(await known(), []);
    for (const _ of ["handed over", "delivered"]) {
      await moved(parcel);
      const [event] = await known();
      const report = await until("it was reported", async () =>
        gateway.of(trackingNumber).find((r) => r.event.event_id === event?.eventId),
      );
      assert.equal(event?.eventTime?.toISOString(), report.event.event_time);
    }
    const nowhere = { bookingId: "bkg_none", carrier, trackingNumber };
    await assert.rejects(box.transport.getTracking(nowhere), reason("PARTNER_NOT_FOUND"));
  });

  it("is brought by the customer when no driver comes", async () => {
    const parcel = await book({ method: CollectionMethod.COLLECTION_METHOD_DROP_OFF_CVS, market: "TW" });
    assert.equal(parcel.slot, undefined);
    assert.equal(parcel.carrier, "seven");
    await box.go(25);
    assert.deepEqual(kinds(parcel), ["DROPPED_OFF"]);
  });

  it("is picked up in the slot that was asked for", async () => {
    const { slots } = await box.transport.listPickupSlots({ market: "KR", orderId: "o-1" });
    const slot = slots[4]!;
    const parcel = await book({ market: "KR", slotId: slot.slotId });
    assert.deepEqual(parcel.slot, slot);
    await box.clock.advanceClock({ to: new Date(slot.startTime!.getTime() - 60_000), noWait: false });
    assert.deepEqual(kinds(parcel), []);
    await box.go(0.1);
    assert.equal(gateway.of(parcel.trackingNumber)[0]?.event.event_time, slot.startTime!.toISOString());
    await assert.rejects(book({ market: "KR", slotId: slot.slotId }), reason("SLOT_GONE"));
    const again = await box.transport.bookPickup(parcel.request);
    assert.deepEqual({ ...again, request: parcel.request }, parcel, "the first answer stays");
  });

  it("takes along what is added to its visit, in a parcel with a number of its own", async () => {
    const parcel = await book();
    const { resolutionId } = booking();
    const added = { requestId: newId("req"), bookingId: parcel.bookingId, orderId: "o-2", resolutionId, units: 1 };
    const request = { ...added, ownParcel: false, slotId: "", destination: "" };
    await box.go(10);
    const further = await box.transport.addToPickup(request);
    assert.deepEqual(await box.transport.addToPickup(request), further, "the same request again adds nothing");
    assert.notEqual(further.trackingNumber, parcel.trackingNumber);
    await box.go(15);
    const { trackingNumber } = further;
    assert.deepEqual([kinds(parcel), kinds({ ...parcel, trackingNumber })], [["PICKED_UP"], ["PICKED_UP"]]);
    const [one, other] = [gateway.of(parcel.trackingNumber)[0], gateway.of(trackingNumber)[0]];
    assert.equal(one?.event.event_time, other?.event.event_time);
    const late = { ...request, requestId: newId("req") };
    await assert.rejects(box.transport.addToPickup(late), reason("PARTNER_REFUSED"));
    await assert.rejects(box.transport.addToPickup({ ...late, bookingId: "bkg" }), reason("PARTNER_NOT_FOUND"));
    assert.deepEqual(await box.transport.addToPickup(request), further, "its first answer stays");
  });

  it("books once per request", async () => {
    const parcel = await book();
    const answers = await Promise.all(Array.from({ length: 4 }, () => box.transport.bookPickup(parcel.request)));
    assert.ok(answers.every((a) => a.trackingNumber === parcel.trackingNumber));
    await assert.rejects(box.transport.bookPickup({ ...parcel.request, units: 1 }), reason("REQUEST_ID_REUSED"));
    await box.go(25);
    assert.deepEqual(kinds(parcel), ["PICKED_UP"]);
  });

  it("never moves once its pickup is called off, and cannot be called off once it is taken over", async () => {
    const [off, gone] = [await book(), await book()];
    const cancel = { requestId: newId("req"), bookingId: off.bookingId };
    assert.deepEqual(await box.transport.cancelPickup(cancel), { canceled: true });
    await box.go(25);
    assert.deepEqual(kinds(off), []);
    assert.deepEqual(kinds(gone), ["PICKED_UP"]);
    const late = { requestId: newId("req"), bookingId: gone.bookingId };
    assert.deepEqual(await box.transport.cancelPickup(late), { canceled: false });
    assert.deepEqual(await box.transport.cancelPickup(cancel), { canceled: true });
    await assert.rejects(
      box.transport.movePickup({ ...late, requestId: newId("req"), slotId: "", heldSlot: undefined }),
      reason("PARTNER_REFUSED"),
    );
    const nobody = { requestId: newId("req"), bookingId: "bkg" };
    await assert.rejects(box.transport.cancelPickup(nobody), reason("PARTNER_NOT_FOUND"));
    await assert.rejects(
      box.transport.movePickup({ ...nobody, slotId: "", heldSlot: undefined }),
      reason("PARTNER_NOT_FOUND"),
    );
  });

  it("is either taken over or called off, when both happen at once", async () => {
    const parcels = await Promise.all(Array.from({ length: 12 }, () => book()));
    const { now } = await box.clock.getClock({});
    const leap = box.clock.advanceClock({ to: new Date(now!.getTime() + 25 * hour), noWait: false });
    const answers = await Promise.all(
      parcels.map(({ bookingId }) => box.transport.cancelPickup({ requestId: newId("req"), bookingId })),
    );
    await leap;
    parcels.forEach((parcel, i) => assert.equal(kinds(parcel).length, answers[i]?.canceled ? 0 : 1));
  });

  it("is picked up later when its pickup is moved", async () => {
    const parcel = await book();
    const { slots } = await box.transport.listPickupSlots({ market: "GB", orderId: "o-1" });
    const slot = slots.at(-1)!;
    const move = { requestId: newId("req"), bookingId: parcel.bookingId, slotId: slot.slotId, heldSlot: undefined };
    assert.deepEqual(await box.transport.movePickup(move), { slot });
    assert.deepEqual(await box.transport.movePickup(move), { slot });
    await box.go(25);
    assert.deepEqual(kinds(parcel), []);
    await box.clock.advanceClock({ to: new Date(slot.startTime!.getTime() + 1000), noWait: false });
    assert.deepEqual(kinds(parcel), ["PICKED_UP"]);
  });

  it("is tried again after a visit in vain, and each visit is reported with its fault", async () => {
    const parcel = await book();
    await box.play(Twist.TWIST_NOBODY_HOME, { orderId: parcel.request.orderId, times: 1 });
    await box.play(Twist.TWIST_PICKUP_FAILED, { orderId: parcel.request.orderId, times: 1 });
    await box.go(25);
    await box.go(24);
    await box.go(24);
    const events = gateway.of(parcel.trackingNumber).map((r) => [r.event.event_id, r.event.kind, r.event.fault]);
    assert.deepEqual(events, [
      [`${parcel.bookingId}:attempt-1`, "TRACKING_KIND_ATTEMPT_FAILED", "FAULT_LOGISTICS"],
      [`${parcel.bookingId}:attempt-2`, "TRACKING_KIND_ATTEMPT_FAILED", "FAULT_CUSTOMER"],
      [`${parcel.bookingId}:handed-over`, "TRACKING_KIND_PICKED_UP", undefined],
    ]);
  });

  it("stays at home for ever when nobody hands it over, until somebody does", async () => {
    const parcel = await book();
    await box.play(Twist.TWIST_NO_HAND_OVER, { orderId: parcel.request.orderId });
    await box.go(24 * 30);
    assert.deepEqual(kinds(parcel), []);
    assert.equal(await moved(parcel), "PICKED_UP");
    await until("the report", async () => kinds(parcel).length === 1);
  });

  it("is lost on the way", async () => {
    const parcel = await book();
    const inspectionId = await announce(parcel);
    await box.play(Twist.TWIST_PARCEL_LOST, { orderId: parcel.request.orderId });
    await box.go(24 * 7);
    assert.deepEqual(kinds(parcel), ["PICKED_UP", "LOST"]);
    assert.ok(!inspection.received.some((r) => r.inspectionId === inspectionId));
  });

  it("brings another item, or a damaged one, for so many units", async () => {
    const parcel = await book();
    const inspectionId = await announce(parcel);
    await box.play(Twist.TWIST_WRONG_ITEM, { orderId: parcel.request.orderId, units: 2 });
    await box.go(24 * 7);
    const verdict = inspection.completed.find((r) => r.inspectionId === inspectionId);
    assert.deepEqual(
      verdict?.findings.map((f) => [f.lineId, f.quantity, f.verdict]),
      [
        ["mugs", 2, UnitVerdict.UNIT_VERDICT_REJECTED],
        ["mugs", 1, UnitVerdict.UNIT_VERDICT_ACCEPTED],
        ["lamp", 1, UnitVerdict.UNIT_VERDICT_ACCEPTED],
      ],
    );
  });

  it("keeps the pace that was set", async () => {
    const hours = (n: number) => ({ seconds: BigInt(n * 3600), nanos: 0 });
    const pace = { pickup: hours(1), transit: hours(2), inspection: hours(1), retry: hours(1) };
    assert.deepEqual(await box.scenarios.setPace({ pace }), { pace });
    const parcel = await book();
    const inspectionId = await announce(parcel);
    await box.go(4.1);
    assert.ok(inspection.completed.some((r) => r.inspectionId === inspectionId));
    await box.scenarios.setPace({
      pace: { pickup: hours(24), transit: hours(48), inspection: hours(4), retry: hours(24) },
    });
  });

  it("moves on at once when it is told to, step by step", async () => {
    const parcel = await book();
    const inspectionId = await announce(parcel);
    assert.deepEqual(
      [await moved(parcel), await moved(parcel), await moved(parcel)],
      ["PICKED_UP", "RECEIVED", "INSPECTED"],
    );
    assert.equal(inspection.completed.filter((r) => r.inspectionId === inspectionId).length, 1);
    await assert.rejects(moved(parcel), reason("PARTNER_REFUSED"));
    await assert.rejects(box.operator.moveParcel({ resolutionId: "res" }), reason("PARTNER_NOT_FOUND"));
    const unannounced = await book();
    assert.deepEqual([await moved(unannounced), await moved(unannounced)], ["PICKED_UP", "DELIVERED"]);
    await assert.rejects(moved(unannounced), reason("PARTNER_REFUSED"));
  });

  it("goes on when the edge is down, and is reported when it is back", async () => {
    const parcel = await book();
    gateway.state.answer = 503;
    const { now } = await box.clock.getClock({});
    const leap = box.clock.advanceClock({ to: new Date(now!.getTime() + 25 * hour), noWait: false });
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.deepEqual(kinds(parcel), []);
    gateway.state.answer = 204;
    await leap;
    assert.deepEqual(kinds(parcel), ["PICKED_UP"]);
  });

  it("is no longer reported when the edge keeps saying no", async () => {
    const parcel = await book();
    gateway.state.answer = 404;
    await box.go(25);
    gateway.state.answer = 204;
    assert.deepEqual(kinds(parcel), []);
    assert.equal(await moved(parcel), "DELIVERED", "it went on all the same");
  });

  it("is left at the dock when the inspection is no longer wanted", async () => {
    const parcel = await book();
    await announce(parcel);
    inspection.state.refusing = true;
    await box.go(24 * 7);
    inspection.state.refusing = false;
    assert.deepEqual(kinds(parcel), ["PICKED_UP", "DELIVERED"]);
  });

  it("reports over few connections", async () => {
    const before = gateway.state.connections;
    const parcels = await Promise.all(Array.from({ length: 100 }, () => book()));
    await box.go(25);
    assert.ok(parcels.every((parcel) => kinds(parcel).length === 1));
    assert.ok(gateway.state.connections - before <= 32);
  });
});

describe("partners: a restart", () => {
  it("forgets nothing: time, plans, scenarios, pace and books", async () => {
    const stage = await openStage();
    const gateway = await edge();
    let box = await sandbox(stage, { GATEWAY_URL: gateway.url });
    const parcel = await box.transport.bookPickup(booking({ orderId: "o-restart" }));
    await box.play(Twist.TWIST_NOBODY_HOME, { orderId: "o-restart", times: 1 });
    const seconds = (n: number) => ({ seconds: BigInt(n), nanos: 0 });
    const pace = { pickup: seconds(60), transit: seconds(60), inspection: seconds(60), retry: seconds(60) };
    await box.scenarios.setPace({ pace });
    const orderId = await box.sold();
    await box.go(20);
    const before = (await box.clock.getClock({})).offsetMs;
    await box.stop();

    box = await sandbox(stage, { GATEWAY_URL: gateway.url });
    assert.equal((await box.clock.getClock({})).offsetMs, before);
    await box.go(5);
    assert.deepEqual(
      gateway
        .of(parcel.trackingNumber)
        .map((r) => r.event.kind)
        .sort(),
      ["TRACKING_KIND_ATTEMPT_FAILED", "TRACKING_KIND_DELIVERED", "TRACKING_KIND_PICKED_UP"],
    );
    assert.equal((await box.scenarios.listScenarios({})).scenarios.length, 1);
    assert.equal((await box.operator.getBooks({})).orders, 1n);
    await box.operator.listProviderRefunds({ orderId });
    await box.stop();
    await gateway.stop();
    await stage.close();
  });
});
