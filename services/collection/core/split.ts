// A collection whose goods go in several parcels: the customer says so, the carrier gives the numbers.
import { check } from "#kit/pure/check.js";
import { changed, moved, outcome, unchanged } from "./change.js";
import { callOff, isOpen } from "./collection.js";
import { delivered, parcelAdded } from "./facts.js";
import { lastDelivery, noBooking, stateOf } from "./parcels.js";
import type { Booking, Collection, Outcome, Parcel } from "./types.js";

/**
 * Splits it. The first parcel keeps the number; the carrier is asked for one for each of the others.
 * @throws DomainError PARCELS_TOO_LATE, PARCELS_SPLIT_BEFORE, COLLECTION_STATE, PARCELS_TOO_MANY, PARCEL_UNITS
 */
export function split(before: Collection, units: readonly number[], now: Date): Outcome {
  const { collectionId: collection_id, state, booking } = before;
  const sum = units.reduce((one, other) => one + other, 0);
  check(
    before.handOverTime === undefined,
    "PARCELS_TOO_LATE",
    `${collection_id} is ${state}: a carrier has the goods already, in what they were handed over in`,
    { collection_id, state },
  );
  check(before.parcels.length === 0, "PARCELS_SPLIT_BEFORE", `${collection_id} is split already: read its parcels`, {
    collection_id,
    parcels: `${before.parcels.length}`,
  });
  check(
    booking !== undefined && isOpen(state),
    "COLLECTION_STATE",
    `${collection_id} is ${state}: only what a carrier took the booking of, and nobody called off, can be split`,
    { collection_id, state, verb: "split" },
  );
  check(
    units.length <= before.units,
    "PARCELS_TOO_MANY",
    `${before.units} units do not fill ${units.length} parcels: name at most so many`,
    { collection_id, units: `${before.units}`, parcels: `${units.length}` },
  );
  check(
    sum === before.units,
    "PARCEL_UNITS",
    `the parcels hold ${sum} units and the collection has ${before.units}: they must be the same`,
    { collection_id, units: `${before.units}`, in_parcels: `${sum}` },
  );
  const none = { scan: undefined, handOverTime: undefined, deliverTime: undefined };
  const further = { ...noBooking, carrier: booking.carrier };
  const parcels = units.map((count, i) => ({ ...(i === 0 ? booking : further), units: count, ...none }));
  const todo = units.slice(1).map((count) => ({ step: "book-parcel" as const, payload: { units: count } }));
  return outcome({ ...changed(before, now), parcels }, { todo });
}

/**
 * The carrier gave a parcel of so many units its number. Called off meanwhile, it is kept on record, so that its reports
 * find their way, and called off.
 */
export function parcelBooked(before: Collection, units: number, booking: Booking, now: Date): Outcome {
  const place = waiting(before, units);
  if (place < 0) return unchanged(before);
  // It keeps them together after all.
  const known = before.parcels.some(({ trackingNumber }) => trackingNumber === booking.trackingNumber);
  if (known || booking.trackingNumber === "") return parcelRefused(before, units, now);
  const parcels = before.parcels.map((parcel, i) => (i === place ? { ...parcel, ...booking } : parcel));
  const next = { ...changed(before, now), parcels };
  const wanted = isOpen(before.state) || before.handOverTime !== undefined;
  return wanted
    ? outcome(next, { facts: [parcelAdded(next, parcels[place] as Parcel, now)] })
    : outcome(next, { todo: callOff(booking.bookingId) });
}

/** The carrier takes no such parcel: its units go in the first. */
export function parcelRefused(before: Collection, units: number, now: Date): Outcome {
  const place = waiting(before, units);
  if (place < 0) return unchanged(before);
  const [first, ...others] = before.parcels.filter((_, i) => i !== place);
  if (!first) return unchanged(before);
  const kept = [{ ...first, units: first.units + units }, ...others];
  if (before.handOverTime === undefined) {
    // Of one parcel there is nothing to say that the collection does not say.
    return outcome({ ...changed(before, now), parcels: kept.length === 1 ? [] : kept });
  }
  // The others may have arrived while this one was waited for.
  const state = stateOf(kept);
  if (state === undefined || state === before.state) return outcome({ ...changed(before, now), parcels: kept });
  const next = { ...moved(before, state, now), parcels: kept, deliverTime: lastDelivery(kept) };
  const facts = state === "DELIVERED" ? [delivered(next, { ...first, units: first.units + units }, now)] : [];
  return outcome(next, { facts });
}

/** Where a parcel of so many units waits for its number; those of the same size may change places. */
function waiting({ parcels }: Collection, units: number): number {
  return parcels.findIndex((parcel) => parcel.trackingNumber === "" && parcel.units === units);
}
