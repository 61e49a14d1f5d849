// The boxes of lines that the linter puts through the tables, against the engine that answers one line at a time.
import assert from "node:assert/strict";
import fc from "fast-check";
import { compileAlone } from "../core/engine.js";
import { tableNames } from "../core/facts.js";
import { lawOf } from "../core/law.js";
import { spaceOf } from "../core/lint/space.js";
import { tablesOf } from "../core/lint/split.js";
import { documentOf, markets } from "./builders.js";

describe("the lines that the linter tries", () => {
  for (const market of markets) {
    it(`are answered as the engine answers them: ${market}`, () => {
      const document = documentOf(market);
      const space = spaceOf(document, lawOf(document) as never);
      const policy = compileAlone(document);
      const tables = tablesOf(document, space);
      const point = fc.tuple(...space.axes.map((axis) => fc.nat(axis.length - 1)));
      const fixed = fc.record({
        fault: fc.constantFrom("CUSTOMER", "SELLER", "LOGISTICS"),
        in_window: fc.boolean(),
        in_review: fc.boolean(),
        days_since: fc.nat(90),
      });
      fc.assert(
        fc.property(point, fixed, fc.constantFrom(...tableNames), (points, known, name) => {
          const facts = name === "fault" ? {} : known;
          const view = Object.assign({}, ...points.map((at, axis) => space.axes[axis]?.[at]), facts);
          const answer = policy.tables[name].answer(view);
          const regions = tables
            .split(name, space.all, facts)
            .filter(({ box }) => box.every((bits, axis) => ((bits >> BigInt(points[axis] as number)) & 1n) === 1n));
          assert.deepEqual(
            regions.map(({ rule }) => ({ ...rule.answer, rule: rule.id })),
            [answer],
          );
        }),
        { numRuns: 700 },
      );
    });
  }
});
