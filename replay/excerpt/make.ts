/**
 * Writes online-retail-excerpt.csv out of the whole record: npx tsx replay/excerpt/make.ts <online-retail.csv.gz>
 * Rows are copied as they stand, in the record's order. A customer comes with every invoice that names them, so each
 * cancellation finds here the purchase it finds in the whole record.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { historyOf, kindOf, type Sale } from "../history.js";
import { matchHistory, type ReplayRequest } from "../match.js";
import { columns, lineParser, type RecordLine, readRows } from "../record.js";

/** All invoices of one customer, or one invoice that names nobody: what is taken or left as a whole. */
interface Bundle {
  lines: RecordLine[];
  texts: string[];
  /** Orders of this bundle, and the requests its cancellations make. */
  sales: Sale[];
  requests: ReplayRequest[];
}

/** Each is shown by the smallest bundle that has it; the earliest one, where several are as small. */
const features: Record<string, (bundle: Bundle) => boolean> = {
  "partial return": anyRequest((each) => each.kind === "matched" && each.lines.some((l) => l.quantity < l.bought)),
  "whole cancellation within hours": (bundle) =>
    bundle.requests.some((each) => within(each, 0, 6) && covers(each, bundle.sales)),
  "mistaken giant order": anyRequest((each) => each.lines.some((line) => line.quantity > 50_000)),
  "return after more than 30 days": anyRequest((each) => within(each, 30 * 24, 60 * 24)),
  "return after more than 200 days": anyRequest((each) => within(each, 200 * 24, Number.POSITIVE_INFINITY)),
  "unknown line of a customer with orders": anyRequest((each) => each.kind === "unknown" && !isOrderless(each)),
  "unknown line of a customer without any": anyRequest(isOrderless),
  "more than is left, but not more than was bought": anyRequest((e) => e.kind === "over" && !e.lines.some(exceeds)),
  "more than was ever bought": anyRequest((each) => each.kind === "over" && each.lines.some(exceeds)),
  "one cancelled line over several purchases": ({ lines }) => matchHistory(historyOf(lines)).counts.spread > 0,
  "one cancellation over several orders": ({ requests }) =>
    requests.some((a) => requests.some((b) => a.cancellationId === b.cancellationId && a.orderId !== b.orderId)),
  "two lines of one SKU, one of them given back": ({ sales, requests }) =>
    sales.some((sale) => repeatsSku(sale) && requests.some((each) => each.orderId === sale.orderId)),
  "exact duplicate row": ({ lines }) => historyOf(lines).counts.duplicateRows > 0,
  "invoice with two times": ({ lines }) => historyOf(lines).counts.invoicesWithTwoTimes > 0,
  "inner quote": anyLine((line) => line.description.includes('"')),
  "comma in a description": anyLine((line) => line.description.includes(",")),
  "pound sign in a description": anyLine((line) => line.description.includes("£")),
  "guest order": ({ sales }) => sales.some((sale) => sale.customerId === undefined),
  "cancelled goods without a customer": anyLine((line) => kindOf(line) === "cancelledAnonymous"),
  "cancelled fee": anyLine((line) => kindOf(line) === "cancelledFee"),
  "price 0 within an order": (bundle) => bundle.sales.length > 0 && bundle.lines.some((l) => kindOf(l) === "free"),
  "fractional penny": anyLine((line) => line.priceRounded),
  "fee within an order": (bundle) => bundle.sales.length > 0 && bundle.lines.some((line) => kindOf(line) === "fee"),
  "order of fees alone": ({ sales, lines }) => sales.length === 0 && lines.every((line) => kindOf(line) === "fee"),
  "stock write-off with a reason": anyLine((line) => kindOf(line) === "writeOff" && line.description !== ""),
  "empty description": anyLine((line) => line.description === ""),
  "bad-debt adjustment": anyLine((line) => kindOf(line) === "adjustment" && line.unitPriceMinor > 0n),
  "negative price": anyLine((line) => line.unitPriceMinor < 0n),
  "gift line (DCGS…)": anyLine((line) => line.stockCode.startsWith("DCGS") && kindOf(line) === "sold"),
  "country other than the United Kingdom": anyLine((line) => line.country === "Germany"),
};

/** The rest, taken in the record's order, one of every so many, until the excerpt holds as much as wanted. */
const fillers: { every: number; isOne: (bundle: Bundle) => boolean; wanted: { orders: number; requests: number } }[] = [
  {
    every: 16,
    isOne: (bundle) => isShort(bundle) && bundle.requests.length > 0,
    wanted: { orders: 400, requests: 80 },
  },
  { every: 60, isOne: (bundle) => isShort(bundle) && isGuest(bundle), wanted: { orders: 400, requests: 90 } },
  { every: 29, isOne: (bundle) => isShort(bundle) && !isGuest(bundle), wanted: { orders: 320, requests: 90 } },
];

const path = process.argv[2];
if (path === undefined) throw new Error("name the whole record: npx tsx replay/excerpt/make.ts <online-retail.csv.gz>");
const bundles = await readBundles(path);
const chosen = new Set<Bundle>();
for (const [feature, shows] of Object.entries(features)) {
  const [smallest] = bundles.filter(shows).sort((a, b) => a.lines.length - b.lines.length);
  if (smallest === undefined) throw new Error(`nothing in ${path} shows: ${feature}`);
  chosen.add(smallest);
  console.log(`${feature}: ${[...new Set(smallest.lines.map((line) => line.customerId ?? line.invoiceNo))].join()}`);
}
for (const { every, isOne, wanted } of fillers) {
  for (const bundle of bundles.filter(isOne).filter((_, at) => at % every === 0)) {
    const full = orders() >= wanted.orders || requests() >= wanted.requests;
    if (!full) chosen.add(bundle);
  }
}

const rows = [...chosen].flatMap(({ lines, texts }) => lines.map((line, at) => ({ line, text: texts[at] })));
rows.sort((a, b) => a.line.rowNumber - b.line.rowNumber);
const csv = [columns.join(), ...rows.map((row) => row.text), ""].join("\r\n");
writeFileSync(fileURLToPath(new URL("online-retail-excerpt.csv", import.meta.url)), csv);
console.log(`${rows.length} rows, ${Buffer.byteLength(csv)} bytes, ${orders()} orders, ${requests()} requests`);

async function readBundles(from: string): Promise<Bundle[]> {
  const parse = lineParser();
  const bundles = new Map<string, Bundle>();
  for await (const { fields, number, text } of readRows(from)) {
    const line = parse(fields, number);
    const id = line.customerId ?? line.invoiceNo;
    const bundle = bundles.get(id) ?? { lines: [], texts: [], sales: [], requests: [] };
    bundle.lines.push(line);
    bundle.texts.push(text);
    bundles.set(id, bundle);
  }
  for (const bundle of bundles.values()) {
    const history = historyOf(bundle.lines);
    bundle.sales = history.sales;
    bundle.requests = matchHistory(history).requests;
  }
  return [...bundles.values()];
}

function anyLine(shows: (line: RecordLine) => boolean): (bundle: Bundle) => boolean {
  return ({ lines }) => lines.some(shows);
}

function anyRequest(shows: (request: ReplayRequest) => boolean): (bundle: Bundle) => boolean {
  return ({ requests }) => requests.some(shows);
}

function within({ kind, hoursSincePurchase }: ReplayRequest, fromHours: number, toHours: number): boolean {
  if (kind !== "matched" || hoursSincePurchase === undefined) return false;
  return hoursSincePurchase > fromHours && hoursSincePurchase < toHours;
}

/** It gives the whole order back, and the order is not one line only. */
function covers(request: ReplayRequest, sales: Sale[]): boolean {
  const lines = sales.find((sale) => sale.orderId === request.orderId)?.lines ?? [];
  const given = new Map(request.lines.map((line) => [line.lineId, line.quantity]));
  return lines.length > 1 && lines.every((line) => given.get(line.lineId) === line.quantity);
}

function exceeds(line: { quantity: number; bought: number }): boolean {
  return line.quantity > line.bought;
}

function isOrderless(request: ReplayRequest): boolean {
  return request.orderId.startsWith("none-");
}

function repeatsSku({ lines }: Sale): boolean {
  return new Set(lines.map((line) => line.stockCode)).size < lines.length;
}

function isGuest({ sales }: Bundle): boolean {
  return sales.some((sale) => sale.customerId === undefined);
}

/** Wordy bundles are left out for the sake of size. */
function isShort({ lines, sales }: Bundle): boolean {
  return sales.length > 0 && sales.length <= 12 && lines.length <= 15 * sales.length;
}

function orders(): number {
  return [...chosen].reduce((total, bundle) => total + bundle.sales.length, 0);
}

function requests(): number {
  return [...chosen].reduce((total, bundle) => total + bundle.requests.length, 0);
}
