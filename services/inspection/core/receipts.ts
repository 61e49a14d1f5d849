// What was counted of the parcels that came: how it differs from what should come, and what it allows.
import { check } from "#kit/pure/check.js";
import { unitsOf } from "./findings.js";
import type { Finding, Inspection, Receipt } from "./types.js";

/** One difference between what came and what should have come. */
export type Discrepancy = {
  readonly kind: "SHORT" | "OVER" | "WRONG_ITEM" | "EMPTY" | "SERIAL_MISMATCH" | "WRONG_CENTRE";
  readonly sku: string;
  readonly expected: number;
  readonly counted: number;
  readonly found: string;
};

/** How what was counted so far differs from what should come. SHORT only once every parcel that came was counted. */
export function discrepancies({ expected, receipts, terms, inbound }: Inspection): Discrepancy[] {
  const found: Discrepancy[] = [];
  const wanted = unitsBySku(expected);
  const counted = unitsBySku(receipts.flatMap((receipt) => receipt.items));
  const add = (kind: Discrepancy["kind"], sku: string, more: number, what = "") =>
    found.push({ kind, sku, expected: wanted.get(sku) ?? 0, counted: (counted.get(sku) ?? 0) + more, found: what });
  for (const receipt of receipts) {
    if (receipt.empty) add("EMPTY", "", 0, receipt.trackingNumber);
    const parcel = inbound.find(({ trackingNumber }) => trackingNumber === receipt.trackingNumber);
    const centre = parcel?.centre || terms.centre;
    if (centre !== "" && receipt.centre !== centre) add("WRONG_CENTRE", "", 0, receipt.centre);
    for (const stray of receipt.strays) add(stray.reason, stray.sku, stray.quantity, receipt.trackingNumber);
    for (const { sku, serial } of receipt.items) {
      const lines = new Set(expected.filter((line) => line.sku === sku).map((line) => line.lineId));
      const sold = terms.details.filter((d) => lines.has(d.lineId)).flatMap((d) => d.serials);
      if (serial !== "" && sold.length > 0 && !sold.includes(serial)) add("SERIAL_MISMATCH", sku, 0, serial);
    }
  }
  if (!countedAll(receipts)) return found;
  for (const [sku, units] of wanted) if ((counted.get(sku) ?? 0) < units) add("SHORT", sku, 0);
  return found;
}

/**
 * Sees that no unit goes its way that nobody saw come: where every parcel was counted, accepted units of a product are
 * at most what was counted of it. Parcels that were received without counting are taken at the inspector's word.
 * @throws DomainError UNITS_NOT_RECEIVED
 */
export function assertCounted({ expected, receipts }: Inspection, findings: readonly Finding[]): void {
  if (!countedAll(receipts)) return;
  const counted = unitsBySku(receipts.flatMap((receipt) => receipt.items));
  const accepted = unitsOf(findings.filter((finding) => finding.verdict === "ACCEPTED"));
  for (const sku of new Set(expected.map((line) => line.sku))) {
    const lines = expected.filter((line) => line.sku === sku);
    const units = lines.reduce((all, { lineId }) => all + (accepted.get(lineId) ?? 0), 0);
    const here = counted.get(sku) ?? 0;
    const message = `${units} units of ${sku} were accepted, but ${here} were counted at the dock`;
    check(units <= here, "UNITS_NOT_RECEIVED", message, { sku, counted: String(here), found: String(units) });
  }
}

function countedAll(receipts: readonly Receipt[]): boolean {
  return receipts.length > 0 && receipts.every(({ items, strays, empty }) => empty || items.length + strays.length > 0);
}

/** Units of each product. */
export function unitsBySku(items: readonly { readonly sku: string; readonly quantity: number }[]): Map<string, number> {
  const units = new Map<string, number>();
  for (const { sku, quantity } of items) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return units;
}
