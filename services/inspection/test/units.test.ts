import assert from "node:assert/strict";
import fc from "fast-check";
import { money } from "#kit/pure/money.js";
import { complete } from "../core/inspection.js";
import { type Finding, type FindingDetail, type Inspection, noTerms } from "../core/types.js";
import { numbered, record } from "../core/units.js";
import { bench, broken, deducted, fine, lampTerms, missing, nothing, onePm, refused, unit } from "./builders.js";

const recordAll = (start: Inspection, ...records: readonly [Finding, string][]) =>
  records.reduce((i, [finding, who]) => record(i, finding, who, onePm).next, start);

describe("inspection: units", () => {
  it("completes from what was recorded of each unit, with what was only counted beside it", () => {
    const lamp = unit(fine("lamp"), 1, { serial: "SN-1", weightGrams: 880 });
    const seen = recordAll(bench(), [lamp, "wendy"], [lamp, "walt"]);
    const { next, steps } = complete(seen, [fine("mugs", 3)], "wendy", onePm);
    assert.deepEqual(
      next.findings.map((f) => [f.lineId, f.quantity, f.detail?.unitNumber, f.detail?.recorder]),
      [
        ["lamp", 1, 1, "walt"],
        ["mugs", 3, undefined, undefined],
      ],
    );
    const posted = steps?.flatMap((s) => (s.step === "post" ? s.payload.lines : []));
    assert.deepEqual(
      posted?.map((l) => [l.sku, l.units]),
      [
        ["LAMP-1", [{ lineId: "lamp", first: 1, quantity: 1 }]],
        ["MUG-RED", [{ lineId: "mugs", first: 1, quantity: 3 }]],
      ],
    );
  });

  it("goes by the last record of a unit, and keeps the former", () => {
    const start = bench({ terms: noTerms });
    const seen = recordAll(start, [unit(fine("lamp"), 1), "wendy"], [unit(broken("lamp"), 1), "walt"]);
    assert.equal(seen.recorded.length, 2);
    const { next } = complete(seen, [missing("mugs", 3)], "wendy", onePm);
    assert.deepEqual(
      next.findings.map((f) => [f.lineId, f.verdict]),
      [
        ["lamp", "REJECTED"],
        ["mugs", "MISSING"],
      ],
    );
    assert.throws(
      () => complete(seen, [fine("mugs", 3), fine("lamp")], "wendy", onePm),
      refused("FINDINGS_UNBALANCED", { line_id: "lamp", found: "2" }),
    );
  });

  it("notices a serial number that was not sold, and puts the expected weight beside the measured", () => {
    const { next } = record(bench(), unit(fine("lamp"), 1, { serial: "SN-9", weightGrams: 400 }), "wendy", onePm);
    const detail = next.recorded[0]?.detail;
    assert.deepEqual([detail?.serialMismatch, detail?.weightGrams, detail?.expectedWeightGrams], [true, 400, 900]);
  });

  it("refuses units that nobody expects, and records once the inspection is complete or before the goods are here", () => {
    const at = (state: Inspection["state"], n = 1) => record(bench({ state }), unit(fine("lamp"), n), "wendy", onePm);
    assert.throws(() => at("REGISTERED", 2), refused("UNIT_UNKNOWN", { line_id: "lamp", unit_number: "2" }));
    assert.throws(() => at("INSPECTED"), refused("INSPECTION_DONE", { verb: "record" }));
    assert.throws(() => at("EXPECTED"), refused("INSPECTION_STATE", { verb: "record" }));
  });

  it("wants two inspectors where a unit is worth it, and takes no count for them", () => {
    const lamp = unit(fine("lamp"), 1);
    const mugs = [fine("mugs", 3)];
    const done = (seen: Inspection, more = mugs) => complete(seen, more, "wendy", onePm).next.state;
    const wanting = refused("SECOND_INSPECTOR", { line_id: "lamp" });
    assert.throws(() => done(bench(), [...mugs, fine("lamp")]), wanting);
    assert.throws(() => done(recordAll(bench(), [lamp, "wendy"], [lamp, "wendy"])), wanting);
    assert.equal(done(recordAll(bench(), [lamp, "wendy"], [lamp, "walt"])), "INSPECTED");
  });

  it("is not complete while a unit waits for somebody else, and that is not who escalated it", () => {
    const doubt = unit(fine("mugs", 1, { verdict: "ESCALATED" }), 1);
    const seen = recordAll(bench({ terms: noTerms }), [doubt, "wendy"]);
    const rest = [fine("mugs", 2), fine("lamp")];
    assert.throws(() => complete(seen, rest, "wendy", onePm), refused("FINDING_ESCALATED", { line_id: "mugs" }));
    const settled = unit(broken("mugs"), 1);
    assert.throws(() => record(seen, settled, "wendy", onePm), refused("SECOND_INSPECTOR", { inspector: "wendy" }));
    assert.equal(complete(recordAll(seen, [settled, "lea"]), rest, "wendy", onePm).next.state, "INSPECTED");
  });

  it("deducts for the decision's causes only, from accepted units only, and never more than they cost", () => {
    const of = (finding: Finding, detail: Partial<FindingDetail>) => () =>
      record(bench(), unit(finding, 1, detail), "wendy", onePm);
    const no = refused("DEDUCTION_NOT_ALLOWED", { line_id: "mugs" });
    assert.equal(of(fine("mugs"), deducted("HANDLING", 10))().next.recorded.length, 1);
    assert.throws(of(fine("mugs"), deducted("BAD_MOOD", 1)), no);
    assert.throws(of(fine("mugs"), deducted("HANDLING", 10.01)), no);
    assert.throws(of(fine("mugs"), deducted("HANDLING", 0)), no);
    assert.throws(of(broken("mugs"), deducted("HANDLING", 1)), no);
    const won = { deductions: [{ cause: "HANDLING", amount: money(5n, "KRW"), note: "" }] };
    assert.throws(of(fine("mugs"), won), no);
    const counted = { ...fine("mugs", 3), detail: { ...nothing, ...deducted("HANDLING", 30.01) } };
    const open = bench({ terms: { ...lampTerms, secondOpinionOver: undefined } });
    assert.throws(() => complete(open, [counted, fine("lamp")], "wendy", onePm), no);
  });

  it("numbers every unit of a line once, whatever was recorded and whatever was only counted", () => {
    const draw = fc.record({
      quantity: fc.integer({ min: 1, max: 40 }),
      recorded: fc.uniqueArray(fc.integer({ min: 1, max: 40 })),
      cut: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(draw, ({ quantity, recorded, cut }) => {
        const own = recorded.filter((n) => n <= quantity);
        const left = quantity - own.length;
        const parts = [Math.min(cut, left), left - Math.min(cut, left)].filter((n) => n > 0);
        const findings = [...own.map((n) => unit(fine("a"), n)), ...parts.map((n) => fine("a", n))];
        const numbers = numbered(findings).flatMap(({ units }) =>
          units.flatMap(({ first, quantity: n }) => Array.from({ length: n }, (_, i) => first + i)),
        );
        assert.deepEqual(
          numbers.sort((a, b) => a - b),
          Array.from({ length: quantity }, (_, i) => i + 1),
        );
      }),
    );
  });
});
