// Our walk over the rows against zen's own: same answer, same rule, on the shipped tables.
import assert from "node:assert/strict";
import { ZenEngine } from "@gorules/zen-engine";
import fc from "fast-check";
import { domainOf } from "../core/domains.js";
import { compile } from "../core/engine.js";
import { type Column, inputs, outputs, tableNames } from "../core/facts.js";
import { documentOf, jsonOf, markets, policies } from "./builders.js";

describe("the tables", () => {
  for (const market of markets) {
    it(`of ${market} answer as zen's own engine does, by the same rules`, async () => {
      const engine = new ZenEngine();
      const graphs = JSON.parse(jsonOf(market)).tables;
      const document = documentOf(market);
      for (const name of tableNames) {
        const theirs = engine.createDecision(graphs[name]);
        const ours = policies[market].tables[name].answer as (view: object) => { rule: string };
        const fields = Object.keys(inputs[name] as Record<string, Column>);
        const views = fc.record(
          Object.fromEntries(fields.map((field) => [field, fc.constantFrom(...domainOf(document, tableNames, field))])),
        );
        await fc.assert(
          fc.asyncProperty(views, async (view) => {
            const { result, trace } = await theirs.evaluate(view, { trace: true });
            const fired = trace?.[name]?.traceData.rule._id;
            // zen leaves an answer of null out.
            const nulls = Object.fromEntries(Object.keys(outputs[name]).map((field) => [field, null]));
            assert.deepEqual(ours(view), { ...nulls, ...result, rule: fired });
          }),
          { numRuns: 150 },
        );
      }
      engine.dispose();
    });
  }
  it("speak up where zen would be silent: a cell that cannot be applied throws", () => {
    const document = documentOf("KR");
    const [rule] = document.tables.terms.rules;
    (rule as Record<string, string>).risk_score = '> "80"';
    assert.throws(
      () => compile(document).tables.terms.answer({ kind: "CANCELLATION", risk_score: 90 } as never),
      /Compare/,
    );
  });
});
