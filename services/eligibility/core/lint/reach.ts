// Rules that can never fire, because earlier ones together take all that they fit.
import { type TableName, tableNames } from "../facts.js";
import { type Finding, fault } from "./finding.js";
import { allLines } from "./lines.js";
import { meet } from "./space.js";
import type { Rule } from "./split.js";
import { pathOf, type Trial } from "./trial.js";

/** @throws TooComplex */
export function lintReach(trial: Trial): Finding[] {
  return tableNames.flatMap((name) => [...unreachable(trial, name)]);
}

function* unreachable(trial: Trial, name: TableName): Generator<Finding> {
  const { document, tables } = trial;
  const fired = new Set<string>();
  const takers = new Map<string, Set<string>>();
  for (const lines of allLines(trial, name)) {
    const rules: readonly Rule<object>[] = tables.rules(name, lines.fixed);
    for (const { rule, box } of tables.split(name, lines.box, lines.fixed)) {
      fired.add(rule.id);
      for (const { id, at, constraints } of rules) {
        if (at > rule.at && meet(box, constraints)) takers.set(id, (takers.get(id) ?? new Set()).add(rule.id));
      }
    }
  }
  const { rules } = document.tables[name];
  for (const [at, { _id: id = "" }] of rules.entries()) {
    if (fired.has(id)) continue;
    const path = pathOf(trial, name, at);
    const before = [...(takers.get(id) ?? [])];
    if (before.length === 0) {
      yield fault("RULE_UNREACHABLE", path, `${id} never fires: no line has all that it asks for at once; mend it`);
      continue;
    }
    const earlier = `${before.slice(0, 5).join(", ")}${before.length > 5 ? " and others" : ""}`;
    const problem = `${id} never fires: ${earlier} take every line that it fits`;
    // The last rule has to be there; that nothing is left for it may be meant.
    if (at < rules.length - 1) yield fault("RULE_UNREACHABLE", path, `${problem}; move it up, or take it out`);
    else yield { ...fault("RULE_UNREACHABLE", path, `${problem}; one of them could be the last`), severity: "WARNING" };
  }
}
