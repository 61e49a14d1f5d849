/**
 * Reads the Online Retail record (.csv or .csv.gz) line by line into typed lines; the replay and the excerpt start here.
 * A row that cannot be read is an error that names its row and column: nothing is guessed, nothing skipped in silence.
 */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { CsvError, type CsvRow, csvRows } from "./csv.js";
import { londonToUtc } from "./london.js";

export const columns = [
  "InvoiceNo",
  "StockCode",
  "Description",
  "Quantity",
  "InvoiceDate",
  "UnitPrice",
  "CustomerID",
  "Country",
] as const;
export type Column = (typeof columns)[number];

export interface RecordLine {
  /** Six digits; `C` before them is a cancellation, `A` a bad-debt adjustment. */
  invoiceNo: string;
  stockCode: string;
  /** As written, outer blanks included; may be empty. */
  description: string;
  /** Never zero in the record; negative on cancellations and stock write-offs. */
  quantity: number;
  time: Date;
  /** Pence. Prices are read from their decimal text, never through a float. */
  unitPriceMinor: bigint;
  /**
   * The text had a fraction of a penny and was rounded half away from zero. In the whole record these are four lines at
   * 0.001, all bookkeeping (PADS, BANK CHARGES): no goods line is ever rounded.
   */
  priceRounded: boolean;
  /** Absent on a quarter of the lines: a guest, or no customer at all. */
  customerId?: string;
  country: string;
  /** The line of the file; the header is 1. */
  rowNumber: number;
}

export interface ReadOptions {
  /** First and last day to read, yyyy-mm-dd in UK time, both included. A cut at the front makes more lines unknown. */
  from?: string | undefined;
  to?: string | undefined;
  /** Called for each malformed row, which is then left out. Without it the first one ends the reading. */
  onError?: (error: RecordError) => void;
}

/** A row, or the file, is not what this reader takes. `hint` says what to do about it. */
export class RecordError extends Error {
  override readonly name = "RecordError";
  readonly row: number;
  readonly column: Column | undefined;
  readonly hint: string;

  constructor(row: number, column: Column | undefined, problem: string, hint: string) {
    super(`row ${row}${column === undefined ? "" : `, ${column}`}: ${problem}; ${hint}`);
    this.row = row;
    this.column = column;
    this.hint = hint;
  }
}

/** Throws RecordError (see ReadOptions.onError), RangeError for a bad from or to, and what the file system throws. */
export async function* readRecord(path: string, options: ReadOptions = {}): AsyncGenerator<RecordLine> {
  const within = dayRange(options);
  const parse = lineParser();
  for await (const row of readRows(path)) {
    let line: RecordLine;
    try {
      line = parse(row.fields, row.number);
    } catch (error) {
      if (options.onError === undefined || !(error instanceof RecordError)) throw error;
      options.onError(error);
      continue;
    }
    if (within(row.fields[4] ?? "")) yield line;
  }
}

/** The rows after the header, unparsed. Throws RecordError when the file is no UTF-8, no CSV or has another header. */
export async function* readRows(path: string): AsyncGenerator<CsvRow> {
  let row = 0;
  try {
    for await (const each of csvRows(textOf(path))) {
      if (row === 0) checkHeader(each.fields);
      else yield each;
      row = each.number;
    }
  } catch (error) {
    if (error instanceof CsvError) {
      throw new RecordError(error.row, undefined, error.problem, "quote a field that holds quotes, and double them");
    }
    if (isCode(error, "ERR_ENCODING_INVALID_ENCODED_DATA")) {
      throw new RecordError(row + 1, undefined, "from about here the text is not UTF-8", "convert the file to UTF-8");
    }
    throw error;
  }
  if (row === 0) checkHeader([]);
}

/**
 * A function that makes one row's fields a typed line; it throws RecordError for the first column that does not fit.
 * Half a million lines repeat some 30,000 texts, 23,000 times and 1,600 prices: it holds each once, so lines share them.
 */
export function lineParser(): (fields: string[], row: number) => RecordLine {
  const keep = remember((text) => text);
  const timeOf = remember(londonToUtc);
  const penceOf = remember(parsePence);
  return (fields, row) => {
    if (fields.length !== columns.length) {
      const problem = `${fields.length} columns instead of ${columns.length}`;
      throw new RecordError(row, undefined, problem, "quote a field that holds a comma");
    }
    const [invoiceNo = "", stockCode = "", description = "", quantity = "", date = ""] = fields;
    const [price = "", customer = "", country = ""] = fields.slice(5);
    const time = timeOf(date);
    const pence = penceOf(price);
    const bad = (column: Column, text: string, want: string) =>
      new RecordError(row, column, text === "" ? "it is empty" : `"${text}" does not fit`, `write ${want}`);

    if (!/^[A-Z]?\d+$/.test(invoiceNo)) throw bad("InvoiceNo", invoiceNo, "digits, after one capital letter or none");
    if (stockCode.trim() === "") throw bad("StockCode", stockCode, "the code of the article or fee");
    if (!/^-?\d+$/.test(quantity) || !Number.isSafeInteger(Number(quantity))) {
      throw bad("Quantity", quantity, "a whole number");
    }
    if (time === undefined) throw bad("InvoiceDate", date, "a date that exists as yyyy-mm-dd hh:mm:ss, UK wall clock");
    if (pence === undefined) throw bad("UnitPrice", price, "pounds as plain digits with a decimal point, such as 2.55");
    if (!/^\d*$/.test(customer)) throw bad("CustomerID", customer, "digits only, or nothing");
    if (country.trim() === "") throw bad("Country", country, "the country's name, or Unspecified");

    return {
      invoiceNo: keep(invoiceNo),
      stockCode: keep(stockCode),
      description: keep(description),
      quantity: Number(quantity),
      time,
      unitPriceMinor: pence.minor,
      priceRounded: pence.rounded,
      ...(customer === "" ? {} : { customerId: keep(customer) }),
      country: keep(country),
      rowNumber: row,
    };
  };
}

/** "2.5" is 250 pence, exactly; a fraction of a penny is rounded half away from zero and said to be. */
export function parsePence(text: string): { minor: bigint; rounded: boolean } | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, pounds = "", decimals = ""] = match;
  const rest = decimals.slice(2);
  const whole = BigInt(pounds + decimals.slice(0, 2).padEnd(2, "0")) + (rest >= "5" ? 1n : 0n);
  return { minor: sign === "-" ? -whole : whole, rounded: /[1-9]/.test(rest) };
}

function checkHeader(fields: string[]): void {
  if (fields.join() === columns.join()) return;
  const problem = fields.length === 0 ? "the file is empty" : `the header reads "${fields.join().slice(0, 120)}"`;
  throw new RecordError(1, undefined, problem, `it must read "${columns.join()}"`);
}

async function* textOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  // pipeline hands a read error on to the gunzip stream, whose reader below then throws it.
  const bytes = path.endsWith(".gz") ? pipeline(file, createGunzip({ chunkSize: 256 * 1024 }), () => {}) : file;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const chunk of bytes) yield decoder.decode(chunk as Uint8Array, { stream: true });
  yield decoder.decode();
}

function dayRange({ from, to }: ReadOptions): (date: string) => boolean {
  for (const day of [from, to]) {
    if (day !== undefined && londonToUtc(`${day} 00:00:00`) === undefined) {
      throw new RangeError(`"${day}" is no day: write yyyy-mm-dd`);
    }
  }
  return (date) => (from === undefined || date.slice(0, 10) >= from) && (to === undefined || date.slice(0, 10) <= to);
}

function remember<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return (text) => {
    const known = made.get(text);
    if (known !== undefined || made.has(text)) return known as T;
    const fresh = make(text);
    made.set(text, fresh);
    return fresh;
  };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
