// Parcels that are still on their way when the bench has seen what came.
import assert from "node:assert/strict";
import { CollectionScheduled, ParcelLost } from "#gen/backhaul/collection/v1/collection_events.js";
import { ScanParcelRequest } from "#gen/backhaul/inspection/v1/dock_service.js";
import { GoodsQuarantined } from "#gen/backhaul/inspection/v1/inspection_events.js";
import { QuarantineReason } from "#gen/backhaul/inspection/v1/quarantine.js";
import { newId } from "#kit/ids.js";
import { outstanding } from "../core/outstanding.js";
import type { InboundParcel, Receipt } from "../core/types.js";
import { bench, fine, missing, noon, onePm, refused } from "./builders.js";
import { type House, messagesOf, openHouse, state } from "./house.js";

const parcel = (trackingNumber: string, change: Partial<InboundParcel> = {}): InboundParcel => {
  return { trackingNumber, carrier: "cj", centre: "ICN1", collectionId: "col_1", ...change };
};
const scanned = (trackingNumber: string): Receipt => {
  const unseen = { items: [], strays: [], empty: false, weightGrams: 0 };
  return { ...unseen, trackingNumber, centre: "ICN1", scanner: "dora", receiveTime: noon };
};

describe("inspection: parcels that are still out", () => {
  const out = (inbound: readonly InboundParcel[], ...receipts: Receipt[]) => outstanding(bench({ inbound, receipts }));

  it("are those that nobody took in, nobody delivered and nobody lost", () => {
    assert.deepEqual(out([parcel("A"), parcel("B")], scanned("A")), ["B"]);
    for (const end of [{ deliverTime: noon }, { loseTime: noon }])
      assert.deepEqual(out([parcel("A"), parcel("B", end)], scanned("A")), []);
    assert.deepEqual(out([parcel("A"), parcel("B", { pickupTime: noon })], scanned("A")), ["B"]);
    assert.deepEqual(out([]), []);
  });

  it("are one fewer where goods were received without their number", () => {
    assert.deepEqual(out([parcel("A")]), []);
    assert.deepEqual(out([parcel("A"), parcel("B")]), ["A", "B"], "either may be the other one");
    assert.deepEqual(out([parcel("A", { deliverTime: noon }), parcel("B")]), ["B"], "what was delivered is what came");
    assert.deepEqual(out([parcel("A"), parcel("B")], scanned("A"), scanned("")), []);
  });

  it("are none of a collection that another one took the place of", () => {
    const former = parcel("OLD", { collectionId: "col_0" });
    assert.deepEqual(out([former, parcel("A")], scanned("A")), []);
    assert.deepEqual(out([former, parcel("A", { pickupTime: noon })]), []);
  });
});

describe("inspection: a verdict while a parcel is out", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());

  const three = [fine("mugs", 3), missing("lamp")];
  const scan = async (trackingNumber: string) => {
    const request = { requestId: newId("req"), centre: "ICN1", trackingNumber };
    return house.dock.scanParcel(ScanParcelRequest.fromPartial(request));
  };
  /** Two parcels were booked, one is here. */
  async function halfHere() {
    const { inspectionId, resolutionId } = await house.expected();
    const [first, second] = [newId("trk"), newId("trk")];
    const told = { resolutionId, collectionId: "col_1" };
    const booked = async (trackingNumber: string) => {
      const fact = CollectionScheduled.fromPartial({ ...told, carrier: "cj", trackingNumber });
      await house.hear("CollectionScheduled", CollectionScheduled, fact);
    };
    await booked(first);
    await scan(first);
    // Heard after the service last wrote the inspection.
    await booked(second);
    const lost = async () => {
      const fact = ParcelLost.fromPartial({ ...told, trackingNumber: second, loseTime: onePm });
      await house.hear("ParcelLost", ParcelLost, fact);
    };
    return { inspectionId, resolutionId, second, lost };
  }

  it("calls nothing missing that the parcel may hold, and names the parcel", async () => {
    const { inspectionId, second } = await halfHere();
    await assert.rejects(
      house.complete(inspectionId, three),
      refused("PARCELS_OUTSTANDING", { inspection_id: inspectionId, tracking_numbers: second }),
    );
    const { inspection } = await house.client.getInspection({ inspectionId });
    assert.equal(inspection?.state, state("REGISTERED"));
  });

  it("is given where nothing is missing, or when the parcel came after all", async () => {
    const whole = await halfHere();
    const { inspection } = await house.complete(whole.inspectionId, [fine("mugs", 3), fine("lamp")]);
    assert.deepEqual(inspection?.completedWithout, []);
    const late = await halfHere();
    await scan(late.second);
    assert.equal((await house.complete(late.inspectionId, three)).inspection?.state, state("INSPECTED"));
  });

  it("is given once the carrier has said that the parcel is lost, and says when", async () => {
    const { inspectionId, second, lost } = await halfHere();
    await lost();
    await lost();
    const { inspection } = await house.complete(inspectionId, three);
    const gone = inspection?.inbound.find(({ trackingNumber }) => trackingNumber === second);
    assert.deepEqual([inspection?.state, gone?.loseTime], [state("INSPECTED"), onePm]);
    assert.deepEqual(inspection?.completedWithout, []);
  });

  it("may be given without it by somebody who says so, and which parcel that was is on record", async () => {
    const { inspectionId, second } = await halfHere();
    await house.complete(inspectionId, three, true);
    const { inspection } = await house.client.getInspection({ inspectionId });
    assert.deepEqual(
      [inspection?.state, inspection?.inspector, inspection?.completedWithout],
      [state("INSPECTED"), "wendy", [second]],
    );
  });

  it("may be a lead's to give", async () => {
    const { inspectionId } = await halfHere();
    const lena = house.as("LEAD", "lena");
    try {
      const request = { requestId: newId("req"), inspectionId, findings: messagesOf(three) };
      const { inspection } = await lena.completeInspection({ ...request, withoutOutstanding: true });
      assert.equal(inspection?.inspector, "lena");
    } finally {
      lena.close();
    }
  });

  it("tells everybody of the goods that come after it, and whose they are", async () => {
    const { inspectionId, resolutionId, second } = await halfHere();
    await house.complete(inspectionId, three, true);
    const { quarantined } = await scan(second);
    const [goods] = quarantined;
    assert.deepEqual(
      [goods?.reason, goods?.inspectionId],
      [QuarantineReason.QUARANTINE_REASON_INSPECTION_CLOSED, inspectionId],
    );
    const [fact] = await house.facts(goods?.quarantineId ?? "");
    assert.equal(GoodsQuarantined.decode(fact!.body).resolutionId, resolutionId);
  });
});
