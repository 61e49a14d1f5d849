/**
 * Rows out of a stream of CSV text (RFC 4180: quoted fields, doubled quotes, line feeds inside quotes, CRLF or LF).
 * Called by record.ts, and by excerpt/make.ts, which copies rows as they stand.
 */

export interface CsvRow {
  /** The line of the file the row begins on, as an editor counts: the header is 1. */
  number: number;
  /** The row as it stands in the file, without its line end. */
  text: string;
  fields: string[];
}

/** The text is no CSV from this row on: what follows cannot be told apart, so reading stops. */
export class CsvError extends Error {
  override readonly name = "CsvError";
  readonly row: number;
  readonly problem: string;

  constructor(row: number, problem: string) {
    super(`row ${row}: ${problem}`);
    this.row = row;
    this.problem = problem;
  }
}

/** A row longer than this is taken for a quote that never closes; without it one stray quote would hold the whole file. */
const maxRowChars = 64 * 1024;

/** Throws CsvError at a quote that never closes or stands where none may. */
export async function* csvRows(chunks: AsyncIterable<string>): AsyncGenerator<CsvRow> {
  let number = 0;
  let row: { number: number; text: string } | undefined;
  for await (const line of linesOf(chunks)) {
    number += 1;
    row = row === undefined ? { number, text: line } : { number: row.number, text: `${row.text}\n${line}` };
    if (insideQuotes(row.text)) {
      if (row.text.length > maxRowChars) throw neverClosed(row.number);
      continue;
    }
    const text = row.text.endsWith("\r") ? row.text.slice(0, -1) : row.text;
    yield { number: row.number, text, fields: fieldsOf(text, row.number) };
    row = undefined;
  }
  if (row !== undefined) throw neverClosed(row.number);
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** A doubled quote opens and closes at once, so an odd count means the field goes on. */
function insideQuotes(text: string): boolean {
  let open = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) open = !open;
  return open;
}

function fieldsOf(text: string, row: number): string[] {
  if (!text.includes('"')) return text.split(",");
  const fields: string[] = [];
  for (let at = 0; ; at += 1) {
    const field = text[at] === '"' ? quoted(text, at, row) : plain(text, at, row);
    fields.push(field.value);
    at = field.end;
    if (at === text.length) return fields;
    if (text[at] !== ",") throw new CsvError(row, `text after the closing quote of field ${fields.length}`);
  }
}

function plain(text: string, at: number, row: number): { value: string; end: number } {
  const comma = text.indexOf(",", at);
  const end = comma === -1 ? text.length : comma;
  const value = text.slice(at, end);
  if (value.includes('"')) throw new CsvError(row, "a quote inside a field that does not begin with one");
  return { value, end };
}

function quoted(text: string, at: number, row: number): { value: string; end: number } {
  let value = "";
  for (let from = at + 1; ; ) {
    const close = text.indexOf('"', from);
    if (close === -1) throw neverClosed(row);
    value += text.slice(from, close);
    if (text[close + 1] !== '"') return { value, end: close + 1 };
    value += '"';
    from = close + 2;
  }
}

function neverClosed(row: number): CsvError {
  return new CsvError(row, "a quote opens here and never closes");
}
