// Texts that have not the shape of a policy document, each with the place and the reason the author is told. What a
// document of the right shape may get wrong is in planted.test.ts, what it may not take away in floors.test.ts.
import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { parseDocument, reasonsOf } from "../core/document.js";
import { parseStored } from "../core/former.js";
import { findingsOfText } from "../core/lint.js";
import { changed, jsonOf, markets, ruleAt, rulesOf } from "./builders.js";

const broken = (json: string): { path?: string; problem?: string } => {
  let caught: unknown;
  assert.throws(
    () => parseDocument(json),
    (error) => {
      caught = error;
      return error instanceof DomainError && error.reason === "POLICY_BROKEN";
    },
  );
  return (caught as DomainError).metadata;
};

const content = (table: string) => `tables.${table}.nodes[1].content`;
const leaf = "reasons[0].leaves[0]";
const withdrawal = ruleAt("KR", "window", "kr-window-withdrawal");

/** What is broken, all of it in Korea's document → where and what the author is told. */
const cases: [title: string, path: string, value: unknown, where: string, problem: RegExp][] = [
  ["no market", "market", undefined, "market", /two capitals, not nothing/],
  ["a market in small letters", "market", "kr", "market", /two capitals, not "kr"/],
  [
    "a field nobody knows",
    "handover.days",
    14,
    "handover.days",
    /no such field; known: reminder_days, auto_withdrawal/,
  ],
  ["a currency that is none", "currency", "WON", "currency", /ISO 4217/],
  ["a place for a time zone", "civil.time_zone", "Seoul", "civil.time_zone", /"Seoul" is no time zone/],
  ["an eighth day of the week", "civil.weekend", [0, 7], "civil.weekend[1]", /whole number from 0 to 6, not 7/],
  ["a day without its zone", "effective_time", "2020-01-01", "effective_time", /such as 2020-01-01T00:00:00\+09:00/],
  ["a day that is none", "effective_time", "2020-13-01T00:00:00Z", "effective_time", /is no time/],
  ["no language", "languages", [], "languages", /must hold 1 or more/],
  ["a number in quotes", "clocks.refund.days", "3", "clocks.refund.days", /whole number from 0 to 366, not "3"/],
  ["a yes in quotes", "window.last_day_moves", "true", "window.last_day_moves", /true or false, not "true"/],
  [
    "a start nobody knows",
    "window.starts",
    "FIRST",
    "window.starts",
    /one of EACH_PARCEL, LAST_OF_LINE, LAST_OF_ORDER/,
  ],
  ["a fault nobody knows", `${leaf}.fault`, "BUYER", `${leaf}.fault`, /one of CUSTOMER, SELLER/],
  ["a leaf for no kind", `${leaf}.kinds`, [], `${leaf}.kinds`, /1 or more/],
  ["a leaf in small letters", `${leaf}.code`, "too_small", `${leaf}.code`, /such as SIZE_TOO_SMALL, not "too_small"/],
  ["a text that is empty", `${leaf}.texts.ko-KR`, "", `${leaf}.texts.ko-KR`, /must be a text, not ""/],
  ["eleven photos", `${leaf}.evidence.photos`, 11, `${leaf}.evidence.photos`, /from 0 to 10, not 11/],
  ["no phrase for a tier", "phrases.tier", undefined, "phrases.tier", /must be an object, not nothing/],
  ["a table too few", "tables.fault", undefined, "tables.fault", /must be an object, not nothing/],
  ["a table too many", "tables.score", {}, "tables.score", /no such field; known: fault, window/],
  [
    "two tables in one",
    "tables.window.nodes[0].type",
    "decisionTableNode",
    "tables.window.nodes[0].content",
    /an object/,
  ],
  [
    "a table without its input",
    "tables.window.nodes[0].type",
    "outputNode",
    "tables.window.nodes",
    /one inputNode, holds 0/,
  ],
  [
    "a node that is none",
    "tables.window.nodes[0].type",
    "input",
    "tables.window.nodes[0].type",
    /one of inputNode, dec/,
  ],
  [
    "a table nobody reaches",
    "tables.window.edges[0].targetId",
    "answer",
    "tables.window.edges",
    /from the input to the/,
  ],
  [
    "rules that collect",
    `${content("verdict")}.hitPolicy`,
    "collect",
    `${content("verdict")}.hitPolicy`,
    /one of first/,
  ],
  [
    "a loop over something",
    `${content("verdict")}.executionMode`,
    "loop",
    `${content("verdict")}.executionMode`,
    /must be "single" or absent/,
  ],
  [
    "an answer that lets the input through",
    `${content("terms")}.passThrough`,
    true,
    `${content("terms")}.passThrough`,
    /must be false or absent/,
  ],
  ["no rules", rulesOf("methods"), [], rulesOf("methods"), /must hold 1 or more/],
  ["a rule without an id", `${withdrawal}._id`, undefined, `${withdrawal}._id`, /such as kr-too-late, not nothing/],
  [
    "a condition longer than anybody reads",
    `${withdrawal}.category`,
    `"${"x".repeat(1_000)}"`,
    `${withdrawal}.category`,
    /has 1002 characters: keep to 1000, or split the rule into several/,
  ],
  [
    "brackets that would take zen's stack, and the process with it",
    `${withdrawal}.category`,
    `${"(".repeat(104_000)}true${")".repeat(104_000)}`,
    `${withdrawal}.category`,
    /has 208004 characters/,
  ],
  [
    "brackets nobody can follow",
    `${withdrawal}.category`,
    `not ("((" == $), ${"(".repeat(9)}true${")".repeat(9)}`,
    `${withdrawal}.category`,
    /nests brackets more than 8 deep: take out those it does not need/,
  ],
  [
    "an answer in as many",
    `${withdrawal}.days`,
    `${"[".repeat(9)}7${"]".repeat(9)}`,
    `${withdrawal}.days`,
    /nests brackets more than 8 deep/,
  ],
  ["a cell that is a number", `${withdrawal}.days`, 7, `${withdrawal}.days`, /must be a text, not 7/],
  ["an article that is empty", "rules.kr-too-late.article", "", "rules.kr-too-late.article", /must be a text/],
  ["a law without rights", "law", { rights: [] }, "law.window", /must be an object, not nothing/],
];

describe("a document", () => {
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
  it("that nests without end is refused, as a whole or in a field, also among those that are stored", () => {
    const deep = `${"[".repeat(90_000)}${"]".repeat(90_000)}`;
    const inField = jsonOf("GB").replace('"market": "GB"', `"market": ${deep}`);
    const inNotes = jsonOf("GB").replace('"nodes": [', `"notes": ${deep}, "nodes": [`);
    for (const json of [deep, inField, inNotes]) {
      assert.deepEqual(broken(json), { path: "document", problem: "nests more than 32 deep: write it flatter" });
      assert.deepEqual(
        findingsOfText(json).map(({ code }) => code),
        ["DOCUMENT_BROKEN"],
      );
      assert.throws(
        () => parseStored(json),
        (error) => error instanceof DomainError && error.reason === "POLICY_BROKEN",
      );
    }
  });
  it("may name its schema, and an editor's notes in its tables are let through", () => {
    const json = JSON.parse(changed("KR", "$schema", "./schema.json"));
    json.tables.window.nodes[1].position = { x: 1, y: 2 };
    json.tables.window.nodes[1].content.inputs[0].defaultValue = "";
    assert.equal(parseDocument(JSON.stringify(json)).$schema, "./schema.json");
  });
  for (const market of markets) {
    it(`of ${market} is read whole: reasons by their code, with their group`, () => {
      const document = parseDocument(jsonOf(market));
      const codes = document.reasons.flatMap(({ leaves }) => leaves.map(({ code }) => code));
      assert.deepEqual([...reasonsOf(document).keys()], codes);
      assert.equal(reasonsOf(document).get(codes[0] as string)?.group, document.reasons[0]?.group);
    });
  }
});
