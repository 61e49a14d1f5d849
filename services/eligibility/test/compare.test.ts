import assert from "node:assert/strict";
import fc from "fast-check";
import { Decision } from "#gen/backhaul/eligibility/v1/decision.js";
import { toJson } from "#kit/json.js";
import { parseMoney } from "#kit/pure/money.js";
import type { Given } from "../core/again.js";
import { type Comparison, compare, merge, noComparison, revived } from "../core/compare.js";
import type { Policy } from "../core/engine.js";
import type { LineView } from "../core/facts.js";
import type { Asked, Order } from "../core/order.js";
import { toComparison, toGiven } from "../labProto.js";
import { toDecision } from "../proto.js";
import { briefOf, givenOf } from "../store/given.js";
import { asked, calendars, judged, line, type Market, markets, order, policies } from "./builders.js";
import { draftOf, type Json, policyOf } from "./drafts.js";

const delivered = "2026-03-02T03:00:00Z"; // noon of Monday 2 March in Seoul
const day = 86_400_000;
/** Some days after that. */
const after = (days: number) => new Date(new Date(delivered).getTime() + days * day).toISOString();

function messageOf(of: Order, what: Asked, now: string, decisionId = "dec-1") {
  const judgement = judged(of, what, now);
  const entry = { policyId: "pol-1", version: 1 } as Parameters<typeof toDecision>[2]["policy"];
  const by = { policy: entry, calendar: "2026", now: new Date(now) };
  return { decision: toDecision(of, judgement, by, decisionId), seen: judgement.seen };
}

/** A decision by the shipped policy. */
function given(of: Order, what: Asked, now: string, decisionId = "dec-1"): Given {
  const { decision, seen } = messageOf(of, what, now, decisionId);
  return toGiven(decision, seen);
}

/** A Korean return of one thing for ₩20,000 by change of mind, so many days after delivery. */
const returned = (days: number, over: { paid?: number; decisionId?: string } = {}) => {
  const of = order("KR", [line({ paid: over.paid ?? 20_000 })], delivered);
  return given(of, asked("RETURN", { reason: "NO_LONGER_NEEDED" }), after(days), over.decisionId);
};

function comparedBy(policy: Policy | undefined, decisions: readonly Given[], market: Market = "KR"): Comparison {
  const sum = noComparison(policies[market].document.currency);
  for (const decision of decisions) compare(sum, policy, calendars[market], decision);
  return sum;
}

const thirtyDays = policyOf(draftOf("KR", { window: { "kr-window-withdrawal": { days: "30" } } }));
/** To Friday 6 March, where the law lasts until Monday. */
const fourDays = policyOf(draftOf("KR", { window: { "kr-window-withdrawal": { days: "4" } } }));
const dearer = policyOf(
  draftOf("KR", {
    terms: { "kr-terms-withdrawal-fast": { fee_minor: "4500" }, "kr-terms-withdrawal": { fee_minor: "4500" } },
  }),
);

describe("eligibility: two policies held against each other", () => {
  it("finds nothing to change where they are the same, whatever was asked", () => {
    const reasonsOf = (market: Market) => [...policies[market].reasons.values()];
    const anything = fc.record({
      market: fc.constantFrom(...markets),
      picks: fc.array(
        fc.record({ reason: fc.nat(), paid: fc.integer({ min: 1, max: 600_000 }), opened: fc.boolean() }),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      kind: fc.constantFrom("CANCELLATION", "RETURN", "EXCHANGE", "CLAIM" as const),
      category: fc.constantFrom("homeware", "fresh", "custom_made", "electronics", "hygiene"),
      fulfilment: fc.constantFrom("OWN", "SELLER", "DIRECT"),
      tier: fc.constantFrom("NONE", "PLUS"),
      risk: fc.constantFrom(0, 50, 95),
      days: fc.integer({ min: -1, max: 500 }),
      notice: fc.constantFrom("WITH_ORDER", "NEVER" as const),
    });
    let lines = 0;
    fc.assert(
      fc.property(anything, ({ market, picks, kind, category, fulfilment, tier, risk, days, notice }) => {
        const reasons = reasonsOf(market).filter(({ kinds }) => kinds.includes(kind as never));
        const sold = picks.map(({ paid }, nth) =>
          line({ lineId: `l-${nth}`, paid, category, fulfilment, purchased: 3 }, market),
        );
        const of = order(market, sold, days < 0 ? "" : delivered, { tier, riskScore: risk, notice });
        const what = asked(
          kind as never,
          ...picks.map(({ reason, opened }, nth) => {
            const { code } = reasons[reason % reasons.length]!;
            return { lineId: `l-${nth}`, reason: code, opened, quantity: 2 };
          }),
        );
        const sum = comparedBy(policies[market], [given(of, what, after(Math.max(0, days)))], market);
        lines += sum.lines;
        const nothing = { ...noComparison(sum.currency), decisions: 1, lines: picks.length };
        assert.deepEqual({ ...sum, violations: 0, violationSamples: [] }, nothing);
      }),
      { numRuns: 500 },
    );
    assert.ok(lines > 500);
  });

  it("counts what a longer window changes: the late ones accepted, paid back for their fee, all windows longer", () => {
    // Day 10 is after 7 days and within 30, day 40 after both.
    const sum = comparedBy(thirtyDays, [returned(3), returned(10, { paid: 50_000 }), returned(40)]);
    assert.deepEqual([sum.decisions, sum.lines, sum.changedLines, sum.unknownLines], [3, 3, 3, 0]);
    assert.deepEqual(sum.shifts.verdict, { "DECLINE|ACCEPT": 1 });
    assert.deepEqual(sum.shifts.rule, { "kr-too-late|kr-withdrawal": 1 });
    assert.deepEqual(sum.shifts.window_days, { "7|30": 3 });
    assert.deepEqual([sum.shifts.fee, sum.shifts.refund_trigger, sum.shifts.collection], [{}, {}, {}]);
    assert.equal(sum.costMinor, 50_000n - 3_000n);
    assert.equal(sum.violations, 0);
    const [sample] = sum.samples["verdict DECLINE ACCEPT"]!;
    assert.deepEqual(sample, {
      decisionId: "dec-1",
      orderId: "o-1",
      lineId: "l-1",
      verdict: "DECLINE",
      rule: "kr-too-late",
      otherVerdict: "ACCEPT",
      otherRule: "kr-withdrawal",
      text:
        "RETURN for NO_LONGER_NEEDED, 1 unit, 10 days after delivery: ACCEPT by kr-withdrawal instead of DECLINE by " +
        "kr-too-late; a window of 30 days instead of 7 days.",
    });
  });

  it("takes a dearer fee off the cost, once for a request though each of its lines would bear it alone", () => {
    const of = order("KR", [line({ paid: 20_000 }), line({ lineId: "l-2", paid: 30_000 })], delivered);
    const both = asked("RETURN", { reason: "NO_LONGER_NEEDED" }, { lineId: "l-2", reason: "NO_LONGER_NEEDED" });
    const sum = comparedBy(dearer, [given(of, both, after(3))]);
    assert.deepEqual(sum.shifts.fee, { "RETURN_SHIPPING ₩3,000|RETURN_SHIPPING ₩4,500": 2 });
    assert.deepEqual([sum.changedLines, sum.costMinor], [2, -1_500n]);
    assert.match(sum.samples.fee![0]!.text, /: fee RETURN_SHIPPING ₩4,500 instead of RETURN_SHIPPING ₩3,000\.$/);
  });

  it("counts what is refunded of asked units alone, and nothing where goods go out instead of money", () => {
    const of = order("KR", [line({ paid: 30_000, purchased: 3 })], delivered);
    const one = given(of, asked("RETURN", { reason: "NO_LONGER_NEEDED", quantity: 2 }), after(10));
    assert.equal(comparedBy(thirtyDays, [one]).costMinor, 20_000n - 3_000n);
    const swapped = given(of, asked("EXCHANGE", { reason: "SIZE_TOO_SMALL", replacementSku: "sku-2" }), after(10));
    const sum = comparedBy(thirtyDays, [swapped]);
    assert.deepEqual([sum.shifts.verdict, sum.costMinor], [{ "DECLINE|ACCEPT": 1 }, 0n]);
  });

  it("counts what a line keeps when its collection, its refund's moment or only its rule changes", () => {
    const other = policyOf(
      draftOf(
        "KR",
        { terms: { "kr-terms-withdrawal-fast": { refund_trigger: '"ON_RECEIPT"', collect: "false" } } },
        (json) => {
          const rows = json.tables.verdict.nodes[1].content.rules;
          rows.find((row: Record<string, string>) => row._id === "kr-withdrawal")._id = "kr-withdrawal-new";
        },
      ),
    );
    const sum = comparedBy(other, [returned(3)]);
    assert.deepEqual(sum.shifts.refund_trigger, { "ON_PICKUP_SCAN|ON_RECEIPT": 1 });
    assert.deepEqual(Object.keys(sum.shifts.collection).length, 1);
    assert.match(Object.keys(sum.shifts.collection)[0]!, /^PICKUP_CONTACTLESS, .*\|NONE$/);
    assert.deepEqual(sum.shifts.rule, { "kr-withdrawal|kr-withdrawal-new": 1 });
    assert.deepEqual([sum.changedLines, sum.costMinor], [1, 0n]);
  });

  it("cannot judge lines whose reason the draft does not know, judges those beside them, and counts no common fee", () => {
    const without = policyOf(
      draftOf("KR", { terms: { "kr-terms-withdrawal-fast": { fee_minor: "4500" } } }, (json) => {
        for (const group of json.reasons) {
          group.leaves = group.leaves.filter(({ code }: Json) => code !== "STYLE");
        }
      }),
    );
    const of = order("KR", [line(), line({ lineId: "l-2", paid: 9_000 })], delivered);
    const both = asked("RETURN", { reason: "STYLE" }, { lineId: "l-2", reason: "NO_LONGER_NEEDED" });
    const sum = comparedBy(without, [given(of, both, after(3))]);
    assert.deepEqual([sum.decisions, sum.lines, sum.unknownLines, sum.changedLines], [1, 2, 1, 1]);
    assert.deepEqual(sum.shifts.fee, { "RETURN_SHIPPING ₩3,000|RETURN_SHIPPING ₩4,500": 1 });
    assert.equal(sum.costMinor, 0n);
  });

  it("cannot judge a reason that the draft keeps for another kind, nor an order paid in another currency", () => {
    const claimsOnly = policyOf(
      draftOf("KR", {}, (json) => {
        for (const { leaves } of json.reasons) {
          for (const leaf of leaves) if (leaf.code === "NO_LONGER_NEEDED") leaf.kinds = ["EXCHANGE"];
        }
      }),
    );
    assert.equal(comparedBy(claimsOnly, [returned(3)]).unknownLines, 1);
    const euro = policyOf(draftOf("KR", {}, (json) => Object.assign(json, { currency: "EUR" })));
    assert.equal(comparedBy(euro, [returned(3)]).unknownLines, 1);
  });

  it("never throws: a policy that breaks, or is not there, knows nothing", () => {
    const gap = policyOf(draftOf("KR", { verdict: { "kr-too-late": { category: '"unheard-of"' } } }));
    const broken = comparedBy(gap, [returned(40), returned(3)]);
    assert.deepEqual([broken.decisions, broken.lines, broken.unknownLines], [2, 2, 1]);
    const none = comparedBy(undefined, [returned(3)]);
    assert.deepEqual([none.decisions, none.unknownLines, none.changedLines], [1, 1, 0]);
  });

  it("reads reason, tier and notices from the draft, and facts from what was seen", () => {
    const untold = policyOf(
      draftOf("KR", {}, (json) => {
        delete json.notices.hygiene;
      }),
    );
    const of = order("KR", [line({ category: "hygiene" })], delivered);
    const opened = given(of, asked("RETURN", { reason: "NO_LONGER_NEEDED", opened: true }), after(3));
    assert.equal(opened.lines[0]?.verdict, "REVIEW");
    assert.deepEqual(comparedBy(untold, [opened]).shifts.verdict, { "REVIEW|ACCEPT": 1 });

    const flat = policyOf(draftOf("KR", {}, (json) => Object.assign(json, { tiers: ["NONE"] })));
    const member = given(
      order("KR", [line()], delivered, { tier: "PLUS" }),
      asked("RETURN", { reason: "NO_LONGER_NEEDED" }),
      after(20),
    );
    assert.equal(member.lines[0]?.verdict, "ACCEPT");
    assert.deepEqual(comparedBy(flat, [member]).shifts.verdict, { "ACCEPT|DECLINE": 1 });
  });

  it("reads whose fault a reason is, and which classes of products there are, from the draft", () => {
    const ours = policyOf(
      draftOf("KR", {}, (json) => {
        for (const { leaves } of json.reasons) {
          for (const leaf of leaves) if (leaf.code === "NO_LONGER_NEEDED") leaf.fault = "SELLER";
        }
      }),
    );
    const sum = comparedBy(ours, [returned(3)]);
    assert.deepEqual([sum.shifts.fee, sum.costMinor], [{ "RETURN_SHIPPING ₩3,000|none": 1 }, 3_000n]);

    const classless = policyOf(draftOf("KR", {}, (json) => Object.assign(json, { item_classes: [] })));
    const of = order("KR", [line({ itemClass: "EXTENDED" })], delivered);
    const extended = given(of, asked("RETURN", { reason: "NO_LONGER_NEEDED" }), after(40));
    assert.equal(extended.lines[0]?.verdict, "ACCEPT");
    assert.deepEqual(comparedBy(classless, [extended]).shifts.verdict, { "ACCEPT|DECLINE": 1 });
  });

  it("declines what never came beside what is sent back, as a decision does", () => {
    const of = order("KR", [line(), line({ lineId: "l-2" })], delivered);
    const mixed = asked("CLAIM", { reason: "DEFECTIVE" }, { lineId: "l-2", reason: "NOT_RECEIVED" });
    const collected = { ...of, lines: of.lines.map((l) => ({ ...l, paid: parseMoney("90000", "KRW") })) };
    const decision = given(collected, mixed, after(3));
    assert.deepEqual(
      decision.lines.map(({ verdict, separated }) => [verdict, separated]),
      [
        ["ACCEPT", false],
        ["DECLINE", true],
      ],
    );
    assert.equal(comparedBy(policies.KR, [decision]).changedLines, 0);
    const kept = { refund_trigger: '"ON_APPROVAL"', collect: "false" };
    const keeps = policyOf(draftOf("KR", { terms: { "kr-terms-fault-fast": kept } }));
    const sum = comparedBy(keeps, [decision]);
    assert.deepEqual(sum.shifts.verdict, { "DECLINE|ACCEPT": 1 });
    assert.equal(sum.costMinor, 90_000n);
  });

  describe("where the draft takes a right away", () => {
    it("counts the line though the law would grant it, and names rule and article", () => {
      const sum = comparedBy(fourDays, [returned(3), returned(6), returned(10)]);
      assert.equal(sum.violations, 1);
      const [violation] = sum.violationSamples;
      assert.deepEqual(
        [violation?.verdict, violation?.otherVerdict, violation?.otherRule],
        ["ACCEPT", "DECLINE", "kr-too-late"],
      );
      assert.equal(
        violation?.text,
        "RETURN for NO_LONGER_NEEDED, 1 unit, 6 days after delivery: kr-too-late would decline it, and " +
          "E-Commerce Act art. 17(1) does not allow that.",
      );
      assert.deepEqual(sum.shifts.verdict, {});
      assert.deepEqual(sum.shifts.rule, { "kr-withdrawal|kr-law-withdrawal": 1 });
    });

    it("counts a charge that the law forbids, and leaves it out of the cost", () => {
      const charging = policyOf(
        draftOf("TW", {}, (json) => {
          for (const row of json.tables.terms.nodes[1].content.rules) {
            if (row.kind !== '"CANCELLATION"') Object.assign(row, { fee_code: '"RETURN_SHIPPING"', fee_minor: "6000" });
          }
        }),
      );
      const of = order("TW", [line({ paid: 100_000 }, "TW")], delivered);
      const sum = comparedBy(charging, [given(of, asked("RETURN", { reason: "NO_LONGER_NEEDED" }), after(3))], "TW");
      assert.equal(sum.violations, 1);
      assert.match(sum.violationSamples[0]!.text, /would charge RETURN_SHIPPING NT\$60, and Consumer Protection Act/);
      assert.deepEqual([sum.costMinor, sum.shifts.fee], [0n, {}]);
    });
  });

  describe("a comparison", () => {
    const decisions = Array.from({ length: 60 }, (_, nth) =>
      returned(nth, { decisionId: `dec-${nth}`, paid: 1_000 * nth + 500 }),
    );

    it("is the same whether decisions are compared in one go or in parts that are kept as JSON between", () => {
      const whole = comparedBy(thirtyDays, decisions);
      fc.assert(
        fc.property(fc.array(fc.nat(60), { maxLength: 5 }), (cuts) => {
          const at = [0, ...cuts.sort((a, b) => a - b), 60];
          const parts = at.slice(1).map((to, nth) => comparedBy(thirtyDays, decisions.slice(at[nth], to)));
          const sum = noComparison("KRW");
          for (const part of parts) merge(sum, revived(JSON.parse(toJson(part))));
          assert.deepEqual(revived(JSON.parse(toJson(sum))), whole);
        }),
        { numRuns: 50 },
      );
    });

    it("keeps the first few samples of each kind, and its size, however many lines there are", () => {
      const sum = comparedBy(thirtyDays, decisions);
      const lines = Object.fromEntries(
        Object.entries(sum.samples).map(([kind, all]) => [kind, all.map((d) => d.decisionId)]),
      );
      assert.deepEqual(lines["verdict DECLINE ACCEPT"], ["dec-8", "dec-9", "dec-10", "dec-11", "dec-12"]);
      assert.ok(sum.changedLines === 60 && Object.values(sum.samples).every((all) => all.length <= 5));
      const much = comparedBy(thirtyDays, Array.from({ length: 20 }, () => decisions).flat());
      assert.ok(toJson(much).length < toJson(sum).length + 20);
    });

    it("keeps the first few violations, too, when it is put together", () => {
      const four = ["a", "b", "c", "d"].map((decisionId) => returned(6, { decisionId }));
      const sum = noComparison("KRW");
      for (let nth = 0; nth < 2; nth++) merge(sum, comparedBy(fourDays, four));
      assert.equal(sum.violations, 8);
      assert.deepEqual(
        sum.violationSamples.map(({ decisionId }) => decisionId),
        ["a", "b", "c", "d", "a"],
      );
    });

    it("tells fifty different changes of one thing apart, and counts the others together", () => {
      const sum = noComparison("KRW");
      for (let nth = 0; nth < 60; nth++) {
        const [only] = returned(3).lines;
        const renamed = { ...returned(3), lines: [{ ...only!, rule: `kr-once-${nth}` }] };
        compare(sum, policies.KR, calendars.KR, renamed);
      }
      const counts = Object.entries(sum.shifts.rule);
      assert.equal(counts.length, 51);
      assert.equal(sum.shifts.rule["(others)|(others)"], 10);
      assert.equal(
        counts.reduce((all, [, lines]) => all + lines, 0),
        60,
      );
    });

    it("is told with the most frequent changes first, in the market's money", () => {
      const told = toComparison(comparedBy(thirtyDays, decisions));
      const counts = told.shifts.map(({ lines }) => Number(lines));
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => b - a),
      );
      assert.deepEqual(told.shifts[0], { what: "window_days", from: "7", to: "30", lines: 60n });
      assert.equal(told.cost?.currencyCode, "KRW");
    });
  });

  describe("decisions as rows hold them", () => {
    const of = order("KR", [line({ paid: 20_000, purchased: 4 }), line({ lineId: "l-2", paid: 9_000 })], delivered, {
      notice: new Date("2026-03-05T00:00:00Z"),
    });
    const what = asked(
      "RETURN",
      { reason: "NO_LONGER_NEEDED", quantity: 3 },
      { lineId: "l-2", reason: "STYLE", discovered: new Date("2026-03-03T00:00:00Z") },
    );
    const { decision, seen } = messageOf(of, what, after(4));
    const row = { decision_id: "dec-1", order_id: "o-1", create_time: decision.createTime!, body: null };

    it("come back as they went in", () => {
      const kept = { ...row, seen: JSON.parse(toJson(seen)), answer: JSON.parse(briefOf(decision)) };
      assert.deepEqual(JSON.parse(toJson(givenOf(kept))), JSON.parse(toJson(toGiven(decision, seen))));
      assert.deepEqual(givenOf(kept).lines[0]?.seen.times, seen[0]?.times);
      assert.ok(givenOf(kept).lines[0]?.end instanceof Date);
      assert.equal(comparedBy(policies.KR, [givenOf(kept)]).changedLines, 0);
    });

    it("are of goods that were never exchanged where nobody asked yet", () => {
      const then = seen.map(({ view: { exchanged: _, ...view }, ...rest }) => ({ ...rest, view }));
      const kept = { ...row, seen: JSON.parse(toJson(then)), answer: JSON.parse(briefOf(decision)) };
      assert.deepEqual(
        givenOf(kept).lines.map((given) => given.seen.view.exchanged),
        [0, 0],
      );
      assert.equal(comparedBy(policies.KR, [givenOf(kept)]).unknownLines, 0);
    });

    it("are read from the message where they are older, with what was not known then filled in", () => {
      const lines = decision.lines.map((l) => ({ ...l, refundTrigger: 0, collectionMethods: [], fees: [] }));
      const body = Buffer.from(Decision.encode({ ...decision, lines }).finish());
      const old = seen.map(({ view: { item_class: _, fulfilment: __, listed: ___, ...view }, times }) => {
        return { view: view as LineView, start: times.start!.toISOString() };
      });
      const before = givenOf({ ...row, seen: old, answer: null, body });
      const facts = before.lines.map(({ seen: { lineId, quantity, askedMinor, view } }) => {
        return [lineId, quantity, askedMinor, view.item_class, view.fulfilment, view.listed];
      });
      assert.deepEqual(facts, [
        ["l-1", 3, 15_000, "NONE", "OWN", "NONE"],
        ["l-2", 1, 9_000, "NONE", "OWN", "NONE"],
      ]);
      const sum = comparedBy(policies.KR, [before]);
      assert.deepEqual([sum.lines, sum.unknownLines, sum.changedLines, sum.costMinor], [2, 0, 0, 0n]);
    });
  });
});
