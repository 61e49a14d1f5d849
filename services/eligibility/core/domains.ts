// Which values are worth trying: the ones that the cells of a document tell apart. The linter tries every cell on them,
// the floors try whole lines.
import type { DecisionTable, PolicyDocument } from "./document.js";
import { type Column, columns, type TableName } from "./facts.js";

type Scalar = string | number | boolean;

/** A word no document uses. */
export const otherWord = "(another)";

/** The texts and numbers written in a cell. */
export function literalsOf(cell: string): { words: string[]; numbers: number[] } {
  const quoted = /"([^"]*)"|'([^']*)'/g;
  const words = [...cell.matchAll(quoted)].map((match) => match[1] ?? match[2] ?? "");
  const numbers = [...cell.replace(quoted, " ").matchAll(/-?\d+(?:\.\d+)?/g)].map((match) => Number(match[0]));
  return { words, numbers };
}

/** The words of a column: the contract's, the reason tree's, or undefined when the documents make them up. */
export function vocabularyOf(document: PolicyDocument, field: string, column: Column): readonly string[] | undefined {
  if (column.type !== "word") return undefined;
  if (field === "reason") return document.reasons.flatMap(({ leaves }) => leaves.map(({ code }) => code));
  if (field === "group") return document.reasons.map(({ group }) => group);
  if (field === "tier") return document.tiers;
  if (field === "item_class") return ["NONE", ...document.item_classes];
  return column.words ?? undefined;
}

/** The values of one column that the given tables tell apart, and at least one that they do not name. */
export function domainOf(document: PolicyDocument, tables: readonly TableName[], field: string): readonly Scalar[] {
  const column = columns[field];
  if (!column) throw new RangeError(`no column ${field}`);
  if (column.type === "flag") return [true, false];
  const cells = tables.flatMap((name) => cellsOf(document.tables[name], field)).map(literalsOf);
  if (column.type === "number") {
    const around = cells.flatMap((cell) => cell.numbers).flatMap((n) => [n - 1, n, n + 1]);
    return around.length > 0 ? [...new Set(around.filter((n) => n >= 0))] : [0];
  }
  const words = vocabularyOf(document, field, column) ?? [...cells.flatMap((cell) => cell.words), otherWord];
  return [...new Set(words)];
}

function cellsOf({ inputs: asked, rules }: DecisionTable, field: string): string[] {
  return asked.filter((c) => c.field === field).flatMap(({ id }) => rules.map((cells) => cells[id] ?? ""));
}

/** Whether any of the tables has the column. */
export function reads(document: PolicyDocument, tables: readonly TableName[], field: string): boolean {
  return tables.some((name) => document.tables[name].inputs.some((column) => column.field === field));
}
