// What differs between two versions of a decision table: its columns, its rules, and the order in which they are tried.
import type { DecisionTable } from "../document.js";
import { type Column, columns, type TableName } from "../facts.js";
import { answerChangeText, answerText, conditionText } from "./cells.js";
import { type Change, changeAt, keyed, keysOf, paired, reordered, spoken } from "./change.js";

type Cells = Readonly<Record<string, string>>;

/** Two versions of one table, each with the currency of its amounts. */
export type Tables = {
  readonly name: TableName;
  readonly older: DecisionTable;
  readonly newer: DecisionTable;
  readonly currency: string;
};

const ruleId = ({ _id = "" }: Cells) => _id;

export function* diffTable(tables: Tables): Generator<Change> {
  yield* diffColumns(tables, "inputs");
  yield* diffColumns(tables, "outputs");
  const { name, older, newer } = tables;
  const moved = movedRules(older.rules, newer.rules);
  for (const { key, before, after, at } of paired(older.rules, newer.rules, ruleId)) {
    const path = `${(after ? newer : older).path}.rules[${at}]`;
    if (!after) yield changeAt(path, `${name}: rule ${key} is gone: ${ruleText(tables, older, before as Cells)}`, key);
    else if (!before) {
      yield changeAt(
        path,
        `${name}: new rule ${key} ${placeOf(newer.rules, at)}: ${ruleText(tables, newer, after)}`,
        key,
      );
    } else {
      const direction = moved.get(after);
      if (direction) yield changeAt(path, `${name}: rule ${key} moved ${direction}, ${placeOf(newer.rules, at)}`, key);
      yield* diffRule(tables, before, after, path);
    }
  }
}

function* diffColumns({ name, older, newer }: Tables, side: "inputs" | "outputs"): Generator<Change> {
  const what = `${name}: ${side === "inputs" ? "question" : "answer"}`;
  const fieldOf = ({ field }: { readonly field: string }) => field;
  for (const { key, before, after, at } of paired(older[side], newer[side], fieldOf)) {
    const path = `${(after ? newer : older).path}.${side}[${at}]`;
    if (!before) yield changeAt(path, `${what} ${spoken(key)} is new`);
    else if (!after) yield changeAt(path, `${what} ${spoken(key)} is gone`);
    else if (before.id !== after.id) {
      yield changeAt(`${path}.id`, `${what} ${spoken(key)} has its cells under ${after.id} instead of ${before.id}`);
    }
  }
  yield* reordered(`${newer.path}.${side}`, `${what}s`, older[side], newer[side], fieldOf);
}

/** "if category is "fresh" and opened → verdict DECLINE". */
function ruleText({ currency }: Tables, table: DecisionTable, cells: Cells): string {
  const conditions = table.inputs.flatMap(({ id, field }) => {
    const cell = cells[id] ?? "";
    return cell.trim() === "" ? [] : [conditionText(field, columns[field], cell, currency)];
  });
  const answers = table.outputs.map(({ id, field }) => answerText(field, cells[id] ?? "", currency));
  const when = conditions.length > 0 ? `if ${conditions.join(" and ")}` : "always";
  return `${when} → ${answers.join(", ")}`;
}

function placeOf(rules: readonly Cells[], at: number): string {
  const next = rules[at + 1];
  return next ? `before ${ruleId(next)}` : "as the last";
}

/** Cell by cell, each by what it is about; one that belongs to no column by its own name. */
function* diffRule(tables: Tables, before: Cells, after: Cells, path: string): Generator<Change> {
  const { name, older, newer, currency } = tables;
  const id = ruleId(after);
  const [were, are] = [fieldsOf(older, before), fieldsOf(newer, after)];
  for (const field of keysOf(Object.fromEntries(were), Object.fromEntries(are))) {
    const [then, now] = [were.get(field), are.get(field)];
    if (then?.cell === now?.cell) continue;
    const where = `${path}.${now?.column ?? then?.column}`;
    const isAnswer = (now ?? then)?.isAnswer;
    const [from, to] = [then?.cell ?? "", now?.cell ?? ""];
    const said = isAnswer
      ? answerChangeText(field, from, to, currency)
      : conditionChangeText(field, columns[field], from, to, currency);
    yield changeAt(where, `${name}: rule ${id} ${said}`, id);
  }
}

function conditionChangeText(
  field: string,
  column: Column | undefined,
  older: string,
  newer: string,
  currency: string,
) {
  const [before, after] = [older, newer].map((cell) => cell.trim() && conditionText(field, column, cell, currency));
  if (!before && after) return `asks besides: ${after}`;
  if (before && !after) return `no longer asks: ${before}`;
  if (before !== after) return `asks: ${after} instead of ${before}`;
  return `has ${field} written as ${JSON.stringify(newer)} instead of ${JSON.stringify(older)}`;
}

type Cell = { readonly column: string; readonly cell: string | undefined; readonly isAnswer: boolean };

/** The cells of a rule by field. */
function fieldsOf(table: DecisionTable, cells: Cells): Map<string, Cell> {
  const found = new Map<string, Cell>();
  const strays = new Set(Object.keys(cells));
  for (const side of ["inputs", "outputs"] as const) {
    for (const { id: column, field } of table[side]) {
      strays.delete(column);
      // A field may stand there twice, which only the linter refuses.
      const name = found.has(field) ? `${field} ${column}` : field;
      found.set(name, { column, cell: cells[column], isAnswer: side === "outputs" });
    }
  }
  strays.delete("_id");
  for (const column of strays) found.set(column, { column, cell: cells[column], isAnswer: false });
  return found;
}

/** The rules that left their place, each with its direction: as few as explain the new order. */
function movedRules(older: readonly Cells[], newer: readonly Cells[]): Map<Cells, "up" | "down"> {
  const before = keyed(older, ruleId);
  const common = [...keyed(newer, ruleId)].flatMap(([name, { item, at }]) => {
    const was = before.get(name);
    return was ? [{ item, at, oldAt: was.at }] : [];
  });
  const stayed = longestRise(common.map(({ oldAt }) => oldAt));
  const moved = common.filter((_, at) => !stayed.has(at));
  // Up: somebody who stood above it before stands below it now.
  const isUp = ({ at, oldAt }: { at: number; oldAt: number }) => common.some((o) => o.oldAt < oldAt && o.at > at);
  return new Map(moved.map((rule) => [rule.item, isUp(rule) ? "up" : "down"]));
}

/** The places of a longest rising run among distinct numbers. */
function longestRise(numbers: readonly number[]): Set<number> {
  const length: number[] = [];
  const previous: number[] = [];
  for (const [at, number] of numbers.entries()) {
    length[at] = 1;
    previous[at] = -1;
    for (let earlier = 0; earlier < at; earlier++) {
      if ((numbers[earlier] as number) > number || (length[earlier] as number) < (length[at] as number)) continue;
      length[at] = (length[earlier] as number) + 1;
      previous[at] = earlier;
    }
  }
  const run = new Set<number>();
  for (let at = length.indexOf(Math.max(0, ...length)); at >= 0; at = previous[at] as number) run.add(at);
  return run;
}
