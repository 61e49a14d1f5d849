// Parcels that are still on their way when the bench has seen what came. What is in them is not missing.
import { check } from "#kit/pure/check.js";
import type { Finding, InboundParcel, Inspection } from "./types.js";

/**
 * The numbers of the parcels that are out: of the collections that anything was heard of since they were booked, neither
 * delivered nor lost nor taken in. A parcel that was taken in without a number that we know is one of them, so as many are
 * not out; which ones cannot be told, so while any is left all are named.
 */
export function outstanding({ inbound, receipts }: Inspection): string[] {
  const scanned = new Set(receipts.map(({ trackingNumber }) => trackingNumber));
  const isIn = ({ trackingNumber, deliverTime }: InboundParcel) => scanned.has(trackingNumber) || !!deliverTime;
  const moved = new Set(inbound.filter((p) => isIn(p) || p.pickupTime).map(({ collectionId }) => collectionId));
  // Where a collection failed and another was made, the labels of the former are not on their way.
  const parcels = inbound.filter(({ collectionId }) => moved.size === 0 || moved.has(collectionId));
  const out = parcels.filter((parcel) => !isIn(parcel) && !parcel.loseTime);
  const numbers = new Set(parcels.map(({ trackingNumber }) => trackingNumber));
  // Whoever received the goods without scanning a parcel saw one come.
  const unnamed = Math.max(1, receipts.length) - receipts.filter((r) => numbers.has(r.trackingNumber)).length;
  const unscanned = parcels.filter((parcel) => isIn(parcel) && !scanned.has(parcel.trackingNumber)).length;
  return out.length > Math.max(0, unnamed - unscanned) ? out.map(({ trackingNumber }) => trackingNumber) : [];
}

/**
 * Sees that nothing is called missing that a carrier still brings.
 * @returns the parcels that are gone without, because `without` says so
 * @throws DomainError PARCELS_OUTSTANDING
 */
export function assertHere(inspection: Inspection, findings: readonly Finding[], without: boolean): string[] {
  if (!findings.some(({ verdict }) => verdict === "MISSING")) return [];
  const out = outstanding(inspection);
  const { inspectionId } = inspection;
  const message = `units would be missing while parcels are on their way: wait for ${out.join(", ")}, or have the carrier report them lost`;
  check(out.length === 0 || without, "PARCELS_OUTSTANDING", message, {
    inspection_id: inspectionId,
    tracking_numbers: out.join(),
  });
  return out;
}
