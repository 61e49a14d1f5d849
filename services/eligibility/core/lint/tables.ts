// Whether each table reads: its columns, its cells, its last row.
import type { PolicyDocument } from "../document.js";
import { type TableName, tableNames } from "../facts.js";
import { lintAnswer } from "./answers.js";
import { lintColumns, lintConditions, lintEffort } from "./cells.js";
import { type Finding, fault } from "./finding.js";

export function* lintTables(document: PolicyDocument): Generator<Finding> {
  const wrong = [...lintEffort(document)];
  yield* wrong;
  if (wrong.length > 0) return;
  for (const name of tableNames) yield* lintTable(document, name);
}

function* lintTable(document: PolicyDocument, name: TableName): Generator<Finding> {
  const table = document.tables[name];
  const wrong = [...lintColumns(table, name)];
  yield* wrong;
  if (wrong.length > 0) return;
  yield* lintConditions(document, name);
  for (const [at, cells] of table.rules.entries()) {
    const path = `${table.path}.rules[${at}]`;
    const asks = table.inputs.some(({ id }) => (cells[id] ?? "").trim() !== "");
    const isLast = at === table.rules.length - 1;
    if (isLast && asks) {
      yield fault("NO_CATCH_ALL", path, "the last rule must fit everything: leave its conditions empty, or add one");
    }
    if (!isLast && !asks) {
      yield fault("RULE_UNREACHABLE", path, "fits everything, so the rules after it never fire: move it to the end");
    }
    yield* lintAnswer(document, name, cells, path);
  }
}
