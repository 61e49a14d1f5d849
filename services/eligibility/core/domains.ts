// Which values are worth trying: the ones that the cells of a document and the conditions of the law tell apart. The
// linter tries every cell on them; lint/space.ts makes whole lines of them.
import type { DecisionTable, PolicyDocument } from "./document.js";
import { type Column, columns, type TableName } from "./facts.js";

export type Scalar = string | number | boolean;

/** A word that nobody names, if it can be helped one that could be in an order. */
function otherThan(words: readonly string[]): string {
  return ["homeware", "stationery", "toys"].find((word) => !words.includes(word)) ?? "(another)";
}

/** The texts and numbers written in a cell. */
export function literalsOf(cell: string): { words: string[]; numbers: number[] } {
  const quoted = /"([^"]*)"|'([^']*)'/g;
  const words = [...cell.matchAll(quoted)].map((match) => match[1] ?? match[2] ?? "");
  const numbers = [...cell.replace(quoted, " ").matchAll(/\d+(?:\.\d+)?/g)].map((match) => Number(match[0]));
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

/**
 * The values of one column that the given tables tell apart, and at least one that they do not name, which comes first
 * where the column is open to any word.
 * @param named what somebody else tells apart besides
 */
export function domainOf(
  document: PolicyDocument,
  tables: readonly TableName[],
  field: string,
  named: readonly Scalar[] = [],
): readonly Scalar[] {
  const column = columns[field];
  if (!column) throw new RangeError(`no column ${field}`);
  if (column.type === "flag") return [false, true];
  const cells = tables.flatMap((name) => cellsOf(document.tables[name], field)).map(literalsOf);
  if (column.type === "number") {
    const around = cells.flatMap((cell) => cell.numbers).flatMap((n) => [n - 1, n, n + 1]);
    const [least, most] = field === "risk_score" ? [0, 100] : [0, Number.MAX_SAFE_INTEGER];
    return [...new Set([least, ...around.filter((n) => n > least && n <= most)])].sort((a, b) => a - b);
  }
  const known = vocabularyOf(document, field, column);
  if (known) return [...new Set(known)];
  const words = [...cells.flatMap((cell) => cell.words), ...named.map(String)];
  return [...new Set([otherThan(words), ...words])];
}

function cellsOf({ inputs: asked, rules }: DecisionTable, field: string): string[] {
  return asked.filter((c) => c.field === field).flatMap(({ id }) => rules.map((cells) => cells[id] ?? ""));
}
