// What goes on a parcel, or is shown at a counter: which of the two, and what it says. How it is drawn is labels/'s.
import { check } from "#kit/pure/check.js";
import type { Temperature } from "./handOverTypes.js";
import type { Collection } from "./types.js";

export type Label = {
  /** PARCEL is stuck on, its barcode read by a driver; CODE is shown to whoever takes the goods in at a counter or locker. */
  readonly kind: "PARCEL" | "CODE";
  readonly trackingNumber: string;
  readonly carrier: string;
  readonly collectionId: string;
  /** Units in this parcel. */
  readonly units: number;
  /** Which of how many. */
  readonly parcel: { readonly number: number; readonly of: number };
  /** The return centre; "" where the carrier knows. */
  readonly centre: string;
  readonly temperature: Temperature;
  /** What to do with it, in a line or two. */
  readonly advice: readonly string[];
};

/** One of the parcels a collection is handed over in. */
export type LabelledParcel = { readonly carrier: string; readonly trackingNumber: string; readonly units: number };

/** Where it goes, and how warm. */
export type Destination = { readonly centre: string; readonly temperature: Temperature };

const advice: Readonly<Record<Collection["method"], readonly string[]>> = {
  PICKUP_CONTACTLESS: [
    "Stick this on the parcel and leave it at the door.",
    "No printer? Write the number on the box.",
  ],
  PICKUP_IN_PERSON: ["Stick this on the parcel and hand it to the driver.", "No printer? Write the number on the box."],
  SWAP_AT_DOOR: ["Hand this to the driver, who brings your replacement.", "No printer? Write the number on the box."],
  DROP_OFF_CVS: ["Show this at the store counter,", "or read out the short code."],
  DROP_OFF_LOCKER: ["Hold this before the locker's reader,", "or type the short code."],
  CUSTOMER_SHIPS: ["Stick this on the parcel and hand it in", "at any counter of the carrier."],
};

/** States in which a label is of use: booked, and not called off. Where goods were handed over it can be printed again. */
const withoutLabel: ReadonlySet<string> = new Set(["CREATED", "CANCELED", "DIRECTION_FAILED"]);

/** @throws DomainError COLLECTION_STATE while there is no number, or no use for it any more */
export function labelOf(
  { collectionId, state, method }: Pick<Collection, "collectionId" | "state" | "method">,
  parcels: readonly LabelledParcel[],
  number: number,
  destination: Destination,
): Label {
  const metadata = { collection_id: collectionId, state, verb: "print a label" };
  const parcel = parcels[number - 1];
  const usable = !withoutLabel.has(state) && parcel !== undefined && parcel.trackingNumber !== "";
  check(usable, "COLLECTION_STATE", `${collectionId} is ${state}: there is no label of a parcel ${number}`, metadata);
  return {
    kind: method.startsWith("DROP_OFF_") ? "CODE" : "PARCEL",
    trackingNumber: parcel.trackingNumber,
    carrier: parcel.carrier,
    collectionId,
    units: parcel.units,
    parcel: { number, of: parcels.length },
    ...destination,
    advice: advice[method],
  };
}

/** How goods are to be kept on the way, for people who carry them; undefined where it does not matter. */
export function handlingOf(temperature: Temperature): string | undefined {
  if (temperature === "CHILLED") return "KEEP CHILLED  0-10 C";
  return temperature === "FROZEN" ? "KEEP FROZEN  -18 C" : undefined;
}

/** A number as people read it: in fours, from the left. */
export function inFours(number: string): string {
  return number.match(/[^-]{1,4}/g)?.join(" ") ?? number;
}

/** The end of the number, for a clerk who searches by it: long enough to be one parcel's among a store's. */
export function shortCode({ trackingNumber }: Pick<Label, "trackingNumber">): string {
  return inFours(trackingNumber.replaceAll("-", "").slice(-8));
}
