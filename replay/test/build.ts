/** Builders of small histories, and a file to read them from. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "#kit/testing/stage.js";
import type { Cancellation, Sale } from "../history.js";
import { columns, type ReadOptions, type RecordLine, readRecord } from "../record.js";

/** Day 0 is 1 June 2011, noon UTC. */
export function day(n: number): Date {
  return new Date(Date.UTC(2011, 5, 1, 12) + n * 86_400_000);
}

export function line(changes: Partial<RecordLine> = {}): RecordLine {
  return {
    invoiceNo: "500001",
    stockCode: "85123A",
    description: "HEART T-LIGHT HOLDER",
    quantity: 6,
    time: day(0),
    unitPriceMinor: 255n,
    priceRounded: false,
    customerId: "17850",
    country: "United Kingdom",
    rowNumber: 2,
    ...changes,
  };
}

/** `sale("500001", 0, [["A", 6], ["B", 1]])`: a line for each SKU and its units. */
export function sale(orderId: string, at: number, units: [string, number][], customerId = "17850"): Sale {
  const lines = units.map(([stockCode, quantity], index) => ({
    lineId: `${orderId}-${index + 1}`,
    stockCode,
    description: stockCode,
    quantity,
    unitPriceMinor: 100n,
  }));
  return { orderId, time: day(at), customerId, country: "United Kingdom", lines };
}

export function cancellation(
  invoiceNo: string,
  at: number,
  units: [string, number][],
  customerId = "17850",
): Cancellation {
  const lines = units.map(([stockCode, quantity], index) => ({ n: index + 1, stockCode, quantity }));
  return { invoiceNo, time: day(at), customerId, lines };
}

export const header = columns.join();

function fileOf(content: string | Uint8Array, name = "record.csv"): string {
  const path = join(testFolder("replay"), name);
  writeFileSync(path, content);
  return path;
}

export async function read(content: string | Uint8Array, options: ReadOptions = {}, name?: string) {
  const lines: RecordLine[] = [];
  for await (const each of readRecord(fileOf(content, name), options)) lines.push(each);
  return lines;
}
