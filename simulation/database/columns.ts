// Which value goes into which column, read from the text of the statement itself: a parameter in the wrong place is wrong
// here as it would be in Postgres. What a statement computes instead of taking it is left out; no core reads it back.
import type { Row } from "./table.js";

type Taken = { readonly column: string; readonly at: number; readonly cast: string; readonly orKept: boolean };

/** What a statement writes into its row. */
export type Written = { readonly table: string; readonly taken: readonly Taken[] };

const known = new Map<string, Written>();

/** @throws Error for a text that is neither a plain INSERT nor a plain UPDATE */
export function writtenBy(name: string, text: string): Written {
  const before = known.get(name);
  if (before) return before;
  const written = inserted(text) ?? updated(text);
  if (!written) throw new Error(`${name} is neither a plain INSERT nor a plain UPDATE`);
  known.set(name, written);
  return written;
}

/** The row as the statement leaves it. */
export function rowOf({ taken }: Written, values: readonly unknown[], before: Row = {}): Row {
  const row: Row = { ...before };
  for (const { column, at, cast, orKept } of taken) {
    const value = values[at - 1];
    if (!orKept || value !== null) row[column] = stored(value, cast);
  }
  return row;
}

function inserted(text: string): Written | undefined {
  const [, table, columns = "", rest = ""] = /^\s*INSERT INTO (\w+) \(([^)]+)\)\s*VALUES \(([\s\S]+)$/.exec(text) ?? [];
  if (!table) return undefined;
  const expressions = list(upToClosing(rest));
  return { table, taken: list(columns).flatMap((column, i) => take(column, expressions[i] ?? "")) };
}

function updated(text: string): Written | undefined {
  const [, table, rest = ""] = /^\s*UPDATE (\w+) SET ([\s\S]+)$/.exec(text) ?? [];
  if (!table) return undefined;
  const assignments = list(rest.slice(0, rest.lastIndexOf("WHERE")));
  return {
    table,
    taken: assignments.flatMap((assignment) => {
      const [column = "", ...expression] = assignment.split("=");
      return take(column, expression.join("="));
    }),
  };
}

function take(column: string, expression: string): Taken[] {
  const [, plain, cast = ""] = /^\$(\d+)(?:::(\w+))?$/.exec(expression.trim()) ?? [];
  const [, or, orCast = ""] = /^coalesce\(\$(\d+)(?:::(\w+))?, \w+\)$/.exec(expression.trim()) ?? [];
  const at = Number(plain ?? or ?? 0);
  return at === 0
    ? []
    : [{ column: camel(column.trim()), at, cast: plain ? cast : orCast, orKept: plain === undefined }];
}

function stored(value: unknown, cast: string): unknown {
  if (value === null || value === undefined) return null;
  if (cast === "jsonb") return JSON.parse(value as string);
  return cast === "bigint" ? BigInt(value as bigint) : value;
}

/** A row of jsonb under the names of our columns. */
export function rowsIn(json: unknown): Row[] {
  return JSON.parse(json as string).map((row: Row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [camel(name), value])),
  );
}

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** What stands between commas that are in no brackets. */
function list(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const letter = text[at];
    if (letter === "(") depth++;
    if (letter === ")") depth--;
    if (letter === undefined || (letter === "," && depth === 0)) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return parts;
}

function upToClosing(text: string): string {
  let depth = 1;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth === 0) return text.slice(0, at);
  }
  return text;
}
