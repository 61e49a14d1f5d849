// The table of the carriers' README: how many codes of each vocabulary mean what.
import type { CodeBook } from "./sources.js";

const columns = [
  ["told", ["CARRIER_NOTIFIED", "OUT_FOR_PICKUP"]],
  ["attempt failed", ["ATTEMPT_FAILED"]],
  ["first scan", ["DROPPED_OFF", "PICKED_UP"]],
  ["moving", ["IN_TRANSIT", "OUT_FOR_DELIVERY"]],
  ["delivered", ["DELIVERED"]],
  ["lost", ["LOST"]],
  ["no place", ["NO_PLACE"]],
  ["a person", ["NEEDS_A_PERSON"]],
  ["unclear", ["UNCLEAR", "NOT_OURS"]],
] as const;

const [start, end] = ["<!-- table -->", "<!-- /table -->"];

/** The README with its table as the books have it. @throws Error if it has no place for one */
export function withTable(readme: string, books: Readonly<Record<string, CodeBook>>): string {
  const [before, rest] = readme.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`the README has no ${start} … ${end}`);
  return `${before}${start}\n\n${table(books)}\n\n${end}${after}`;
}

function table(books: Readonly<Record<string, CodeBook>>): string {
  const rows: string[][] = [["vocabulary", "codes", ...columns.map(([name]) => name)]];
  const sums = columns.map(() => 0);
  for (const [file, { vocabularies }] of Object.entries(books).sort()) {
    for (const [name, meanings] of Object.entries(vocabularies)) {
      const counts = columns.map(([, words]) => count(meanings, words));
      counts.forEach((n, i) => {
        sums[i] = (sums[i] ?? 0) + n;
      });
      rows.push([`${file.replace(".json", "")} ${name}`, `${sum(counts)}`, ...counts.map((n) => (n ? `${n}` : ""))]);
    }
  }
  rows.push(["all", `${sum(sums)}`, ...sums.map(String)]);
  return aligned(rows);
}

function count(meanings: Readonly<Record<string, readonly string[]>>, words: readonly string[]): number {
  const fitting = Object.entries(meanings).filter(([meaning]) => words.includes(meaning.split(":")[0] ?? ""));
  return sum(fitting.map(([, codes]) => codes.length));
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

function aligned(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(3, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(" | ")} |`;
  const rule = `| ${widths.map((n, i) => (i ? `${"-".repeat(n - 1)}:` : "-".repeat(n))).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join("\n");
}
