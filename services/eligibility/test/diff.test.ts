import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { diffTable } from "../core/diff/tables.js";
import { type Change, diff } from "../core/diff.js";
import { type DecisionTable, parseDocument } from "../core/document.js";
import { changed, documentOf, jsonOf, markets } from "./builders.js";

type Cells = Record<string, string>;

/** A small verdict table; cells that are not said are empty. */
const table = (...rules: (Cells & { readonly _id: string })[]): DecisionTable => ({
  path: "tables.verdict.nodes[1].content",
  inputs: ["category", "opened", "tier", "line_minor"].map((field) => ({ id: field, field })),
  outputs: [{ id: "verdict", field: "verdict" }],
  rules: rules.map((cells) => ({ category: "", opened: "", tier: "", line_minor: "", verdict: '"ACCEPT"', ...cells })),
});
/** The same with what windows or terms answer. */
const answering = (answers: Cells, name = "kr-a"): DecisionTable => ({
  ...table({ _id: name, ...answers }),
  outputs: Object.keys(answers).map((field) => ({ id: field, field })),
});
const told = (older: DecisionTable, newer: DecisionTable, name: "verdict" | "window" | "terms" = "verdict") => [
  ...diffTable({ name, older, newer, currency: "KRW" }),
];
const sentences = (...tables: Parameters<typeof told>) => told(...tables).map(({ text }) => text);

/** What Korea's document says anew after one change of its JSON. */
const after = (path: string, value: unknown): Change[] =>
  diff(documentOf("KR"), parseDocument(changed("KR", path, value)));
const textsAfter = (path: string, value: unknown) => after(path, value).map(({ text }) => text);

describe("the difference between two policies", () => {
  it("is nothing between documents that say the same", () => {
    for (const market of markets) assert.deepEqual(diff(documentOf(market), documentOf(market)), []);
    assert.deepEqual(
      after("tables.window.nodes[1].position.x", 999),
      [],
      "where the editor draws a table says nothing",
    );
  });

  describe("in a table", () => {
    const [a, b, c] = [{ _id: "kr-a" }, { _id: "kr-b" }, { _id: "kr-c", verdict: '"DECLINE"' }];

    it("says what a rule gives instead", () => {
      assert.deepEqual(told(answering({ days: "30" }), answering({ days: "45" }), "window"), [
        {
          path: "tables.verdict.nodes[1].content.rules[0].days",
          ruleId: "kr-a",
          text: "window: rule kr-a gives 45 days instead of 30",
        },
      ]);
      assert.deepEqual(
        sentences(answering({ days: "30", months: "null" }), answering({ days: "null", months: "3" }), "window"),
        ["window: rule kr-a gives no days instead of 30", "window: rule kr-a gives 3 months instead of none"],
      );
      assert.deepEqual(sentences(table(c), table({ ...c, verdict: '"REVIEW"' })), [
        "verdict: rule kr-c answers verdict REVIEW instead of DECLINE",
      ]);
      assert.deepEqual(
        sentences(
          answering({ fee_minor: "3000", collect: "true", methods: '["DROP_OFF_CVS"]' }),
          answering({ fee_minor: "2500", collect: "false", methods: '["DROP_OFF_CVS", "CUSTOMER_SHIPS"]' }),
          "terms",
        ),
        [
          "terms: rule kr-a answers fee minor ₩2,500 instead of ₩3,000",
          "terms: rule kr-a answers collect no instead of yes",
          "terms: rule kr-a answers methods DROP_OFF_CVS, CUSTOMER_SHIPS instead of DROP_OFF_CVS",
        ],
      );
    });

    it("says what a rule asks", () => {
      const asks = (before: Cells, now: Cells) => sentences(table({ ...a, ...before }), table({ ...a, ...now }));
      assert.deepEqual(asks({}, { opened: "false" }), ["verdict: rule kr-a asks besides: not opened"]);
      assert.deepEqual(asks({ opened: "true" }, {}), ["verdict: rule kr-a no longer asks: opened"]);
      assert.deepEqual(asks({ opened: "true" }, { opened: "false" }), [
        "verdict: rule kr-a asks: not opened instead of opened",
      ]);
      assert.deepEqual(asks({}, { category: '"fresh", "toys"', tier: '!= "PLUS"', line_minor: "< 30000" }), [
        'verdict: rule kr-a asks besides: category is "fresh" or "toys"',
        'verdict: rule kr-a asks besides: tier is not "PLUS"',
        "verdict: rule kr-a asks besides: paid for the line < ₩30,000",
      ]);
      assert.deepEqual(asks({ category: '"fresh","toys"' }, { category: '"fresh", "toys"' }), [
        'verdict: rule kr-a has category written as "\\"fresh\\", \\"toys\\"" instead of "\\"fresh\\",\\"toys\\""',
      ]);
    });

    it("says which rule is new or gone, where it stands, and all that it says", () => {
      const added = { _id: "kr-x", category: '"fresh"', opened: "true", verdict: '"DECLINE"' };
      const path = "tables.verdict.nodes[1].content.rules[1]";
      const text = 'if category is "fresh" and opened → verdict DECLINE';
      assert.deepEqual(told(table(a, c), table(a, added, c)), [
        { path, ruleId: "kr-x", text: `verdict: new rule kr-x before kr-c: ${text}` },
      ]);
      assert.deepEqual(told(table(a, added, c), table(a, c)), [
        { path, ruleId: "kr-x", text: `verdict: rule kr-x is gone: ${text}` },
      ]);
      assert.deepEqual(sentences(table(a), table(a, c)), [
        "verdict: new rule kr-c as the last: always → verdict DECLINE",
      ]);
    });

    it("says which rules moved, and no more than did", () => {
      assert.deepEqual(sentences(table(a, b, c), table(b, c, a)), ["verdict: rule kr-a moved down, as the last"]);
      assert.deepEqual(sentences(table(a, b, c), table(c, a, b)), ["verdict: rule kr-c moved up, before kr-a"]);
    });

    it("says which columns are new, gone or in another order", () => {
      const less = { ...table(a), inputs: table(a).inputs.slice(1) };
      assert.deepEqual(sentences(less, table(a))[0], "verdict: question category is new");
      assert.deepEqual(sentences(table(a), less)[0], "verdict: question category is gone");
      const turned = { ...table(a), inputs: table(a).inputs.toReversed() };
      assert.match(
        sentences(table(a), turned)[0] ?? "",
        /questions in another order: category, opened, .* → line_minor/,
      );
    });

    it("explains any new order of rules by those that left their place", () => {
      const rules = Array.from({ length: 12 }, (_, i) => ({ _id: `kr-${i}` }));
      const ids = (list: readonly { _id: string }[]) => list.map(({ _id }) => _id);
      fc.assert(
        fc.property(fc.shuffledSubarray(rules, { minLength: rules.length }), (order) => {
          const moved = new Set(told(table(...rules), table(...order)).map(({ ruleId }) => ruleId));
          assert.equal(moved.size === 0, ids(order).join() === ids(rules).join());
          const rest = (list: typeof rules) => ids(list).filter((id) => !moved.has(id));
          assert.deepEqual(rest(order), rest(rules));
        }),
      );
    });
  });

  it("says what became of a reason", () => {
    const leaf = "reasons[0].leaves[0]";
    const { code, evidence } = documentOf("KR").reasons[0]!.leaves[0]!;
    assert.deepEqual(after(`${leaf}.fault`, "GENERAL"), [
      { path: `${leaf}.fault`, ruleId: "", text: `reason ${code}: fault: CUSTOMER → GENERAL` },
    ]);
    const note = evidence.note ? "yes" : "no";
    assert.deepEqual(textsAfter(`${leaf}.evidence.photos`, 9), [
      `reason ${code}: evidence: (photos ${evidence.photos}, note ${note}) → (photos 9, note ${note})`,
    ]);
    const json = JSON.parse(jsonOf("KR"));
    json.reasons[1].leaves.push(...json.reasons[0].leaves.splice(0, 1));
    assert.deepEqual(
      diff(documentOf("KR"), parseDocument(JSON.stringify(json))).map(({ text }) => text),
      [`reason ${code}: group: ${json.reasons[0].group} → ${json.reasons[1].group}`],
    );
  });

  it("quotes texts before and after, in their language", () => {
    const { rules, notices } = documentOf("KR");
    assert.deepEqual(after("rules.kr-too-late.texts.en-GB", "Too late."), [
      {
        path: "rules.kr-too-late.texts.en-GB",
        ruleId: "kr-too-late",
        text: `text of kr-too-late in en-GB changed from “${rules["kr-too-late"]?.texts["en-GB"]}” to “Too late.”`,
      },
    ]);
    assert.deepEqual(textsAfter("notices.toys", "장난감 안내"), ["notice for toys is new: “장난감 안내”"]);
    assert.deepEqual(textsAfter("notices.fresh", undefined), [`notice for fresh is gone; it was “${notices.fresh}”`]);
  });

  it("says what became of clocks, tiers, the hand-over and the law", () => {
    const { article } = documentOf("KR").clocks.refund;
    assert.deepEqual(textsAfter("clocks.refund.days", 5), [
      `time for the refund: 3 business days (${article}) → 5 business days (${article})`,
    ]);
    assert.deepEqual(textsAfter("handover.auto_withdrawal", false), ["handover auto withdrawal: yes → no"]);
    const { tiers } = documentOf("KR");
    assert.deepEqual(textsAfter("tiers", [...tiers, "GOLD"]), [
      `tiers: ${tiers.join(", ")} → ${[...tiers, "GOLD"].join(", ")}`,
    ]);
    const law = JSON.parse(readFileSync(new URL("../policies/floors.json", import.meta.url), "utf8")).KR;
    const longer = structuredClone(law);
    const at = law.rights.findIndex(({ days }: { days?: number }) => days === 7);
    longer.rights[at].days = 9;
    const withLaw = (value: unknown) => parseDocument(changed("KR", "law", value));
    const { id } = law.rights[at];
    assert.deepEqual(diff(withLaw(law), withLaw(longer)), [
      { path: `law.rights[${at}].days`, ruleId: "", text: `law rights ${id} days: 7 → 9` },
    ]);
    assert.match(diff(documentOf("KR"), withLaw(law))[0]?.text ?? "", /^law: none → \(/);
  });

  for (const market of markets) {
    it(`misses no place of ${market}'s document: whatever is changed alone has its line`, () => {
      const older = documentOf(market);
      let tried = 0;
      for (const { where, newer } of singleChanges(older)) {
        const changes = diff(older, newer);
        assert.ok(changes.length > 0, `nothing is said of ${where}`);
        for (const { text, path } of changes) assert.ok(text !== "" && path !== "", where);
        tried++;
      }
      assert.ok(tried > 2000, `only ${tried} changes were tried`);
      assert.deepEqual(diff(older, documentOf(market)), []);
    });
  }
});

// biome-ignore lint/suspicious/noExplicitAny: whatever stands in a document
type Any = any;

/**
 * A value with one change: a leaf made another one, an item of a list taken out, doubled or put behind its neighbour. Of
 * the tables only what may say more than one thing. Whatever is not changed is shared.
 */
function* singleChanges(value: Any, path = ""): Generator<{ where: string; newer: Any }> {
  if (/^tables\.\w+\.(?!inputs|outputs|rules)/.test(path)) return;
  for (const newer of otherThan(value)) yield { where: `${path} = ${JSON.stringify(newer)}`, newer };
  if (typeof value !== "object" || value === null || value instanceof Date) return;
  for (const [key, item] of Object.entries(value)) {
    const inside = Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    for (const { where, newer } of singleChanges(item, inside)) {
      yield { where, newer: Array.isArray(value) ? value.with(Number(key), newer) : { ...value, [key]: newer } };
    }
  }
}

function otherThan(value: Any): Any[] {
  if (typeof value === "string") return [`${value}x`, ""].filter((other) => other !== value);
  if (typeof value === "number") return [value + 1];
  if (typeof value === "boolean") return [!value];
  if (value instanceof Date) return [new Date(value.getTime() + 1)];
  if (Array.isArray(value)) return value.flatMap((_, at) => [value.toSpliced(at, 1), ...turned(value, at)]);
  if (value === null) return [{ days: 1, business_days: false, article: "x" }];
  return value === undefined ? ["x"] : [];
}

function turned(list: Any[], at: number): Any[][] {
  const doubled = list.toSpliced(at, 0, list[at]);
  return at + 1 < list.length ? [doubled, list.toSpliced(at, 2, list[at + 1], list[at])] : [doubled];
}
