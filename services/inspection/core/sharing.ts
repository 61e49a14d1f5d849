// One parcel that carries the goods of several inspections: what of it belongs to which.
import { unitsBySku } from "./receipts.js";
import type { Scan } from "./scan.js";
import type { Inspection, ReceiptItem } from "./types.js";

/** An inspection with its part of a parcel. */
export type Part = { readonly inspection: Inspection; readonly scan: Scan };

/**
 * Parts what was counted: each takes what it still expects, in this order. What nobody expects stays with the first, whose
 * receipt sends it to quarantine. The weight is the parcel's, so it stands with the first alone.
 */
export function partsOf(inspections: readonly Inspection[], scan: Scan): Part[] {
  let left: readonly ReceiptItem[] = scan.items;
  const parts = inspections.map((inspection, at): Part => {
    const [items, rest] = divide(inspection, left);
    left = rest;
    return { inspection, scan: { ...scan, items, weightGrams: at === 0 ? scan.weightGrams : 0 } };
  });
  const [first, ...others] = parts;
  if (!first || left.length === 0) return parts;
  return [{ ...first, scan: { ...first.scan, items: [...first.scan.items, ...left] } }, ...others];
}

function divide({ expected, receipts }: Inspection, scanned: readonly ReceiptItem[]): [ReceiptItem[], ReceiptItem[]] {
  const wanted = unitsBySku(expected);
  for (const [sku, units] of unitsBySku(receipts.flatMap(({ items }) => items)))
    wanted.set(sku, (wanted.get(sku) ?? 0) - units);
  const mine: ReceiptItem[] = [];
  const rest: ReceiptItem[] = [];
  for (const item of scanned) {
    const open = Math.max(0, wanted.get(item.sku) ?? 0);
    const fits = Math.min(open, item.quantity);
    wanted.set(item.sku, open - fits);
    if (fits > 0) mine.push({ ...item, quantity: fits });
    if (fits < item.quantity) rest.push({ ...item, quantity: item.quantity - fits });
  }
  return [mine, rest];
}
