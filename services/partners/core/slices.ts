// Which units are in which parcel, where a resolution's goods travel in several: each takes so many, line by line, in the
// order in which they were booked. Units are numbered from 1 within their line, as the bench numbers them.
import type { ExpectedLine, Finding } from "./findings.js";

/** Some units of a line, the first of them by its number. */
export type Slice = ExpectedLine & { readonly first: number };

/** Findings of units that are told apart. */
export type FoundUnits = Finding & { readonly first: number };

/** @param before units in parcels that were booked earlier */
function sliceOf(lines: readonly ExpectedLine[], before: number, units: number): Slice[] {
  let [skip, left] = [before, units];
  return lines.flatMap(({ quantity, ...line }) => {
    const skipped = Math.min(skip, quantity);
    const taken = Math.min(left, quantity - skipped);
    skip -= skipped;
    left -= taken;
    return taken > 0 ? [{ ...line, quantity: taken, first: skipped + 1 }] : [];
  });
}

/** Numbers findings: those of a line follow each other, from the first of its units. */
export function numbered(findings: readonly Finding[], slices: readonly Slice[]): FoundUnits[] {
  const next = new Map(slices.map(({ lineId, first }) => [lineId, first]));
  return findings.map((finding) => {
    const first = next.get(finding.lineId) ?? 1;
    next.set(finding.lineId, first + finding.quantity);
    return { ...finding, first };
  });
}

/** A parcel among those of its resolution, in the order in which they were booked. */
type Booked = { readonly bookingId: string; readonly units: number };

/** The units in one of several parcels. */
export function contentOf(lines: readonly ExpectedLine[], parcels: readonly Booked[], bookingId: string): Slice[] {
  const at = parcels.findIndex((parcel) => parcel.bookingId === bookingId);
  const before = parcels.slice(0, at).reduce((sum, { units }) => sum + units, 0);
  return sliceOf(lines, before, parcels[at]?.units ?? 0);
}
