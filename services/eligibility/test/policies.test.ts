// Golden cases of the shipped policies: what a customer of each market is answered, by which rule, on which terms.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { assertSound } from "../core/lint.js";
import type { AskedLine, Line } from "../core/order.js";
import type { Kind } from "../core/words.js";
import { asked, documentOf, judged, line, type Market, markets, order, policies } from "./builders.js";

type Case = {
  kind: Kind;
  reason: string;
  /** Days after delivery; none for goods still under way. */
  day?: number;
  line?: Partial<Omit<Line, "paid">> & { paid?: number };
  ask?: Partial<AskedLine>;
  tier?: string;
  risk?: number;
  /** verdict · rule */
  answer: string;
  /** trigger · how goods go · fee in minor units · exchange mode */
  terms?: string;
};

const delivered = "2026-06-02T03:00:00Z"; // a Tuesday, everywhere
const after = (days: number) => new Date(Date.parse(delivered) + days * 86_400_000).toISOString();

function answered(market: Market, c: Case): { answer: string; terms?: string } {
  const bought = order(market, [line(c.line, market)], c.day === undefined ? "" : delivered, {
    tier: c.tier ?? "NONE",
    riskScore: c.risk ?? 0,
  });
  const { verdict, lines, terms } = judged(bought, asked(c.kind, { reason: c.reason, ...c.ask }), after(c.day ?? 0));
  const answer = `${verdict} · ${lines[0]?.rule}`;
  if (!terms) return { answer };
  const fee = terms.fees.map(({ code, amount }) => `${code} ${amount.minor}`).join();
  const goods = terms.collect ? "send back" : "nothing to send";
  return { answer, terms: [terms.trigger, goods, fee || "free", terms.exchangeMode].filter(Boolean).join(" · ") };
}

const custom = { category: "custom_made", finalSale: true };
const change = "NO_LONGER_NEEDED";

const cases: Record<Market, Case[]> = {
  GB: [
    { kind: "RETURN", reason: change, day: 13, answer: "ACCEPT · gb-change-of-mind", terms: "ON_INSPECTION · send back · RETURN_SHIPPING 295" },
    { kind: "RETURN", reason: change, day: 29, answer: "ACCEPT · gb-change-of-mind", terms: "ON_INSPECTION · send back · RETURN_SHIPPING 295" },
    { kind: "RETURN", reason: change, day: 31, answer: "DECLINE · gb-too-late" },
    { kind: "RETURN", reason: change, answer: "ACCEPT · gb-change-of-mind", terms: "ON_INSPECTION · send back · RETURN_SHIPPING 295" },
    { kind: "RETURN", reason: change, day: 5, tier: "PLUS", answer: "ACCEPT · gb-change-of-mind", terms: "ON_RECEIPT · send back · free" },
    { kind: "RETURN", reason: change, day: 5, tier: "PLUS", risk: 95, answer: "ACCEPT · gb-change-of-mind", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: change, day: 5, risk: 100, answer: "ACCEPT · gb-change-of-mind", terms: "ON_INSPECTION · send back · RETURN_SHIPPING 295" },
    { kind: "RETURN", reason: change, day: 5, line: custom, answer: "DECLINE · gb-made-to-order" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "custom_made" }, answer: "ACCEPT · gb-change-of-mind", terms: "ON_INSPECTION · send back · RETURN_SHIPPING 295" },
    { kind: "RETURN", reason: change, day: 5, line: { finalSale: true }, answer: "ACCEPT · gb-change-of-mind", terms: "ON_INSPECTION · send back · RETURN_SHIPPING 295" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "fresh" }, answer: "DECLINE · gb-perishable" },
    { kind: "RETURN", reason: change, day: 5, line: { temperature: "FROZEN" }, answer: "DECLINE · gb-perishable-cold" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "magazines" }, answer: "DECLINE · gb-magazine" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "software" }, ask: { opened: true }, answer: "DECLINE · gb-software-unsealed" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "software" }, answer: "ACCEPT · gb-change-of-mind", terms: "ON_INSPECTION · send back · RETURN_SHIPPING 295" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "hygiene" }, ask: { opened: true }, answer: "DECLINE · gb-hygiene-unsealed" },
    { kind: "RETURN", reason: change, day: 5, ask: { opened: true }, answer: "ACCEPT · gb-change-of-mind", terms: "ON_INSPECTION · send back · RETURN_SHIPPING 295" },
    { kind: "RETURN", reason: "DELIVERY_LATE", day: 5, answer: "ACCEPT · gb-change-of-mind", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: "DEFECTIVE", day: 29, answer: "ACCEPT · gb-faulty", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: "DEFECTIVE", day: 29, line: { category: "fresh" }, answer: "ACCEPT · gb-faulty", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: "DEFECTIVE", day: 170, answer: "REVIEW · gb-faulty-late", terms: "ON_INSPECTION · send back · free" },
    { kind: "CLAIM", reason: "DEFECTIVE", day: 2000, answer: "REVIEW · gb-faulty-late", terms: "ON_INSPECTION · send back · free" },
    { kind: "CLAIM", reason: "DEFECTIVE", day: 2200, answer: "DECLINE · gb-faulty-too-late" },
    { kind: "CLAIM", reason: "DAMAGED_ON_ARRIVAL", day: 1, line: { paid: 1999 }, answer: "ACCEPT · gb-faulty", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "DAMAGED_ON_ARRIVAL", day: 1, line: { paid: 2000 }, answer: "ACCEPT · gb-faulty", terms: "ON_INSPECTION · send back · free" },
    { kind: "CLAIM", reason: "DAMAGED_ON_ARRIVAL", day: 1, line: { paid: 1999 }, risk: 81, answer: "REVIEW · gb-claim-careful", terms: "ON_INSPECTION · send back · free" },
    { kind: "CLAIM", reason: "DAMAGED_ON_ARRIVAL", day: 1, line: { paid: 1999 }, ask: { replacementSku: "sku-l-1" }, answer: "ACCEPT · gb-faulty", terms: "ON_APPROVAL · nothing to send · free · ADVANCE" },
    { kind: "CLAIM", reason: "EXPIRED_OR_SPOILED", day: 1, line: { paid: 9000, category: "fresh" }, answer: "ACCEPT · gb-faulty", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "COUNTERFEIT_SUSPECT", day: 1, answer: "REVIEW · gb-look-first", terms: "ON_INSPECTION · send back · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", answer: "ACCEPT · gb-never-came", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", day: 29, answer: "ACCEPT · gb-never-came", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", day: 1, line: { paid: 20000 }, answer: "REVIEW · gb-never-came-value", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", line: { paid: 20000 }, answer: "ACCEPT · gb-never-came", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", day: 40, answer: "REVIEW · gb-never-came-late", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", day: 2200, answer: "DECLINE · gb-never-came-too-late" },
    { kind: "EXCHANGE", reason: "SIZE_TOO_SMALL", day: 20, answer: "ACCEPT · gb-change-of-mind", terms: "ON_INSPECTION · send back · free · STANDARD" },
    { kind: "EXCHANGE", reason: "SIZE_TOO_SMALL", day: 20, tier: "PLUS", answer: "ACCEPT · gb-change-of-mind", terms: "ON_RECEIPT · send back · free · CROSS_SHIP" },
    { kind: "EXCHANGE", reason: "WRONG_ITEM", day: 20, tier: "PLUS", answer: "ACCEPT · gb-faulty", terms: "ON_RECEIPT · send back · free · ADVANCE" },
    { kind: "EXCHANGE", reason: "SIZE_TOO_SMALL", day: 31, answer: "DECLINE · gb-too-late" },
    { kind: "CANCELLATION", reason: change, answer: "ACCEPT · gb-cancel", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CANCELLATION", reason: change, line: custom, answer: "REVIEW · gb-cancel-made-to-order", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CANCELLATION", reason: change, day: 0, answer: "DECLINE · gb-cancel-too-late" },
  ],
  KR: [
    { kind: "RETURN", reason: change, day: 7, answer: "ACCEPT · kr-withdrawal", terms: "ON_PICKUP_SCAN · send back · RETURN_SHIPPING 3000" },
    { kind: "RETURN", reason: change, day: 8, answer: "DECLINE · kr-too-late" },
    { kind: "RETURN", reason: change, day: 29, tier: "PLUS", answer: "ACCEPT · kr-withdrawal", terms: "ON_PICKUP_SCAN · send back · free" },
    { kind: "RETURN", reason: change, day: 31, tier: "PLUS", answer: "DECLINE · kr-too-late" },
    { kind: "RETURN", reason: change, day: 5, line: { paid: 99_999 }, answer: "ACCEPT · kr-withdrawal", terms: "ON_PICKUP_SCAN · send back · RETURN_SHIPPING 3000" },
    { kind: "RETURN", reason: change, day: 5, line: { paid: 100_000 }, answer: "ACCEPT · kr-withdrawal", terms: "ON_INSPECTION · send back · RETURN_SHIPPING 3000" },
    { kind: "RETURN", reason: change, day: 5, risk: 81, answer: "ACCEPT · kr-withdrawal", terms: "ON_INSPECTION · send back · RETURN_SHIPPING 3000" },
    { kind: "RETURN", reason: change, day: 5, tier: "PLUS", line: { paid: 100_000 }, answer: "ACCEPT · kr-withdrawal", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: change, day: 5, line: custom, answer: "DECLINE · kr-made-to-order" },
    { kind: "RETURN", reason: change, day: 5, line: { finalSale: true }, answer: "ACCEPT · kr-withdrawal", terms: "ON_PICKUP_SCAN · send back · RETURN_SHIPPING 3000" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "fresh" }, answer: "DECLINE · kr-perishable" },
    { kind: "RETURN", reason: change, day: 5, line: { temperature: "CHILLED" }, answer: "DECLINE · kr-perishable-cold" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "software" }, ask: { opened: true }, answer: "DECLINE · kr-software-opened" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "cosmetics" }, ask: { opened: true }, answer: "REVIEW · kr-used", terms: "ON_PICKUP_SCAN · send back · RETURN_SHIPPING 3000" },
    { kind: "RETURN", reason: change, day: 9, line: { category: "cosmetics" }, ask: { opened: true }, answer: "DECLINE · kr-too-late" },
    { kind: "RETURN", reason: change, day: 5, ask: { opened: true }, answer: "ACCEPT · kr-withdrawal", terms: "ON_PICKUP_SCAN · send back · RETURN_SHIPPING 3000" },
    { kind: "RETURN", reason: "WRONG_ITEM", day: 80, answer: "ACCEPT · kr-nonconforming", terms: "ON_PICKUP_SCAN · send back · free" },
    { kind: "RETURN", reason: "WRONG_ITEM", day: 80, line: { paid: 200_000 }, answer: "ACCEPT · kr-nonconforming", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: "WRONG_ITEM", day: 100, answer: "REVIEW · kr-nonconforming-late", terms: "ON_PICKUP_SCAN · send back · free" },
    { kind: "RETURN", reason: "WRONG_ITEM", day: 400, answer: "DECLINE · kr-nonconforming-too-late" },
    { kind: "EXCHANGE", reason: "COLOR", day: 5, answer: "ACCEPT · kr-withdrawal", terms: "ON_INSPECTION · send back · free · STANDARD" },
    { kind: "EXCHANGE", reason: "COLOR", day: 5, tier: "PLUS", answer: "ACCEPT · kr-withdrawal", terms: "ON_PICKUP_SCAN · send back · free · CROSS_SHIP" },
    { kind: "EXCHANGE", reason: "DEFECTIVE", day: 5, tier: "PLUS", answer: "ACCEPT · kr-nonconforming", terms: "ON_PICKUP_SCAN · send back · free · ADVANCE" },
    { kind: "EXCHANGE", reason: "DEFECTIVE", day: 5, tier: "PLUS", line: { paid: 300_000 }, answer: "ACCEPT · kr-nonconforming", terms: "ON_INSPECTION · send back · free · ADVANCE" },
    { kind: "CLAIM", reason: "MISSING_PARTS", day: 5, line: { paid: 29_999 }, answer: "ACCEPT · kr-nonconforming", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "MISSING_PARTS", day: 5, line: { paid: 30_000 }, answer: "ACCEPT · kr-nonconforming", terms: "ON_PICKUP_SCAN · send back · free" },
    { kind: "CLAIM", reason: "EXPIRED_OR_SPOILED", day: 1, line: { paid: 90_000, category: "fresh" }, answer: "ACCEPT · kr-nonconforming", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "DEFECTIVE", day: 5, risk: 90, answer: "REVIEW · kr-claim-careful", terms: "ON_INSPECTION · send back · free" },
    { kind: "CLAIM", reason: "OTHER_PROBLEM", day: 5, answer: "REVIEW · kr-look-first", terms: "ON_INSPECTION · send back · free" },
    { kind: "CLAIM", reason: "PARTIAL_MISSING", day: 60, answer: "ACCEPT · kr-never-came", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", day: 1, line: { paid: 300_000 }, answer: "REVIEW · kr-never-came-value", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", day: 100, answer: "REVIEW · kr-never-came-late", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", day: 400, answer: "DECLINE · kr-never-came-too-late" },
    { kind: "CANCELLATION", reason: "WRONG_ADDRESS", answer: "ACCEPT · kr-cancel", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CANCELLATION", reason: change, line: custom, answer: "REVIEW · kr-cancel-made-to-order", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CANCELLATION", reason: change, day: 0, answer: "DECLINE · kr-cancel-too-late" },
  ],
  TW: [
    { kind: "RETURN", reason: change, day: 7, answer: "ACCEPT · tw-rescission", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: change, day: 10, answer: "ACCEPT · tw-rescission", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: change, day: 11, answer: "DECLINE · tw-too-late" },
    { kind: "RETURN", reason: change, day: 29, tier: "PLUS", answer: "ACCEPT · tw-rescission", terms: "ON_DEADLINE · send back · free" },
    { kind: "RETURN", reason: change, day: 5, tier: "PLUS", risk: 81, answer: "ACCEPT · tw-rescission", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: change, day: 5, risk: 100, answer: "ACCEPT · tw-rescission", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: change, day: 5, line: custom, answer: "DECLINE · tw-made-to-order" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "custom_made" }, answer: "ACCEPT · tw-rescission", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "fresh" }, answer: "DECLINE · tw-perishable" },
    { kind: "RETURN", reason: change, day: 5, line: { temperature: "FROZEN" }, answer: "DECLINE · tw-perishable-cold" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "magazines" }, answer: "DECLINE · tw-magazine" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "software" }, ask: { opened: true }, answer: "DECLINE · tw-software-unsealed" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "cosmetics" }, ask: { opened: true }, answer: "DECLINE · tw-hygiene-unsealed" },
    { kind: "RETURN", reason: change, day: 5, line: { category: "cosmetics" }, answer: "ACCEPT · tw-rescission", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: "DEFECTIVE", day: 29, answer: "ACCEPT · tw-defect", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: "DEFECTIVE", day: 29, tier: "PLUS", answer: "ACCEPT · tw-defect", terms: "ON_DEADLINE · send back · free" },
    { kind: "RETURN", reason: "DEFECTIVE", day: 1000, answer: "REVIEW · tw-defect-late", terms: "ON_INSPECTION · send back · free" },
    { kind: "RETURN", reason: "DEFECTIVE", day: 1840, answer: "DECLINE · tw-defect-too-late" },
    { kind: "EXCHANGE", reason: "STYLE", day: 5, answer: "ACCEPT · tw-rescission", terms: "ON_INSPECTION · send back · free · STANDARD" },
    { kind: "EXCHANGE", reason: "STYLE", day: 5, tier: "PLUS", answer: "ACCEPT · tw-rescission", terms: "ON_DEADLINE · send back · free · CROSS_SHIP" },
    { kind: "EXCHANGE", reason: "WRONG_ITEM", day: 5, tier: "PLUS", answer: "ACCEPT · tw-defect", terms: "ON_DEADLINE · send back · free · ADVANCE" },
    { kind: "CLAIM", reason: "DAMAGED_ON_ARRIVAL", day: 5, line: { paid: 59_900 }, answer: "ACCEPT · tw-defect", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "DAMAGED_ON_ARRIVAL", day: 5, line: { paid: 60_000 }, answer: "ACCEPT · tw-defect", terms: "ON_INSPECTION · send back · free" },
    { kind: "CLAIM", reason: "EXPIRED_OR_SPOILED", day: 1, line: { paid: 90_000, category: "fresh" }, answer: "ACCEPT · tw-defect", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "DEFECTIVE", day: 5, risk: 90, answer: "REVIEW · tw-claim-careful", terms: "ON_INSPECTION · send back · free" },
    { kind: "CLAIM", reason: "COUNTERFEIT_SUSPECT", day: 5, answer: "REVIEW · tw-look-first", terms: "ON_INSPECTION · send back · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", day: 5, answer: "ACCEPT · tw-never-came", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", day: 5, line: { paid: 600_000 }, answer: "REVIEW · tw-never-came-value", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", day: 40, answer: "REVIEW · tw-never-came-late", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CLAIM", reason: "NOT_RECEIVED", day: 1840, answer: "DECLINE · tw-never-came-too-late" },
    { kind: "CANCELLATION", reason: "COD_REJECT", answer: "ACCEPT · tw-cancel", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CANCELLATION", reason: change, line: custom, answer: "REVIEW · tw-cancel-made-to-order", terms: "ON_APPROVAL · nothing to send · free" },
    { kind: "CANCELLATION", reason: change, day: 0, answer: "DECLINE · tw-cancel-too-late" },
  ],
};

describe("shipped policies", () => {
  it("are one document per market, beside the floors of the law", () => {
    const files = readdirSync(new URL("../policies/", import.meta.url)).filter((file) => file.endsWith(".json"));
    assert.deepEqual(files.sort(), [...markets.map((market) => `${market}.json`), "floors.json"]);
  });
  for (const market of markets) {
    describe(market, () => {
      it("is sound and above the market's floor", () => assertSound(documentOf(market)));
      for (const c of cases[market]) {
        const { answer, terms, kind, reason, day, ...facts } = c;
        const when = day === undefined ? "under way" : `day ${day}`;
        const said = Object.keys(facts).length > 0 ? ` ${JSON.stringify(facts)}` : "";
        it(`${kind} for ${reason}, ${when}${said} → ${answer}`, () => {
          assert.deepEqual(answered(market, c), terms === undefined ? { answer } : { answer, terms });
        });
      }
      it("has each of its rules fire in one of these cases", () => {
        const fired = cases[market].flatMap((c) => {
          const over = { tier: c.tier ?? "NONE", riskScore: c.risk ?? 0 };
          const bought = order(market, [line(c.line, market)], c.day === undefined ? "" : delivered, over);
          return judged(bought, asked(c.kind, { reason: c.reason, ...c.ask }), after(c.day ?? 0)).lines.flatMap((l) => l.fired);
        });
        const seen = new Set(fired.map(({ rule }) => rule));
        const { rules, separate_rule } = policies[market].document;
        const silent = Object.keys(rules).filter((rule) => !seen.has(rule) && rule !== separate_rule);
        assert.deepEqual(silent, []);
      });
    });
  }
  it("use every moment at which money can go back", () => {
    const terms = Object.values(cases).flatMap((all) => all.map((c) => c.terms?.split(" · ")[0] ?? "none"));
    const all = ["ON_APPROVAL", "ON_DEADLINE", "ON_INSPECTION", "ON_PICKUP_SCAN", "ON_RECEIPT", "none"];
    assert.deepEqual([...new Set(terms)].sort(), all);
  });
});
