// The columns and conditions of a table. zen takes a cell it cannot use for one that does not fit and says nothing, so
// every cell is tried here. And what is not a plain condition is refused: a function could tell apart values that nobody
// tries, and so take a right away unseen.
import type { DecisionTable, PolicyDocument } from "../document.js";
import { domainOf, literalsOf, type Scalar, vocabularyOf } from "../domains.js";
import { fits } from "../engine.js";
import { type Column, inputs, outputs, type TableName, tableNames } from "../facts.js";
import { type Finding, type FindingCode, fault, repeated } from "./finding.js";

/** What is wrong with the table's frame; the cells of unknown columns cannot be judged. */
export function* lintColumns(
  { path, inputs: given, outputs: answers, rules }: DecisionTable,
  name: TableName,
): Generator<Finding> {
  const [asked, answered] = [Object.keys(inputs[name]), Object.keys(outputs[name])];
  const columns = [
    ...given.map((column, at) => ({ ...column, path: `${path}.inputs[${at}]`, known: asked })),
    ...answers.map((column, at) => ({ ...column, path: `${path}.outputs[${at}]`, known: answered })),
  ];
  for (const key of ["id", "field"] as const) {
    yield* repeated(
      columns.map((column) => column[key]),
      (at) => `${columns[at]?.path}.${key}`,
    );
  }
  for (const { field, path: where, known } of columns) {
    if (known.includes(field)) continue;
    yield fault("COLUMN_UNKNOWN", `${where}.field`, `${name} has no ${field} here; known: ${known.join(", ")}`);
  }
  for (const field of answered) {
    if (answers.some((column) => column.field === field)) continue;
    yield fault("COLUMN_MISSING", `${path}.outputs`, `${name} must answer ${field}: add the column`);
  }
  const ids = new Set(["_id", "_description", ...columns.map(({ id }) => id)]);
  for (const [at, cells] of rules.entries()) {
    for (const id of Object.keys(cells)) {
      if (!ids.has(id)) yield fault("COLUMN_UNKNOWN", `${path}.rules[${at}].${id}`, "no column has this id");
    }
  }
}

/** So many values of a column can be told apart before trying them all would take long; on each day, all lines are. */
const mostValues = (field: string) => (field === "days_since" ? 100 : 500);

/** Characters to parse until each condition is tried on each value, up to 0.1 µs a piece. Shipped documents have 11,000. */
const mostEffort = 10_000_000;

/** Whether to try all conditions would keep everybody waiting. Columns that are unknown are told of elsewhere. */
export function* lintEffort(document: PolicyDocument): Generator<Finding> {
  let effort = 0;
  for (const name of tableNames) {
    const { inputs: asked, rules } = document.tables[name];
    for (const { id, field } of asked) {
      if (!Object.hasOwn(inputs[name], field)) continue;
      const cells = new Set(rules.map((row) => row[id] ?? ""));
      effort += [...cells].join("").length * domainOf(document, [name], field).length;
    }
  }
  if (effort <= mostEffort) return;
  const problem = "the conditions are too many and too long to try each on all that they tell apart";
  yield fault("TOO_COMPLEX", "tables", `${problem}: merge some rules`);
}

/** What is wrong with the conditions of a table, column by column. */
export function* lintConditions(document: PolicyDocument, name: TableName): Generator<Finding> {
  const table = document.tables[name];
  const known: Readonly<Record<string, Column>> = inputs[name];
  for (const [i, { id, field }] of table.inputs.entries()) {
    const values = domainOf(document, [name], field);
    if (values.length > mostValues(field)) {
      const problem = `the cells of ${field} tell ${values.length} values apart, too many to check`;
      yield fault("TOO_COMPLEX", `${table.path}.inputs[${i}]`, `${problem}: keep to ${mostValues(field)}`);
      continue;
    }
    const problems = new Map<string, Problem | undefined>();
    for (const [at, { [id]: cell }] of table.rules.entries()) {
      const path = `${table.path}.rules[${at}].${id}`;
      if (cell === undefined) {
        const advice = 'write "" where everything fits';
        yield fault("CELL_MISSING", path, `is missing, and zen takes that for a cell that never fits: ${advice}`);
      } else if (cell.trim() !== "") {
        // Cells repeat, so each is tried once.
        if (!problems.has(cell)) problems.set(cell, problemOf(document, field, known[field] as Column, values, cell));
        const [code, problem] = problems.get(cell) ?? [];
        if (code && problem) yield fault(code, path, problem);
      }
    }
  }
}

/** Words in quotes, numbers, comparisons, ranges, lists; and, or, not, in. `$` is the value itself. */
const plain =
  /^(?:"[^"]*"|'[^']*'|\d+(?:\.\d+)?(?!\w|\.(?!\.))|\.\.|[<>]=?|[=!]=|[$,()[\]\s]|(?:and|or|not|in|true|false)\b)/;

/** The first thing in a cell that is none of these; undefined if all is plain. */
function strangeIn(cell: string): string | undefined {
  let rest = cell;
  while (rest !== "") {
    const found = plain.exec(rest)?.[0];
    if (found === undefined || found === "") return /^(\w+|.)/s.exec(rest)?.[0];
    rest = rest.slice(found.length);
  }
  return undefined;
}

/** What stands in quotes. */
const quoted = /"[^"]*"|'[^']*'/g;

/** Where a range may end: beyond any amount of money or number of days that a rule would name. */
const largest = 1_000_000_000_000;

type Problem = readonly [code: FindingCode, problem: string];

/** What is wrong with a cell. @param values those that the table tells apart */
function problemOf(
  document: PolicyDocument,
  field: string,
  column: Column,
  values: readonly Scalar[],
  cell: string,
): Problem | undefined {
  const { words, numbers } = literalsOf(cell);
  const vocabulary = vocabularyOf(document, field, column);
  const stranger = vocabulary && words.find((word) => !vocabulary.includes(word));
  if (column.type !== "word" && words.length > 0) {
    return ["CELL_TYPE", `${field} is a ${column.type}: write ${words[0]} without quotes`];
  }
  if (column.type !== "number" && numbers.length > 0) {
    return ["CELL_TYPE", `${field} is a ${column.type}, and ${numbers[0]} is none`];
  }
  if (stranger !== undefined) {
    return ["WORD_UNKNOWN", `"${stranger}" is no ${field}; known: ${vocabulary?.join(", ")}`];
  }
  const useless = `${cell} does not work as a condition of a ${column.type}`;
  if (/["']/.test(cell.replace(quoted, ""))) return ["CELL_BROKEN", `${useless}: close its quotes`];
  // Before it is tried: a function can go through a range for minutes, and zen cannot be interrupted.
  const unchecked = uncheckedIn(cell);
  if (unchecked !== undefined) return ["CELL_UNCHECKABLE", unchecked];
  const large = numbers.find((number) => number > largest);
  if (large !== undefined && cell.replace(quoted, "").includes("..")) {
    return ["CELL_UNCHECKABLE", `a range may go as far as ${largest}, not ${large}: write it with >= and <=`];
  }
  try {
    const answers = values.map((value) => fits(cell, value));
    if (!answers.includes(true)) return ["CELL_NEVER_FITS", `${cell} can never fit: mend it`];
    if (!answers.includes(false)) return ["CELL_ALWAYS_FITS", `${cell} fits everything: leave it empty`];
    return undefined;
  } catch (error) {
    return ["CELL_BROKEN", `${useless}: ${causeOf(error)}`];
  }
}

/** Why nobody can say what a cell fits that zen can read. */
function uncheckedIn(cell: string): string | undefined {
  const strange = strangeIn(cell);
  if (strange === undefined) return undefined;
  if (/^\w+$/.test(strange) && !cell.includes(`${strange}(`)) return `${strange} is no value: put words in quotes`;
  return `${strange} cannot be checked: use words in quotes, numbers, comparisons, ranges and lists only`;
}

/** zen's errors are JSON with a stack of its own behind it. */
export function causeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /"source":"((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? message.split("\n", 1)[0] ?? message;
}
