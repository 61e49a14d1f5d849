// What a hand-over announces, as the contract's events say it; only what the policy asks for is still a word.
import { type Confirmation, handOverOf } from "./handOverTypes.js";
import type { Collection, CollectionFact, Parcel } from "./types.js";

export function handOverConfirmed(collection: Collection, { time, swapped }: Confirmation): CollectionFact {
  const body = { ...ids(collection), trackingNumber: collection.booking?.trackingNumber ?? "", ...asked(collection) };
  return { name: "HandOverConfirmed", body: { ...body, swapped, confirmTime: time } };
}

export function handOverUnverified(collection: Collection, parcel: Parcel, pickupTime: Date): CollectionFact {
  const { carrier, trackingNumber } = parcel;
  const body = { ...ids(collection), trackingNumber, carrier, ...asked(collection), pickupTime };
  return { name: "HandOverUnverified", body };
}

export function handOverLocked(collection: Collection, lockTime: Date): CollectionFact {
  const { carrier = "", trackingNumber = "" } = collection.booking ?? {};
  const { wrongCodes } = handOverOf(collection.handOver);
  return { name: "HandOverLocked", body: { ...ids(collection), trackingNumber, carrier, wrongCodes, lockTime } };
}

export function waybillEntered(
  collection: Collection,
  { carrier, trackingNumber }: { carrier: string; trackingNumber: string },
  enterTime: Date,
): CollectionFact {
  return { name: "WaybillEntered", body: { ...ids(collection), carrier, trackingNumber, enterTime } };
}

function ids({ collectionId, resolutionId }: Collection) {
  return { collectionId, resolutionId };
}

function asked({ handOver }: Collection) {
  return { verification: handOverOf(handOver).verification };
}
