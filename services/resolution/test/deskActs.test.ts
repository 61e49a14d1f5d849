import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import * as core from "../core/resolution.js";
import type { Kind, Outcome, Resolution, Terms } from "../core/types.js";
import {
  allGood,
  back,
  later,
  line,
  pickedUp,
  received,
  requested,
  scene,
  steps,
  type Told,
  told,
  where,
} from "./builders.js";
import { stored } from "./released.js";

const refused = (reason: string) => (error: unknown) => error instanceof DomainError && error.reason === reason;
const agent = { actor: { subject: "alice", role: "AGENT" } };
const at = (days: number) => ({ ...later(days), ...agent });
const held: Told = (r) => core.hold(r, at(2).now, "is it fraud?", at(0));
const booked: Told = (r) => core.receiptExpected(r, "ins_1", scene());
const withdrawn: Told = (r) => core.withdraw(r, scene());
const exchange = { replacement: true, exchange: "STANDARD" } as const;
const stockHeld: Told = (r) => core.stockHeld(r, "hold_1", scene());
/** What the policy says of a change. */
const judged = (r: Resolution, kind: Kind, change: Partial<Terms> = {}, quantity = 2): core.Rejudged => ({
  kind,
  lines: [line({ quantity })],
  terms: { ...r.terms, ...change },
  decision: new Uint8Array([1]),
  staffDecisionId: "",
});

describe("resolution: staff hold a request back", () => {
  it("nothing goes out meanwhile, and what is held back goes out at its release", () => {
    const good = told(requested("RETURN", { refundClock: undefined }), held, ...back);
    assert.equal(where(good), "OPEN INSPECTED WAITING NONE");
    const released = told(good, (r) => core.release(r, "it is not", at(1)));
    assert.equal(where(released), "OPEN INSPECTED REFUNDING NONE");
    assert.deepEqual(
      released.next.deadlines.filter(({ step }) => step === "desk-hold"),
      [],
    );
    const ready = told(requested("EXCHANGE", exchange), stockHeld, held, ...back);
    assert.equal(where(ready), "OPEN INSPECTED NONE HELD", "nor does a replacement");
  });

  it("it ends by itself and calls a person; the reason is for staff alone", () => {
    const start = told(requested("RETURN", { refundClock: undefined }), held);
    assert.ok(!start.entries.some(({ text }) => text.includes("fraud")));
    assert.deepEqual(steps(start).includes("desk-hold"), true);
    const over = told(start, ...back, (r) => core.holdEnded(r, "time", at(2)));
    assert.equal(where(over), "OPEN INSPECTED REFUNDING NONE");
    assert.match(over.next.hold?.reason ?? "", /alice's hold has ended.*fraud/);
    assert.equal(told(over, (r) => core.holdEnded(r, "time", at(2))).entries.length, 0, "it ends once");
  });

  it("never outlasts the law: not when it begins, nor when the law's time comes into it", () => {
    const received3 = told(requested("RETURN"), pickedUp, received);
    assert.throws(() => core.hold(received3.next, at(9).now, "x", at(0)), refused("HOLD_TOO_LONG"));
    assert.throws(() => core.hold(received3.next, at(-1).now, "x", at(0)), refused("HOLD_TOO_LONG"));
    assert.throws(() => core.hold(requested("RETURN").next, at(31).now, "x", at(0)), refused("HOLD_TOO_LONG"));
    const long: Told = (r) => core.hold(r, at(20).now, "x", at(0));
    const good = told(requested("RETURN"), long, ...back);
    assert.equal(where(good), "OPEN INSPECTED WAITING NONE");
    const lawful = told(good, (r) => core.statutoryDue(r, "statutory-refund", at(3)));
    assert.equal(where(lawful), "OPEN INSPECTED REFUNDING NONE");
    assert.ok(lawful.steps.some(({ step }) => step === "refund.issue"));
  });

  it("ends with its request", () => {
    const { next, dropped } = told(requested("RETURN"), held, withdrawn);
    assert.deepEqual(next.deadlines, []);
    assert.ok(dropped.includes("desk-hold"));
  });

  it("neither what has ended nor what version 1 stored can be held", () => {
    assert.throws(() => told(requested("RETURN"), withdrawn, held), refused("RESOLUTION_STATE"));
    const old = stored("RETURN", { goods: "COLLECTING", money: "WAITING", stock: "NONE" });
    assert.throws(() => held(old), refused("RESOLUTION_STATE"));
    assert.throws(() => core.release(requested("RETURN").next, "x", at(0)), refused("RESOLUTION_STATE"));
  });
});

describe("resolution: staff take up again what had ended", () => {
  const takenUp: Told = (r) => core.takeUp(r, "they called", at(40));

  it("goes on where it was granted, holds its units anew, and says so", () => {
    const again = told(requested("RETURN"), withdrawn, takenUp);
    assert.equal(where(again), "OPEN COLLECTING WAITING NONE");
    assert.deepEqual(again.held, [{ lineId: "l-1", purchased: 3, delta: 2 }]);
    assert.ok(again.facts.some(({ name }) => name === "ResolutionReopened"));
    assert.equal(again.next.closeTime, undefined);
  });

  it("goes back to its review if nobody ever granted it", () => {
    const again = told(requested("RETURN", {}, "REVIEW"), withdrawn, takenUp);
    assert.equal(again.next.state, "PENDING_REVIEW");
  });

  it("not what is declined or closed, nor what is on its way", () => {
    for (const start of [requested("RETURN", {}, "DECLINE"), told(requested("RETURN"), ...back, paid)]) {
      assert.throws(() => takenUp(start.next), refused("RESOLUTION_STATE"));
    }
  });
  const paid: Told = (r) => core.refunded(r, "rfd_1", { minor: 5000n, currency: "KRW" }, scene());
});

describe("resolution: staff give more time", () => {
  it("only to hand over, only more, and the history has both times", () => {
    const start = requested("RETURN");
    const due = ({ next }: Outcome) => next.deadlines.find(({ step }) => step === "handover")?.due.getTime() ?? 0;
    const longer = told(start, (r) => core.extend(r, "handover", 5, "they are away", at(1)));
    assert.equal(due(longer) - due(start), 5 * 86_400_000);
    assert.match(longer.entries[0]?.text ?? "", /instead of.*they are away/);
    const bound = requested("RETURN", { windowEnd: later(30).now });
    const boundLonger = told(
      bound,
      (r) => core.extend(r, "handover", 5, "x", at(1)),
      (r) => core.handoverDay(r, true, later(1)),
    );
    assert.equal(due(boundLonger) - due(bound), 5 * 86_400_000, "also where the window is what it waits for");
    const day: Told = (r) => core.handoverDay(r, true, later(1));
    assert.equal(due(told(longer, day)), due(longer), "counted on day by day");
    for (const step of ["statutory-refund", "guaranteed-refund"]) {
      const owing = told(requested("RETURN"), pickedUp, received).next;
      assert.throws(() => core.extend(owing, step, 5, "busy", at(1)), refused("DEADLINE_NOT_EXTENDED"));
    }
    const away = told(start, pickedUp).next;
    assert.throws(() => core.extend(away, "handover", 5, "x", at(1)), refused("DEADLINE_NOT_EXTENDED"));
  });
});

describe("resolution: staff make another kind of it", () => {
  const convert =
    (kind: Kind, change: Partial<Terms> = {}): Told =>
    (r) =>
      core.convert(r, judged(r, kind, change), "they would rather", at(1));
  const toExchange = convert("EXCHANGE", exchange);
  const toReturn = convert("RETURN", { replacement: false, exchange: undefined });

  it("a return becomes an exchange and the other way round; the pick-up stays, the replacement does not", () => {
    const start = told(requested("RETURN"), booked);
    const there = told(start, toExchange);
    assert.equal(where(there), "OPEN COLLECTING NONE HOLDING");
    assert.deepEqual(steps(there), ["inspection.terms", "stock.hold"]);
    assert.equal(there.next.kind, "EXCHANGE");
    const again = told(there, stockHeld, toReturn);
    assert.equal(where(again), "OPEN COLLECTING WAITING RELEASED");
    assert.ok(steps(again).includes("stock.release") && !steps(again).includes("collection.schedule"));
    assert.deepEqual(again.held, []);
    const third = told(again, toExchange, stockHeld, ...back);
    assert.equal(where(third), "OPEN INSPECTED NONE RESHIPPING");
  });

  it("in review it becomes whatever the policy accepts, and is still to be granted", () => {
    const start = requested("CANCELLATION", { collection: false }, "REVIEW");
    const as = told(start, convert("RETURN", { collection: true }));
    assert.deepEqual([as.next.state, as.next.kind], ["PENDING_REVIEW", "RETURN"]);
    assert.equal(where(told(as, (r) => core.approve(r, "", scene()))), "OPEN COLLECTING WAITING NONE");
  });

  it("not for other units than are held for it: nobody gets three exchanged who asked for two", () => {
    for (const start of [told(requested("RETURN"), booked), requested("RETURN", {}, "REVIEW")]) {
      const three: Told = (r) => core.convert(r, judged(r, "EXCHANGE", exchange, 3), "they would rather", at(1));
      assert.throws(() => told(start, three), refused("DECISION_MISMATCH"));
    }
  });

  it("not once the goods are handed over, nor while the inventory is asked, nor into what it is", () => {
    assert.throws(() => told(requested("RETURN"), pickedUp, toExchange), refused("ALREADY_HANDED_OVER"));
    assert.throws(() => told(requested("EXCHANGE", exchange), toReturn), refused("RESOLUTION_STATE"));
    assert.throws(() => told(requested("RETURN"), toReturn), refused("RESOLUTION_STATE"));
    const cancels = requested("CANCELLATION", { collection: false });
    assert.throws(() => told(cancels, toReturn), refused("RESOLUTION_STATE"));
    const early = requested("RETURN", { trigger: "ON_APPROVAL" });
    assert.throws(() => told(early, toExchange), refused("RESOLUTION_STATE"), "the money is on its way");
  });
});

describe("resolution: staff add and remove units", () => {
  const units =
    (quantity: number): Told =>
    (r) =>
      core.changeUnits(r, judged(r, r.kind, {}, quantity), "they kept one", at(1));

  it("holds what is added, lets go what is removed, and tells the dock", () => {
    const start = told(requested("RETURN"), booked);
    const fewer = told(start, units(1));
    assert.deepEqual(fewer.held, [{ lineId: "l-1", purchased: 3, delta: -1 }]);
    assert.deepEqual(steps(fewer), ["inspection.replace"]);
    assert.match(fewer.entries[0]?.text ?? "", /1 units instead of 2/);
    assert.deepEqual(told(fewer, units(3)).held, [{ lineId: "l-1", purchased: 3, delta: 2 }]);
    assert.deepEqual(steps(told(requested("RETURN", {}, "REVIEW"), units(1))), [], "the dock expects nothing yet");
  });

  it("not once they are handed over, nor while a replacement is for them, nor before the dock has answered", () => {
    assert.throws(() => told(requested("RETURN"), booked, pickedUp, units(1)), refused("ALREADY_HANDED_OVER"));
    assert.throws(
      () => told(requested("EXCHANGE", exchange), stockHeld, booked, units(1)),
      refused("RESOLUTION_STATE"),
    );
    assert.throws(() => told(requested("RETURN"), units(1)), refused("RESOLUTION_STATE"));
  });
});

describe("resolution: staff see to what is stuck", () => {
  const stuckAt =
    (step: string): Told =>
    (r) =>
      core.gaveUp(r, step, { requestId: `r-${step}` }, "refused", scene());

  it("any step that gave up is tried again under its own id, the others stay", () => {
    const stuck = told(requested("EXCHANGE", exchange), stuckAt("stock.hold"), stuckAt("collection.schedule"));
    assert.deepEqual(
      core.stuckSteps(stuck.next).map(({ step, requestId }) => [step, requestId]),
      [
        ["collection.schedule", "r-collection.schedule"],
        ["stock.hold", "r-stock.hold"],
      ],
    );
    const again = told(stuck, (r) => core.retryStep(r, "stock.hold", "they are back", at(1)));
    assert.deepEqual(again.steps[0]?.payload, { requestId: "r-stock.hold" });
    assert.equal(again.next.hold?.step, "collection.schedule");
    assert.throws(() => core.retryStep(again.next, "stock.hold", "x", at(1)), refused("STEP_NOT_STUCK"));
  });

  it("only what the contract names is left undone, and never money", () => {
    for (const step of ["refund.issue", "payment.capture", "stock.hold", "collection.schedule", "shipment.replace"]) {
      const stuck = told(requested("RETURN"), stuckAt(step)).next;
      assert.equal(core.stuckSteps(stuck)[0]?.skipped, "");
      assert.throws(() => core.skipStep(stuck, step, "x", at(1)), refused("STEP_NOT_SKIPPABLE"), step);
    }
    for (const step of core.skippable) {
      assert.ok(!/^(refund|payment)\./.test(step));
      const stuck = told(requested("RETURN"), stuckAt(step)).next;
      assert.notEqual(core.stuckSteps(stuck)[0]?.skipped, "");
      const skipped = core.skipStep(stuck, step, "called them", at(1));
      assert.deepEqual([skipped.next.hold, skipped.steps], [undefined, []]);
    }
  });

  it("what was seen to is cleared, also of what has ended; a step and owed money are not", () => {
    const late = told(requested("RETURN"), withdrawn, pickedUp);
    assert.ok(late.next.hold);
    const clear =
      (shown = ""): Told =>
      (r) =>
        core.clearAttention(r, shown, "sent back", at(1));
    assert.equal(told(late, clear()).next.hold, undefined);
    assert.throws(() => told(late, clear("another")), refused("ATTENTION_STAYS"));
    assert.throws(() => told(requested("RETURN"), stuckAt("notify"), clear()), refused("ATTENTION_STAYS"));
    const owed = told(requested("RETURN"), pickedUp, received, allGood, (r) =>
      core.refundFailed(r, "rfd_1", "no", scene()),
    );
    assert.throws(() => told(owed, clear()), refused("ATTENTION_STAYS"));
  });
});
