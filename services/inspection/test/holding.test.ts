import assert from "node:assert/strict";
import { InspectionCompleted } from "#gen/backhaul/inspection/v1/inspection_events.js";
import { money } from "#kit/pure/money.js";
import { assertUndisputed, decide, dispute, disputeDue, wait } from "../core/disputes.js";
import { complete, sentBack } from "../core/inspection.js";
import { payerOf } from "../core/sendback.js";
import { type Finding, type Inspection, noTerms, type Waiting } from "../core/types.js";
import { toFact } from "../proto.js";
import { bench, broken, deducted, fine, lampTerms, nothing, onePm, refused, unit } from "./builders.js";

const day = 24 * 3_600_000;
const later = (days: number) => new Date(onePm.getTime() + days * day);
const week = { openDays: 7, decideDays: 7 };
const claim = (change = {}) => ({
  disputeId: "dsp_1",
  party: "CUSTOMER" as const,
  lineId: "mugs",
  unitNumber: 0,
  statement: "it was like that",
  evidence: [],
  ...change,
});
const upheld = (corrected: Finding, disputeId = "dsp_1") => ({
  disputeId,
  outcome: "UPHELD" as const,
  note: "the photos show it",
  corrected,
});
/** Disputes and decides at once; says what the decision announced. */
function settle(inspection: Inspection, about: object, corrected: Finding, disputeId = "dsp_1") {
  const open = dispute(inspection, claim({ disputeId, ...about }), week, later(1)).next;
  const { next, facts } = decide(open, upheld(corrected, disputeId), "lea", later(2));
  const body = facts?.[0]?.body as unknown as { moreAccepted: number; returned: object[]; added: object[] };
  return { next, change: [body.moreAccepted, body.returned, body.added] };
}
const handling = (minor: bigint) => ({ cause: "HANDLING", amount: money(minor, "GBP"), note: "scratch" });

describe("inspection: what a decided dispute changes", () => {
  const rejected = () => complete(bench({ terms: noTerms }), [broken("mugs", 3), fine("lamp")], "wendy", onePm).next;
  const reduced = () => {
    const mugs = { ...fine("mugs", 3), detail: { ...nothing, ...deducted("HANDLING", 9) } };
    const recorded = ["wendy", "will"].map((recorder) => unit(fine("lamp"), 1, { recorder }));
    return complete(bench({ terms: lampTerms, recorded }), [mugs], "wendy", onePm).next;
  };

  it("counts the units that are given back after all", () => {
    assert.deepEqual(settle(rejected(), {}, fine("mugs", 3)).change, [3, [], []]);
    assert.deepEqual(settle(rejected(), { unitNumber: 2 }, fine("mugs")).change, [1, [], []]);
  });

  it("tells what is no longer deducted, by cause, and a counted unit's share of it", () => {
    assert.deepEqual(settle(reduced(), {}, fine("mugs", 3)).change, [0, [handling(900n)], []]);
    const less = { ...fine("mugs", 3), detail: { ...nothing, ...deducted("HANDLING", 4) } };
    assert.deepEqual(settle(reduced(), {}, less).change, [0, [handling(500n)], []]);
    assert.deepEqual(settle(reduced(), { unitNumber: 1 }, fine("mugs")).change, [0, [handling(300n)], []]);
  });

  it("gives nothing twice, however often the same is disputed and upheld", () => {
    const once = settle(rejected(), {}, fine("mugs", 3)).next;
    assert.deepEqual(settle(once, {}, fine("mugs", 3), "dsp_2").change, [0, [], []]);
    const money = settle(reduced(), {}, fine("mugs", 3)).next;
    assert.deepEqual(settle(money, {}, fine("mugs", 3), "dsp_2").change, [0, [], []]);
    const units = [1, 2, 3].reduce<{ all: number; next: Inspection }>(
      ({ all, next }, unitNumber) => {
        const decided = settle(next, { unitNumber }, fine("mugs"), `dsp_${unitNumber}`);
        return { all: all + (decided.change[0] as number), next: decided.next };
      },
      { all: 0, next: rejected() },
    );
    assert.equal(units.all, 3);
    assert.deepEqual(settle(units.next, {}, fine("mugs", 3), "dsp_4").change, [0, [], []]);
  });

  it("says when the seller was right, and the customer has too much", () => {
    const good = complete(bench({ terms: noTerms }), [fine("mugs", 3), fine("lamp")], "wendy", onePm).next;
    assert.deepEqual(settle(good, { party: "SELLER" }, broken("mugs", 3)).change, [-3, [], []]);
  });
});

describe("inspection: goods that somebody disputes", () => {
  const way: Waiting = { step: "send-back", payload: { orderId: "o-1", lines: [], payer: "CUSTOMER" } };
  const customers = { customerBears: true, article: "E-Commerce Act art. 18(9)" };
  const rejected = () =>
    complete(
      bench({ terms: { ...noTerms, fault: "CUSTOMER" } }),
      [broken("mugs", 3), fine("lamp")],
      "wendy",
      onePm,
      customers,
    ).next;
  const open = () => wait(dispute(rejected(), claim(), week, later(1)).next, "dsp_1", way).next;

  it("stay until it is decided, or its time is over", () => {
    assert.throws(
      () => assertUndisputed(open(), later(2)),
      refused("DISPUTE_OPEN", { dispute_id: "dsp_1", due_time: later(8).toISOString() }),
    );
    assert.doesNotThrow(() => assertUndisputed(open(), later(8)));
    const { steps } = decide(open(), { disputeId: "dsp_1", outcome: "DISMISSED", note: "no" }, "lea", later(3));
    assert.deepEqual(steps, [{ ...way, due: later(3) }]);
    const late = disputeDue(open(), "dsp_1", later(8));
    assert.deepEqual(
      [late.steps, late.next.attention.map(({ step }) => step), late.next.disputes[0]?.waiting],
      [[{ ...way, due: later(8) }], ["dispute-due"], []],
    );
  });

  it("are not sent back when they were rejected wrongly and are still here: a person says where they go", () => {
    const { next, steps } = decide(open(), upheld(fine("mugs", 3)), "lea", later(3));
    assert.deepEqual([steps, next.sendBackPayer], [[], "PLATFORM"]);
    assert.match(next.attention[0]?.reason ?? "", /rejected wrongly and are still here/);
  });

  it("that went back at the customer's cost, though wrongly, call a person to give it back", () => {
    const gone = sentBack(dispute(rejected(), claim(), week, later(1)).next, "TN-1", later(1)).next;
    const { next } = decide(gone, upheld(fine("mugs", 3)), "lea", later(3));
    assert.equal(next.sendBackPayer, "PLATFORM");
    assert.match(next.attention[0]?.reason ?? "", /give the customer back what the way cost/);
  });
});

describe("inspection: the way back of rejected goods", () => {
  it("is the customer's only for a cause of their own, and only where the market's rule lets it be", () => {
    const korea = { customerBears: true, article: "E-Commerce Act art. 18(9)" };
    const taiwan = { customerBears: false, article: "Consumer Protection Act art. 19(1)" };
    assert.deepEqual(
      (["CUSTOMER", "SELLER", "LOGISTICS", "GENERAL", undefined] as const).map((fault) => payerOf(korea, fault)),
      ["CUSTOMER", "SELLER", "LOGISTICS", "PLATFORM", "PLATFORM"],
    );
    assert.equal(payerOf(taiwan, "CUSTOMER"), "PLATFORM");
  });
});

describe("inspection: the size of what is announced", () => {
  it("stays far below what the bus takes, with every unit and every deduction accounted for", () => {
    const expected = Array.from({ length: 200 }, (_, n) => ({ lineId: `l-${n}`, sku: "MUG", quantity: 40 }));
    const findings = expected.flatMap(({ lineId }) =>
      Array.from({ length: 40 }, (_, n) =>
        unit(n % 4 === 0 ? broken(lineId) : fine(lineId, 1, { note: "x".repeat(400) }), n + 1, {
          ...(n % 4 === 0 ? {} : deducted("HANDLING", 1)),
        }),
      ),
    );
    const body = { inspectionId: "ins_1", resolutionId: "res_1", findings, completeTime: onePm };
    const fact = toFact({ name: "InspectionCompleted", body });
    const told = fact.body as InspectionCompleted;
    const bytes = InspectionCompleted.encode(told).finish().length;
    assert.ok(bytes < 200_000, `${bytes} bytes`);
    assert.equal(told.abridged, true);
    const units = told.findings.reduce((all, { quantity }) => all + quantity, 0);
    const pounds = told.findings
      .flatMap(({ detail }) => detail?.deductions ?? [])
      .map(({ amount }) => amount?.units ?? 0n);
    assert.deepEqual([units, pounds.reduce((a, b) => a + b, 0n)], [8000, 6000n]);
  });

  it("keeps every word where it is small", () => {
    const body = {
      inspectionId: "ins_1",
      resolutionId: "res_1",
      findings: [fine("mugs", 2, { note: "chip" })],
      completeTime: onePm,
    };
    const told = toFact({ name: "InspectionCompleted", body }).body as InspectionCompleted;
    assert.deepEqual([told.abridged, told.findings[0]?.note], [false, "chip"]);
  });
});
