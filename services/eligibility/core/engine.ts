// Runs decision tables: rows from top to bottom, the first whose cells all fit answers. Cells are written in zen's
// expression language and evaluated by it, one at a time. The walk over the rows is ours for two reasons, both measured
// on zen 0.54: its own takes a broken cell or a mismatched type for "does not fit" and says nothing, where ours throws;
// and it answers through a thread pool, 170 µs of CPU per table against 2 µs here, so a decision would not be synchronous.
// A test runs the shipped tables through zen's own engine and compares answers and rule ids.
import { evaluateExpressionSync, evaluateUnaryExpressionSync } from "@gorules/zen-engine";
import type { DecisionTable, PolicyDocument, Reason } from "./document.js";
import { reasonsOf } from "./document.js";
import { type LineView, type Rows, type TableName, type TimedView, tableNames } from "./facts.js";
import { withStandIns } from "./former.js";
import { type Law, lawOf } from "./law.js";

type Scalar = string | number | boolean;

/** A table's answer, and the rule that gave it. */
export type Fired<Row> = Row & { readonly rule: string };

/** Tables that are asked before it is known when the window ends, and those after. */
type ViewOf<T extends TableName> = T extends "fault" | "window" ? LineView : TimedView;

export type Table<View, Row> = {
  readonly answer: (view: View) => Fired<Row>;
  /** The columns on which earlier rules failed, and those that the rule which fired asks for. */
  readonly looked: (view: View) => readonly string[];
};

/** A document ready to judge with. */
export type Policy = {
  readonly document: PolicyDocument;
  /** Undefined to judge by the document alone. */
  readonly law: Law | undefined;
  readonly reasons: ReadonlyMap<string, Reason>;
  readonly tables: { readonly [T in TableName]: Table<ViewOf<T>, Rows[T]> };
};

/**
 * Prepares a document. Costs a few ms, so callers keep the result per policy version.
 * @throws Error if a cell does not parse; a linted document has none
 */
export function compile(document: PolicyDocument, law: Law | undefined = lawOf(document)): Policy {
  const tables = Object.fromEntries(tableNames.map((name) => [name, tableOf(document.tables[name])]));
  return { document, law, reasons: withStandIns(reasonsOf(document)), tables: tables as unknown as Policy["tables"] };
}

/** As compile, but judging by the document alone: for those who hold it against the law. */
export function compileAlone(document: PolicyDocument): Policy {
  return { ...compile(document), law: undefined };
}

function tableOf<Row>(table: DecisionTable): Table<Readonly<Record<string, Scalar>>, Row> {
  const rows = table.rules.map((cells) => ({
    tests: table.inputs.flatMap(({ id, field }) => {
      const cell = cells[id]?.trim() ?? "";
      return cell === "" ? [] : [{ field, fits: testOf(cell) }];
    }),
    answer: {
      ...Object.fromEntries(table.outputs.map(({ id, field }) => [field, answerOf(cells[id] ?? "")])),
      rule: cells._id,
    } as Fired<Row>,
  }));
  return {
    answer: (view) => {
      const row = rows.find(({ tests }) => tests.every(({ field, fits }) => fits(view[field] as Scalar)));
      if (!row) throw new Error(`no rule of ${table.path} fits; the linter asks for a last one that always does`);
      return row.answer;
    },
    looked: (view) => {
      const seen = new Set<string>();
      for (const { tests } of rows) {
        const failed = tests.find(({ field, fits }) => !fits(view[field] as Scalar));
        if (failed) {
          seen.add(failed.field);
          continue;
        }
        for (const { field } of tests) seen.add(field);
        break;
      }
      return [...seen];
    },
  };
}

/** The value of an answer cell. It sees no facts, so it is the same for every line. @throws Error if it does not parse */
export function answerOf(cell: string): unknown {
  return evaluateExpressionSync(cell, {});
}

/** Whether a value fits a cell. @throws Error if the cell does not parse or cannot be applied to the value's type */
export function fits(cell: string, value: Scalar): boolean {
  return evaluateUnaryExpressionSync(cell, { $: value });
}

/** Amounts and scores are many; the rest repeats for ever. */
const remembered = 2_000;

function testOf(cell: string): (value: Scalar) => boolean {
  const known = new Map<Scalar, boolean>();
  return (value) => {
    let answer = known.get(value);
    if (answer === undefined) {
      answer = fits(cell, value);
      if (known.size >= remembered) known.clear();
      known.set(value, answer);
    }
    return answer;
  };
}
