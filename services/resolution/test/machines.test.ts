import assert from "node:assert/strict";
import * as core from "../core/resolution.js";
import type { Outcome, Resolution } from "../core/types.js";
import {
  allGood,
  later,
  oneBad,
  pickedUp,
  received,
  refunded,
  requested,
  scene,
  steps,
  type Told,
  told,
  where,
} from "./builders.js";
import { stored } from "./released.js";

const from = (r: Resolution, ...events: readonly Told[]): Outcome => {
  const [first, ...rest] = events as [Told, ...Told[]];
  return told(first(r), ...rest);
};
const held: Told = (r) => core.stockHeld(r, "hold_1", scene());
const reshipped: Told = (r) => core.reshipped(r, scene());
const exchange = { replacement: true, exchange: "STANDARD" } as const;

describe("resolution: what version 1 stored goes on to its end", () => {
  it("a cancellation is stopped, or goes on as a return without being called back", () => {
    const stopping = stored(
      "CANCELLATION",
      { goods: "STOPPING", money: "WAITING", stock: "NONE" },
      { collection: false },
    );
    assert.equal(where(from(stopping, (r) => core.stopped(r, scene()), refunded)), "CLOSED STOPPED REFUNDED NONE");
    const late = from(stopping, (r) => core.alreadyShipped(r, scene()));
    assert.equal(where(late), "OPEN ALREADY_SHIPPED WAITING NONE");
    assert.deepEqual(steps(late), ["eligibility.decide"]);
    const { terms } = requested("RETURN").next;
    const granted: Told = (r) => core.judgedAsReturn(r, "ACCEPT", "ok", terms, new Uint8Array(), scene());
    assert.equal(where(told(late, granted, pickedUp, received, allGood, refunded)), "CLOSED INSPECTED REFUNDED NONE");
    const declined: Told = (r) => core.judgedAsReturn(r, "DECLINE", "no", terms, new Uint8Array(), scene());
    assert.equal(told(late, declined).next.state, "DECLINED");
    const stop = { orderId: "o-1", stopRequestId: "stop-1", asked: 0 };
    const pending = from(stopping, (r) => core.stopPending(r, stop, scene()));
    assert.deepEqual(steps(pending), ["shipment.findStop"]);
  });

  it("a return is collected, inspected and refunded from wherever it stood", () => {
    const collecting = stored("RETURN", { goods: "COLLECTING", money: "WAITING", stock: "NONE" });
    assert.equal(where(from(collecting, pickedUp, received, allGood, refunded)), "CLOSED INSPECTED REFUNDED NONE");
    const moving = stored(
      "RETURN",
      { goods: "IN_TRANSIT", money: "REFUNDED", stock: "NONE" },
      { progress: 1, refundedEarly: true },
    );
    assert.equal(where(from(moving, received, oneBad)), "OPEN INSPECTED RECOVERING NONE");
    const inspecting = stored("RETURN", { goods: "INSPECTING", money: "WAITING", stock: "NONE" }, { progress: 2 });
    assert.equal(where(from(inspecting, allGood, refunded)), "CLOSED INSPECTED REFUNDED NONE");
    const manual = stored(
      "RETURN",
      { goods: "INSPECTED", money: "MANUAL_REQUIRED", stock: "NONE" },
      { accepted: "ALL" },
    );
    assert.equal(where(from(manual, refunded)), "CLOSED INSPECTED REFUNDED NONE");
  });

  it("an exchange is fulfilled, and holds its replacement until it lets go", () => {
    const holding = stored("EXCHANGE", { goods: "COLLECTING", money: "NONE", stock: "HOLDING" }, {}, exchange);
    const kept = from(holding, held);
    assert.ok(!steps(kept).includes("stock.renew"));
    assert.equal(where(told(kept, pickedUp, received, allGood, reshipped)), "CLOSED INSPECTED NONE FULFILLED");
    const part = told(kept, pickedUp, received, oneBad);
    const hold = part.steps.find(({ step }) => step === "stock.hold")?.payload as { expires?: string };
    assert.equal(hold.expires, undefined, "asked for as it always was");
    const gone = from(holding, (r) => core.soldOut(r, scene()), pickedUp, received, allGood, refunded);
    assert.equal(where(gone), "CLOSED INSPECTED REFUNDED SOLD_OUT");
    const sent = stored(
      "EXCHANGE",
      { goods: "COLLECTING", money: "NONE", stock: "FULFILLED" },
      { sentOut: true },
      exchange,
    );
    assert.equal(where(from(sent, (r) => core.handoverDue(r, later(15)))), "OPEN COLLECTING NONE FULFILLED");
  });

  it("a review is approved, and what withdrew itself is taken up again, by the version it began with", () => {
    const review = from(stored("RETURN", "PENDING_REVIEW"), (r) => core.approve(r, "", scene()));
    assert.equal(where(review), "OPEN COLLECTING WAITING NONE");
    assert.equal(review.next.chart.machine, "resolution/1");
    const again = from(stored("RETURN", "AUTO_WITHDRAWN"), (r) => core.reopen(r, scene()));
    assert.equal(where(again), "OPEN COLLECTING WAITING NONE");
    assert.equal(again.next.chart.machine, "resolution/1");
  });

  it("goods that come back unasked call a person, for it has no way for them", () => {
    const collecting = stored("RETURN", { goods: "COLLECTING", money: "WAITING", stock: "NONE" });
    const raised = from(collecting, (r) => core.comesBack(r, "UNCLAIMED", true, scene()));
    assert.equal(where(raised), "OPEN COLLECTING WAITING NONE");
    assert.ok(raised.next.hold);
  });

  it("new requests begin with version 2", () => {
    assert.equal(requested("RETURN").next.chart.machine, "resolution/2");
  });
});
