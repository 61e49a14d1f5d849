// Bad documents, each of which an author might write: what the linter calls it, where, and what it says to do about it.
// They stand in planted/, what takes a statutory right away in floors.test.ts.
import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "#kit/pure/check.js";
import { parseDocument } from "../core/document.js";
import { assertSound, type Finding, findingCodes, findings, findingsOfText } from "../core/lint.js";
import { documentOf, markets } from "./builders.js";
import { answers } from "./planted/answers.js";
import { cells } from "./planted/cells.js";
import { fairness } from "./planted/fairness.js";
import { order } from "./planted/order.js";
import { words } from "./planted/words.js";
import { addRule, type Json, japan, lawIn, pathTo, planted, rowOf, windowOf } from "./plants.js";

const plants = [...cells, ...answers, ...order, ...words, ...fairness];
const errorsOf = (found: readonly Finding[]) => found.filter(({ severity }) => severity === "ERROR");

/** Mistakes in the law of a market that brings its own: each would quietly take a right away. */
const lawless: [title: string, change: (law: Json) => void, path: string, says: RegExp][] = [
  [
    "a right for a field nobody knows",
    (law) => Object.assign(law.rights[1].when, { non_conforming: false }),
    "law.rights[1].when.non_conforming",
    /the law cannot ask for non_conforming/,
  ],
  [
    "a right for some risks only",
    (law) => Object.assign(law.rights[1].when, { risk_score: "0" }),
    "law.rights[1].when.risk_score",
    /the law cannot ask for risk_score/,
  ],
  [
    "an exception for a word nobody knows",
    (law) => law.rights[1].unless.push({ temperature: "COLD" }),
    "law.rights[1].unless[5].temperature",
    /"COLD" is no temperature; known: AMBIENT, CHILLED, FROZEN/,
  ],
  [
    "a yes in quotes",
    (law) => Object.assign(law.free[0].when, { nonconforming: "true" }),
    "law.free[0].when.nonconforming",
    /must be a flag, not "true"/,
  ],
  [
    "a right of days and months",
    (law) => Object.assign(law.rights[1], { months: 1 }),
    "law.rights[1]",
    /has days and months: leave one out/,
  ],
];

const reasons = documentOf("KR").reasons.flatMap(({ leaves }) => leaves.map(({ code }) => code));

describe("a planted document", () => {
  for (const market of markets) {
    it(`is not one of the shipped: there is nothing to say about ${market}`, () => {
      assert.deepEqual(findings(documentOf(market)), []);
    });
  }
  for (const { title, market = "KR", change, code, path, says } of plants) {
    it(`with ${title} is refused: ${code}`, () => {
      const { json, found } = planted(market, change);
      const where = typeof path === "string" ? path : path(json);
      const told = found.filter((finding) => finding.code === code && finding.path === where);
      assert.equal(told.length, 1, `${code} at ${where} among ${JSON.stringify(found, null, 1)}`);
      assert.match(told[0]?.message ?? "", says);
      assert.equal(told[0]?.severity, "ERROR");
      assert.throws(
        () => assertSound(parseDocument(JSON.stringify(json))),
        (error) => error instanceof DomainError && /^POLICY_(BROKEN|BELOW_FLOOR)$/.test(error.reason),
      );
    });
  }
  it("that is no JSON is refused", () => {
    assert.match(findingsOfText("{")[0]?.message ?? "", /^not JSON: /);
    assert.match(findingsOfText("[]")[0]?.message ?? "", /must be an object, not \[\]/);
  });
  it("tells of every mistake at once, and of those that cost a right first", () => {
    const { json, found } = planted("KR", (json) => {
      delete json.rules["kr-too-late"].texts["ko-KR"];
      rowOf(json, "window", "kr-window-withdrawal").days = "6";
      json.clocks.refund.days = 4;
    });
    assert.deepEqual(
      errorsOf(found).map(({ code, path }) => [code, path]),
      [
        ["TEXT_MISSING", "rules.kr-too-late.texts"],
        ["BELOW_FLOOR", "clocks.refund"],
        ["BELOW_FLOOR", pathTo(json, "window", "kr-window-withdrawal")],
      ],
    );
    assert.throws(
      () => assertSound(parseDocument(JSON.stringify(json))),
      (error) =>
        error instanceof DomainError &&
        error.reason === "POLICY_BELOW_FLOOR" &&
        error.metadata.article === "E-Commerce Act art. 18(2)" &&
        /clocks.refund: .* · tables.window/.test(error.message),
    );
  });
  it("that tells too many kinds of lines apart is refused before it keeps anybody waiting", () => {
    const { found } = planted("KR", (json) => {
      // Conditions that cross each other in every way: hardly two of them are about the same lines.
      const some = (words: readonly string[]) =>
        fc
          .subarray([...words], { minLength: 3, maxLength: words.length - 3 })
          .map((chosen) => chosen.map((word) => `"${word}"`).join(", "));
      const range = (most: number) => fc.integer({ min: 1, max: most - 25 }).map((n) => `[${n}..${n + 25}]`);
      const cells = fc.record({
        reason: some(reasons),
        category: some(Array.from({ length: 20 }, (_, at) => `c${at}`)),
        line_minor: range(120),
        risk_score: range(99),
        opened: fc.constantFrom("", "true", "false"),
        final_sale: fc.constantFrom("", "true", "false"),
      });
      for (const [at, crossing] of fc.sample(cells, { numRuns: 80, seed: 1 }).entries()) {
        addRule(json, "verdict", `kr-new-${at}`, { ...crossing, in_window: "true", verdict: '"ACCEPT"' });
      }
    });
    assert.deepEqual(
      errorsOf(found).map(({ code, path }) => [code, path]),
      [["TOO_COMPLEX", "tables"]],
    );
  });
  it("whose conditions would take long to try is refused untried", () => {
    const amounts = Array.from({ length: 160 }, (_, n) => String(n * 3));
    const { found } = planted("KR", (json) => {
      for (let n = 0; n < 60; n++) {
        const line_minor = [...amounts.slice(n), ...amounts.slice(0, n)].join(",");
        addRule(json, "verdict", `kr-new-${n}`, { line_minor, verdict: '"ACCEPT"' });
      }
    });
    assert.deepEqual(
      errorsOf(found).map(({ code, path, message }) => [code, path, /merge some rules$/.test(message)]),
      [["TOO_COMPLEX", "tables", true]],
    );
  });
  it("has been seen for every code there is", () => {
    const seen = new Set<string>(plants.map(({ code }) => code));
    const elsewhere = ["LAW_BROKEN", "OVERLAP_CONTRADICTS"];
    assert.deepEqual(
      findingCodes.filter((code) => !seen.has(code)),
      elsewhere,
    );
  });
});

describe("rules that contradict each other", () => {
  const garden = (json: Json) => {
    addRule(json, "window", "kr-garden", {
      kind: '"RETURN"',
      nonconforming: "false",
      category: '"garden"',
      ...windowOf({ days: "14" }),
    });
    addRule(
      json,
      "window",
      "kr-faraway",
      { kind: '"RETURN"', nonconforming: "false", fulfilment: '"DIRECT"', ...windowOf({ days: "20" }) },
      "kr-garden",
    );
  };
  const about = (found: readonly Finding[], rule: string) =>
    found.filter(({ code, message }) => code === "OVERLAP_CONTRADICTS" && message.startsWith(`${rule} `));

  it("by their order alone are told of, with an order that both fit, and are no reason to refuse", () => {
    const { json, found } = planted("KR", garden);
    const [warning, ...more] = about(found, "kr-faraway");
    assert.deepEqual(more, []);
    assert.equal(warning?.severity, "WARNING");
    assert.equal(warning?.path, pathTo(json, "window", "kr-faraway"));
    assert.match(warning?.message ?? "", /kr-faraway stands before kr-garden.*narrow one of them, or name/);
    assert.deepEqual(
      [warning?.counterexample?.facts.category, warning?.counterexample?.facts.fulfilment],
      ["garden", "DIRECT"],
    );
    assert.deepEqual(errorsOf(found), []);
  });
  it("on purpose are not, once one of them names the other", () => {
    const { found } = planted("KR", (json) => {
      garden(json);
      rowOf(json, "window", "kr-faraway")._description =
        "Before kr-garden: what comes from abroad takes long to send back.";
    });
    const named = about(found, "kr-faraway").filter(({ message }) => /kr-garden/.test(message));
    assert.deepEqual(named, []);
  });
  it("are not those of which one is a special case of the other", () => {
    const { found } = planted("KR", (json) => {
      addRule(
        json,
        "verdict",
        "kr-new",
        { category: '"fresh"', told: "true", opened: "false", verdict: '"REVIEW"' },
        "kr-perishable",
      );
    });
    assert.deepEqual(about(found, "kr-new"), []);
  });
});

describe("a market that brings its own law", () => {
  it("is held to it", () => {
    assert.deepEqual(errorsOf(japan().found), []);
    const { json, found } = japan((json) => {
      rowOf(json, "window", "jp-window-withdrawal").days = "6";
    });
    assert.deepEqual(
      errorsOf(found).map(({ code, path, article }) => [code, path, article]),
      [["BELOW_FLOOR", pathTo(json, "window", "jp-window-withdrawal"), "E-Commerce Act art. 17(1)"]],
    );
  });
  for (const market of markets) {
    it(`may say what the law of ${market} says: each of its conditions is one that a line can meet`, () => {
      const { found } = japan((json) => {
        json.law = JSON.parse(JSON.stringify(lawIn(market)).replaceAll(`"${market.toLowerCase()}-law`, '"jp-law'));
      });
      assert.deepEqual(
        found.filter(({ path }) => path.startsWith("law")),
        [],
      );
    });
  }
  for (const [title, change, path, says] of lawless) {
    it(`may not say ${title}`, () => {
      const told = japan(({ law }) => change(law)).found.filter(({ code }) => code === "LAW_BROKEN");
      assert.deepEqual(
        told.map((finding) => finding.path),
        [path],
      );
      assert.match(told[0]?.message ?? "", says);
    });
  }
});
