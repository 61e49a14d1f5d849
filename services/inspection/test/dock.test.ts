import assert from "node:assert/strict";
import { ScanParcelRequest } from "#gen/backhaul/inspection/v1/dock_service.js";
import { DiscrepancyKind, Disposition, ExpectationTerms, LineDetail } from "#gen/backhaul/inspection/v1/inspection.js";
import { GoodsQuarantined, ParcelReceived } from "#gen/backhaul/inspection/v1/inspection_events.js";
import { ListInspectionsRequest } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { QuarantineReason, QuarantineState } from "#gen/backhaul/inspection/v1/quarantine.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { fine, refused } from "./builders.js";
import { type House, of, openHouse, state } from "./house.js";

describe("inspection: at the dock", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());

  const scan = (change: Partial<ScanParcelRequest> = {}) =>
    house.dock.scanParcel(ScanParcelRequest.fromPartial({ requestId: newId("req"), centre: "LHR1", ...change }));
  const terms = (change: Partial<ExpectationTerms>) => ({
    terms: ExpectationTerms.fromPartial(change),
  });
  const labelled = async (change: Partial<ExpectationTerms> = {}) => {
    const trackingNumber = newId("trk");
    const expected = await house.expected({
      orderId: newId("ord"),
      ...terms({ trackingNumbers: [trackingNumber], ...change }),
    });
    return { ...expected, trackingNumber };
  };
  const find = (quarantineId: string) => house.dock.getQuarantined({ quarantineId });

  it("receives a parcel by its label, its resolution, its order or a serial number, and starts the clocks", async () => {
    const serial = newId("ime");
    const details = [LineDetail.fromPartial({ lineId: "lamp", serials: [serial] })];
    const { trackingNumber, inspectionId } = await labelled();
    const byLabel = await scan({ trackingNumber });
    assert.deepEqual(
      [byLabel.inspection?.inspectionId, byLabel.inspection?.state],
      [inspectionId, state("REGISTERED")],
    );
    const [fact] = await house.facts(inspectionId);
    assert.deepEqual(ParcelReceived.decode(fact!.body).receiveTime, byLabel.inspection?.receiveTime);
    const { resolutionId, inspectionId: second } = await labelled();
    assert.equal((await scan({ resolutionId })).inspection?.inspectionId, second);
    const { orderId, inspectionId: third } = await labelled();
    assert.equal((await scan({ orderId })).inspection?.inspectionId, third);
    const { inspectionId: fourth } = await labelled({ details });
    assert.equal((await scan({ serial })).inspection?.inspectionId, fourth);
  });

  it("gives the same answer to the same scan, and takes in the same parcel once", async () => {
    const { trackingNumber } = await labelled();
    const request = ScanParcelRequest.fromPartial({
      requestId: newId("req"),
      centre: "LHR1",
      trackingNumber,
      items: [{ sku: "VASE", quantity: 1, serial: "" }],
    });
    const first = await house.dock.scanParcel(request);
    assert.equal(first.quarantined.length, 1);
    assert.deepEqual(await house.dock.scanParcel(request), first);
    await assert.rejects(
      house.dock.scanParcel({ ...request, requestId: newId("req") }),
      refused("PARCEL_ALREADY_SCANNED", { tracking_number: trackingNumber }),
    );
  });

  it("keeps a parcel that it cannot place once, however often and at once its label is read", async () => {
    const trackingNumber = newId("trk");
    const items = [{ sku: "VASE", quantity: 2, serial: "" }];
    const read = () => scan({ trackingNumber, items });
    const eight = await Promise.allSettled(Array.from({ length: 8 }, read));
    assert.equal(eight.filter(({ status }) => status === "fulfilled").length, 1);
    await assert.rejects(read, refused("PARCEL_ALREADY_SCANNED", { tracking_number: trackingNumber }));
    assert.equal((await scan({ trackingNumber, items, centre: "MAN1" })).quarantined.length, 1, "forwarded elsewhere");
  });

  it("takes no parcel for another one because its inspection is complete by now", async () => {
    const { inspectionId, trackingNumber } = await labelled();
    await scan({ trackingNumber });
    await house.complete(inspectionId, [fine("mugs", 3), fine("lamp")]);
    const again = refused("PARCEL_ALREADY_SCANNED", { tracking_number: trackingNumber, inspection_id: inspectionId });
    await assert.rejects(scan({ trackingNumber }), again);
  });

  it("keeps every parcel that it cannot place, with the reason", async () => {
    const unknown = newId("trk");
    const reasonOf = async (change: Partial<ScanParcelRequest>) => {
      const { inspection, quarantined } = await scan(change);
      assert.equal(inspection, undefined);
      return quarantined[0]!;
    };
    const blind = await reasonOf({ items: [{ sku: "VASE", quantity: 2, serial: "" }] });
    assert.equal(blind.reason, QuarantineReason.QUARANTINE_REASON_BLIND);
    const stray = await reasonOf({ trackingNumber: unknown });
    assert.equal(stray.reason, QuarantineReason.QUARANTINE_REASON_UNKNOWN_PARCEL);

    const { inspectionId, trackingNumber } = await labelled();
    await scan({ trackingNumber });
    await house.complete(inspectionId, [fine("mugs", 3), fine("lamp")]);
    const late = await reasonOf({ inspectionId, trackingNumber: newId("trk") });
    assert.deepEqual(
      [late.reason, late.inspectionId],
      [QuarantineReason.QUARANTINE_REASON_INSPECTION_CLOSED, inspectionId],
    );
    for (const { quarantineId, reason } of [blind, stray, late]) {
      assert.equal((await find(quarantineId)).quarantined?.reason, reason);
      const [fact] = await house.facts(quarantineId);
      assert.equal(GoodsQuarantined.decode(fact!.body).quarantined?.quarantineId, quarantineId);
    }
    const listed = await house.dock.listQuarantined({
      state: QuarantineState.QUARANTINE_STATE_HELD,
      centre: "",
      pageSize: 100,
      pageToken: "",
    });
    const ids = new Set(listed.quarantined.map((q) => q.quarantineId));
    for (const { quarantineId } of [blind, stray, late]) assert.ok(ids.has(quarantineId));
  });

  it("takes a parcel in at the wrong centre, and says so", async () => {
    const { trackingNumber } = await labelled({ centre: "MAN2" });
    const { inspection } = await scan({ trackingNumber });
    assert.equal(inspection?.state, state("REGISTERED"));
    assert.deepEqual(
      inspection.discrepancies.map((d) => [d.kind, d.found]),
      [[DiscrepancyKind.DISCREPANCY_KIND_WRONG_CENTRE, "LHR1"]],
    );
  });

  it("asks which one is meant, where several are", async () => {
    const orderId = newId("ord");
    const both = [await house.expected({ orderId }), await house.expected({ orderId })].map((i) => i.inspectionId);
    await assert.rejects(scan({ orderId }), refused("PARCEL_AMBIGUOUS", { candidates: both.join() }));
    const [, second] = both;
    assert.equal((await scan({ inspectionId: second!, orderId })).inspection?.inspectionId, second);
  });

  it("finds what is expected by what can be read, or says that nothing is", async () => {
    const { orderId, inspectionId, trackingNumber } = await labelled({ centre: "MAN2" });
    const nothing = {
      inspectionId: "",
      trackingNumber: "",
      resolutionId: "",
      orderId: "",
      serial: "",
      sku: "",
      centre: "",
    };
    const ask = async (change: object) =>
      (await house.dock.findExpected({ ...nothing, ...change })).inspections.map((i) => i.inspectionId);
    assert.deepEqual(await ask({ trackingNumber }), [inspectionId]);
    assert.deepEqual(await ask({ orderId, centre: "MAN2" }), [inspectionId]);
    assert.ok((await ask({ sku: "LAMP-1" })).length > 1);
    const elsewhere = ask({ orderId, centre: "LHR1" });
    await assert.rejects(elsewhere, refused("PARCEL_NOT_EXPECTED", { order_id: orderId }));
  });

  it("receives goods from quarantine as of the time at which they came", async () => {
    const { quarantined } = await scan({ trackingNumber: newId("trk") });
    const [{ quarantineId, receiveTime }] = quarantined as [(typeof quarantined)[0]];
    const { inspectionId } = await labelled();
    const request = { requestId: newId("req"), quarantineId, inspectionId, note: "the customer called" };
    const { quarantined: assigned } = await house.dock.assignQuarantined(request);
    assert.equal(assigned?.state, QuarantineState.QUARANTINE_STATE_ASSIGNED);
    const received = await until("the inspection received it", async () => {
      const { inspection } = await house.client.getInspection({ inspectionId });
      return inspection?.state === state("REGISTERED") && inspection;
    });
    assert.deepEqual(received.receiveTime, receiveTime);
    const again = { ...request, requestId: newId("req") };
    await assert.rejects(house.dock.assignQuarantined(again), refused("QUARANTINE_STATE", { state: "ASSIGNED" }));
  });

  it("refuses to assign goods to an inspection that is complete: they stay where they are", async () => {
    const { quarantined } = await scan();
    const { quarantineId } = quarantined[0]!;
    const { inspectionId } = await house.received();
    await house.complete(inspectionId, [fine("mugs", 3), fine("lamp")]);
    const request = { requestId: newId("req"), quarantineId, inspectionId, note: "" };
    await assert.rejects(house.dock.assignQuarantined(request), refused("INSPECTION_DONE", { verb: "assign" }));
    assert.equal((await find(quarantineId)).quarantined?.state, QuarantineState.QUARANTINE_STATE_HELD);
  });

  it("disposes of nobody's goods, and posts them to stock once", async () => {
    const { quarantined } = await scan({ items: [{ sku: "VASE", quantity: 2, serial: "" }] });
    const { quarantineId } = quarantined[0]!;
    const disposition = Disposition.DISPOSITION_DONATE;
    house.partners.stock.moods.push("lost answer");
    await house.dock.disposeQuarantined({ requestId: newId("req"), quarantineId, disposition, note: "unasked" });
    await house.allDone(quarantineId);
    const booked = [...house.partners.stock.done.values()].filter((d) => d.request.inspectionId === quarantineId);
    assert.deepEqual(
      booked.map((b) => b.request.lines.map((l) => [l.sku, l.quantity, l.disposition])),
      [[["VASE", 2, disposition]]],
    );
    assert.ok(of(house.partners.stock.calls, quarantineId).length >= 2);
  });

  it("lists by the statutory deadline, also one that was told later, and what has none after it", async () => {
    const due = (day: number) => new Date(Date.UTC(2026, 2, day));
    const receive = async (day?: number) => {
      const { inspectionId, trackingNumber, resolutionId, orderId } = await labelled(day ? { dueTime: due(day) } : {});
      await scan({ trackingNumber });
      return { inspectionId, resolutionId, orderId };
    };
    const [never, late, soon, told] = [await receive(), await receive(20), await receive(10), await receive()];
    const waiting = (await labelled({ dueTime: due(1) })).inspectionId;
    await house.expected({ resolutionId: told.resolutionId, orderId: told.orderId, ...terms({ dueTime: due(15) }) });
    const mine = [soon, told, late, never].map((i) => i.inspectionId).concat(waiting);
    const listed: string[] = [];
    let pageToken = "";
    do {
      const page = await house.bench.listInspections(ListInspectionsRequest.fromPartial({ pageSize: 3, pageToken }));
      listed.push(...page.inspections.map((i) => i.inspectionId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    assert.deepEqual(
      listed.filter((id) => mine.includes(id)),
      mine,
    );
  });
});
