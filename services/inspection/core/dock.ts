// What is scanned at the dock: what of it an inspection expects, and what goes to quarantine.
import { DomainError } from "#kit/pure/check.js";
import { receive } from "./inspection.js";
import type { Outcome } from "./outcome.js";
import { unitsBySku } from "./receipts.js";
import type { Scan } from "./scan.js";
import { type Part, partsOf } from "./sharing.js";
import type { Errand, Inspection, Quarantined, Receipt, ReceiptItem } from "./types.js";
import { assertOpen } from "./units.js";

/**
 * A parcel of this inspection is in the house. The first one starts the clocks, whatever is in it and wherever it came;
 * what does not belong goes to quarantine with it, under ids that `newId` gives.
 * @throws DomainError PARCEL_ALREADY_SCANNED, INSPECTION_DONE
 */
export function takeIn(inspection: Inspection, scan: Scan, newId: () => string): Outcome {
  const { inspectionId, resolutionId, receipts, state } = inspection;
  const { trackingNumber, centre, empty, weightGrams, scanner, time: receiveTime, note } = scan;
  assertNew(inspection, trackingNumber);
  const first = state === "EXPECTED" || state === "CANCELED";
  if (!first) assertOpen(inspection, "receive");
  const { items, strays } = sorted(inspection, scan.items);
  const receipt: Receipt = { trackingNumber, centre, items, strays, empty, weightGrams, scanner, receiveTime };
  const outcome = first
    ? receive(inspection, receiveTime)
    : { next: { ...inspection, version: inspection.version + 1 } };
  const quarantined = strays.map(
    ({ reason, ...item }): Quarantined => ({
      ...held(newId(), reason, { ...scan, items: [item], note }),
      inspectionId,
    }),
  );
  return {
    ...outcome,
    next: { ...outcome.next, receipts: [...receipts, receipt] },
    facts: [...(outcome.facts ?? []), ...quarantined.map((goods) => announced(goods, resolutionId))],
    quarantined,
  };
}

/**
 * Takes a parcel in that carries the goods of several inspections, with the others' parts as steps of the first.
 * @throws DomainError PARCEL_ALREADY_SCANNED
 */
export function takeInShared(
  before: Inspection,
  others: readonly Inspection[],
  scan: Scan,
  newId: () => string,
): Outcome {
  const [first, ...rest] = partsOf([before, ...others], scan);
  const outcome = takeIn(before, (first as Part).scan, newId);
  const steps = rest.map(({ inspection: { inspectionId }, scan }): Errand => {
    const payload = { inspectionId, scan: { ...scan, items: [...scan.items], time: scan.time.toISOString() } };
    return { step: "receive-shared", due: scan.time, payload };
  });
  return { ...outcome, steps: [...(outcome.steps ?? []), ...steps] };
}

/** An inspection's part of a shared parcel; once it was taken in, this changes nothing. */
export function receiveShared(inspection: Inspection, scan: Scan, newId: () => string): Outcome {
  const here = inspection.receipts.some(({ trackingNumber }) => trackingNumber === scan.trackingNumber);
  return here ? { next: inspection } : takeIn(inspection, scan, newId);
}

/** A parcel is taken in once, whatever came of it since. @throws DomainError PARCEL_ALREADY_SCANNED */
export function assertNew({ inspectionId, receipts }: Inspection, trackingNumber: string): void {
  const again = trackingNumber !== "" && receipts.some((receipt) => receipt.trackingNumber === trackingNumber);
  if (again) throw alreadyScanned(trackingNumber, inspectionId);
}

export function alreadyScanned(trackingNumber: string, inspectionId: string): DomainError {
  const metadata = { tracking_number: trackingNumber, inspection_id: inspectionId };
  return new DomainError("PARCEL_ALREADY_SCANNED", `parcel ${trackingNumber} was taken in before`, metadata);
}

/** Goods that go to quarantine. */
export function held(quarantineId: string, reason: Quarantined["reason"], scan: Scan): Quarantined {
  const { trackingNumber, centre, items, note, scanner, time: receiveTime } = scan;
  const of = { trackingNumber, centre, items, note, scanner, receiveTime };
  return { quarantineId, state: "HELD", reason, inspectionId: "", ...of, decider: "", version: 1 };
}

/** The fact that goods stand there; `resolutionId` of the inspection they came with, "" for none. */
export function announced(quarantined: Quarantined, resolutionId: string) {
  return { name: "GoodsQuarantined", body: { quarantined, resolutionId } } as const;
}

/** Parts what was counted: units that are still expected, and those that are too many or of another product. */
function sorted(
  { expected, receipts }: Inspection,
  scanned: readonly ReceiptItem[],
): Pick<Receipt, "items" | "strays"> {
  const wanted = unitsBySku(expected);
  const counted = unitsBySku(receipts.flatMap((receipt) => receipt.items));
  const items: ReceiptItem[] = [];
  const strays: Receipt["strays"][number][] = [];
  for (const item of scanned) {
    const reason = wanted.has(item.sku) ? "OVER" : "WRONG_ITEM";
    const before = counted.get(item.sku) ?? 0;
    const fits = Math.min(item.quantity, Math.max(0, (wanted.get(item.sku) ?? 0) - before));
    counted.set(item.sku, before + fits);
    if (fits > 0) items.push({ ...item, quantity: fits });
    if (fits < item.quantity) strays.push({ ...item, quantity: item.quantity - fits, reason });
  }
  return { items, strays };
}
