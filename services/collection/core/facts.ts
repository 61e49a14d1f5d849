// What a collection announces, as the contract's events say it; only the fault is still a word.
import type { Attempt, Collection, CollectionFact, Report } from "./types.js";

export function scheduled(collection: Collection, now: Date): CollectionFact {
  const { carrier = "", trackingNumber = "" } = collection.booking ?? {};
  const { slot } = collection;
  return {
    name: "CollectionScheduled",
    body: { ...ids(collection), carrier, trackingNumber, slot, scheduleTime: now },
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
  const { state, booking } = collection;
  const body = { ...ids(collection), ...parcel(collection), carrier: booking?.carrier ?? "", state, hearTime };
  return { name: "ParcelStalled", body: { ...body, stallTime: now } };
}

export function presumedLost(collection: Collection, hearTime: Date, now: Date): CollectionFact {
  const body = { ...ids(collection), ...parcel(collection), carrier: collection.booking?.carrier ?? "", hearTime };
  return { name: "ParcelPresumedLost", body: { ...body, presumeTime: now } };
}

export function pickedUp(collection: Collection, time: Date): CollectionFact {
  return { name: "ParcelPickedUp", body: { ...ids(collection), ...parcel(collection), pickupTime: time } };
}

export function delivered(collection: Collection, time: Date): CollectionFact {
  return { name: "ParcelDelivered", body: { ...ids(collection), ...parcel(collection), deliverTime: time } };
}

export function lost(collection: Collection, time: Date): CollectionFact {
  return { name: "ParcelLost", body: { ...ids(collection), ...parcel(collection), loseTime: time } };
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

function parcel({ booking }: Collection) {
  return { trackingNumber: booking?.trackingNumber ?? "" };
}
