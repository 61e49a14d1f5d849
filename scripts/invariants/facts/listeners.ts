// Who listens to what. A test holds this list against the services' own handlers.

export type Listener = {
  readonly consumer: string;
  /** Each of these is taken in: it leaves a row in the listener's inbox, also where it changes nothing. */
  readonly always: readonly string[];
  /** These leave one only where they concern the listener. */
  readonly sometimes: readonly string[];
};

const collection = (...names: string[]) => names.map((name) => `backhaul.collection.v1.${name}`);
const inspection = (...names: string[]) => names.map((name) => `backhaul.inspection.v1.${name}`);
const refund = (...names: string[]) => names.map((name) => `backhaul.refund.v1.${name}`);

export const listeners: readonly Listener[] = [
  {
    consumer: "resolution",
    always: [
      ...collection(
        "ParcelPickedUp",
        "HandOverConfirmed",
        "HandOverUnverified",
        "HandOverLocked",
        "ParcelDelivered",
        "PickupAttemptFailed",
        "CollectionFailed",
        "ParcelStalled",
        "ParcelPresumedLost",
        "ParcelLost",
      ),
      ...inspection("ParcelReceived", "InspectionCompleted", "GoodsQuarantined", "DisputeDecided"),
      ...refund("RefundSucceeded", "RefundFailed", "RefundHeld", "RefundReversed", "RecoverySettled"),
    ],
    // Of a replacement that travels with the driver.
    sometimes: collection("CollectionScheduled"),
  },
  {
    consumer: "inspection",
    always: [],
    // Of a parcel that has a number.
    sometimes: collection(
      "CollectionScheduled",
      "ParcelAdded",
      "WaybillEntered",
      "ParcelPickedUp",
      "FurtherParcelPickedUp",
      "ParcelDelivered",
      "ParcelLost",
    ),
  },
  {
    consumer: "outreach",
    always: ["backhaul.resolution.v1.ResolutionProgressed"],
    // With a driver's time, where customers are told.
    sometimes: collection("CollectionScheduled"),
  },
];

/** The service that announces a subject. */
export function sourceOf(subject: string): string {
  return subject.split(".")[1] ?? "";
}

/** Whose streams a listener has a consumer of. */
export function sourcesOf({ always, sometimes }: Listener): string[] {
  return [...new Set([...always, ...sometimes].map(sourceOf))];
}
