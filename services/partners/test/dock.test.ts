// The sandbox's dock and bench: goods that come by themselves, goods in several parcels, goods that two people look at.
import assert from "node:assert/strict";
import { UnitVerdict } from "#gen/backhaul/inspection/v1/inspection.js";
import { WarehouseServiceService } from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { booking, reason, type Sandbox, sandbox } from "./builders.js";
import { type Bench, bench, type Edge, edge } from "./outside.js";

const lines = [
  { lineId: "mugs", sku: "mug", quantity: 3 },
  { lineId: "lamp", sku: "lamp", quantity: 1 },
];

describe("partners: the dock", () => {
  let stage: Stage;
  let box: Sandbox;
  let gateway: Edge;
  let inspection: Bench;

  before(async () => {
    stage = await openStage();
    [gateway, inspection, box] = await Promise.all([edge(), bench(stage), sandbox(stage)]);
    box.running.pointAt({ gatewayUrl: gateway.url, inspectionAddress: inspection.address });
  });
  beforeEach(() => Object.assign(inspection.state, { wantsTwo: false, expected: lines }));
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

  type Goods = { readonly inspectionId: string; readonly resolutionId: string; readonly orderId: string };
  const goods = (): Goods => ({ inspectionId: newId("ins"), resolutionId: newId("res"), orderId: newId("ord") });
  const announce = (one: Goods, neverHad = false) =>
    box.as(WarehouseServiceService).announceParcel({ requestId: newId("req"), ...one, lines, neverHad });
  const of = <R extends { readonly inspectionId: string }>(all: readonly R[], { inspectionId }: Goods): R[] =>
    all.filter((one) => one.inspectionId === inspectionId);
  const verdicts = (one: Goods) =>
    of(inspection.completed, one).map(({ findings }) =>
      findings.map(({ lineId, quantity, verdict }) => [lineId, quantity, UnitVerdict[verdict]?.slice(13)]),
    );

  describe("goods that the customer never had", () => {
    it("travel to the dock by themselves, and nobody reports a parcel that nobody booked", async () => {
      const back = goods();
      await announce(back, true);
      await box.go(47);
      assert.deepEqual(of(inspection.received, back), []);
      await box.go(2);
      assert.equal(of(inspection.received, back).length, 1);
      await box.go(4);
      assert.deepEqual(verdicts(back), [
        [
          ["mugs", 3, "ACCEPTED"],
          ["lamp", 1, "ACCEPTED"],
        ],
      ]);
      assert.deepEqual(gateway.of(`RTS-${back.resolutionId}`), []);
    });

    it("come once, however often they are announced", async () => {
      const back = goods();
      await Promise.all([announce(back, true), announce(back, true)]);
      await box.go(24);
      await announce(back, true);
      await box.go(24 * 7);
      await announce(back, true);
      await box.go(24 * 7);
      assert.deepEqual([of(inspection.received, back).length, verdicts(back).length], [1, 1]);
    });

    it("turn round also when a driver was to fetch them", async () => {
      const back = goods();
      await box.play(Twist.TWIST_NO_HAND_OVER, { orderId: back.orderId });
      await box.transport.bookPickup(booking(back));
      await announce(back);
      await box.go(24 * 7);
      assert.deepEqual(of(inspection.received, back), []);
      await announce(back, true);
      await box.go(24 * 3);
      assert.equal(of(inspection.received, back).length + of(inspection.scanned, back).length, 1);
    });

    it("can be moved on by hand", async () => {
      const back = goods();
      await announce(back, true);
      const move = async () => (await box.operator.moveParcel({ resolutionId: back.resolutionId })).state;
      assert.deepEqual([await move(), await move()], ["RECEIVED", "INSPECTED"]);
      await assert.rejects(move(), reason("PARTNER_REFUSED"));
    });
  });

  describe("goods in several parcels", () => {
    async function split(): Promise<Goods> {
      const one = goods();
      const host = await box.transport.bookPickup(booking({ ...one, units: 2 }));
      const { bookingId } = host;
      const added = { bookingId, ...one, units: 2, ownParcel: true, slotId: "", destination: "" };
      await box.transport.addToPickup({ requestId: newId("req"), ...added });
      await announce(one);
      return one;
    }
    /** The parcels that were scanned; whoever is asked twice under one request id scans once. */
    const numbers = (one: Goods) => new Set(of(inspection.scanned, one).map(({ trackingNumber }) => trackingNumber));
    const units = (one: Goods) =>
      of(inspection.recorded, one).map(
        ({ who, finding }) => `${finding?.lineId} ${finding?.detail?.unitNumber} ${who}`,
      );

    it("are scanned parcel by parcel, each with its own units, and judged when the last was looked at", async () => {
      const one = await split();
      const { resolutionId } = one;
      const move = async () => (await box.operator.moveParcel({ resolutionId })).state;
      for (const state of ["PICKED_UP", "RECEIVED", "INSPECTED"]) assert.equal(await move(), state);
      assert.equal(numbers(one).size, 1);
      assert.deepEqual([new Set(units(one)).size, verdicts(one)], [4, []]);
      for (const state of ["PICKED_UP", "RECEIVED", "INSPECTED"]) assert.equal(await move(), state);
      await until("it is judged", async () => verdicts(one).length > 0);
      assert.deepEqual(verdicts(one), [[]], "all of it stands unit by unit");
      assert.equal(of(inspection.completed, one)[0]?.withoutOutstanding, false, "and nothing is left out");
      assert.equal(numbers(one).size, 2);
      const each = ["lamp 1", "mugs 1", "mugs 2", "mugs 3"].flatMap((unit) => [`${unit} dock`, `${unit} dock-2`]);
      assert.deepEqual([...new Set(units(one))].sort(), each);
      assert.deepEqual(of(inspection.received, one), [], "no parcel is taken for all of them");
    });

    it("arrive together, and are judged once", async () => {
      const one = await split();
      await box.go(24 * 7);
      assert.equal(numbers(one).size, 2);
      assert.deepEqual(
        [...new Set(of(inspection.completed, one).map(({ requestId }) => requestId))],
        [`${one.inspectionId}:conclude`],
      );
    });

    it("miss what the carrier lost", async () => {
      const one = goods();
      const { bookingId } = await box.transport.bookPickup(booking({ ...one, units: 2 }));
      const added = { bookingId, ...one, units: 2, ownParcel: true, slotId: "", destination: "" };
      await box.transport.addToPickup({ requestId: newId("req"), ...added });
      await box.play(Twist.TWIST_PARCEL_LOST, { orderId: one.orderId, times: 1 });
      await announce(one);
      await box.go(24 * 7);
      const [concluded] = of(inspection.completed, one);
      const missing = concluded?.findings.filter(({ verdict }) => verdict === UnitVerdict.UNIT_VERDICT_MISSING) ?? [];
      assert.equal(
        missing.reduce((sum, { quantity }) => sum + quantity, 0),
        2,
      );
      assert.equal(concluded?.withoutOutstanding, true, "the dock may not have heard of the loss");
      assert.equal(numbers(one).size, 1);
    });
  });

  it("has two people look at goods where the policy wants two", async () => {
    inspection.state.wantsTwo = true;
    const one = goods();
    await box.play(Twist.TWIST_DAMAGED, { orderId: one.orderId, units: 1 });
    await announce(one, true);
    await box.go(24 * 7);
    const seen = of(inspection.recorded, one).map(({ who, finding }) => {
      const { lineId, verdict, detail } = finding ?? {};
      return `${who} ${lineId} ${detail?.unitNumber} ${UnitVerdict[verdict ?? 0]?.slice(13)}`;
    });
    const found = ["mugs 1 REJECTED", "mugs 2 ACCEPTED", "mugs 3 ACCEPTED", "lamp 1 ACCEPTED"];
    assert.deepEqual(seen, [...found.map((unit) => `dock ${unit}`), ...found.map((unit) => `dock-2 ${unit}`)]);
    assert.deepEqual(verdicts(one), [[]]);
  });
});
