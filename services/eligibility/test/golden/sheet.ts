// The text of a golden file: tables, each headed by what they are asked for. Written for people, and read back to
// see that nothing was lost on the way.
import { type Ask, anyOther, type Combination, type Dimension, type Dimensions, type Value } from "./dimensions.js";

/** What a row is for: of each dimension of its table the values that it holds. */
export type Row = { readonly values: readonly (readonly Value[])[]; readonly answer: readonly string[] };

export type Table = {
  /** Those that its answers depend on. */
  readonly dimensions: readonly Dimension[];
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
};

/** A table as lines of text, its head first. */
export function printTable({ dimensions, columns, rows }: Table, all: Dimensions): string[] {
  const table = [
    [...dimensions, ...columns],
    ...rows.map(({ values, answer }) => [
      ...values.map((held, at) => said(held, all[dimensions[at] as Dimension])),
      ...answer,
    ]),
  ];
  const widths = columnsOf(table).map((cells) => Math.max(...cells.map(({ length }) => length)));
  return table.map((cells) => `  ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")}`.trimEnd());
}

const columnsOf = (table: readonly (readonly string[])[]) =>
  (table[0] ?? []).map((_, at) => table.map((row) => row[at] ?? ""));

/** What a table is asked for: "RETURN: COLOR, STYLE", a line per kind. */
export function printAsks(asks: readonly Ask[], all: readonly Ask[]): string[] {
  if (asks.length === all.length) return ["whatever is asked: for whatever reason"];
  const kinds = [...new Set(asks.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const reasons = asks.flatMap((ask) => (ask.kind === kind ? ask.reason.code : []));
    return `${kind}: ${reasons.join(", ")}`;
  });
}

/** Some values of a dimension in words: "any", "yes", "CHILLED, FROZEN", "not fresh", "30000–99999". */
function said(held: readonly Value[], all: readonly Value[]): string {
  if (held.length === all.length) return "any";
  if (typeof all[0] === "boolean") return held[0] ? "yes" : "no";
  if (typeof all[0] === "number") return rangesOf(held as number[], all as number[]).join(", ");
  const others = all.filter((value) => !held.includes(value));
  const few = others.length < held.length || (held.length > 1 && held.includes(anyOther));
  return few ? `not ${others.join(", ")}` : held.join(", ");
}

/** Points stand for all numbers up to the next point. */
function rangesOf(held: readonly number[], all: readonly number[]): string[] {
  const ranges: string[] = [];
  for (let at = 0; at < all.length; at++) {
    if (!held.includes(all[at] as number)) continue;
    const from = all[at] as number;
    while (at + 1 < all.length && held.includes(all[at + 1] as number)) at++;
    const next = all[at + 1];
    ranges.push(next === undefined ? `${from}+` : from === next - 1 ? `${from}` : `${from}–${next - 1}`);
  }
  return ranges;
}

function holds(cell: string, value: Value): boolean {
  if (cell === "any") return true;
  if (typeof value === "boolean") return (cell === "yes") === value;
  const not = cell.startsWith("not ");
  const parts = cell.slice(not ? 4 : 0).split(", ");
  if (typeof value === "string") return parts.includes(value) !== not;
  return parts.some((part) => {
    const [from = 0, to = part.endsWith("+") ? Number.POSITIVE_INFINITY : from] = part
      .split("–")
      .map(Number.parseFloat);
    return value >= from && value <= to;
  });
}

/** A golden file read back. */
export function readSheet(text: string) {
  const sections = new Map(
    text
      .split("\n## ")
      .slice(1)
      .map((section): [string, ReturnType<typeof readBlocks>] => {
        const [title = "", ...lines] = section.split("\n");
        return [title, readBlocks(lines)];
      }),
  );
  return {
    /** The one row of a section that is for such a line, its answers by column. @throws Error if there is not just one */
    find(title: string, kind: string, reason: string, combination: Combination): Readonly<Record<string, string>> {
      const found = (sections.get(title) ?? [])
        .filter(({ asks }) => asks.has("whatever is asked") || asks.get(kind)?.includes(reason))
        .flatMap(({ columns, rows }) =>
          rows.map((cells) => Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ""]))),
        )
        .filter((row) =>
          Object.entries(row).every(
            ([column, cell]) => !(column in combination) || holds(cell, combination[column as Dimension]),
          ),
        );
      const [row] = found;
      if (found.length !== 1 || !row) throw new Error(`${found.length} rows of "${title}" are for ${kind} ${reason}`);
      return row;
    },
  };
}

function readBlocks(lines: readonly string[]) {
  const blocks = lines
    .join("\n")
    .split("\n\n")
    .map((block) => block.split("\n").filter((line) => line !== ""));
  return blocks.flatMap((block) => {
    const asks = block.filter((line) => !line.startsWith("  ")).map((line) => line.split(": "));
    const [columns, ...rows] = block
      .filter((line) => line.startsWith("  "))
      .map((line) => line.split("|").map((cell) => cell.trim()));
    if (!columns) return [];
    return [{ asks: new Map(asks.map(([kind = "", reasons = ""]) => [kind, reasons.split(", ")])), columns, rows }];
  });
}
