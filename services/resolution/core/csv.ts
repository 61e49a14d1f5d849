// Cells of a table as CSV (RFC 4180). What a spreadsheet would take for a formula is made text: a cell of a file that came
// from us must never do anything on the desk of who opens it.

/** Lines end as the RFC has it. */
const lineEnd = "\r\n";
/** By which Excel knows UTF-8. */
export const byteOrderMark = "\uFEFF";

const formula = /^[=+\-@\t\r]/;
const quoted = /[",\r\n]/;

/** One cell. */
export function cell(text: string): string {
  const harmless = formula.test(text) ? `'${text}` : text;
  return quoted.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** One line, with its end. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(cell).join(",")}${lineEnd}`;
}
