import assert from "node:assert/strict";
import { decide, dispute, disputeDue } from "../core/disputes.js";
import { complete } from "../core/inspection.js";
import { noTerms } from "../core/types.js";
import { bench, broken, fine, onePm, refused } from "./builders.js";

describe("inspection: disputes", () => {
  const week = { openDays: 7, decideDays: 7 };
  const day = 24 * 3_600_000;
  const later = (days: number) => new Date(onePm.getTime() + days * day);
  const claim = (change = {}) => ({
    disputeId: "dsp_1",
    party: "CUSTOMER" as const,
    lineId: "mugs",
    unitNumber: 0,
    statement: "it was like that",
    evidence: [],
    ...change,
  });
  const done = () => complete(bench({ terms: noTerms }), [broken("mugs", 3), fine("lamp")], "wendy", onePm).next;
  const disputed = () => dispute(done(), claim(), week, later(1)).next;

  it("are opened while there is time, about what was found, once by each side", () => {
    const { next, facts, steps } = dispute(done(), claim(), week, later(7));
    assert.deepEqual(next.disputes[0]?.dueTime, later(14));
    assert.deepEqual([facts?.[0]?.name, steps?.[0]?.due], ["FindingDisputed", later(14)]);
    const again =
      (change: object, at = later(7)) =>
      () =>
        dispute(next, claim(change), week, at);
    assert.throws(again({ disputeId: "dsp_2", unitNumber: 2 }), refused("DISPUTE_STATE", { dispute_id: "dsp_1" }));
    assert.equal(again({ disputeId: "dsp_2", party: "SELLER" })().next.disputes.length, 2);
    assert.throws(again({ lineId: "lamp" }, new Date(later(7).getTime() + 1)), refused("DISPUTE_TOO_LATE"));
    assert.throws(again({ lineId: "vase", unitNumber: 1 }), refused("UNIT_UNKNOWN"));
    assert.throws(() => dispute(bench(), claim(), week, onePm), refused("INSPECTION_STATE", { verb: "dispute" }));
  });

  it("are decided by somebody else, who says what holds instead; the goods' way stays what it was", () => {
    const ruling = {
      disputeId: "dsp_1",
      outcome: "UPHELD",
      note: "photos show it",
      corrected: fine("mugs", 3),
    } as const;
    assert.throws(() => decide(disputed(), ruling, "wendy", later(2)), refused("SECOND_INSPECTOR"));
    assert.throws(
      () => decide(disputed(), { ...ruling, corrected: fine("mugs", 2) }, "lea", later(2)),
      refused("FINDINGS_UNBALANCED", { received: "3", found: "2" }),
    );
    const { next, facts } = decide(disputed(), ruling, "lea", later(2));
    const [decided] = next.disputes;
    assert.deepEqual(
      [decided?.outcome, decided?.decider, decided?.corrected?.verdict, decided?.corrected?.disposition],
      ["UPHELD", "lea", "ACCEPTED", "RETURN_TO_CUSTOMER"],
    );
    assert.equal(facts?.[0]?.name, "DisputeDecided");
    assert.throws(() => decide(next, ruling, "lea", later(3)), refused("DISPUTE_STATE"));
    assert.throws(() => decide(next, { ...ruling, disputeId: "dsp_9" }, "lea", later(3)), refused("DISPUTE_NOT_FOUND"));
  });

  it("ask for attention when their time is over, until they are decided", () => {
    const overdue = disputeDue(disputed(), "dsp_1", later(8)).next;
    assert.deepEqual(
      overdue.attention.map((a) => [a.step, a.requestId]),
      [["dispute-due", "dsp_1"]],
    );
    const ruling = { disputeId: "dsp_1", outcome: "DISMISSED", note: "no" } as const;
    const settled = decide(overdue, ruling, "lea", later(9)).next;
    assert.deepEqual([settled.attention, settled.disputes[0]?.corrected], [[], undefined]);
    assert.equal(disputeDue(settled, "dsp_1", later(9)).next, settled);
  });
});
