// A policy may give more than the law, never less. Each right, exemption and number of each market's law is undercut by a
// draft (undercut.ts), and a few more here as an author might think of them.
import assert from "node:assert/strict";
import { calendarOf } from "#kit/pure/calendar.js";
import { type PolicyDocument, parseDocument } from "../core/document.js";
import { compile, compileAlone, type Policy } from "../core/engine.js";
import type { LineView } from "../core/facts.js";
import { judge } from "../core/judge.js";
import { lawOf } from "../core/law.js";
import { momentsOf } from "../core/lint/moments.js";
import { trialOf } from "../core/lint/trial.js";
import { type Finding, findings } from "../core/lint.js";
import { documentOf, type Market, markets } from "./builders.js";
import { addRule, type Json, lawIn, planted, rowOf, windowOf } from "./plants.js";
import { draftsOf } from "./undercut.js";

/** As an author might think of them. */
const more: [title: string, market: Market, change: (json: Json) => void, article: RegExp, shows: RegExp][] = [
  [
    "7 days for what was opened only to look at it",
    "KR",
    (json) =>
      addRule(json, "verdict", "kr-new", { kind: '"RETURN"', opened: "true", verdict: '"DECLINE"' }, "kr-withdrawal"),
    /art. 17\(1\)/,
    /A RETURN for .*, opened, delivered on .*: kr-new declines it/,
  ],
  [
    "no for customers of high risk",
    "KR",
    (json) => addRule(json, "verdict", "kr-new", { risk_score: "> 95", verdict: '"DECLINE"' }),
    /art. 17\(1\)/,
    /risk 96.*: kr-new declines it/,
  ],
  [
    "no for expensive goods",
    "GB",
    (json) => addRule(json, "verdict", "gb-new", { kind: '"RETURN"', line_minor: "> 500000", verdict: '"DECLINE"' }),
    /reg. 30/,
    /costing £5,000.01.*: gb-new declines it/,
  ],
  [
    "no for a category that the law does not name",
    "TW",
    (json) => addRule(json, "verdict", "tw-new", { kind: '"RETURN"', category: '"electronics"', verdict: '"DECLINE"' }),
    /art. 19\(1\)/,
    /category electronics.*: tw-new declines it/,
  ],
  [
    "no for a final sale that is not made to order",
    "TW",
    (json) => addRule(json, "verdict", "tw-new", { kind: '"RETURN"', final_sale: "true", verdict: '"DECLINE"' }),
    /art. 19\(1\)/,
    /final sale.*: tw-new declines it/,
  ],
  [
    "no for an exception that customers are not told of",
    "TW",
    (json) => {
      rowOf(json, "verdict", "tw-hygiene-unsealed").told = "";
      delete json.notices.hygiene;
    },
    /art. 19\(1\)/,
    /category hygiene, opened, delivered on .*: tw-hygiene-unsealed declines it/,
  ],
  [
    "no for software that was opened, where nobody was told",
    "KR",
    (json) => {
      rowOf(json, "verdict", "kr-software-opened").told = "";
      delete json.notices.software;
    },
    /art. 17\(1\)/,
    /category software, opened, delivered on .*: kr-software-opened declines it/,
  ],
  [
    "fewer days where goods come from abroad",
    "KR",
    (json) =>
      addRule(json, "window", "kr-new", {
        nonconforming: "false",
        kind: '"RETURN"',
        fulfilment: '"DIRECT"',
        ...windowOf({ days: "6" }),
      }),
    /art. 17\(1\)/,
    /fulfilment DIRECT, delivered on .*, asked for on /,
  ],
  [
    "a claim that ends with the review",
    "GB",
    (json) => {
      rowOf(json, "window", "gb-window-faulty").review_months = "12";
    },
    /s. 22\(3\)/,
    /gb-faulty-too-late declines it, though the law gives until/,
  ],
];

const typed = ([field, value]: [string, string]): [string, unknown] => {
  if (value === "true" || value === "false") return [field, value === "true"];
  return [field, /^\d+$/.test(value) ? Number(value) : value];
};

const withoutHolidays = ({ market, civil }: PolicyDocument) => {
  const years = { from: "2000-01-01", to: "2099-12-31", holidays: {}, workdays: {} };
  return calendarOf({ market, version: "none", ...years, timeZone: civil.time_zone, weekend: civil.weekend });
};

/** A PLUS member's homeware of our own, sent back for no reason. */
const plus: LineView = {
  kind: "RETURN",
  reason: "NO_LONGER_NEEDED",
  group: "CHANGE_OF_MIND",
  fault: "CUSTOMER",
  nonconforming: false,
  never_came: false,
  category: "homeware",
  item_class: "NONE",
  temperature: "AMBIENT",
  seller_type: "SHOP",
  fulfilment: "OWN",
  delivered: true,
  tier: "PLUS",
  opened: false,
  told: false,
  final_sale: false,
  listed: "NONE",
  line_minor: 5_000,
  risk_score: 0,
  replacement: false,
  exchanged: 0,
};

describe("the floor of the law", () => {
  const below = (found: readonly Finding[]) => found.filter(({ code }) => code === "BELOW_FLOOR");

  for (const market of markets) {
    for (const { title, change, article, path, shows } of draftsOf(market)) {
      it(`in ${market} refuses ${title} (${article})`, () => {
        const { json, found } = planted(market, change);
        const told = below(found).filter((finding) => finding.path === path(json) && finding.article === article);
        assert.ok(told.length > 0, JSON.stringify(found, null, 1));
        const shown = told.map(({ counterexample }) => counterexample?.text ?? "");
        assert.ok(
          shown.some((sentence) => shows.test(sentence)),
          shown.join("\n"),
        );
      });
    }
    it(`in ${market} is met by the shipped document`, () => {
      assert.deepEqual(below(findings(documentOf(market))), []);
    });
  }

  for (const [title, market, change, article, shows] of more) {
    it(`in ${market} refuses ${title}`, () => {
      const told = below(planted(market, change).found);
      assert.ok(
        told.some((finding) => article.test(finding.article) && shows.test(finding.counterexample?.text ?? "")),
        JSON.stringify(told, null, 1),
      );
    });
  }

  it("is one finding for one mistake: a last day that does not move shortens no window besides", () => {
    const { found } = planted("KR", (json) => Object.assign(json.window, { last_day_moves: false }));
    assert.deepEqual(
      below(found).map(({ path }) => path),
      ["window.last_day_moves"],
    );
  });

  it("names every right that a draft takes away, not only the first", () => {
    const { found } = planted("KR", (json) =>
      addRule(json, "verdict", "kr-new", { opened: "false", verdict: '"DECLINE"' }),
    );
    const articles = below(found).map(
      ({ article, message }) => `${article} ${/takes away ([^:]*):/.exec(message)?.[1]}`,
    );
    assert.deepEqual(
      articles,
      lawIn("KR").rights.map(({ article, about }: Json) => `${article} ${about}`),
    );
  });

  it("shows an order that the law grants and the draft does not, down to the day", () => {
    const { found } = planted("KR", (json) => {
      rowOf(json, "window", "kr-window-withdrawal").days = "6";
    });
    const [told, ...more] = below(found);
    assert.deepEqual(more, []);
    assert.equal(told?.article, "E-Commerce Act art. 17(1)");
    const { kind, facts, delivered, asked } = told?.counterexample ?? {};
    assert.deepEqual([kind, facts?.nonconforming, facts?.delivered], ["RETURN", "false", "true"]);
    const days = (Number(asked) - Number(delivered)) / 86_400_000;
    assert.ok(days > 6 && days < 10, `${days} days`); // seven, or until Monday where the seventh is a day of rest
    assert.match(
      told?.message ?? "",
      /takes away withdrawing for 7 days: kr-window-withdrawal ends on \S+, though the law/,
    );
  });

  it("shows orders that the engine declines by the draft alone, and grants by the law", () => {
    let shown = 0;
    for (const market of markets) {
      for (const { change } of draftsOf(market)) {
        const { json, found } = planted(market, change);
        const document = parseDocument(JSON.stringify(json));
        const denied = below(found).filter(({ message }) => message.startsWith("takes away"));
        for (const { counterexample } of denied) {
          // Who was told late, or found out early, is in the sentence only.
          if (!counterexample || /told of the right|found out/.test(counterexample.text)) continue;
          const { kind, reason, facts, delivered, asked } = counterexample;
          const view = { ...Object.fromEntries(Object.entries(facts).map(typed)), kind, reason } as LineView;
          const times = { start: delivered, known: undefined, notice: "WITH_ORDER" } as const;
          const answer = (policy: Policy) => judge(policy, withoutHolidays(document), view, times, asked);
          assert.equal(answer(compileAlone(document)).verdict, "DECLINE", counterexample.text);
          assert.equal(answer(compile(document)).verdict, "ACCEPT", counterexample.text);
          shown += 1;
        }
      }
    }
    assert.ok(shown >= 20, `${shown} orders`);
  });

  describe("where a policy counts days from when the customer knew, and the law does not", () => {
    const counting = (known_days: string) =>
      planted("KR", (json) => Object.assign(rowOf(json, "window", "kr-window-plus"), { known_days }));

    it("is held against those who found out before the goods came, with them, and after", () => {
      const document = parseDocument(JSON.stringify(counting("7").json));
      const law = lawOf(document);
      assert.ok(law);
      const row = compile(document).tables.window.answer({ ...plus, fault: "CUSTOMER" });
      assert.equal(row.known_days, 7);
      const when = momentsOf(trialOf(document, law), [row], ["verdict"]).map(({ times: { known, start } }) =>
        known && start ? Math.sign(known.getTime() - start.getTime()) : "nobody said",
      );
      assert.deepEqual(new Set(when), new Set(["nobody said", -1, 0, 1]));
    });
    it("refuses a day less", () => {
      const told = below(counting("6").found);
      assert.match(told[0]?.message ?? "", /takes away withdrawing for 7 days: kr-window-plus ends on/);
      assert.match(told[0]?.counterexample?.text ?? "", /found out on .*: kr-too-late declines it/);
    });
    it("has nothing to say of as many, and by the document alone nobody is declined in time", () => {
      const { json, found } = counting("7");
      assert.deepEqual(below(found), []);
      const policy = compileAlone(parseDocument(JSON.stringify(json)));
      const start = new Date("2026-06-01T10:00:00+09:00");
      const after = (days: number) => new Date(start.getTime() + days * 86_400_000);
      for (const known of [undefined, ...[-30, -1, -0.2, 0, 0.2, 3].map(after)]) {
        const times = { start, known, notice: "WITH_ORDER" } as const;
        const { verdict, rule } = judge(policy, withoutHolidays(policy.document), plus, times, after(7));
        assert.equal(verdict, "ACCEPT", `${rule}, known ${known?.toISOString()}`);
      }
    });
  });

  it("lets a policy give more than the law", () => {
    const generous: [Market, (json: Json) => void][] = [
      ["KR", (json) => Object.assign(rowOf(json, "window", "kr-window-withdrawal"), { days: "60" })],
      ["TW", (json) => Object.assign(json.clocks.refund, { days: 3 })],
      ["GB", (json) => Object.assign(rowOf(json, "verdict", "gb-software-unsealed"), { verdict: '"ACCEPT"' })],
      ["GB", (json) => Object.assign(json.window, { last_day_moves: true })],
      ["KR", (json) => Object.assign(json.window, { starts: "LAST_OF_ORDER" })],
      ["KR", (json) => Object.assign(json.deductions, { causes: [] })],
    ];
    for (const [market, change] of generous) assert.deepEqual(below(planted(market, change).found), []);
  });
});
