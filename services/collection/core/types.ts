// The words of a collection. State words are the contract's, without their prefix.
import type * as events from "#gen/backhaul/collection/v1/collection_events.js";
import type { FactOf } from "#kit/facts.js";
import type { Moves } from "#kit/pure/moves.js";
import type { HandOver, Verification } from "./handOverTypes.js";

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
export type Method =
  | "PICKUP_CONTACTLESS"
  | "PICKUP_IN_PERSON"
  | "DROP_OFF_CVS"
  | "DROP_OFF_LOCKER"
  | "CUSTOMER_SHIPS"
  | "SWAP_AT_DOOR";

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
  /** The parcels it was told of: a driver who leaves without several is told of with a report for each. */
  readonly trackingNumbers?: readonly string[];
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

/** A collection's goods in one parcel; without a number until the carrier has given it one. */
export type Parcel = Booking & {
  readonly units: number;
  /** The highest-ranking scan; none while the customer has it. */
  readonly scan: Scan | undefined;
  readonly handOverTime: Date | undefined;
  readonly deliverTime: Date | undefined;
};

/** What a commit does to the visit that the collection belongs to. */
export type VisitChange =
  /** The first at this address opens it. */
  | { readonly kind: "open"; readonly addressKey: string }
  /** A further one joins it, unless it is closed meanwhile. */
  | { readonly kind: "join" }
  /** The carrier comes in this slot. */
  | { readonly kind: "booked"; readonly slot: Slot | undefined }
  /** A member takes its slot as it was after so many moves: if it was moved since then, it must read again. */
  | { readonly kind: "taken"; readonly moves: number }
  /** Moved on, for all. */
  | { readonly kind: "moved"; readonly moves: number; readonly slot: Slot | undefined };

/** A driver's visit to one customer at one address, for all that is collected there. */
export type Visit = {
  readonly visitId: string;
  /** Who has it booked, as long as it is wanted. */
  readonly openerId: string;
  readonly slot: Slot | undefined;
  /** Collections that wait for the driver. */
  readonly members: number;
  /** How often it was moved. */
  readonly moves: number;
  /** The driver was there, or need not come any more: nobody joins it. */
  readonly closed: boolean;
};

/** Why this carrier and no other; the contract's words. */
export type CarrierReason = "ONLY_ONE" | "CHEAPEST" | "CHEAPEST_IN_TIME" | "FASTEST";

/** Where a network sends it, and by whom. Fixed before the carrier is asked. */
export type Route = {
  readonly carrier: string;
  /** The group of areas that the postcode lies in. */
  readonly area: string;
  readonly postcode: string;
  readonly centre: string;
  readonly reason: CarrierReason;
  /** The collection whose place in the driver's day it is: its own, or that of whose visit it joined. */
  readonly holderId: string;
  /** What was held for the booking; undefined where the customer brings it. */
  readonly slot: Slot | undefined;
};

export type Collection = {
  readonly collectionId: string;
  readonly resolutionId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly market: string;
  readonly method: Method;
  readonly units: number;
  readonly state: CollectionState;
  /** Of its first parcel. */
  readonly booking: Booking | undefined;
  /** What it was split into, the booking's first; empty: one parcel, the booking's, with all units. */
  readonly parcels: readonly Parcel[];
  /** The driver's visit that it shares; none where the customer brings it. */
  readonly visitId: string | undefined;
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
  /** Absent where the transport partner chose, and as long as nothing was chosen. */
  readonly route?: Route | undefined;
  /** Absent: nobody asked for a proof, nor left a word for the driver. */
  readonly handOver?: HandOver | undefined;
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
  /** The parcel it is about; "" where the collection has but one. */
  readonly trackingNumber: string;
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
type Words = { readonly fault: Fault; readonly state: CollectionState; readonly verification: Verification };

/** Units of a product, as orders and requests name them. `sellerId` is empty for the shop's own goods. */
export type Units = { readonly sku: string; readonly quantity: number; readonly sellerId: string };

/** Where the driver goes, as far as routing asks. A postcode of "" is not known. */
export type Address = { readonly pickup: boolean; readonly postcode: string };

/** What a booking goes by, as its step holds it. */
export type Wish = {
  /** The slot the customer chose; "" for any. */
  readonly slotId: string;
  /** What is in it, as far as it was said. */
  readonly goods?: readonly Units[];
  /** When it should be at the return centre, ISO. */
  readonly neededTime?: string;
  /** Absent where nobody was asked, or nobody answered. */
  readonly address?: Address;
};

/** Which driver is asked to take goods along, and in what words: asked once more it must be the same request. */
export type Asking = { readonly host: Booking; readonly ownParcel: boolean; readonly slotId: string };

/** `asking` once the driver was chosen; from then on one may know of the goods. */
export type Join = Wish & { readonly asking?: Asking };

/** What is to be asked of the carriers. */
export type Todo =
  | { readonly step: "book"; readonly payload: Wish }
  | { readonly step: "join"; readonly due?: Date; readonly payload: Join }
  | { readonly step: "book-parcel"; readonly payload: { readonly units: number } }
  | { readonly step: "tell-visit"; readonly payload: Record<string, never> }
  | { readonly step: "cancel-booking"; readonly due?: Date; readonly payload: { readonly bookingId: string } }
  /** Both read what they pass on from the row, so that nothing personal lies in the agenda. */
  | { readonly step: "note-driver"; readonly payload: Record<string, never> }
  | { readonly step: "pass-photos"; readonly payload: Record<string, never> }
  | { readonly step: "watch"; readonly due: Date; readonly payload: Silence | Record<string, never> };

/** How often a carrier was asked for a parcel that nothing was heard of since then. */
export type Silence = { readonly since: string; readonly asks: number };

/** What a verb comes to: the collection as it becomes, what to announce, what to do and what no longer. */
export type Outcome = {
  readonly next: Collection;
  readonly facts: readonly CollectionFact[];
  readonly todo: readonly Todo[];
  readonly dropped: readonly Todo["step"][];
  readonly visit?: VisitChange;
};
