import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import * as core from "../core/resolution.js";
import {
  allBad,
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

const reason = (expected: string) => (error: unknown) => error instanceof DomainError && error.reason === expected;

describe("resolution: a return", () => {
  it("collects, inspects, refunds what was accepted, and closes", () => {
    const opened = requested("RETURN");
    assert.equal(where(opened), "OPEN COLLECTING WAITING NONE");
    assert.deepEqual(steps(opened), ["collection.schedule", "handover-day", "inspection.expect"]);
    assert.deepEqual(opened.held, [{ lineId: "l-1", purchased: 3, delta: 2 }]);
    const inTransit = told(opened, pickedUp);
    assert.equal(where(inTransit), "OPEN IN_TRANSIT WAITING NONE");
    assert.ok(inTransit.dropped.includes("handover-day"));
    assert.equal(where(told(inTransit, received)), "OPEN INSPECTING WAITING NONE");
    const inspected = told(inTransit, received, allGood);
    assert.equal(where(inspected), "OPEN INSPECTED REFUNDING NONE");
    assert.deepEqual(steps(inspected), ["refund.issue"]);
    assert.equal(where(told(inspected, refunded)), "CLOSED INSPECTED REFUNDED NONE");
  });

  it("refunds at the pickup scan where the policy says so, and still waits for the goods", () => {
    const scanned = told(requested("RETURN", { trigger: "ON_PICKUP_SCAN" }), pickedUp);
    assert.equal(where(scanned), "OPEN IN_TRANSIT REFUNDING NONE");
    const paid = told(scanned, refunded);
    assert.equal(where(paid), "OPEN IN_TRANSIT REFUNDED NONE");
    assert.equal(where(told(paid, received, allGood)), "CLOSED INSPECTED REFUNDED NONE");
  });

  it("refunds on receipt, on approval, and on inspection", () => {
    assert.equal(
      where(told(requested("RETURN", { trigger: "ON_RECEIPT" }), pickedUp, received)),
      "OPEN INSPECTING REFUNDING NONE",
    );
    assert.equal(where(requested("RETURN", { trigger: "ON_APPROVAL" })), "OPEN COLLECTING REFUNDING NONE");
    assert.equal(where(told(requested("RETURN"), pickedUp, received)), "OPEN INSPECTING WAITING NONE");
  });

  it("pays nothing before the goods are here, where the policy waits for them", () => {
    for (const trigger of ["ON_RECEIPT", "ON_INSPECTION", "ON_DEADLINE"] as const) {
      const opened = requested("RETURN", { trigger });
      assert.equal(where(opened), "OPEN COLLECTING WAITING NONE");
      assert.equal(where(told(opened, pickedUp)), "OPEN IN_TRANSIT WAITING NONE");
    }
  });

  it("pays at the guaranteed time though nobody has looked yet", () => {
    const late = told(requested("RETURN", { trigger: "ON_DEADLINE" }), pickedUp, received);
    assert.ok(late.steps.some((s) => s.step === "guaranteed-refund"));
    const due = told(late, (r) => core.guaranteeDue(r, later(3)));
    assert.equal(where(due), "OPEN INSPECTING REFUNDING NONE");
  });

  it("pays on arrival, and is done, where nobody looks into the parcel", () => {
    const asked = requested("RETURN", { trigger: "ON_RECEIPT", inspection: false });
    const arrived = told(asked, pickedUp, received);
    assert.equal(where(arrived), "OPEN RECEIVED REFUNDING NONE");
    assert.equal(where(told(arrived, refunded)), "CLOSED RECEIVED REFUNDED NONE");
  });

  it("pays for one of two when one is rejected, and lets the rejected unit go", () => {
    const inspected = told(requested("RETURN"), pickedUp, received, oneBad);
    const issue = inspected.steps.find((s) => s.step === "refund.issue");
    assert.deepEqual((issue?.payload as { lines: unknown }).lines, [{ lineId: "l-1", quantity: 1 }]);
    const closed = told(inspected, refunded);
    assert.equal(closed.next.state, "CLOSED");
    assert.deepEqual(closed.held, [{ lineId: "l-1", purchased: 3, delta: -1 }]);
  });

  it("keeps a unit that was paid for before it was rejected: it cannot be refunded a second time", () => {
    const early = told(requested("RETURN", { trigger: "ON_APPROVAL" }), refunded, pickedUp, received, oneBad);
    const closed = told(early, (r) => core.settleRecovery(r, true, "paid back", scene()));
    assert.equal(where(closed), "CLOSED INSPECTED RECOVERED NONE");
    assert.deepEqual(closed.held, []);
  });

  it("pays nothing when nothing is accepted", () => {
    assert.equal(
      where(told(requested("RETURN"), pickedUp, received, allBad)),
      "CLOSED RETURNED_TO_CUSTOMER REFUSED NONE",
    );
  });

  it("asks for what was paid too early when less is accepted than was refunded", () => {
    const early = told(requested("RETURN", { trigger: "ON_PICKUP_SCAN" }), pickedUp, refunded, received, oneBad);
    assert.equal(where(early), "OPEN INSPECTED RECOVERING NONE");
    assert.match(early.next.hold?.reason ?? "", /recover/);
    const settled = told(early, (r) => core.settleRecovery(r, false, "small amount", scene()));
    assert.equal(where(settled), "CLOSED INSPECTED WRITTEN_OFF NONE");
  });

  it("asks for what was paid when the goods never come", () => {
    const paid = told(requested("RETURN", { trigger: "ON_APPROVAL" }), refunded);
    const never = told(paid, (r) => core.handoverDue(r, later(15)));
    assert.equal(where(never), "OPEN RETURNED_TO_CUSTOMER RECOVERING NONE");
    const recover = never.steps.find(({ step }) => step === "refund.recover");
    assert.deepEqual((recover?.payload as { lines: unknown }).lines, [{ lineId: "l-1", quantity: 2 }]);
    assert.ok(never.dropped.includes("handover-day"));
    const settled = told(never, (r) => core.recoverySettled(r, true, scene()));
    assert.equal(where(settled), "CLOSED RETURNED_TO_CUSTOMER RECOVERED NONE");
  });

  it("pays in full when the carrier loses the parcel", () => {
    const lost = told(requested("RETURN"), pickedUp, (r) => core.parcelLost(r, scene()));
    assert.equal(where(lost), "OPEN LOST REFUNDING NONE");
    assert.deepEqual((lost.steps.find((s) => s.step === "refund.issue")?.payload as { lines: unknown }).lines, [
      { lineId: "l-1", quantity: 2 },
    ]);
  });

  it("accepts facts that skip states, and writes older ones to the history only", () => {
    const skipped = told(requested("RETURN"), received);
    assert.equal(where(skipped), "OPEN INSPECTING WAITING NONE");
    const late = told(skipped, pickedUp);
    assert.equal(where(late), where(skipped));
    assert.equal(late.entries[0]?.applied, false);
  });

  it("shows the statutory clock from the goods' receipt on", () => {
    const clock = told(requested("RETURN"), pickedUp, received).next.deadlines.find(
      (d) => d.step === "statutory-refund",
    );
    // Tuesday noon: Wednesday, Thursday and Friday are the three business days.
    assert.equal(clock?.due.toISOString(), "2026-11-27T15:00:00.000Z");
    assert.match(clock?.article ?? "", /18\(2\)/);
  });

  it("starts the statutory clock also when the receipt is heard of after the verdicts, while the money is owed", () => {
    const judged = told(requested("RETURN"), pickedUp, allGood);
    const late = told(judged, received);
    assert.equal(where(late), where(judged));
    assert.deepEqual(steps(late), ["statutory-refund"]);
    assert.equal(late.next.deadlines.at(-1)?.due.toISOString(), "2026-11-27T15:00:00.000Z");
    const paid = told(late, refunded);
    assert.ok(paid.dropped.includes("statutory-refund"));
    assert.deepEqual(paid.next.deadlines, []);
  });

  it("counts no statutory time for money that went back already", () => {
    const early = told(requested("RETURN", { trigger: "ON_PICKUP_SCAN" }), pickedUp);
    const paidFirst = told(early, refunded, received);
    assert.deepEqual(paidFirst.next.deadlines, []);
    assert.deepEqual(steps(paidFirst), []);
    const paidTooMuch = told(early, received, oneBad, refunded);
    assert.equal(where(paidTooMuch), "OPEN INSPECTED RECOVERING NONE");
    assert.ok(paidTooMuch.dropped.includes("statutory-refund"));
    assert.deepEqual(paidTooMuch.next.deadlines, []);
  });
});

describe("resolution: withdrawing", () => {
  it("is possible until the hand-over, and calls off what was begun", () => {
    const begun = told(
      requested("RETURN"),
      (r) => core.collectionBegun(r, "col_1", scene()),
      (r) => core.receiptExpected(r, "ins_1", scene()),
    );
    const withdrawn = told(begun, (r) => core.withdraw(r, scene()));
    assert.equal(withdrawn.next.state, "WITHDRAWN");
    assert.deepEqual(steps(withdrawn), ["collection.cancel", "inspection.cancel"]);
    assert.deepEqual(withdrawn.held, [{ lineId: "l-1", purchased: 3, delta: -2 }]);
    assert.throws(() => told(begun, pickedUp, (r) => core.withdraw(r, scene())), reason("ALREADY_HANDED_OVER"));
    assert.throws(() => told(withdrawn, (r) => core.withdraw(r, scene())), reason("RESOLUTION_STATE"));
  });

  it("calls off what turns out to have been begun", () => {
    const withdrawn = told(requested("RETURN"), (r) => core.withdraw(r, scene()));
    assert.deepEqual(steps(told(withdrawn, (r) => core.collectionBegun(r, "col_1", scene()))), ["collection.cancel"]);
  });

  it("happens by itself when nothing is handed over, and can be undone for as long as there was to hand over", () => {
    const windowEnd = later(30).now;
    const auto = told(requested("RETURN", { windowEnd, handoverDays: 14 }), (r) => core.handoverDue(r, later(30)));
    assert.equal(auto.next.state, "AUTO_WITHDRAWN");
    assert.deepEqual(steps(auto), ["notify"]);
    const again = told(auto, (r) => core.reopen(r, later(30)));
    assert.equal(where(again), "OPEN COLLECTING WAITING NONE");
    assert.deepEqual(steps(again), ["collection.schedule", "handover-day", "inspection.expect"], "all of it anew");
    assert.equal(told(auto, (r) => core.reopen(r, later(44))).next.state, "OPEN");
    assert.throws(() => told(auto, (r) => core.reopen(r, later(45))), reason("RESOLUTION_STATE"));
  });

  it("never happens before the statutory window ends", () => {
    const opened = requested("RETURN", { windowEnd: later(20).now, handoverDays: 14 });
    assert.equal(opened.next.deadlines.find((d) => d.step === "handover")?.due.getTime(), later(20).now.getTime());
  });

  it("never happens silently where the law forbids it: a person is called and the time begins anew", () => {
    const asked = told(requested("RETURN", { autoWithdrawal: false }), (r) => core.handoverDue(r, later(14)));
    assert.equal(asked.next.state, "OPEN");
    assert.ok(asked.next.hold);
    assert.ok(asked.steps.some((s) => s.step === "handover-day"));
  });

  it("counts no day against the customer that the carrier failed", () => {
    const failed = told(requested("RETURN"), (r) => core.attemptFailed(r, "LOGISTICS", "NO_DRIVER", later(5)));
    assert.equal(failed.next.deadlines.find((d) => d.step === "handover")?.due.getTime(), later(19).now.getTime());
    const own = told(requested("RETURN"), (r) => core.attemptFailed(r, "CUSTOMER", "NOT_AT_HOME", later(5)));
    assert.equal(own.next.deadlines.find((d) => d.step === "handover")?.due.getTime(), later(14).now.getTime());
  });
});

describe("resolution: a cancellation", () => {
  it("is refunded once the order is stopped", () => {
    const asked = requested("CANCELLATION", { trigger: "ON_APPROVAL", collection: false, inspection: false });
    assert.equal(where(asked), "OPEN STOPPING WAITING NONE");
    const stopped = told(asked, (r) => core.stopped(r, scene()));
    assert.equal(where(stopped), "OPEN STOPPED REFUNDING NONE");
    assert.equal(where(told(stopped, refunded)), "CLOSED STOPPED REFUNDED NONE");
  });

  it("goes on as a return when the order has left", () => {
    const asked = requested("CANCELLATION", { trigger: "ON_APPROVAL", collection: false, inspection: false });
    const gone = told(asked, (r) => core.alreadyShipped(r, scene()));
    assert.equal(where(gone), "OPEN INTERCEPTING WAITING NONE");
    const shipped = told(gone, (r) => core.interceptRefused(r, scene()));
    assert.equal(where(shipped), "OPEN ALREADY_SHIPPED WAITING NONE");
    assert.deepEqual(steps(shipped), ["eligibility.decide"]);
    const { terms } = requested("RETURN").next;
    const granted = told(shipped, (r) => core.judgedAsReturn(r, "ACCEPT", "ok", terms, new Uint8Array(), scene()));
    assert.equal(where(granted), "OPEN COLLECTING WAITING NONE");
    assert.equal(where(told(granted, pickedUp, received, allGood, refunded)), "CLOSED INSPECTED REFUNDED NONE");
    const declined = told(shipped, (r) =>
      core.judgedAsReturn(r, "DECLINE", "made to order", terms, new Uint8Array(), scene()),
    );
    assert.equal(declined.next.state, "DECLINED");
  });
});

describe("resolution: an exchange", () => {
  const exchange = { replacement: true, exchange: "STANDARD" } as const;
  const held = (r: Parameters<typeof core.stockHeld>[0]) => core.stockHeld(r, "hold_1", scene());

  it("sends the replacement after the inspection, or with the pickup, or at once", () => {
    const standard = told(requested("EXCHANGE", exchange), held);
    assert.equal(where(standard), "OPEN COLLECTING NONE HELD");
    assert.equal(where(told(standard, pickedUp, received, allGood)), "OPEN INSPECTED NONE RESHIPPING");
    const cross = told(requested("EXCHANGE", { ...exchange, exchange: "CROSS_SHIP" }), held, pickedUp);
    assert.equal(where(cross), "OPEN IN_TRANSIT NONE RESHIPPING");
    const advance = told(requested("EXCHANGE", { ...exchange, exchange: "ADVANCE" }), held);
    assert.equal(where(advance), "OPEN COLLECTING NONE RESHIPPING");
    const done = told(standard, pickedUp, received, allGood, (r) => core.reshipped(r, scene()));
    assert.equal(where(done), "CLOSED INSPECTED NONE FULFILLED");
  });

  it("becomes a refund when the replacement is sold out", () => {
    const soldOut = told(requested("EXCHANGE", exchange), (r) => core.soldOut(r, scene()));
    assert.equal(where(soldOut), "OPEN COLLECTING WAITING SOLD_OUT");
    assert.equal(where(told(soldOut, pickedUp, received, allGood, refunded)), "CLOSED INSPECTED REFUNDED SOLD_OUT");
  });

  it("holds anew what the customer will get when only a part is accepted", () => {
    const part = told(requested("EXCHANGE", exchange), held, pickedUp, received, oneBad);
    assert.equal(where(part), "OPEN INSPECTED NONE HOLDING");
    assert.deepEqual((part.steps.find((s) => s.step === "stock.hold")?.payload as { lines: unknown }).lines, [
      { sku: "mug", quantity: 1 },
    ]);
  });

  it("puts the replacement back when nothing is accepted", () => {
    const none = told(requested("EXCHANGE", exchange), held, pickedUp, received, allBad);
    assert.equal(where(none), "CLOSED RETURNED_TO_CUSTOMER NONE RELEASED");
    assert.deepEqual(steps(none), ["stock.release"]);
  });
});

describe("resolution: a claim, a review, a failure", () => {
  it("refunds without anything coming back where the policy lets the customer keep it", () => {
    const kept = requested("CLAIM", { trigger: "ON_APPROVAL", collection: false, inspection: false });
    assert.equal(where(kept), "OPEN NOT_REQUIRED REFUNDING NONE");
    const closed = told(kept, refunded);
    assert.equal(where(closed), "CLOSED NOT_REQUIRED REFUNDED NONE");
    assert.equal(closed.next.lines[0]?.accepted, 2);
  });

  it("waits for a person where the policy says so, and holds the units meanwhile", () => {
    const waiting = requested("CLAIM", {}, "REVIEW");
    assert.equal(waiting.next.state, "PENDING_REVIEW");
    assert.equal(waiting.held[0]?.delta, 2);
    assert.equal(where(told(waiting, (r) => core.approve(r, "", scene()))), "OPEN COLLECTING WAITING NONE");
    const declined = told(waiting, (r) => core.decline(r, "not ours", scene()));
    assert.equal(declined.held[0]?.delta, -2);
    assert.throws(() => told(declined, (r) => core.approve(r, "", scene())), reason("RESOLUTION_STATE"));
  });

  it("stores a declined request, and holds nothing", () => {
    const declined = requested("RETURN", {}, "DECLINE");
    assert.equal(declined.next.state, "DECLINED");
    assert.deepEqual(declined.held, []);
    assert.deepEqual(
      declined.facts.map((f) => f.name),
      ["ResolutionRequested", "ResolutionEnded"],
    );
  });

  it("waits on hold for a step that gave up, and tries it again with what it sent before", () => {
    const opened = requested("RETURN");
    const schedule = opened.steps.find((s) => s.step === "collection.schedule")!;
    const held = told(opened, (r) => core.gaveUp(r, schedule.step, schedule.payload, "carrier away", scene()));
    assert.match(held.next.hold?.reason ?? "", /carrier away/);
    const again = told(held, (r) => core.resume(r, scene()));
    assert.deepEqual(again.steps, [{ ...schedule, due: scene().now }]);
    assert.equal(again.next.hold, undefined);
  });

  it("calls a person when nothing is heard for too long, and again if nothing follows", () => {
    const silent = told(requested("RETURN"), pickedUp);
    const watch = silent.steps.find((s) => s.step === "stalled");
    assert.equal(watch?.due.getTime(), later(14).now.getTime());
    const called = told(silent, (r) => core.stalledDue(r, later(14)));
    assert.match(called.next.hold?.reason ?? "", /nothing has happened/);
    assert.equal(called.steps[0]?.step, "stalled");
    assert.equal(told(called, received).next.hold, undefined);
  });

  it("forgets a failed pickup when the goods come after all", () => {
    const failed = told(requested("RETURN"), (r) => core.collectionFailed(r, "out of attempts", scene()));
    assert.equal(failed.next.hold?.step, "collection.schedule");
    assert.equal(told(failed, pickedUp).next.hold, undefined);
  });

  it("calls finance when a refund fails, and goes on when it is paid after all", () => {
    const failed = told(requested("CLAIM", { trigger: "ON_APPROVAL", collection: false }), (r) =>
      core.refundFailed(r, "rfd_1", "closed", scene()),
    );
    assert.equal(where(failed), "OPEN NOT_REQUIRED MANUAL_REQUIRED NONE");
    assert.ok(failed.next.hold);
    const paid = told(failed, refunded);
    assert.equal(where(paid), "CLOSED NOT_REQUIRED REFUNDED NONE");
    assert.equal(paid.next.hold, undefined);
  });

  it("calls a person when nothing is heard of a parcel, and not once the goods are here", () => {
    const silent: Told = (r) => core.parcelSilent(r, "nothing is heard of parcel 1", scene());
    const called = told(requested("RETURN"), pickedUp, silent);
    assert.equal(called.next.hold?.reason, "nothing is heard of parcel 1");
    assert.deepEqual(
      called.facts.map(({ name }) => name),
      ["AttentionRaised"],
    );
    assert.equal(told(called, received).next.hold, undefined);
    const late = told(requested("RETURN"), pickedUp, received, silent);
    assert.deepEqual([late.next.hold, late.facts], [undefined, []]);
  });
});
