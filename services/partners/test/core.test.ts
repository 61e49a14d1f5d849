import assert from "node:assert/strict";
import { TaxDocumentKind } from "#gen/backhaul/partner/order/v1/order_service.js";
import { DomainError } from "#kit/pure/check.js";
import { allows, assertComplete } from "#kit/pure/moves.js";
import { words } from "#kit/words.js";
import { readCalendars, weekdays } from "../calendars.js";
import { masked } from "../core/account.js";
import { behaviourOf, exceptional, storedValue } from "../core/capabilities.js";
import { correctionsOf, documentsOf } from "../core/documents.js";
import { findings } from "../core/findings.js";
import { arrive, isBrought, type Parcel, type ParcelState, parcelMoves, stepFrom, visit } from "../core/parcel.js";
import { type RefundState, refundMoveOf, refundMoves } from "../core/provider.js";
import { concerns, fits, type Scenario, twists } from "../core/scenario.js";
import { type Fulfilment, linesToStop, shipmentsAt } from "../core/shipments.js";
import { slotAt, slotOf, slotsFrom } from "../core/slots.js";
import { refundStates } from "../rpc/payment.js";
import { twistWords } from "../rpc/scenario.js";
import { correctionKinds } from "../rpc/taxdocument.js";

const scenario = (change: Partial<Scenario> = {}): Scenario => ({
  scenarioId: "scn",
  twist: "ERROR",
  orderId: "",
  method: "",
  times: 0,
  ratePpm: 0,
  seed: 1n,
  latencyMs: 0,
  units: 0,
  ...change,
});

describe("partners: scenarios", () => {
  it("give every twist of the contract a place", () => {
    assert.deepEqual(Object.keys(twists).sort(), [...twistWords.all].sort());
  });

  it("fit their rpc and their moment, and no other", () => {
    assert.ok(fits(scenario(), "call", "GetOrder"));
    assert.ok(!fits(scenario({ method: "GetOrder" }), "call", "HoldStock"));
    assert.ok(!fits(scenario(), "visit", "BookPickup"));
    assert.ok(fits(scenario({ twist: "SOLD_OUT" }), "call", "HoldStock"));
    assert.ok(!fits(scenario({ twist: "SOLD_OUT" }), "call", "BookPickup"));
    assert.ok(fits(scenario({ twist: "REFUND_PENDING" }), "call", "RefundPayment"));
    assert.ok(fits(scenario({ twist: "REFUND_PENDING" }), "call", "PayOut"));
    assert.ok(!fits(scenario({ twist: "REFUND_PENDING", method: "PayOut" }), "call", "RefundPayment"));
    assert.ok(fits(scenario({ twist: "NOBODY_HOME" }), "visit", "BookPickup"));
    assert.ok(!fits(scenario({ twist: "NOBODY_HOME" }), "call", "BookPickup"));
    assert.ok(fits(scenario({ twist: "PARCEL_LOST" }), "arrival", "BookPickup"));
  });

  it("fall on the stated share of orders, and on the same ones each time", () => {
    const struck = (seed: bigint) =>
      Array.from({ length: 20_000 }, (_, i) =>
        concerns(scenario({ ratePpm: 100_000, seed }), `o-${i}`, "RefundPayment"),
      );
    const first = struck(7n);
    assert.deepEqual(struck(7n), first);
    assert.notDeepEqual(struck(8n), first);
    const share = first.filter(Boolean).length / first.length;
    assert.ok(Math.abs(share - 0.1) < 0.01, `${share}`);
  });

  it("concern one order, if one is named", () => {
    assert.ok(concerns(scenario({ orderId: "o-1" }), "o-1", "GetOrder"));
    assert.ok(!concerns(scenario({ orderId: "o-1" }), "o-2", "GetOrder"));
  });
});

describe("partners: slots", () => {
  const gb = readCalendars().get("GB")!;

  it("are two on each business day, from the next that has not begun", () => {
    const slots = slotsFrom(gb, new Date("2026-11-23T10:00:00Z")); // a Monday
    assert.deepEqual(
      slots.map((s) => s.slotId.slice(4)),
      ["23_1217", "24_0912", "24_1217", "25_0912", "25_1217", "26_0912", "26_1217", "27_0912", "27_1217"].map(
        (s) => `2026-11-${s}`,
      ),
    );
    assert.deepEqual(slots[0], {
      slotId: "slt_2026-11-23_1217",
      startTime: new Date("2026-11-23T12:00:00Z"),
      endTime: new Date("2026-11-23T17:00:00Z"),
    });
  });

  it("follow the market's holidays and its clock", () => {
    const christmas = slotsFrom(gb, new Date("2026-12-24T18:00:00Z"));
    assert.equal(christmas[0]?.slotId, "slt_2026-12-29_0912");
    const kr = readCalendars().get("KR")!;
    assert.deepEqual(slotsFrom(kr, new Date("2026-11-23T10:00:00Z"))[0]?.startTime, new Date("2026-11-24T00:00:00Z"));
    const summer = slotsFrom(gb, new Date("2026-07-01T00:00:00Z"));
    assert.deepEqual(summer[0]?.startTime, new Date("2026-07-01T08:00:00Z"));
  });

  it("know nothing of days that have passed, weekends, or ids of their own making", () => {
    const now = new Date("2026-11-23T10:00:00Z");
    for (const id of [
      "slt_2026-11-23_0912",
      "slt_2026-11-22_0912",
      "slt_2026-11-28_0912",
      "slt_2026-11-24_0000",
      "slt_9999-99-99_0912",
      "x",
    ]) {
      assert.equal(slotOf(gb, id, now), undefined, id);
    }
    assert.equal(slotOf(gb, "slt_2026-11-25_0912", now)?.slotId, "slt_2026-11-25_0912");
  });

  it("name the one in which a driver comes who is due at night", () => {
    assert.equal(slotAt(gb, new Date("2026-11-24T22:00:00Z"))?.slotId, "slt_2026-11-25_0912");
    assert.equal(slotAt(gb, new Date("2026-11-24T11:59:00Z"))?.slotId, "slt_2026-11-24_0912");
  });

  it("are weekdays where no calendar reaches", () => {
    assert.equal(slotsFrom(weekdays, new Date("2026-11-28T00:00:00Z"))[0]?.slotId, "slt_2026-11-30_0912");
    assert.equal(slotsFrom(gb, new Date("2040-01-01T00:00:00Z"))[0]?.slotId, "slt_2040-01-02_0912");
  });
});

describe("partners: a parcel", () => {
  const time = new Date("2026-11-24T10:00:00Z");
  const parcel = (method = "PICKUP_IN_PERSON"): Parcel => {
    return {
      bookingId: "bkg_1",
      trackingNumber: "T1",
      carrier: "hermes",
      orderId: "o-1",
      resolutionId: "res_1",
      method,
    };
  };

  it("reaches every state, and each but the last ones has a step that leads on", () => {
    assertComplete<ParcelState>(parcelMoves, Object.keys(parcelMoves), ["BOOKED"]);
    for (const [state, next] of Object.entries(parcelMoves)) {
      assert.equal(stepFrom[state as keyof typeof parcelMoves] !== undefined, next.length > 0, state);
    }
  });

  it("is taken over at the door or brought to a counter, as its method says", () => {
    assert.equal(visit(parcel(), 1, undefined, time)?.report.kind, "PICKED_UP");
    for (const method of ["DROP_OFF_CVS", "DROP_OFF_LOCKER", "CUSTOMER_SHIPS"]) {
      assert.ok(isBrought(method));
      assert.equal(visit(parcel(method), 1, undefined, time)?.report.kind, "DROPPED_OFF");
    }
  });

  it("stays when the visit fails, with the fault of whoever failed it", () => {
    const failed = visit(parcel(), 2, "PICKUP_FAILED", time);
    assert.equal(failed?.to, "BOOKED");
    assert.deepEqual(failed?.report, {
      eventId: "bkg_1:attempt-2",
      kind: "ATTEMPT_FAILED",
      code: "NO_DRIVER",
      fault: "LOGISTICS",
      time,
    });
    assert.equal(visit(parcel(), 1, "NOBODY_HOME", time)?.report.fault, "CUSTOMER");
    assert.equal(visit(parcel(), 1, "NO_HAND_OVER", time), undefined);
  });

  it("arrives, or is lost", () => {
    assert.equal(arrive(parcel(), undefined, time).to, "DELIVERED");
    assert.equal(arrive(parcel(), "PARCEL_LOST", time).to, "LOST");
  });
});

describe("partners: findings", () => {
  const lines = [
    { lineId: "mugs", sku: "mug", quantity: 3 },
    { lineId: "lamp", sku: "lamp", quantity: 1 },
  ];
  const verdicts = (...args: Parameters<typeof findings>) =>
    findings(...args).map((f) => [f.lineId, f.quantity, f.verdict, f.condition]);

  it("accept everything as new", () => {
    assert.deepEqual(verdicts(lines, undefined, 0), [
      ["mugs", 3, "ACCEPTED", "SELLABLE"],
      ["lamp", 1, "ACCEPTED", "SELLABLE"],
    ]);
  });

  it("reject so many units as the scenario says, all of them by default", () => {
    assert.deepEqual(verdicts(lines, "DAMAGED", 2), [
      ["mugs", 2, "REJECTED", "CUSTOMER_DAMAGED"],
      ["mugs", 1, "ACCEPTED", "SELLABLE"],
      ["lamp", 1, "ACCEPTED", "SELLABLE"],
    ]);
    assert.deepEqual(verdicts(lines, "WRONG_ITEM", 0), [
      ["mugs", 3, "REJECTED", "WRONG_ITEM"],
      ["lamp", 1, "REJECTED", "WRONG_ITEM"],
    ]);
    assert.ok(verdicts(lines, "WRONG_ITEM", 99).every(([, , verdict]) => verdict === "REJECTED"));
  });
});

describe("partners: shipments", () => {
  const fulfilment = (change: Partial<Fulfilment> = {}): Fulfilment => ({
    orderId: "o-1",
    lines: [
      { lineId: "mugs", quantity: 3 },
      { lineId: "lamp", quantity: 1 },
    ],
    shipTime: new Date("2026-11-02T10:00:00Z"),
    deliverTime: new Date("2026-11-04T10:00:00Z"),
    stopped: new Map(),
    replacements: [],
    ...change,
  });

  it("are planned, shipped and delivered as time goes by, and tell no time that has not come", () => {
    const at = (time: string) => {
      const [shipment] = shipmentsAt(fulfilment(), new Date(time));
      return [shipment?.state, shipment?.shipTime !== undefined, shipment?.deliverTime !== undefined];
    };
    assert.deepEqual(at("2026-11-01T00:00:00Z"), ["PLANNED", false, false]);
    assert.deepEqual(at("2026-11-03T00:00:00Z"), ["SHIPPED", true, false]);
    assert.deepEqual(at("2026-11-05T00:00:00Z"), ["DELIVERED", true, true]);
  });

  it("leave out what was held back, and themselves when nothing is left", () => {
    const some = shipmentsAt(fulfilment({ stopped: new Map([["mugs", 3]]) }), new Date());
    assert.deepEqual(some[0]?.lines, [{ lineId: "lamp", quantity: 1 }]);
    const stopped = new Map([
      ["mugs", 3],
      ["lamp", 1],
    ]);
    assert.deepEqual(shipmentsAt(fulfilment({ stopped }), new Date()), []);
  });

  it("are held back line by line, merged, and only lines that were sold", () => {
    const asked = [
      { lineId: "mugs", quantity: 1 },
      { lineId: "lamp", quantity: 1 },
      { lineId: "mugs", quantity: 2 },
    ];
    assert.deepEqual(linesToStop(fulfilment(), asked), [
      { lineId: "lamp", quantity: 1, purchased: 1 },
      { lineId: "mugs", quantity: 3, purchased: 3 },
    ]);
    assert.throws(() => linesToStop(fulfilment(), [{ lineId: "sofa", quantity: 1 }]), DomainError);
  });
});

describe("partners: a refund at the provider", () => {
  it("reaches every state of the contract, and by hand only where it may go", () => {
    assertComplete<RefundState>(refundMoves, refundStates.all, ["PENDING", "SUCCEEDED"]);
    for (const { from, to } of Object.values(refundMoveOf))
      assert.ok(allows<RefundState>(refundMoves, from, to), `${from} → ${to}`);
  });

  it("is paid by methods that the provider has, each with its own exceptions", () => {
    for (const method of storedValue) assert.equal(behaviourOf(method), undefined);
    for (const [method, behaviour] of exceptional) {
      assert.deepEqual(behaviourOf(method), behaviour);
      assert.notDeepEqual(behaviour, behaviourOf("CARD"), `${method} is no exception`);
    }
    // They are written into statements.
    for (const method of [...storedValue, ...exceptional.map(([name]) => name)]) assert.match(method, /^[A-Z_]+$/);
  });

  it("shows four characters of an account, and never more than half of it", () => {
    assert.equal(masked("088", "110123456789"), "088 ********6789");
    assert.equal(masked("004", "12345"), "004 ***45");
    assert.equal(masked("004", "1234"), "004 **34");
  });

  it("has a correction for every tax document, and every correction a document", () => {
    assert.deepEqual(Object.keys(correctionsOf).sort(), [...words(TaxDocumentKind, "TAX_DOCUMENT_KIND_").all].sort());
    for (const kind of correctionKinds.all) assert.equal(documentsOf(kind).length, 1, kind);
  });
});
