// The words of a collection. State words are the contract's, without their prefix.
import type * as events from "#gen/backhaul/collection/v1/collection_events.js";
import type { FactOf } from "#kit/facts.js";
import type { Moves } from "#kit/pure/moves.js";

/**
 * States in which a carrier has, had or lost the goods, by rank: a scan moves a collection up, never down. Drop-off is
 * below pick-up because a driver takes from the counter what the customer brought there. DELIVERED is above LOST: what
 * reached the warehouse is not lost, whichever of the two we hear first.
 */
export const scans = ["DROPPED_OFF", "PICKED_UP", "IN_TRANSIT", "OUT_FOR_DELIVERY", "LOST", "DELIVERED"] as const;
export type Scan = (typeof scans)[number];

/** What carriers tell before they have the goods. Of two told for the same moment the one further right counts. */
export const notices = ["CARRIER_NOTIFIED", "OUT_FOR_PICKUP", "ATTEMPT_FAILED"] as const;
export type Notice = (typeof notices)[number];

export type TrackingKind = Notice | Scan;
export type CollectionState = keyof typeof collectionMoves;

/** Ways out of every booked state before the hand-over: a scan at any time, the end of attempts, a cancellation. */
const out = [...scans, "DIRECTION_FAILED", "CANCELED"] as const;

/**
 * Where a collection may go. DIRECTION_FAILED and CANCELED end a collection only as long as nobody hands the goods over
 * all the same, LOST only until they are found.
 */
export const collectionMoves = {
  CREATED: ["SCHEDULED", "DIRECTION_FAILED", "CANCELED"],
  SCHEDULED: ["CARRIER_NOTIFIED", "OUT_FOR_PICKUP", "ATTEMPT_FAILED", "CUSTOMER_RESCHEDULED", ...out],
  CARRIER_NOTIFIED: ["OUT_FOR_PICKUP", "ATTEMPT_FAILED", "CUSTOMER_RESCHEDULED", "REPLANNED", ...out],
  OUT_FOR_PICKUP: ["CARRIER_NOTIFIED", "ATTEMPT_FAILED", "CUSTOMER_RESCHEDULED", "REPLANNED", ...out],
  ATTEMPT_FAILED: ["OUT_FOR_PICKUP", "CUSTOMER_RESCHEDULED", "REPLANNED", ...out],
  CUSTOMER_RESCHEDULED: ["CARRIER_NOTIFIED", "OUT_FOR_PICKUP", "ATTEMPT_FAILED", "REPLANNED", ...out],
  REPLANNED: ["OUT_FOR_PICKUP", "ATTEMPT_FAILED", "CUSTOMER_RESCHEDULED", ...out],
  DROPPED_OFF: ["PICKED_UP", "IN_TRANSIT", "OUT_FOR_DELIVERY", "LOST", "DELIVERED"],
  PICKED_UP: ["IN_TRANSIT", "OUT_FOR_DELIVERY", "LOST", "DELIVERED"],
  IN_TRANSIT: ["OUT_FOR_DELIVERY", "LOST", "DELIVERED"],
  OUT_FOR_DELIVERY: ["LOST", "DELIVERED"],
  DELIVERED: [],
  LOST: ["DELIVERED"],
  DIRECTION_FAILED: [...scans],
  CANCELED: [...scans],
} as const satisfies Moves<
  | "CREATED"
  | "SCHEDULED"
  | "CARRIER_NOTIFIED"
  | "OUT_FOR_PICKUP"
  | "ATTEMPT_FAILED"
  | "CUSTOMER_RESCHEDULED"
  | "REPLANNED"
  | "DIRECTION_FAILED"
  | "CANCELED"
  | Scan
>;

/** The contract's CollectionMethod; NONE is never collected. */
export type Method = "PICKUP_CONTACTLESS" | "PICKUP_IN_PERSON" | "DROP_OFF_CVS" | "DROP_OFF_LOCKER" | "CUSTOMER_SHIPS";

export type Fault = "CUSTOMER" | "SELLER" | "PLATFORM" | "LOGISTICS" | "GENERAL";

/** Faults that are nobody's but the carrier's, ours or chance's: so many failed attempts, and a person takes over. */
export const carrierFaults: ReadonlySet<Fault | undefined> = new Set<Fault>(["LOGISTICS", "PLATFORM", "GENERAL"]);

/** What shows how an attempt went: media of the media partner, the driver's words. */
export type Evidence = { readonly mediaIds: readonly string[]; readonly note: string };

/** One visit, or one try to drop it off. `fault` and `nextAttemptTime` only with a failed one. */
export type Attempt = {
  readonly number: number;
  readonly outcome: "SUCCEEDED" | "FAILED";
  readonly fault: Fault | undefined;
  readonly code: string;
  readonly time: Date;
  readonly evidence: Evidence | undefined;
  /** When the carrier means to come again, if it said. */
  readonly nextAttemptTime: Date | undefined;
};

/** A place in a driver's day. */
export type Slot = {
  readonly slotId: string;
  readonly startTime: Date | undefined;
  readonly endTime: Date | undefined;
};

/** What a carrier gave us. */
export type Booking = { readonly bookingId: string; readonly carrier: string; readonly trackingNumber: string };

export type Collection = {
  readonly collectionId: string;
  readonly resolutionId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly market: string;
  readonly method: Method;
  readonly units: number;
  readonly state: CollectionState;
  readonly booking: Booking | undefined;
  /** When the driver comes; none with a drop-off. */
  readonly slot: Slot | undefined;
  readonly attempts: readonly Attempt[];
  /** Failed attempts by carrierFaults after which a person takes over. */
  readonly maxAttempts: number;
  /** The latest thing told before the hand-over, by the time it happened: what the state is derived from. */
  readonly news: News | undefined;
  readonly handOverTime: Date | undefined;
  readonly deliverTime: Date | undefined;
  readonly createTime: Date;
  readonly updateTime: Date;
  readonly version: number;
  /** Since when it is taken for stalled; undefined again with the next news. */
  readonly stallTime: Date | undefined;
  /** Since when it is presumed lost; undefined again with the next news. */
  readonly presumeLostTime: Date | undefined;
  /** How often it stalled, found again or not. */
  readonly stalls: number;
};

export type News = { readonly kind: Notice | "CUSTOMER_RESCHEDULED"; readonly time: Date };

/**
 * Why a code is no kind of report: it tells no place (a delay, a hold, customs), a person must act on it (turned back,
 * called off, damaged), its source reads it two ways or not at all, it is not about a parcel's way, or nobody knows it.
 */
export const asides = ["NO_PLACE", "NEEDS_A_PERSON", "UNCLEAR", "NOT_OURS", "UNKNOWN"] as const;
export type Aside = (typeof asides)[number];

/** What a carrier reports of a parcel. `time` is its own clock's, absent if it tells none. */
export type Report = {
  readonly eventId: string;
  /** None when its code could not be read as one; `aside` says why. */
  readonly kind: TrackingKind | undefined;
  readonly aside: Aside | undefined;
  readonly code: string;
  /** Who reported: whose code it is. */
  readonly reporter: string;
  readonly fault: Fault | undefined;
  readonly time: Date | undefined;
  /** With a failed attempt. */
  readonly evidence: Evidence | undefined;
  readonly nextAttemptTime: Date | undefined;
};

/** An event of the contract with fault and state as words. */
export type CollectionFact = InWords<FactOf<typeof events>>;
type InWords<F extends { name: string; body: object }> = F extends { body: infer B }
  ? { readonly name: F["name"]; readonly body: { readonly [K in keyof B]: K extends keyof Words ? Words[K] : B[K] } }
  : never;
type Words = { readonly fault: Fault; readonly state: CollectionState };

/** What is to be asked of the carriers. */
export type Todo =
  | { readonly step: "book"; readonly payload: { readonly slotId: string } }
  | { readonly step: "cancel-booking"; readonly payload: { readonly bookingId: string } }
  | { readonly step: "watch"; readonly due: Date; readonly payload: Silence | Record<string, never> };

/** How often a carrier was asked for a parcel that nothing was heard of since then. */
export type Silence = { readonly since: string; readonly asks: number };

/** What a verb comes to: the collection as it becomes, what to announce, what to do and what no longer. */
export type Outcome = {
  readonly next: Collection;
  readonly facts: readonly CollectionFact[];
  readonly todo: readonly Todo[];
  readonly dropped: readonly Todo["step"][];
};
