// What the dock is told, when the clocks start, and what its findings do to the money.
import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import * as core from "../core/resolution.js";
import type { Deducted, Resolution, Step } from "../core/types.js";
import { toExpectationTerms } from "../expectationProto.js";
import {
  allBad,
  allGood,
  later,
  pickedUp,
  received,
  refunded,
  requested,
  scene,
  steps,
  told,
  where,
} from "./builders.js";

const krw = (minor: bigint) => ({ minor, currency: "KRW" });
const use = (minor: string): Deducted => ({ cause: "USE", currency: "KRW", minor, note: "worn" });
const payload = (all: readonly Step[], step: string) =>
  all.find((s) => s.step === step)?.payload as Record<string, unknown>;
const due = (r: Resolution, step: string) => r.deadlines.find((d) => d.step === step)?.due.toISOString();
const known = {
  deductionCauses: ["USE"],
  goods: [{ lineId: "l-1", category: "homeware", unitValue: krw(10_000n), sellerId: "s-1" }],
  secondOpinionOver: krw(1_000_000n),
};

describe("resolution: what the dock is told", () => {
  it("is what the decision says of the goods, and whose fault the return is", () => {
    const sent = toExpectationTerms(payload(requested("RETURN", known).steps, "inspection.expect").terms);
    assert.deepEqual(
      [sent?.deductionCauses, sent?.details.map((d) => [d.lineId, d.category, d.unitValue?.units, d.sellerId])],
      [["USE"], [["l-1", "homeware", 10_000n, "s-1"]]],
    );
    assert.deepEqual([sent?.secondOpinionOver?.units, sent?.fault, sent?.dueTime], [1_000_000n, 1, undefined]);
  });

  it("leaves out what decisions from before did not say", () => {
    const sent = toExpectationTerms(payload(requested("RETURN").steps, "inspection.expect").terms);
    assert.deepEqual([sent?.deductionCauses, sent?.details, sent?.secondOpinionOver], [[], [], undefined]);
    assert.equal(toExpectationTerms(undefined), undefined, "and steps from before say nothing at all");
  });

  it("includes the first time that breaks, told again when a clock begins", () => {
    const collectionClock = { days: 15, businessDays: false, article: "art. 19-2(1)" };
    const opened = requested("RETURN", { collectionClock });
    const sent = toExpectationTerms(payload(opened.steps, "inspection.expect").terms);
    assert.equal(sent?.dueTime?.toISOString(), due(opened.next, "statutory-collection"));
    const here = told(requested("RETURN"), (r) => core.receiptExpected(r, "ins_1", scene()), received);
    const again = toExpectationTerms(payload(here.steps, "inspection.terms").terms);
    assert.equal(again?.dueTime?.toISOString(), due(here.next, "statutory-refund"));
  });
});

describe("resolution: when the time to refund starts", () => {
  const taiwan = {
    collectionClock: { days: 15, businessDays: false, article: "art. 19-2(1)" },
    refundClock: { days: 15, businessDays: false, article: "art. 19-2(2)" },
    trigger: "ON_DEADLINE" as const,
  };

  it("KR: with the receipt, by the carrier's word or the dock's, whichever is first, and once", () => {
    const delivered = told(requested("RETURN"), pickedUp, (r) => core.delivered(r, later(1)));
    assert.equal(where(delivered), "OPEN IN_TRANSIT WAITING NONE");
    // Delivered Wednesday: Thursday, Friday, Monday.
    assert.equal(due(delivered.next, "statutory-refund"), "2026-11-30T15:00:00.000Z");
    const scanned = told(delivered, (r) => core.received(r, "ins_1", later(2)));
    assert.equal(due(scanned.next, "statutory-refund"), "2026-11-30T15:00:00.000Z");
    assert.equal(scanned.next.deadlines.filter(({ step }) => step === "statutory-refund").length, 1);
    const late = told(requested("RETURN"), pickedUp, received, (r) => core.delivered(r, later(1)));
    assert.equal(due(late.next, "statutory-refund"), "2026-11-27T15:00:00.000Z");
  });

  it("TW: with the collection, from which the law counts", () => {
    const collected = told(requested("RETURN", taiwan), pickedUp);
    assert.equal(due(collected.next, "statutory-refund"), "2026-12-09T15:00:00.000Z");
    assert.deepEqual(steps(collected).sort(), ["guaranteed-refund", "statutory-refund"]);
    assert.equal(due(told(collected, received).next, "statutory-refund"), "2026-12-09T15:00:00.000Z");
  });

  it("pays without a verdict before the law would be broken, on a day that is worked", () => {
    // 15 days end with Sunday 13 December: the last day of work before it is Friday.
    const sunday = told(requested("RETURN", taiwan), (r) => core.pickedUp(r, later(4)));
    assert.equal(due(sunday.next, "statutory-refund"), "2026-12-13T15:00:00.000Z");
    assert.equal(due(sunday.next, "guaranteed-refund"), "2026-12-10T15:00:00.000Z");
    const here = told(sunday, (r) => core.received(r, "ins_1", later(10)));
    const paid = told(here, (r) => core.guaranteeDue(r, later(16)));
    assert.equal(where(paid), "OPEN INSPECTING REFUNDING NONE");
    assert.deepEqual(steps(paid), ["refund.issue"]);
  });

  it("pays when the policy promised it, where that is sooner than the law", () => {
    const guaranteeClock = { days: 2, businessDays: true, article: "policy: guaranteed refund" };
    const here = told(requested("RETURN", { guaranteeClock }), pickedUp, (r) => core.received(r, "ins_1", later(2)));
    // Received Thursday: Friday and Monday, and the law's third business day is Tuesday.
    assert.equal(due(here.next, "guaranteed-refund"), "2026-11-30T15:00:00.000Z");
    const slow = { ...guaranteeClock, days: 9 };
    const law = told(requested("RETURN", { guaranteeClock: slow }), pickedUp, (r) =>
      core.received(r, "ins_1", later(2)),
    );
    assert.equal(due(law.next, "guaranteed-refund"), "2026-11-30T15:00:00.000Z", "never later than the law lets it");
  });

  it("pays for goods that are still under way when the promised time is over, once, and asks back what was not found", () => {
    const collected = told(requested("RETURN", taiwan), pickedUp, (r) => core.guaranteeDue(r, later(14)));
    assert.equal(where(collected), "OPEN IN_TRANSIT REFUNDING NONE");
    assert.deepEqual(steps(collected), ["refund.issue"]);
    const here = told(collected, refunded, received, (r) => core.guaranteeDue(r, later(15)));
    assert.equal(where(here), "OPEN INSPECTING REFUNDED NONE");
    assert.equal(where(told(here, allBad)), "OPEN RETURNED_TO_CUSTOMER RECOVERING NONE");
  });

  it("pays nothing early for goods that the customer never had: they have to be here", () => {
    const back = told(
      requested("RETURN", taiwan),
      (r) => core.comesBack(r, "UNCLAIMED", true, scene()),
      (r) => core.delivered(r, later(1)),
      (r) => core.guaranteeDue(r, later(14)),
    );
    assert.equal(where(back), "OPEN IN_TRANSIT WAITING NONE");
    assert.match(back.next.hold?.reason ?? "", /goods are not here yet/);
  });

  it("waits with the promise while a replacement is to be had, and lets it go once nothing was accepted", () => {
    const swap = { ...taiwan, replacement: true, exchange: "STANDARD" } as const;
    const held = told(
      requested("EXCHANGE", swap),
      (r) => core.stockHeld(r, "hold_1", scene(), { expires: later(7).now }),
      pickedUp,
      (r) => core.guaranteeDue(r, later(14)),
    );
    assert.deepEqual([where(held), held.next.hold], ["OPEN IN_TRANSIT NONE HELD", undefined]);
    assert.deepEqual(
      held.steps.map(({ step, due }) => [step, due]),
      [["guaranteed-refund", later(15).now]],
    );
    const gone = told(
      held,
      (r) => core.soldOut(r, scene()),
      (r) => core.guaranteeDue(r, later(15)),
    );
    assert.equal(where(gone), "OPEN IN_TRANSIT REFUNDING SOLD_OUT");
    assert.equal(where(told(held, received, allBad)), "CLOSED RETURNED_TO_CUSTOMER NONE RELEASED");
  });

  it("calls a person each day while the promised time is over and nobody confirmed who handed the goods over", () => {
    const unproven = told(requested("RETURN", taiwan), (r) => core.pickedUp(r, scene(), { unverified: true }));
    assert.ok(due(unproven.next, "statutory-refund"), "the law's time runs all the same");
    const collected = told(unproven, (r) => core.guaranteeDue(r, later(14)));
    assert.equal(where(collected), "OPEN IN_TRANSIT WAITING NONE");
    assert.match(collected.next.hold?.reason ?? "", /nobody confirmed who handed the goods over/);
    assert.deepEqual(
      collected.steps.map(({ step, due }) => [step, due]),
      [["guaranteed-refund", later(15).now]],
    );
    const paid = told(
      collected,
      (r) => core.received(r, "ins_1", later(14)),
      (r) => core.guaranteeDue(r, later(15)),
    );
    assert.equal(where(paid), "OPEN INSPECTING REFUNDING NONE");
  });
});

describe("resolution: deductions", () => {
  const judged = (deductions: Deducted[]) => (r: Resolution) =>
    core.inspected(r, [{ lineId: "l-1", quantity: 2, verdict: "ACCEPTED", deductions }], scene());

  it("go with the refund, item by item, for the causes that the decision named and no other", () => {
    const wear = { ...use("300"), cause: "OPENING" };
    const outcome = told(requested("RETURN", known), pickedUp, received, judged([use("1000"), wear]));
    assert.deepEqual(payload(outcome.steps, "refund.issue").deductions, [{ lineId: "l-1", ...use("1000") }]);
    const none = told(requested("RETURN"), pickedUp, received, judged([use("1000")]));
    assert.deepEqual(payload(none.steps, "refund.issue").deductions, []);
  });
});

describe("resolution: a decided dispute", () => {
  const decided = (change: Partial<core.Decided> = {}): core.Decided => ({
    disputeId: "dsp_1",
    lineId: "l-1",
    upheld: true,
    note: "the photos show it",
    moreAccepted: 0,
    returned: [],
    added: [],
    ...change,
  });
  const closed = () => told(requested("RETURN", known), pickedUp, received, allGood, refunded);
  const refused = () => told(requested("RETURN", known), pickedUp, received, allBad);

  it("has what was kept too much paid, under a key of its own, and shows it with what was refunded", () => {
    const outcome = told(closed(), (r) => core.disputeDecided(r, decided({ returned: [use("700")] }), later(9)));
    assert.deepEqual(payload(outcome.steps, "refund.return"), {
      requestId: "res_01K0000000000000000000000A.dsp_1",
      resolutionId: "res_01K0000000000000000000000A",
      orderId: "o-1",
      lines: [],
      returned: [{ lineId: "l-1", ...use("700") }],
      fault: "CUSTOMER",
    });
    const paid = told(outcome, (r) => core.refunded(r, "rfd_2", krw(700n), later(9)));
    assert.deepEqual([paid.next.refunded, paid.next.refundId], [krw(5700n), "rfd_1"]);
    assert.equal(where(paid), "CLOSED INSPECTED REFUNDED NONE");
  });

  it("gives units back that were rejected wrongly: they are paid for, and held again", () => {
    const outcome = told(refused(), (r) => core.disputeDecided(r, decided({ moreAccepted: 2 }), later(9)));
    assert.deepEqual(payload(outcome.steps, "refund.return").lines, [{ lineId: "l-1", quantity: 2 }]);
    assert.deepEqual(outcome.held, [{ lineId: "l-1", purchased: 3, delta: 2 }]);
    assert.deepEqual([outcome.next.lines[0]?.accepted, outcome.next.lines[0]?.rejected], [2, 0]);
    const paid = told(outcome, (r) => core.refunded(r, "rfd_1", krw(5000n), later(9)));
    assert.deepEqual(paid.next.refunded, krw(5000n));
  });

  it("calls a person where the customer has too much, and where the refund of it fails", () => {
    const seller = told(closed(), (r) => core.disputeDecided(r, decided({ moreAccepted: -1 }), later(9)));
    assert.match(seller.next.hold?.reason ?? "", /may have too much/);
    assert.deepEqual(steps(seller), []);
    const failed = told(closed(), (r) => core.refundFailed(r, "rfd_2", "account closed", later(9)));
    assert.match(failed.next.hold?.reason ?? "", /what a dispute returned failed: account closed/);
  });

  it("that was dismissed changes nothing but the history", () => {
    const outcome = told(closed(), (r) => core.disputeDecided(r, decided({ upheld: false }), later(9)));
    assert.deepEqual([steps(outcome), outcome.held, outcome.entries[0]?.name], [[], [], "DisputeDecided"]);
  });

  it("heard of before the findings comes again", () => {
    const early = told(requested("RETURN", known), pickedUp, received).next;
    assert.throws(
      () => core.disputeDecided(early, decided({ moreAccepted: 1 }), later(9)),
      (error: unknown) => error instanceof DomainError && error.reason === "CONTENTION",
    );
  });
});
