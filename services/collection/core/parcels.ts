// What a collection's goods go in. Usually one parcel: then the booking is all there is to say of it, and where the parcel
// is, is where the collection is. Split, each parcel goes its own way, and the collection's state follows from theirs:
//  1. all of them at the warehouse or lost: DELIVERED, or LOST if none came;
//  2. else, one beyond its first scan: OUT_FOR_DELIVERY if that holds for all that are under way, else IN_TRANSIT;
//  3. else, the highest of the first scans.
import { type Booking, type Collection, type CollectionState, type Parcel, type Scan, scans } from "./types.js";

/** What stands for a booking that a carrier has yet to give. */
export const noBooking: Booking = { bookingId: "", carrier: "", trackingNumber: "" };

/** Its parcels, the booking's first; one without a number as long as nothing is booked. */
export function parcelsOf(collection: Collection): readonly Parcel[] {
  if (collection.parcels.length > 0) return collection.parcels;
  const { booking = noBooking, units, state, handOverTime, deliverTime } = collection;
  return [{ ...booking, units, scan: isScan(state) ? state : undefined, handOverTime, deliverTime }];
}

/** Where in the list the parcel of this number stands; a collection with but one knows which is meant. */
export function placeOf({ parcels }: Collection, trackingNumber: string): number {
  return parcels.length === 0 ? 0 : parcels.findIndex((parcel) => parcel.trackingNumber === trackingNumber);
}

/** The state that follows from the parcels' scans; none before the first. */
export function stateOf(parcels: readonly Parcel[]): Scan | undefined {
  const told = parcels.flatMap(({ scan }) => scan ?? []);
  if (told.length === 0) return undefined;
  if (parcels.every(isOver)) return told.includes("DELIVERED") ? "DELIVERED" : "LOST";
  if (told.every((scan) => rank(scan) <= rank("PICKED_UP"))) return told.reduce(higher);
  const onTheWay = parcels.filter((parcel) => !isOver(parcel));
  return onTheWay.every(({ scan }) => scan === "OUT_FOR_DELIVERY") ? "OUT_FOR_DELIVERY" : "IN_TRANSIT";
}

/** At the warehouse, or lost. */
export function isOver({ scan }: Parcel): boolean {
  return scan === "DELIVERED" || scan === "LOST";
}

/** When the last parcel reached the warehouse, of those that did. */
export function lastDelivery(parcels: readonly Parcel[]): Date | undefined {
  const times = parcels.flatMap(({ deliverTime }) => deliverTime ?? []);
  return times.toSorted((one, other) => one.getTime() - other.getTime()).at(-1);
}

/** The parcel that something should be heard of: the first that is not over. */
export function awaited(collection: Collection): Parcel | undefined {
  const parcels = parcelsOf(collection);
  return parcels.find((parcel) => !isOver(parcel)) ?? parcels[0];
}

/** The carriers' ids of what is booked for it, each once. */
export function bookingIds(collection: Collection): string[] {
  return [...new Set(parcelsOf(collection).map(({ bookingId }) => bookingId))].filter((id) => id !== "");
}

export function isScan(state: CollectionState): state is Scan {
  return (scans as readonly string[]).includes(state);
}

/** How far a scan is on the way; -1 for what is none. */
export function rank(state: CollectionState | undefined): number {
  return (scans as readonly (string | undefined)[]).indexOf(state);
}

function higher(one: Scan, other: Scan): Scan {
  return rank(other) > rank(one) ? other : one;
}
