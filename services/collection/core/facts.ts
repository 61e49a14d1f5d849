// What a collection announces, as the contract's events say it; only the fault is still a word.
import { proofOf } from "./handOver.js";
import { awaited, isOver, parcelsOf } from "./parcels.js";
import type { Attempt, Collection, CollectionFact, Parcel, Report } from "./types.js";

export function scheduled(collection: Collection, now: Date): CollectionFact {
  const { carrier = "", trackingNumber = "" } = collection.booking ?? {};
  const { slot } = collection;
  return {
    name: "CollectionScheduled",
    body: {
      ...ids(collection),
      carrier,
      trackingNumber,
      slot,
      scheduleTime: now,
      centre: collection.route?.centre ?? "",
    },
  };
}

export function attemptFailed(
  collection: Collection,
  { number, fault = "GENERAL", code, time, nextAttemptTime, evidence }: Attempt,
): CollectionFact {
  return {
    name: "PickupAttemptFailed",
    body: {
      ...ids(collection),
      attempt: number,
      fault,
      code,
      attemptTime: time,
      nextAttemptTime,
      evidence: evidence && { ...evidence, mediaIds: [...evidence.mediaIds] },
    },
  };
}

export function codeUnknown(collection: Collection, { reporter, code }: Report, reason: string, time: Date) {
  const body = { ...ids(collection), reporter, code, reason, eventTime: time };
  return { name: "TrackingCodeUnknown", body } satisfies CollectionFact;
}

export function stalled(collection: Collection, hearTime: Date, now: Date): CollectionFact {
  const body = { ...ids(collection), ...awaitedParcel(collection), state: collection.state, hearTime };
  return { name: "ParcelStalled", body: { ...body, stallTime: now } };
}

export function presumedLost(collection: Collection, hearTime: Date, now: Date): CollectionFact {
  const body = { ...ids(collection), ...awaitedParcel(collection), hearTime };
  return { name: "ParcelPresumedLost", body: { ...body, presumeTime: now } };
}

export function pickedUp(collection: Collection, { trackingNumber }: Parcel, time: Date): CollectionFact {
  const body = { ...ids(collection), trackingNumber, pickupTime: time, ...provedBy(collection) };
  return { name: "ParcelPickedUp", body };
}

export function furtherPickedUp(collection: Collection, { trackingNumber, units }: Parcel, time: Date): CollectionFact {
  return { name: "FurtherParcelPickedUp", body: { ...ids(collection), trackingNumber, units, pickupTime: time } };
}

export function delivered(collection: Collection, { trackingNumber, units }: Parcel, time: Date): CollectionFact {
  const body = { ...ids(collection), trackingNumber, units, deliverTime: time, moreParcels: moreParcels(collection) };
  return { name: "ParcelDelivered", body };
}

export function lost(collection: Collection, { trackingNumber, units }: Parcel, time: Date): CollectionFact {
  const parcels = parcelsOf(collection);
  const lostUnits = parcels.reduce((sum, parcel) => sum + (parcel.scan === "LOST" ? parcel.units : 0), 0);
  const othersDelivered = parcels.some(({ scan }) => scan === "DELIVERED");
  const body = { ...ids(collection), trackingNumber, units, loseTime: time, moreParcels: moreParcels(collection) };
  return { name: "ParcelLost", body: { ...body, lostUnits, othersDelivered } };
}

export function parcelAdded(collection: Collection, parcel: Parcel, now: Date): CollectionFact {
  const { carrier, trackingNumber, units } = parcel;
  return { name: "ParcelAdded", body: { ...ids(collection), carrier, trackingNumber, units, addTime: now } };
}

export function visitMoved(collection: Collection, now: Date): CollectionFact {
  const { visitId = "", slot } = collection;
  return { name: "VisitMoved", body: { ...ids(collection), visitId, slot, moveTime: now } };
}

export function failed(collection: Collection, reason: string, now: Date): CollectionFact {
  return { name: "CollectionFailed", body: { ...ids(collection), reason, failTime: now } };
}

export function canceled(collection: Collection, now: Date): CollectionFact {
  return { name: "CollectionCanceled", body: { ...ids(collection), cancelTime: now } };
}

function ids({ collectionId, resolutionId }: Collection) {
  return { collectionId, resolutionId };
}

/** What the driver's word told so far; without it, whether one is missing. */
function provedBy(collection: Collection) {
  const swapped = collection.handOver?.confirmation?.swapped ?? false;
  return { swapped, unverified: proofOf(collection) === "MISSING" };
}

function awaitedParcel(collection: Collection) {
  const { carrier = "", trackingNumber = "" } = awaited(collection) ?? {};
  return { carrier, trackingNumber };
}

function moreParcels(collection: Collection): boolean {
  return !parcelsOf(collection).every(isOver);
}
