// How the tables of a document answer whole boxes of lines (space.ts): each table splits a box among its rules, by the
// same rule as the engine, the first that fits. Facts may be fixed, such as the time, or another tier than a line has.
import type { DecisionTable, PolicyDocument } from "../document.js";
import type { Scalar } from "../domains.js";
import { answerOf, fits } from "../engine.js";
import type { Rows, TableName } from "../facts.js";
import { type Box, type Constraint, constraintOf, type Facts, meet, type Space, without } from "./space.js";

/** A rule as far as fixed facts leave it open. */
export type Rule<Row> = {
  readonly id: string;
  /** Its place among the rows. */
  readonly at: number;
  readonly answer: Row;
  readonly constraints: readonly Constraint[];
};

/** The lines that one rule answers. */
export type Region<Row> = { readonly rule: Rule<Row>; readonly box: Box };

export type Tables = {
  /** The rules that fixed facts leave possible. */
  readonly rules: <T extends TableName>(name: T, fixed: Facts) => readonly Rule<Rows[T]>[];
  /**
   * @param after the row behind which to begin
   * @throws TooComplex once all calls together have taken more work than a linter may
   */
  readonly split: <T extends TableName>(name: T, box: Box, fixed: Facts, after?: number) => Region<Rows[T]>[];
  readonly reads: (name: TableName, field: string) => boolean;
};

/** The tables tell so many kinds of lines apart that the work would not end. */
export class TooComplex extends Error {
  override readonly name = "TooComplex";
}

/** Boxes held against a rule: a second of work. */
const mostSteps = 5_000_000;

export function tablesOf(document: PolicyDocument, space: Space): Tables {
  const rulesOf = rulesIn(space);
  const known = new Map<string, readonly Rule<never>[]>();
  let steps = 0;

  const rules = (name: TableName, fixed: Facts) => {
    const table = document.tables[name];
    const key = JSON.stringify([name, ...table.inputs.map(({ field }) => fixed[field])]);
    const found = known.get(key) ?? rulesOf(table, fixed);
    known.set(key, found);
    return found;
  };
  const split = (name: TableName, box: Box, fixed: Facts, after = -1) => {
    const regions: Region<never>[] = [];
    let open: Box[] = [box];
    for (const rule of rules(name, fixed)) {
      if (rule.at <= after) continue;
      steps += open.length;
      if (steps > mostSteps) throw new TooComplex("the tables tell too many kinds of lines apart");
      const left: Box[] = [];
      for (const piece of open) {
        const common = meet(piece, rule.constraints);
        if (common) regions.push({ rule, box: common });
        left.push(...(common ? without(piece, rule.constraints) : [piece]));
      }
      open = left;
      if (open.length === 0) break;
    }
    return regions;
  };
  const reads = (name: TableName, field: string) =>
    document.tables[name].inputs.some((column) => column.field === field);
  return { rules, split, reads };
}

/** The rules of a table in a space. Cells and values repeat, so each pair is tried once. */
function rulesIn(space: Space): (table: DecisionTable, fixed: Facts) => Rule<never>[] {
  const cellFits = remembering((cell: string, value: Scalar) => fits(cell, value));
  const constraintOfCell = remembering((field: string, cell: string) =>
    constraintOf(space, field, (value) => cellFits(cell, value)),
  );
  return (table, fixed) =>
    table.rules.flatMap((cells, at) => {
      const constraints = new Map<number, Constraint>();
      for (const { id, field } of table.inputs) {
        const cell = cells[id]?.trim() ?? "";
        if (cell === "") continue;
        if (Object.hasOwn(fixed, field)) {
          if (!cellFits(cell, fixed[field] as Scalar)) return [];
          continue;
        }
        const { axis, points } = constraintOfCell(field, cell);
        constraints.set(axis, { axis, points: points & (constraints.get(axis)?.points ?? points) });
      }
      const answer = Object.fromEntries(table.outputs.map(({ id, field }) => [field, answerOf(cells[id] ?? "")]));
      return [{ id: cells._id ?? "", at, answer: answer as never, constraints: [...constraints.values()] }];
    });
}

function remembering<A, B, R>(ask: (a: A, b: B) => R): (a: A, b: B) => R {
  const known = new Map<A, Map<B, R>>();
  return (a, b) => {
    const answers = known.get(a) ?? new Map<B, R>();
    known.set(a, answers);
    const answer = answers.get(b) ?? ask(a, b);
    answers.set(b, answer);
    return answer;
  };
}
