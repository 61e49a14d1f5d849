// The law where the policy in force says less: an old version, or one that slipped through, gives way to it.
import assert from "node:assert/strict";
import { decide } from "../core/decide.js";
import { parseDocument } from "../core/document.js";
import { compile } from "../core/engine.js";
import type { Notice } from "../core/periods.js";
import { asked, calendars, changed, line, type Market, order, ruleAt } from "./builders.js";

const delivered = "2026-06-02T03:00:00Z";
const on = (day: number) => new Date(Date.parse(delivered) + day * 86_400_000);

/** What a document that was changed at one place answers on a day after delivery. */
function answered(
  market: Market,
  path: string,
  value: unknown,
  day: number,
  reason = "NO_LONGER_NEEDED",
  notice: Notice = "WITH_ORDER",
) {
  const policy = compile(parseDocument(changed(market, path, value)));
  const bought = order(market, [line({}, market)], delivered, { notice });
  return decide(policy, calendars[market], bought, asked("RETURN", { reason }), on(day));
}

describe("the law", () => {
  const short = [`${ruleAt("KR", "window", "kr-window-withdrawal")}.days`, "3"] as const;

  it("grants what an old version declines, and says by which article", () => {
    const [first] = answered("KR", ...short, 6).lines;
    assert.deepEqual(
      [first?.verdict, first?.rule, first?.article],
      ["ACCEPT", "kr-law-withdrawal", "E-Commerce Act art. 17(1)"],
    );
    assert.equal(first?.statutory, true);
    assert.ok(first?.fired.some(({ table, rule }) => table === "law" && rule === "kr-law-withdrawal"));
    assert.match(first?.texts["ko-KR"] ?? "", /7일/);
  });
  it("grants it as long as it says, and not a day longer", () => {
    assert.equal(answered("KR", ...short, 7).verdict, "ACCEPT");
    assert.equal(answered("KR", ...short, 8).verdict, "DECLINE");
  });
  it("drops a charge that it forbids", () => {
    const at = `${ruleAt("TW", "terms", "tw-terms-default")}`;
    const document = JSON.parse(changed("TW", `${at}.fee_code`, '"RETURN_SHIPPING"'));
    const rows = document.tables.terms.nodes[1].content.rules;
    rows.at(-1).fee_minor = "10000";
    const policy = compile(parseDocument(JSON.stringify(document)));
    const bought = order("TW", [line({}, "TW")], delivered);
    const { terms, lines } = decide(
      policy,
      calendars.TW,
      bought,
      asked("RETURN", { reason: "NO_LONGER_NEEDED" }),
      on(1),
    );
    assert.deepEqual(terms?.fees, []);
    assert.equal(lines[0]?.statutory, true);
  });
  it("leaves alone what the policy grants itself", () => {
    const [first] = answered("KR", ...short, 1).lines;
    assert.deepEqual([first?.rule, first?.statutory], ["kr-withdrawal", false]);
  });
});

describe("who was not told of the right", () => {
  const same = ["name", "as shipped"] as const;

  it("has 4 months more in Taiwan, counted from the end of the window", () => {
    // 2 June, 10 days: 12 June; 4 months more: 12 October, a Monday.
    assert.equal(answered("TW", ...same, 132, undefined, "NEVER").verdict, "ACCEPT");
    assert.equal(answered("TW", ...same, 133, undefined, "NEVER").verdict, "DECLINE");
    assert.equal(answered("TW", ...same, 133).verdict, "DECLINE");
  });
  it("has the window anew from the day they were told", () => {
    const told = on(40);
    assert.equal(answered("TW", ...same, 50, undefined, told).verdict, "ACCEPT");
    assert.equal(answered("TW", ...same, 53, undefined, told).verdict, "DECLINE");
  });
  it("never has less than whoever was told with the order", () => {
    assert.equal(answered("TW", ...same, 10, undefined, on(-1)).verdict, "ACCEPT");
    assert.equal(answered("TW", ...same, 10, undefined, on(1)).verdict, "ACCEPT");
  });
  it("has 12 months more in Great Britain", () => {
    assert.equal(answered("GB", ...same, 360, undefined, "NEVER").verdict, "ACCEPT");
    assert.equal(answered("GB", ...same, 430, undefined, "NEVER").verdict, "DECLINE");
  });
});
