// A policy may give more than the law, never less. Each case takes a right away, in a way an author might think of.
import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { parseDocument } from "../core/document.js";
import { assertSound } from "../core/lint.js";
import { changed, jsonOf, type Market, ruleAt, rulesOf } from "./builders.js";

const below = (json: string): { article?: string; path?: string; message: string } => {
  let caught: DomainError | undefined;
  assert.throws(
    () => assertSound(parseDocument(json)),
    (error) => {
      caught = error as DomainError;
      return error instanceof DomainError && error.reason === "POLICY_BELOW_FLOOR";
    },
  );
  return { ...caught?.metadata, message: caught?.message ?? "" };
};

/** The document with one more rule before the others of a table. */
function withRule(market: Market, table: "verdict" | "terms", cells: Record<string, string>): string {
  const json = JSON.parse(jsonOf(market));
  const id = `${market.toLowerCase()}-new`;
  const { inputs, rules } = json.tables[table].nodes[1].content;
  const empty = Object.fromEntries(inputs.map((column: { id: string }) => [column.id, ""]));
  rules.unshift({ _id: id, ...empty, ...cells });
  json.rules[id] = { ...json.rules[`${market.toLowerCase()}-too-late`] };
  return JSON.stringify(json);
}
const free = { collect: "true", inspect: "true", refund_trigger: '"ON_INSPECTION"', exchange_mode: '"STANDARD"' };

const cases: [title: string, json: () => string, article: string, path: string][] = [
  [
    "a 6-day window in Korea",
    () => changed("KR", `${ruleAt("KR", "window", "kr-window-withdrawal")}.days`, "6"),
    "E-Commerce Act art. 17(1)",
    ruleAt("KR", "verdict", "kr-too-late"),
  ],
  [
    "a 6-day window for members in Taiwan",
    () => changed("TW", `${ruleAt("TW", "window", "tw-window-plus")}.days`, "6"),
    "Consumer Protection Act art. 19(1)",
    ruleAt("TW", "verdict", "tw-too-late"),
  ],
  [
    "a 13-day window in Great Britain",
    () => changed("GB", `${ruleAt("GB", "window", "gb-window-goodwill")}.days`, "13"),
    "Consumer Contracts Regulations 2013 reg. 30",
    ruleAt("GB", "verdict", "gb-too-late"),
  ],
  [
    "2 months for goods not as agreed in Korea",
    () => {
      const json = JSON.parse(changed("KR", `${ruleAt("KR", "window", "kr-window-nonconforming")}.months`, "2"));
      json.tables.window.nodes[1].content.rules[2].review_months = "2";
      return JSON.stringify(json);
    },
    "E-Commerce Act art. 17(3)",
    ruleAt("KR", "verdict", "kr-nonconforming-too-late"),
  ],
  [
    "a year for faulty goods in Great Britain",
    () => changed("GB", `${ruleAt("GB", "window", "gb-window-faulty")}.review_months`, "12"),
    "Consumer Rights Act 2015 s. 22(3); Limitation Act 1980 s. 5",
    ruleAt("GB", "verdict", "gb-faulty-too-late"),
  ],
  [
    "no for a customer of high risk",
    () => withRule("KR", "verdict", { risk_score: "> 95", verdict: '"DECLINE"' }),
    "E-Commerce Act art. 17(1)",
    `${rulesOf("verdict")}[0]`,
  ],
  [
    "no for what was opened",
    () => withRule("KR", "verdict", { kind: '"RETURN"', opened: "true", verdict: '"DECLINE"' }),
    "E-Commerce Act art. 17(1)",
    `${rulesOf("verdict")}[0]`,
  ],
  [
    "no for a category that the law does not name",
    () => withRule("TW", "verdict", { kind: '"RETURN"', category: '"electronics"', verdict: '"DECLINE"' }),
    "Consumer Protection Act art. 19(1)",
    `${rulesOf("verdict")}[0]`,
  ],
  [
    "no for a final sale that is not made to order",
    () => withRule("TW", "verdict", { kind: '"RETURN"', final_sale: "true", verdict: '"DECLINE"' }),
    "Consumer Protection Act art. 19(1)",
    `${rulesOf("verdict")}[0]`,
  ],
  [
    "no for expensive goods",
    () => withRule("GB", "verdict", { kind: '"RETURN"', line_minor: "> 500000", verdict: '"DECLINE"' }),
    "Consumer Contracts Regulations 2013 reg. 30",
    `${rulesOf("verdict")}[0]`,
  ],
  [
    "no for an exception that customers are not told of",
    () => {
      const json = JSON.parse(jsonOf("TW"));
      json.tables.verdict.nodes[1].content.rules.find((r: { _id: string }) => r._id === "tw-hygiene-unsealed").told =
        "";
      json.notices.hygiene = undefined;
      return JSON.stringify(json);
    },
    "Consumer Protection Act art. 19(1)",
    ruleAt("TW", "verdict", "tw-hygiene-unsealed"),
  ],
  [
    "no to a cancellation before delivery",
    () => changed("KR", `${ruleAt("KR", "verdict", "kr-cancel")}.verdict`, '"DECLINE"'),
    "E-Commerce Act art. 17(1)",
    ruleAt("KR", "verdict", "kr-cancel"),
  ],
  [
    "a fee in Taiwan",
    () => withRule("TW", "terms", { kind: '"RETURN"', ...free, fee_code: '"RETURN_SHIPPING"', fee_minor: "6000" }),
    "Consumer Protection Act art. 19(1)",
    `${rulesOf("terms")}[0]`,
  ],
  [
    "a fee for faulty goods, where a leaf blames the customer",
    () => {
      const json = JSON.parse(jsonOf("GB"));
      json.reasons[1].leaves[0].fault = "CUSTOMER";
      return JSON.stringify(json);
    },
    "Consumer Rights Act 2015 s. 20(8)",
    ruleAt("GB", "terms", "gb-terms-change-of-mind"),
  ],
  [
    "a fee that customers are not told of",
    () => changed("GB", "notices.return_fee", undefined),
    "Consumer Contracts Regulations 2013 reg. 35(5)",
    ruleAt("GB", "terms", "gb-terms-change-of-mind"),
  ],
  [
    "a refund after 4 business days in Korea",
    () => changed("KR", "fulfilment.refund_clock.days", 4),
    "E-Commerce Act art. 18(2)",
    "fulfilment.refund_clock",
  ],
  [
    "a refund after 15 business days in Taiwan",
    () => changed("TW", "fulfilment.refund_clock.business_days", true),
    "Consumer Protection Act art. 19-2(2)",
    "fulfilment.refund_clock",
  ],
  [
    "no time limit for collecting in Taiwan",
    () => changed("TW", "fulfilment.collection_clock", null),
    "Consumer Protection Act art. 19-2(1)",
    "fulfilment.collection_clock",
  ],
  [
    "a request that withdraws itself in Taiwan",
    () => changed("TW", "fulfilment.auto_withdrawal", true),
    "Consumer Protection Act art. 19(4)",
    "fulfilment.auto_withdrawal",
  ],
  [
    "10 days to hand over in Great Britain",
    () => changed("GB", "fulfilment.handover_days", 10),
    "Consumer Contracts Regulations 2013 reg. 35(4)",
    "fulfilment.handover_days",
  ],
  [
    "a window that ends on a holiday in Korea",
    () => changed("KR", "window.last_day_moves", false),
    "Civil Act art. 161",
    "window.last_day_moves",
  ],
  [
    "a window that starts with the first parcel in Great Britain",
    () => changed("GB", "window.starts", "LAST_OF_LINE"),
    "Consumer Contracts Regulations 2013 reg. 30(4)",
    "window.starts",
  ],
];

describe("the floor of the law", () => {
  for (const [title, json, article, path] of cases) {
    it(`refuses ${title}`, () => {
      const refused = below(json());
      assert.deepEqual({ article: refused.article, path: refused.path }, { article, path });
      assert.ok(refused.message.includes(article));
    });
  }
  it("says which line would lose its right", () => {
    const { message } = below(withRule("KR", "verdict", { risk_score: "> 95", verdict: '"DECLINE"' }));
    assert.match(message, /kr-new declines a (RETURN|CANCELLATION) for .*, risk 96/);
  });
  it("lets a policy give more than the law", () => {
    for (const json of [
      changed("KR", `${ruleAt("KR", "window", "kr-window-withdrawal")}.days`, "60"),
      changed("TW", "fulfilment.refund_clock.days", 3),
      changed("GB", `${ruleAt("GB", "verdict", "gb-software-unsealed")}.verdict`, '"ACCEPT"'),
    ]) {
      assert.doesNotThrow(() => assertSound(parseDocument(json)));
    }
  });
  it("does not try for ever: tables that tell too much apart are refused", () => {
    const withAmounts = (count: number) => {
      const amounts = Array.from({ length: count }, (_, i) => i * 10 + 7).join(", ");
      return parseDocument(withRule("KR", "verdict", { line_minor: amounts, verdict: '"REVIEW"' }));
    };
    const tooMany = (what: RegExp) => (error: unknown) =>
      error instanceof DomainError && error.reason === "POLICY_BROKEN" && what.test(error.message);
    assert.throws(() => assertSound(withAmounts(4000)), tooMany(/tell 12003 values apart, too many/));
    assert.throws(() => assertSound(withAmounts(160)), tooMany(/kinds of lines apart, too many/));
  });
});
