// All that the shipped policies answer, in golden/<market>.txt: what a document says changes there before anybody's eyes.
// With UPDATE_GOLDEN=1 the files are written instead of compared.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { decide } from "../core/decide.js";
import { asked, line, type Market, markets, order, policies } from "./builders.js";
import { daysAround, limitsOf, plainCalendar, startOfDay, timesOf } from "./golden/days.js";
import { type Ask, asksOf, type Combination, dimensionsOf } from "./golden/dimensions.js";
import { titles } from "./golden/sections.js";
import { readSheet } from "./golden/sheet.js";
import { goldenOf } from "./golden.js";

const fileOf = (market: Market) => new URL(`./golden/${market}.txt`, import.meta.url);

/** An ask about a line, on a day since delivery or under way, at some time of it. */
type Situation = { ask: Ask; combination: Combination; day: number | "under way"; hour: number };

function anythingIn(market: Market): fc.Arbitrary<Situation> {
  const { document } = policies[market];
  const values = Object.entries(dimensionsOf(document)).map(([name, all]) => [name, fc.constantFrom(...all)]);
  return fc.record({
    ask: fc.constantFrom(...asksOf(document)),
    combination: fc.record(Object.fromEntries(values)) as unknown as fc.Arbitrary<Combination>,
    day: fc.oneof(
      fc.constantFrom<number | "under way">("under way", ...daysAround(limitsOf(policies[market]))),
      fc.integer({ min: 0, max: 2500 }),
    ),
    hour: fc.integer({ min: 0, max: 22 }),
  });
}

/** What the whole core decides. */
function decided(market: Market, { ask, combination, day, hour }: Situation) {
  const { document } = policies[market];
  const { category, temperature, seller_type, fulfilment, item_class, final_sale, listed, line_minor } = combination;
  const itemClass = item_class === "NONE" ? "" : item_class;
  const goods = {
    category,
    temperature,
    sellerType: seller_type,
    fulfilment,
    itemClass,
    finalSale: final_sale,
    listed,
  };
  const { start, known, notice } = timesOf(document, combination);
  const bought = order(
    market,
    [line({ ...goods, paid: line_minor }, market)],
    day === "under way" ? "" : (start as Date).toISOString(),
    { tier: combination.tier, riskScore: combination.risk_score, notice },
  );
  const { exchanged } = combination;
  const request = { reason: ask.reason.code, opened: combination.opened, discovered: known };
  const now = new Date(startOfDay(document, day === "under way" ? 0 : day).getTime() + hour * 3_600_000);
  return decide(policies[market], plainCalendar(document), bought, { ...asked(ask.kind, request), exchanged }, now);
}

/** A number of days in a range such as "0–7" or "8+". */
function within(range: string, day: number): boolean {
  const [from = Number.NaN, to = range.endsWith("+") ? Number.POSITIVE_INFINITY : from] = range
    .split("–")
    .map(Number.parseFloat);
  return day >= from && day <= to;
}

describe("the golden file", function () {
  this.timeout(60_000);
  for (const market of markets) {
    describe(`of ${market}`, () => {
      const policy = policies[market];
      it("says what the policy answers", () => {
        const text = goldenOf(policy);
        if (process.env.UPDATE_GOLDEN) writeFileSync(fileOf(market), text);
        assert.deepEqual(text.split("\n"), readFileSync(fileOf(market), "utf8").split("\n"));
      });
      it("shows each rule of the document, and never the law in its place", () => {
        const words = new Set(readFileSync(fileOf(market), "utf8").split(/[\s|]+/));
        const { rules, separate_rule, override_rule } = policy.document;
        const unseen = Object.keys(rules).filter((rule) => !words.has(rule));
        assert.deepEqual(unseen.sort(), [separate_rule, override_rule].sort());
        assert.deepEqual(
          policy.law?.rights.filter(({ id }) => words.has(id)),
          [],
        );
      });
      it("loses nothing: whatever is asked stands in one row of each part, with the answer that is given", () => {
        const { find } = readSheet(readFileSync(fileOf(market), "utf8"));
        fc.assert(
          fc.property(anythingIn(market), (situation) => {
            const { ask, combination, day } = situation;
            const { lines, terms } = decided(market, situation);
            const [answer] = lines;
            const part = (title: string) => find(title, ask.kind, ask.reason.code, combination);
            const rule = (table: string) => answer?.fired.find((fired) => fired.table === table)?.rule;
            const said = part(titles.answers);
            const days = part(titles.window);
            const phase =
              day === "under way"
                ? "under way"
                : within(days.window ?? "", day)
                  ? "in the window"
                  : within(days.review ?? "", day)
                    ? "in the review"
                    : "later";
            assert.equal(`${answer?.verdict} ${answer?.rule}`, said[phase]);
            assert.equal(rule("window"), days.rule);
            assert.deepEqual([answer?.fault, rule("fault")], [part(titles.fault).fault, part(titles.fault).rule]);
            if (!terms || !answer?.alone) return;
            const [outcomes, carried] = [part(titles.outcomes), part(titles.terms)];
            assert.deepEqual([answer.alone.outcomes.join(", "), rule("outcomes")], [outcomes.outcomes, outcomes.rule]);
            const fees = terms.fees.map(({ code, amount }) => `${code} ${amount.minor}`);
            assert.deepEqual(
              {
                "money back": terms.trigger,
                goods: terms.collect ? "sent back, looked at" : "nothing to send",
                replacement: terms.exchangeMode ?? carried.replacement,
                check: terms.verification,
                charge: fees.join() || "free",
                rule: rule("terms"),
              },
              Object.fromEntries(Object.entries(carried).filter(([column]) => !(column in combination))),
            );
            // Where there is nothing to send the customer keeps it, or has nothing.
            const keeps = ask.kind === "CLAIM" && !ask.reason.never_came && !terms.collect;
            assert.equal(answer.alone.outcomes.includes("KEEP"), keeps);
            if (!terms.collect) return;
            const [ways, time] = [part(titles.methods), part(titles.deadlines)];
            assert.deepEqual([terms.methods.join(", "), rule("methods")], [ways["ways, best first"], ways.rule]);
            assert.deepEqual(
              [String(terms.handoverDays), String(terms.maxPickupAttempts), rule("deadlines")],
              [time.days, time["failed pickups"], time.rule],
            );
          }),
          { numRuns: 4000 },
        );
      });
    });
  }
});
