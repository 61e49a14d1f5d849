import assert from "node:assert/strict";
import {
  CollectionScheduled,
  ParcelAdded,
  ParcelDelivered,
  ParcelPickedUp,
  WaybillEntered,
} from "#gen/backhaul/collection/v1/collection_events.js";
import { FindExpectedRequest, ScanParcelRequest } from "#gen/backhaul/inspection/v1/dock_service.js";
import { ExpectationTerms, type Inspection } from "#gen/backhaul/inspection/v1/inspection.js";
import { ListInspectionsRequest } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { broken, fine, noon, onePm, refused } from "./builders.js";
import { type House, openHouse, state } from "./house.js";

describe("inspection: parcels on their way", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());

  const label = () => newId("trk");
  const scheduled = (resolutionId: string, trackingNumber: string, change = {}) =>
    house.hear(
      "CollectionScheduled",
      CollectionScheduled,
      CollectionScheduled.fromPartial({
        resolutionId,
        trackingNumber,
        collectionId: "col_1",
        carrier: "cj",
        centre: "ICN1",
        ...change,
      }),
    );
  const scan = (change: object) =>
    house.dock.scanParcel(ScanParcelRequest.fromPartial({ requestId: newId("req"), centre: "ICN1", ...change }));
  const find = (change: object) => house.dock.findExpected(FindExpectedRequest.fromPartial(change));
  const read = async (inspectionId: string): Promise<Inspection> =>
    (await house.client.getInspection({ inspectionId })).inspection!;

  it("are found by their labels, which only the collection knew", async () => {
    const { inspectionId, resolutionId } = await house.expected();
    const trackingNumber = label();
    await scheduled(resolutionId, trackingNumber);
    const { inspection, quarantined } = await scan({ trackingNumber });
    assert.deepEqual(
      [inspection?.inspectionId, inspection?.state, quarantined],
      [inspectionId, state("REGISTERED"), []],
    );
  });

  it("are told without a number, too: there is nothing to note, and the fact is spent all the same", async () => {
    const { resolutionId } = await house.expected();
    const eventId = newId("evt");
    const fact = CollectionScheduled.fromPartial({ resolutionId, collectionId: "col_1" });
    await house.hear("CollectionScheduled", CollectionScheduled, fact, eventId);
    const spent = await house.query("SELECT FROM consumed WHERE consumer = 'inspection' AND event_id = $1", [eventId]);
    assert.equal(spent.length, 1);
  });

  it("are found by the number that a further parcel was given, and by the one a customer wrote down", async () => {
    const { inspectionId, resolutionId } = await house.expected();
    const [first, further] = [label(), label()];
    await scheduled(resolutionId, first);
    const told = { resolutionId, collectionId: "col_1", carrier: "cj" };
    await house.hear(
      "ParcelAdded",
      ParcelAdded,
      ParcelAdded.fromPartial({ ...told, trackingNumber: further, units: 1, addTime: noon }),
    );
    const own = await house.expected();
    const written = label();
    await house.hear(
      "WaybillEntered",
      WaybillEntered,
      WaybillEntered.fromPartial({ ...told, resolutionId: own.resolutionId, trackingNumber: written, enterTime: noon }),
    );
    for (const trackingNumber of [first, further]) {
      assert.deepEqual(
        (await find({ trackingNumber })).inspections.map((found) => found.inspectionId),
        [inspectionId],
      );
    }
    assert.equal((await scan({ trackingNumber: written })).inspection?.inspectionId, own.inspectionId);
  });

  it("are not lost when they are heard of before anybody expects the goods", async () => {
    const resolutionId = newId("res");
    const trackingNumber = label();
    const pickedUp = ParcelPickedUp.fromPartial({ resolutionId, trackingNumber, pickupTime: onePm });
    await house.hear("ParcelPickedUp", ParcelPickedUp, pickedUp);
    await scheduled(resolutionId, trackingNumber);
    const { inspectionId } = await house.expected({ resolutionId });
    const [parcel] = (await read(inspectionId)).inbound;
    assert.deepEqual(
      [parcel?.trackingNumber, parcel?.carrier, parcel?.centre, parcel?.pickupTime],
      [trackingNumber, "cj", "ICN1", onePm],
    );
    assert.equal((await scan({ trackingNumber })).inspection?.inspectionId, inspectionId);
  });

  it("are where the first word said, however often and in what order it is told", async () => {
    const { inspectionId, resolutionId } = await house.expected();
    const trackingNumber = label();
    const delivered = (deliverTime: Date) =>
      house.hear(
        "ParcelDelivered",
        ParcelDelivered,
        ParcelDelivered.fromPartial({ resolutionId, trackingNumber, deliverTime }),
      );
    await delivered(onePm);
    await scheduled(resolutionId, trackingNumber);
    await delivered(noon);
    await delivered(onePm);
    const { inbound } = await read(inspectionId);
    assert.deepEqual(
      inbound.map((p) => [p.carrier, p.deliverTime]),
      [["cj", noon]],
    );
  });

  it("are looked for at the centre that they go to", async () => {
    const orderId = newId("ord");
    const [north, south] = [await house.expected({ orderId }), await house.expected({ orderId })];
    await scheduled(north.resolutionId, label(), { centre: "ICN1" });
    await scheduled(south.resolutionId, label(), { centre: "PUS1" });
    const at = async (centre: string) => (await find({ orderId, centre })).inspections.map((i) => i.inspectionId);
    assert.deepEqual(await at("PUS1"), [south.inspectionId]);
    assert.deepEqual(await at("ICN1"), [north.inspectionId]);
    assert.equal((await at("")).length, 2);
    const trackingNumber = (await read(south.inspectionId)).inbound[0]?.trackingNumber;
    const { inspection } = await scan({ trackingNumber });
    assert.deepEqual(
      inspection?.discrepancies.map((d) => d.found),
      ["ICN1"],
      "taken in at another centre, and shown",
    );
  });

  it("may be several of one return: the first starts the clock, the others join it", async () => {
    const { inspectionId, resolutionId } = await house.expected();
    const labels = [label(), label()];
    for (const trackingNumber of labels) await scheduled(resolutionId, trackingNumber);
    const first = (await scan({ trackingNumber: labels[0] })).inspection;
    const second = (await scan({ trackingNumber: labels[1] })).inspection;
    assert.deepEqual([first?.inspectionId, second?.inspectionId], [inspectionId, inspectionId]);
    assert.deepEqual([second?.receipts.length, second?.receiveTime], [2, first?.receiveTime]);
  });

  it("may carry several returns: one scan lists each, and each receives what is its own", async () => {
    const trackingNumber = label();
    const mugs = await house.expected({ lines: [{ lineId: "m", sku: "MUG-RED", quantity: 2 }] });
    const lamp = await house.expected({ lines: [{ lineId: "l", sku: "LAMP-1", quantity: 1 }] });
    for (const { resolutionId } of [mugs, lamp]) await scheduled(resolutionId, trackingNumber);
    const request = {
      trackingNumber,
      requestId: newId("req"),
      items: [
        { sku: "MUG-RED", quantity: 2, serial: "" },
        { sku: "LAMP-1", quantity: 1, serial: "" },
        { sku: "VASE-9", quantity: 1, serial: "" },
      ],
    };
    const { inspection, also, quarantined } = await scan(request);
    assert.deepEqual(
      [inspection, ...also].map((i) => i?.inspectionId),
      [mugs.inspectionId, lamp.inspectionId],
    );
    assert.deepEqual(
      quarantined.map(({ items }) => items.map(({ sku }) => sku)),
      [["VASE-9"]],
      "what nobody expects is kept",
    );
    await until("the other part is received", async () => (await read(lamp.inspectionId)).receipts.length > 0);
    const other = await read(lamp.inspectionId);
    assert.deepEqual([other.state, other.receiveTime], [state("REGISTERED"), inspection?.receiveTime]);
    assert.deepEqual(
      other.receipts.map(({ items }) => items.map(({ sku, quantity }) => [sku, quantity])),
      [[["LAMP-1", 1]]],
    );
    assert.deepEqual(await scan(request), { inspection, also, quarantined }, "again: the first answer");
  });

  it("show in the work list, which is ordered by what breaks first at whatever centre", async () => {
    const due = (day: number) => ExpectationTerms.fromPartial({ dueTime: new Date(Date.UTC(2026, 3, day)) });
    const [late, soon] = [await house.expected({ terms: due(20) }), await house.expected({ terms: due(10) })];
    await scheduled(late.resolutionId, label(), { centre: "ICN1" });
    await scheduled(soon.resolutionId, label(), { centre: "PUS1" });
    // The clock of the second began with its delivery: it is told again, with the time that breaks first.
    await house.client.expectReceipt({
      ...house.expectation({ resolutionId: late.resolutionId, terms: due(5) }),
      orderId: late.orderId,
    });
    const { inspections } = await house.bench.listInspections(ListInspectionsRequest.fromPartial({ pageSize: 100 }));
    const mine = inspections.filter(({ inspectionId }) => [late, soon].some((i) => i.inspectionId === inspectionId));
    assert.deepEqual(
      mine.map((i) => [i.inspectionId, i.inbound[0]?.centre]),
      [
        [late.inspectionId, "ICN1"],
        [soon.inspectionId, "PUS1"],
      ],
    );
  });

  it("are disputed by the seller whose goods they carry, as the seller, and by no other", async () => {
    const details = [{ lineId: "mugs", category: "homeware", serials: [], unitWeightGrams: 0, sellerId: "s-1" }];
    const { inspectionId } = await house.expected({ terms: ExpectationTerms.fromPartial({ details }) });
    await house.bench.receiveParcel({ requestId: newId("req"), inspectionId });
    await house.complete(inspectionId, [fine("mugs", 3), fine("lamp")]);
    const claim = (lineId: string, party: number) => ({
      ...{ requestId: newId("req"), inspectionId, lineId, party, unitNumber: 0, statement: "worn", evidence: [] },
    });
    const [own, other] = [house.as("SELLER", "s-1"), house.as("SELLER", "s-2")];
    try {
      await assert.rejects(other.openDispute(claim("mugs", 2)), refused("INSPECTION_NOT_FOUND"));
      await assert.rejects(own.openDispute(claim("lamp", 2)), refused("INSPECTION_NOT_FOUND"));
      await assert.rejects(own.openDispute(claim("mugs", 1)), refused("INVALID_REQUEST"));
      await house.client.openDispute({ ...claim("mugs", 1), statement: "the customer's words" });
      const { inspection } = await own.openDispute(claim("mugs", 2));
      assert.deepEqual(
        inspection?.disputes.map(({ statement }) => statement),
        ["worn"],
        "and read nothing of the customer",
      );
      const lines = [...inspection.expected, ...inspection.findings].map(({ lineId }) => lineId);
      assert.deepEqual([...new Set(lines)], ["mugs"], "nor of what others sold");
      assert.deepEqual([inspection.inspector, inspection.discrepancies, inspection.receipts], ["", [], []]);
    } finally {
      own.close();
      other.close();
    }
  });

  it("that came with goods in dispute stay in quarantine until it is decided", async () => {
    const { inspectionId, resolutionId } = await house.expected();
    const trackingNumber = label();
    await scheduled(resolutionId, trackingNumber);
    const items = [
      { sku: "MUG-RED", quantity: 3, serial: "" },
      { sku: "LAMP-1", quantity: 1, serial: "" },
      { sku: "VASE-9", quantity: 1, serial: "" },
    ];
    const [stray] = (await scan({ trackingNumber, items })).quarantined;
    await house.complete(inspectionId, [broken("mugs", 3), fine("lamp")]);
    const claim = { inspectionId, lineId: "mugs", party: 1, unitNumber: 0, statement: "it was whole", evidence: [] };
    const opened = (await house.client.openDispute({ requestId: newId("req"), ...claim })).inspection!;
    const dispose = (disposition: number) =>
      house.dock.disposeQuarantined({
        ...{ requestId: newId("req"), quarantineId: stray!.quarantineId, disposition, note: "nobody's" },
      });
    const { disputeId } = opened.disputes[0]!;
    for (const way of [1, 3, 8])
      await assert.rejects(
        dispose(way),
        refused("DISPUTE_OPEN", { inspection_id: inspectionId, dispute_id: disputeId }),
      );
    const decision = { inspectionId, disputeId, outcome: 2, note: "the photos show it", corrected: undefined };
    await house.client.decideDispute({ requestId: newId("req"), ...decision });
    assert.equal((await dispose(3)).quarantined?.quarantineId, stray?.quarantineId);
  });

  it("let their own carrier show what its driver saw, and nobody else's", async () => {
    const { inspectionId, resolutionId } = await house.expected();
    await scheduled(resolutionId, label(), { carrier: "cj" });
    const sha256 = "ab".repeat(32);
    house.partners.photos.set("photo-1", sha256);
    const evidence = { inspectionId, stage: 2, photo: { mediaId: "photo-1", sha256 }, note: "", actor: "" };
    const [cj, hanjin] = [house.custodyOf("cj"), house.custodyOf("hanjin")];
    try {
      const { evidence: kept } = await cj.addEvidence({ requestId: newId("req"), ...evidence });
      assert.equal(kept?.actor, "cj");
      await assert.rejects(
        hanjin.addEvidence({ requestId: newId("req"), ...evidence }),
        refused("INSPECTION_NOT_FOUND", { inspection_id: inspectionId }),
      );
      await assert.rejects(
        cj.addEvidence({ requestId: newId("req"), ...evidence, stage: 3 }),
        refused("INVALID_REQUEST"),
      );
    } finally {
      cj.close();
      hanjin.close();
    }
  });
});
