/**
 * Turns the record's lines into what the replay plays: sales that become orders, and cancellations that become
 * requests. Every line lands in exactly one kind, so nothing is lost between the file and the report.
 */
import { isGoods } from "./goods.js";
import type { RecordLine } from "./record.js";

/**
 * In the order they are asked: the invoice's letter, then the sign, then the price, then the code.
 * adjustment: an `A` invoice, bad debt · cancelled, cancelledAnonymous, cancelledFee: a `C` invoice, by article and
 * customer · writeOff: a negative line of a plain invoice, stock lost or corrected · free: price 0 · fee: no article ·
 * sold: an article at a price · unclear: none of these (an unknown letter, quantity 0, a negative or sub-penny price of
 * an article); the whole record has no such line.
 */
const lineKinds = [
  "sold",
  "fee",
  "free",
  "writeOff",
  "cancelled",
  "cancelledAnonymous",
  "cancelledFee",
  "adjustment",
  "unclear",
] as const;
export type LineKind = (typeof lineKinds)[number];

export interface SaleLine {
  /** `<invoice>-<n>`, n the row's place in its invoice: one invoice in eight repeats a SKU, so order + SKU is no key. */
  lineId: string;
  stockCode: string;
  description: string;
  quantity: number;
  unitPriceMinor: bigint;
}

export interface Sale {
  orderId: string;
  /** The earliest of the invoice's times; 43 invoices carry two, a minute apart. */
  time: Date;
  /** Absent: a guest's order. It is an order all the same; no cancellation will name it. */
  customerId?: string;
  country: string;
  lines: SaleLine[];
}

export interface CancelledLine {
  /** The row's place in its invoice, from 1. */
  n: number;
  stockCode: string;
  /** Units given back, positive. */
  quantity: number;
}

export interface Cancellation {
  invoiceNo: string;
  time: Date;
  customerId?: string;
  /** Articles only; empty when the invoice cancels nothing but fees. */
  lines: CancelledLine[];
}

export interface RecordCounts {
  lines: number;
  kinds: Record<LineKind, number>;
  invoices: number;
  plainInvoices: number;
  cancellationInvoices: number;
  adjustmentInvoices: number;
  /** Plain invoices with any line at a quantity and price above zero, fees included. */
  sales: number;
  /** Of these, the ones with an article among such lines: they become orders. The rest charge fees alone. */
  orders: number;
  guestOrders: number;
  withoutCustomer: number;
  withoutDescription: number;
  /** Rows equal to an earlier one in every column. They are kept: a till may scan the same thing twice. */
  duplicateRows: number;
  invoicesWithTwoTimes: number;
  /** Plain invoices that name a SKU on more than one line. */
  invoicesRepeatingSku: number;
  /** Lines with quantity below zero outside `C` and `A` invoices, and lines at price 0; a write-off may be both. */
  negativeOutsideCancellations: number;
  zeroPrice: number;
  roundedPrices: number;
}

export interface History {
  /** In time order. */
  sales: Sale[];
  /** In time order; every `C` invoice, also those without articles or without a customer. */
  cancellations: Cancellation[];
  counts: RecordCounts;
}

export async function readHistory(lines: AsyncIterable<RecordLine>): Promise<History> {
  const all: RecordLine[] = [];
  for await (const line of lines) all.push(line);
  return historyOf(all);
}

/** Lines may come in any order between invoices; within an invoice they keep theirs, for it numbers them. */
export function historyOf(lines: Iterable<RecordLine>): History {
  const invoices = new Map<string, RecordLine[]>();
  for (const line of lines) {
    const invoice = invoices.get(line.invoiceNo);
    if (invoice === undefined) invoices.set(line.invoiceNo, [line]);
    else invoice.push(line);
  }
  const history: History = { sales: [], cancellations: [], counts: noCounts() };
  for (const [invoiceNo, rows] of invoices) {
    count(history.counts, invoiceNo, rows);
    if (invoiceNo.startsWith("C")) history.cancellations.push(cancellationOf(invoiceNo, rows));
    const sale = saleOf(invoiceNo, rows);
    if (sale.lines.length > 0) history.sales.push(sale);
  }
  history.sales.sort(byTime);
  history.cancellations.sort(byTime);
  history.counts.orders = history.sales.length;
  history.counts.guestOrders = history.sales.filter((sale) => sale.customerId === undefined).length;
  return history;
}

export function kindOf(line: RecordLine): LineKind {
  const letter = /^\D*/.exec(line.invoiceNo)?.[0];
  const goods = isGoods(line.stockCode);
  if (letter === "A") return "adjustment";
  if (letter === "C" && line.quantity < 0) {
    if (!goods) return "cancelledFee";
    return line.customerId === undefined ? "cancelledAnonymous" : "cancelled";
  }
  if (letter !== "" || line.quantity === 0) return "unclear";
  if (line.quantity < 0) return "writeOff";
  if (isFree(line)) return "free";
  if (!goods) return "fee";
  return line.unitPriceMinor > 0n && !line.priceRounded ? "sold" : "unclear";
}

function saleOf(orderId: string, rows: RecordLine[]): Sale {
  const lines = rows.flatMap((row, at) => (kindOf(row) === "sold" ? [saleLine(row, at + 1)] : []));
  return { orderId, time: earliest(rows), ...customerOf(rows), country: rows[0]?.country ?? "", lines };
}

function saleLine(row: RecordLine, n: number): SaleLine {
  const { invoiceNo, stockCode, description, quantity, unitPriceMinor } = row;
  return { lineId: `${invoiceNo}-${n}`, stockCode, description, quantity, unitPriceMinor };
}

function cancellationOf(invoiceNo: string, rows: RecordLine[]): Cancellation {
  const lines = rows.flatMap((row, at) => {
    const kind = kindOf(row);
    const goods = kind === "cancelled" || kind === "cancelledAnonymous";
    return goods ? [{ n: at + 1, stockCode: row.stockCode, quantity: -row.quantity }] : [];
  });
  return { invoiceNo, time: earliest(rows), ...customerOf(rows), lines };
}

/** No invoice of the record names two customers. */
function customerOf(rows: RecordLine[]): { customerId?: string } {
  const customerId = rows[0]?.customerId;
  return customerId === undefined ? {} : { customerId };
}

function count(counts: RecordCounts, invoiceNo: string, rows: RecordLine[]): void {
  const plain = /^\d/.test(invoiceNo);
  counts.invoices += 1;
  counts.plainInvoices += +plain;
  counts.cancellationInvoices += +invoiceNo.startsWith("C");
  counts.adjustmentInvoices += +invoiceNo.startsWith("A");
  counts.sales += +(plain && rows.some((row) => row.quantity > 0 && (row.unitPriceMinor > 0n || row.priceRounded)));
  counts.invoicesWithTwoTimes += +(new Set(rows.map((row) => row.time.getTime())).size > 1);
  counts.invoicesRepeatingSku += +(plain && new Set(rows.map((row) => row.stockCode)).size < rows.length);
  counts.duplicateRows += rows.length - new Set(rows.map(contentOf)).size;
  for (const row of rows) {
    counts.lines += 1;
    counts.kinds[kindOf(row)] += 1;
    counts.withoutCustomer += +(row.customerId === undefined);
    counts.withoutDescription += +(row.description === "");
    counts.negativeOutsideCancellations += +(plain && row.quantity < 0);
    counts.zeroPrice += +isFree(row);
    counts.roundedPrices += +row.priceRounded;
  }
}

/** The invoice number is part of a row, so equal rows always meet in one invoice. */
function contentOf(row: RecordLine): string {
  const { stockCode, description, quantity, time, unitPriceMinor, customerId, country } = row;
  return [stockCode, description, quantity, time.getTime(), unitPriceMinor, customerId, country].join("\n");
}

function isFree(line: RecordLine): boolean {
  return line.unitPriceMinor === 0n && !line.priceRounded;
}

function earliest(rows: RecordLine[]): Date {
  return new Date(rows.reduce((least, row) => Math.min(least, row.time.getTime()), Number.POSITIVE_INFINITY));
}

function byTime(a: { time: Date }, b: { time: Date }): number {
  return a.time.getTime() - b.time.getTime();
}

function noCounts(): RecordCounts {
  return {
    lines: 0,
    kinds: Object.fromEntries(lineKinds.map((kind) => [kind, 0])) as Record<LineKind, number>,
    invoices: 0,
    plainInvoices: 0,
    cancellationInvoices: 0,
    adjustmentInvoices: 0,
    sales: 0,
    orders: 0,
    guestOrders: 0,
    withoutCustomer: 0,
    withoutDescription: 0,
    duplicateRows: 0,
    invoicesWithTwoTimes: 0,
    invoicesRepeatingSku: 0,
    negativeOutsideCancellations: 0,
    zeroPrice: 0,
    roundedPrices: 0,
  };
}
