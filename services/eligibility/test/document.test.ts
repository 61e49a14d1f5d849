// Documents that must not become drafts, each with the place and the reason the author is told.
import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { parseDocument } from "../core/document.js";
import { assertSound, lint } from "../core/lint.js";
import { changed, documentOf, jsonOf, ruleAt, rulesOf } from "./builders.js";

const broken = (json: string): { path?: string; problem?: string } => {
  let caught: unknown;
  assert.throws(
    () => assertSound(parseDocument(json)),
    (error) => {
      caught = error;
      return error instanceof DomainError && error.reason === "POLICY_BROKEN";
    },
  );
  return (caught as DomainError).metadata;
};

const terms = rulesOf("terms");
const verdict = rulesOf("verdict");
const window = rulesOf("window");
const last = { window: 4, verdict: 18, terms: 11 }; // of KR
const tooLate = ruleAt("KR", "verdict", "kr-too-late");
const plus = ruleAt("KR", "terms", "kr-terms-plus");

/** What is broken → where and what the author is told. All of it in Korea's document. */
const cases: [title: string, path: string, value: unknown, where: string, problem: RegExp][] = [
  ["a missing field", "market", undefined, "market", /two capitals, not nothing/],
  ["a market in small letters", "market", "kr", "market", /two capitals, not "kr"/],
  ["a market whose law nobody wrote down", "market", "JP", "market", /law of JP is not known/],
  [
    "a field nobody knows",
    "fulfilment.handover_day",
    14,
    "fulfilment.handover_day",
    /no such field; known: .*handover_days/,
  ],
  ["a currency that is none", "currency", "WON", "currency", /ISO 4217/],
  ["a day without its zone", "effective_time", "2020-01-01", "effective_time", /such as 2020-01-01T00:00:00\+09:00/],
  [
    "a number in quotes",
    "fulfilment.handover_days",
    "14",
    "fulfilment.handover_days",
    /whole number from 1 to 366, not "14"/,
  ],
  [
    "a fault nobody knows",
    "reasons[0].leaves[0].fault",
    "BUYER",
    "reasons[0].leaves[0].fault",
    /one of CUSTOMER, SELLER/,
  ],
  ["a leaf for no kind", "reasons[0].leaves[0].kinds", [], "reasons[0].leaves[0].kinds", /1 or more/],
  [
    "a leaf that stands there twice",
    "reasons[0].leaves[0].code",
    "STYLE",
    "reasons[0].leaves[7].code",
    /STYLE stands there twice/,
  ],
  [
    "a leaf without a text",
    "reasons[1].leaves[0].texts",
    { ko: "불량" },
    "reasons[1].leaves[0].texts",
    /no text in en/,
  ],
  [
    "a language nobody speaks here",
    "reasons[1].texts.ja",
    "x",
    "reasons[1].texts.ja",
    /not a language of the document/,
  ],
  [
    "a cancellation that could not go on as a return",
    "reasons[0].leaves[0].kinds",
    ["CANCELLATION"],
    "reasons[0].leaves[0].kinds",
    /must hold RETURN as well/,
  ],
  [
    "a return of goods that never came",
    "reasons[2].leaves[2].kinds",
    ["CLAIM", "RETURN"],
    "reasons[2].leaves[2].kinds",
    /a CLAIM only, not a RETURN/,
  ],
  [
    "reminders out of order",
    "fulfilment.reminder_days",
    [3, 7],
    "fulfilment.reminder_days[1]",
    /fall from one to the next/,
  ],
  [
    "a reminder before the request",
    "fulfilment.reminder_days",
    [14],
    "fulfilment.reminder_days[0]",
    /less than handover_days/,
  ],
  [
    "keep-the-item as a way to collect",
    "fulfilment.collection_methods",
    ["NONE"],
    "fulfilment.collection_methods",
    /terms table/,
  ],
  [
    "a function node",
    "tables.terms.nodes[1].type",
    "functionNode",
    "tables.terms.nodes[1].type",
    /one of inputNode, decisionTableNode/,
  ],
  ["two tables in one", "tables.window.nodes[0].type", "outputNode", "tables.window.nodes", /one inputNode, holds 0/],
  [
    "a table nobody reaches",
    "tables.window.edges[0].targetId",
    "answer",
    "tables.window.edges",
    /from the input to the table/,
  ],
  [
    "rules that collect",
    "tables.verdict.nodes[1].content.hitPolicy",
    "collect",
    "tables.verdict.nodes[1].content.hitPolicy",
    /one of first/,
  ],
  [
    "a loop over something",
    "tables.verdict.nodes[1].content.executionMode",
    "loop",
    "tables.verdict.nodes[1].content.executionMode",
    /"single" or absent/,
  ],
  [
    "a column nobody fills",
    "tables.window.nodes[1].content.inputs[3].field",
    "risk_score",
    "tables.window.nodes[1].content.inputs[3].field",
    /window has no risk_score here/,
  ],
  [
    "a table without an answer",
    "tables.terms.nodes[1].content.outputs[5].field",
    "collect",
    "tables.terms.nodes[1].content.outputs[5].field",
    /collect stands there twice/,
  ],
  ["a cell without a column", `${window}[1].teir`, '"PLUS"', `${window}[1].teir`, /no column has this id/],
  ["a cell that is missing", `${window}[3].never_came`, undefined, `${window}[3].never_came`, /is missing: zen takes/],
  [
    "a cell that does not parse",
    `${plus}.tier`,
    "((",
    `${plus}.tier`,
    /does not work as a condition: Unexpected token/,
  ],
  ["an unclosed text", `${plus}.tier`, '"PLUS', `${plus}.tier`, /does not work as a condition: Unexpected EOF/],
  ["a word without its quotes", `${plus}.tier`, "PLUS", `${plus}.tier`, /can never fit/],
  ["a comparison of text", `${plus}.tier`, "> 5", `${plus}.tier`, /does not work as a condition/],
  ["a yes in quotes", `${verdict}[0].delivered`, '"true"', `${verdict}[0].delivered`, /"true" can never fit/],
  [
    "a misspelt kind",
    `${verdict}[0].kind`,
    '"CANCELATION"',
    `${verdict}[0].kind`,
    /"CANCELATION" is no kind; known: CANCELLATION, RETURN/,
  ],
  [
    "a misspelt reason among good ones",
    `${ruleAt("KR", "terms", "kr-terms-keep")}.reason`,
    '"DEFECTIVE", "DAMAGED"',
    `${ruleAt("KR", "terms", "kr-terms-keep")}.reason`,
    /"DAMAGED" is no reason/,
  ],
  ["a condition that is none", `${plus}.risk_score`, ">= 0", `${plus}.risk_score`, /fits everything: leave it empty/],
  ["an answer that does not parse", `${terms}[0].collect`, "5 +", `${terms}[0].collect`, /does not work as an answer/],
  [
    "an answer without its quotes",
    `${tooLate}.verdict`,
    "DECLINE",
    `${tooLate}.verdict`,
    /DECLINE is no value: write null, or put words in quotes/,
  ],
  ["an answer that is missing", `${tooLate}.verdict`, undefined, `${tooLate}.verdict`, /does not work as an answer/],
  [
    "an answer nobody knows",
    `${tooLate}.verdict`,
    '"NO"',
    `${tooLate}.verdict`,
    /must be one of ACCEPT, REVIEW, DECLINE, not "NO"/,
  ],
  ["half a day", `${window}[3].days`, "7.5", `${window}[3].days`, /whole number from 0 to 3660, or null, not 7.5/],
  ["days and months", `${window}[3].months`, "1", `${window}[3]`, /both days and months/],
  ["a review of nothing", `${window}[0].review_months`, "6", `${window}[0]`, /no window before it/],
  [
    "a refund at a receipt that never comes",
    `${terms}[0].refund_trigger`,
    '"ON_RECEIPT"',
    `${terms}[0]`,
    /nothing is collected, so ON_RECEIPT never comes/,
  ],
  ["a fee without a name", `${terms}[11].fee_minor`, "100", `${terms}[11]`, /both be set/],
  [
    "a last rule with a condition",
    `${window}[${last.window}].tier`,
    '"PLUS"',
    `${window}[${last.window}]`,
    /last rule must fit everything/,
  ],
  ["a rule that hides the others", `${window}[1].never_came`, "", `${window}[1]`, /rules after it never fire/],
  [
    "a rule without an id",
    `${window}[1]._id`,
    undefined,
    `${window}[1]._id`,
    /a rule id such as kr-too-late, not nothing/,
  ],
  [
    "a rule that stands there twice",
    `${window}[1]._id`,
    "kr-cancel",
    `${verdict}[2]._id`,
    /kr-cancel stands there twice/,
  ],
  ["another market's rule", `${window}[1]._id`, "gb-window", `${window}[1]._id`, /must begin with kr-/],
  [
    "a rule without its article",
    "rules.kr-too-late",
    undefined,
    `${tooLate}._id`,
    /kr-too-late has no article and text/,
  ],
  ["an article that is empty", "rules.kr-too-late.article", "", "rules.kr-too-late.article", /must be a text/],
  [
    "a rule that stands nowhere",
    "rules.kr-old",
    { article: "x", texts: { ko: "x", en: "x" } },
    "rules.kr-old",
    /stands in no table/,
  ],
  ["a decline without its text", "rules.kr-too-late.texts.ko", undefined, "rules.kr-too-late.texts", /no text in ko/],
];

describe("a broken document", () => {
  for (const [title, path, value, where, problem] of cases) {
    it(`with ${title} is refused, at ${where}`, () => {
      const metadata = broken(changed("KR", path, value));
      assert.equal(metadata.path, where);
      assert.match(metadata.problem ?? "", problem);
    });
  }
  it("that is no JSON is refused", () => {
    assert.deepEqual(broken("{").path, "document");
    assert.match(broken("[]").problem ?? "", /must be an object/);
  });
  it("has the last rule of each table where these tests say", () => {
    const { tables } = documentOf("KR");
    const at = Object.fromEntries(Object.entries(tables).map(([name, { rules }]) => [name, rules.length - 1]));
    assert.deepEqual(at, last);
  });
  it("is told all that is wrong with it at once", () => {
    const json = JSON.parse(jsonOf("KR"));
    json.rules["kr-too-late"].texts.ko = undefined;
    json.fulfilment.reminder_days = [3, 7];
    const document = parseDocument(JSON.stringify(json));
    assert.equal(lint(document).length, 2);
    assert.throws(
      () => assertSound(document),
      /mend 2 in the document: fulfilment.reminder_days\[1\]: .* · rules.kr-too-late/,
    );
  });
  it("with a fee that cannot be paid in whole dollars is refused", () => {
    const row = ruleAt("TW", "terms", "tw-terms-default");
    const json = JSON.parse(changed("TW", `${row}.fee_minor`, "150"));
    json.tables.terms.nodes[1].content.rules.at(-1).fee_code = '"RETURN_SHIPPING"';
    assert.match(broken(JSON.stringify(json)).problem ?? "", /150 cannot be paid in TWD/);
  });
});
