// What a decision says about itself: the facts it rests on, and what would have changed it.
import assert from "node:assert/strict";
import fc from "fast-check";
import { decide } from "../core/decide.js";
import { parseDocument } from "../core/document.js";
import { compile } from "../core/engine.js";
import type { Kind } from "../core/words.js";
import { asked, calendars, jsonOf, judged, line, markets, order, policies } from "./builders.js";

const delivered = "2026-06-02T03:00:00Z";
const on = (day: number) => new Date(Date.parse(delivered) + day * 86_400_000).toISOString();
const change = { reason: "NO_LONGER_NEEDED" };

describe("a no", () => {
  it("that came too late says by how many days", () => {
    const [first] = judged(order("KR", [line()], delivered), asked("RETURN", change), on(9)).lines;
    const [earlier] = first?.counterfactuals ?? [];
    assert.equal(first?.verdict, "DECLINE");
    assert.deepEqual(
      [earlier?.fact, earlier?.actual, earlier?.needed, earlier?.verdict],
      ["ask_time", "2", "0", "ACCEPT"],
    );
    assert.equal(earlier?.texts["en-GB"], "2 days earlier it would have been accepted.");
    assert.match(earlier?.texts["ko-KR"] ?? "", /2일 일찍/);
  });
  it("that came one day too late says so in the singular", () => {
    const [first] = judged(order("KR", [line()], delivered), asked("RETURN", change), on(8)).lines;
    assert.equal(first?.counterfactuals[0]?.texts["en-GB"], "1 day earlier it would have been accepted.");
  });
  it("says so at any hour, also when the clocks were changed since", () => {
    const bought = order("GB", [line({}, "GB")], "2026-09-24T10:00:00Z");
    for (const now of ["2026-10-26T12:00:00Z", "2026-10-26T23:30:00Z", "2026-10-26T00:10:00Z"]) {
      const [first] = judged(bought, asked("RETURN", change), now).lines;
      assert.deepEqual([first?.verdict, first?.counterfactuals[0]?.actual], ["DECLINE", "2"], now);
    }
  });
  it("for opened goods says that unopened they could come back", () => {
    const software = line({ category: "software" });
    const [first] = judged(
      order("KR", [software], delivered),
      asked("RETURN", { ...change, opened: true }),
      on(2),
    ).lines;
    assert.deepEqual(
      first?.counterfactuals.map(({ fact, needed, verdict }) => [fact, needed, verdict]),
      [["opened", "false", "ACCEPT"]],
    );
  });
  it("names the tier that has more time", () => {
    const [first] = judged(order("KR", [line()], delivered), asked("RETURN", change), on(20)).lines;
    assert.deepEqual(
      first?.counterfactuals.map(({ fact, needed }) => [fact, needed]),
      [
        ["ask_time", "0"],
        ["tier", "PLUS"],
      ],
    );
  });
  it("to a cancellation says that before it arrived it would have been possible", () => {
    const [first] = judged(order("KR", [line()], delivered), asked("CANCELLATION", change), on(1)).lines;
    assert.ok(first?.counterfactuals.some(({ fact }) => fact === "delivered"));
  });
  it("that nothing would have changed says nothing", () => {
    const engraved = line({ category: "custom_made", finalSale: true });
    const [first] = judged(order("KR", [engraved], delivered), asked("RETURN", change), on(1)).lines;
    assert.deepEqual([first?.verdict, first?.counterfactuals], ["DECLINE", []]);
  });
  it("rests on facts that are named with their values", () => {
    const [first] = judged(order("KR", [line()], delivered), asked("RETURN", change), on(9)).lines;
    assert.equal(first?.inputs.in_window, "false");
    assert.equal(first?.inputs.nonconforming, "false");
    assert.equal(first?.inputs.tier, "NONE");
  });
});

describe("a yes that costs", () => {
  it("says which tier has it for free", () => {
    const [first] = judged(order("KR", [line()], delivered), asked("RETURN", change), on(2)).lines;
    const tier = first?.counterfactuals.find(({ fact }) => fact === "tier");
    assert.deepEqual([first?.verdict, tier?.needed, tier?.charge], ["ACCEPT", "PLUS", undefined]);
    assert.equal(tier?.texts["en-GB"], "With PLUS it would have been free.");
  });
  it("says by how many days it missed being free, where the terms tell days apart", () => {
    const json = JSON.parse(jsonOf("GB"));
    const { inputs, rules } = json.tables.terms.nodes[1].content;
    inputs.push({ id: "days_since", name: "Days since delivery", field: "days_since" });
    const free = rules.findIndex(({ _id }: { _id: string }) => _id === "gb-terms-change-of-mind");
    for (const row of rules) row.days_since = "";
    rules.splice(free, 0, {
      ...rules[free],
      _id: "gb-terms-free",
      days_since: "<= 14",
      fee_code: "null",
      fee_minor: "0",
    });
    json.rules["gb-terms-free"] = json.rules["gb-terms-change-of-mind"];
    const policy = compile(parseDocument(JSON.stringify(json)));
    const bought = order("GB", [line({}, "GB")], delivered);
    const [first] = decide(policy, calendars.GB, bought, asked("RETURN", change), new Date(on(16))).lines;
    const [earlier] = first?.counterfactuals ?? [];
    assert.deepEqual([earlier?.fact, earlier?.actual, earlier?.charge], ["ask_time", "2", undefined]);
    assert.equal(earlier?.texts["en-GB"], "2 days earlier it would have been free.");
  });
  it("that costs nothing has nothing to say", () => {
    const [first] = judged(order("TW", [line({}, "TW")], delivered), asked("RETURN", change), on(2)).lines;
    assert.deepEqual(first?.counterfactuals, []);
  });
  it("says who bears the cost of sending back, and what may be had instead", () => {
    const alone = (reason: string) =>
      judged(order("KR", [line({ paid: 50_000 })], delivered), asked("RETURN", { reason }), on(2)).lines[0]?.alone;
    assert.equal(alone("NO_LONGER_NEEDED")?.payer, "CUSTOMER");
    assert.deepEqual(
      alone("NO_LONGER_NEEDED")?.fees.map(({ code, amount }) => [code, amount.minor]),
      [["RETURN_SHIPPING", 3000n]],
    );
    assert.equal(alone("WRONG_ITEM")?.payer, "SELLER");
    assert.ok(alone("NO_LONGER_NEEDED")?.outcomes.includes("REFUND"));
  });
});

describe("a counterfactual", () => {
  const pairs = markets.flatMap((market) =>
    policies[market].document.reasons
      .flatMap(({ leaves }) => leaves)
      .flatMap(({ code, kinds }) => kinds.map((kind) => ({ market, kind: kind as Kind, reason: code }))),
  );
  it("is true: whoever asks that way gets what it says", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...pairs),
        fc.constantFrom("homeware", "software", "cosmetics", "fresh"),
        fc.boolean(),
        fc.integer({ min: 0, max: 120 }),
        ({ market, kind, reason }, category, opened, day) => {
          const ask = (over: { opened?: boolean; tier?: string; day?: number }) =>
            judged(
              order(market, [line({ category }, market)], delivered, { tier: over.tier ?? "NONE" }),
              asked(kind, { reason, opened: over.opened ?? opened }),
              on(over.day ?? day),
            ).lines[0];
          for (const { fact, actual, needed, verdict, rule } of ask({})?.counterfactuals ?? []) {
            if (fact === "delivered" || fact === "listed") continue;
            const over = {
              ask_time: { day: day - Number(actual) },
              opened: { opened: needed === "true" },
              tier: { tier: needed },
            }[fact];
            const then = ask(over);
            assert.deepEqual([then?.verdict, then?.rule], [verdict, rule]);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});
