import assert from "node:assert/strict";
import fc from "fast-check";
import { contradictions, dispositionsOf, stockLines, unitsOf } from "../core/findings.js";
import { complete } from "../core/inspection.js";
import type { ExpectedLine, Finding, Verdict } from "../core/types.js";
import { conditions, dispositions, grades, readFindings, toInspection, verdicts } from "../proto.js";
import { broken, fine, inspection, missing, mugsAndLamp, onePm, refused } from "./builders.js";

const bench = (expected: readonly ExpectedLine[] = mugsAndLamp) =>
  inspection({ state: "REGISTERED", expected, version: 2 });
const completed = (findings: readonly Finding[], expected = mugsAndLamp) =>
  complete(bench(expected), findings, "wendy", onePm);

describe("inspection: findings", () => {
  it("knows every verdict and every disposition of the contract", () => {
    assert.deepEqual(Object.keys(dispositionsOf).sort(), [...verdicts.all].sort());
    assert.deepEqual([...new Set(Object.values(dispositionsOf).flat())].sort(), [...dispositions.all].sort());
  });

  it("refuses fewer or more units than were expected, and says of which line", () => {
    const counts = { line_id: "mugs", received: "3" };
    assert.throws(
      () => completed([fine("mugs", 2), fine("lamp")]),
      refused("FINDINGS_UNBALANCED", { ...counts, found: "2" }),
    );
    assert.throws(
      () => completed([fine("mugs", 4), fine("lamp")]),
      refused("FINDINGS_UNBALANCED", { ...counts, found: "4" }),
    );
    assert.throws(() => completed([fine("lamp")]), refused("FINDINGS_UNBALANCED", { ...counts, found: "0" }));
  });

  it("refuses a line that nobody expected", () => {
    const unknown = { line_id: "vase", received: "0", found: "1" };
    assert.throws(
      () => completed([fine("mugs", 3), fine("lamp"), fine("vase")]),
      refused("FINDINGS_UNBALANCED", unknown),
    );
  });

  it("merges equal findings, and keeps apart what differs in a single word", () => {
    const { next } = completed([fine("mugs"), fine("lamp"), fine("mugs"), fine("mugs", 1, { note: "chip" })]);
    assert.deepEqual(next.findings, [fine("mugs", 2), fine("lamp"), fine("mugs", 1, { note: "chip" })]);
  });

  it("posts accepted units by product and way, and sends rejected ones back", () => {
    const { steps } = completed([fine("mugs", 1, { note: "blue" }), fine("mugs"), broken("mugs"), missing("lamp")]);
    assert.deepEqual(steps, [
      {
        step: "post",
        due: onePm,
        payload: {
          lines: [
            {
              sku: "MUG-RED",
              quantity: 2,
              disposition: "RESTOCKED",
              grade: "LIKE_NEW",
              units: [
                { lineId: "mugs", first: 1, quantity: 1 },
                { lineId: "mugs", first: 2, quantity: 1 },
              ],
            },
          ],
        },
      },
      {
        step: "send-back",
        due: onePm,
        payload: { orderId: "o-1", lines: [{ lineId: "mugs", sku: "MUG-RED", quantity: 1 }], payer: "PLATFORM" },
      },
    ]);
  });

  it("has nothing to do when all of it is missing", () => {
    const { next, steps } = completed([missing("mugs", 3), missing("lamp")]);
    assert.equal(next.state, "INSPECTED");
    assert.deepEqual(steps, []);
  });

  it("sees words that cannot both be true", () => {
    const of = (change: Partial<Finding>) => contradictions(fine("mugs", 1, change)).map((c) => c.field);
    assert.deepEqual(of({}), []);
    assert.deepEqual(of({ verdict: "REJECTED" }), ["disposition"]);
    assert.deepEqual(of({ verdict: "MISSING", disposition: "DISPOSE" }), ["disposition"]);
    assert.deepEqual(of({ disposition: "RETURN_TO_CUSTOMER" }), ["disposition"]);
    assert.deepEqual(of({ disposition: "MISSING" }), ["disposition"]);
    assert.deepEqual(of({ grade: "UNSELLABLE" }), ["grade"]);
    assert.deepEqual(of({ grade: "UNSELLABLE", disposition: "DISPOSE" }), []);
    assert.deepEqual(of({ grade: undefined, disposition: "RESALE_GRADED" }), ["grade"]);
    assert.deepEqual(of({ condition: "EMPTY_BOX" }), ["condition"]);
    assert.deepEqual([broken("mugs"), missing("mugs")].flatMap(contradictions), []);
  });
});

describe("inspection: findings, whatever comes", () => {
  const lineIds = ["a", "b", "c", "d"] as const;
  const lines = fc.uniqueArray(fc.constantFrom(...lineIds), { minLength: 1 }).chain((ids) =>
    fc.tuple(
      ...ids.map((lineId) =>
        fc.record({
          lineId: fc.constant(lineId),
          sku: fc.constantFrom("S1", "S2"),
          quantity: fc.integer({ min: 1, max: 1_000 }),
        }),
      ),
    ),
  );
  const said = fc
    .record({
      verdict: fc.constantFrom("ACCEPTED", "REJECTED", "MISSING"),
      disposition: fc.constantFrom(...dispositions.all),
      grade: fc.option(fc.constantFrom(...grades.all), { nil: undefined }),
      condition: fc.option(fc.constantFrom(...conditions.all), { nil: undefined }),
      note: fc.constantFrom("", "chip"),
    })
    .filter((words) => contradictions({ lineId: "a", quantity: 1, ...words }).length === 0);

  /** Deals a line's units out to findings, in order of the words drawn. */
  const balanced = fc
    .tuple(lines, fc.array(fc.tuple(said, fc.integer({ min: 1, max: 400 })), { minLength: 1 }))
    .map(([expected, draws]) => {
      const findings = expected.flatMap(({ lineId, quantity }) => {
        const dealt: Finding[] = [];
        for (let left = quantity, n = 0; left > 0; n++) {
          const [words, ask] = draws[n % draws.length]!;
          dealt.push({ lineId, quantity: Math.min(left, ask), ...words });
          left -= ask;
        }
        return dealt;
      });
      return { expected, findings };
    });
  const shuffled = balanced.chain(({ expected, findings }) =>
    fc.shuffledSubarray(findings, { minLength: findings.length }).map((mixed) => ({ expected, findings: mixed })),
  );

  const unitsWith = (findings: readonly Finding[], verdict: Verdict) =>
    unitsOf(findings.filter((f) => f.verdict === verdict));
  const total = (of: readonly { quantity: number }[]) => of.reduce((units, { quantity }) => units + quantity, 0);

  it("gives every expected unit exactly one verdict, and every accepted or rejected one exactly one way", () => {
    fc.assert(
      fc.property(shuffled, ({ expected, findings }) => {
        const { next, steps = [] } = completed(findings, expected);
        const [accepted, rejected, gone] = (["ACCEPTED", "REJECTED", "MISSING"] as const).map((v) =>
          unitsWith(next.findings, v),
        );
        for (const { lineId, quantity } of expected) {
          const parts = [accepted, rejected, gone].map((units) => units?.get(lineId) ?? 0);
          assert.equal(
            parts.reduce((a, b) => a + b),
            quantity,
          );
        }
        const sum = (units: Map<string, number> | undefined) => [...(units?.values() ?? [])].reduce((a, b) => a + b, 0);
        const units = (name: string) => total(steps.find((s) => s.step === name)?.payload.lines ?? []);
        assert.equal(units("post"), sum(accepted));
        assert.equal(units("send-back"), sum(rejected));
        assert.equal(total(stockLines(expected, next.findings)), sum(accepted));
      }),
      { numRuns: 300 },
    );
  });

  it("refuses any findings with a unit too many or too few", () => {
    const off = fc.constantFrom(-3, -1, 1, 7);
    fc.assert(
      fc.property(shuffled, fc.nat(), off, ({ expected, findings }, at, by) => {
        const i = at % findings.length;
        const one = findings[i]!;
        const changed = one.quantity + by > 0 ? [{ ...one, quantity: one.quantity + by }] : [];
        const wrong = findings.toSpliced(i, 1, ...changed);
        assert.throws(() => completed(wrong, expected), refused("FINDINGS_UNBALANCED", { line_id: one.lineId }));
      }),
      { numRuns: 300 },
    );
  });

  it("reads what it writes", () => {
    fc.assert(
      fc.property(shuffled, ({ findings }) => {
        assert.deepEqual(readFindings(toInspection(inspection({ findings })).findings), findings);
      }),
    );
  });
});
