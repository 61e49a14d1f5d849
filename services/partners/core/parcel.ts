// A parcel's way from the customer to the verdicts, as the carrier and the warehouse play it. Times come from the steps'
// due times, not from when they are done: after a leap of the clock everything still happened when it was to happen.
import type { Moves } from "#kit/pure/moves.js";
import type { Twist } from "./scenario.js";

/** Where a parcel is. PICKED_UP is any hand-over; how it was done stands in the method. */
export type ParcelState = keyof typeof parcelMoves;

export const parcelMoves = {
  BOOKED: ["PICKED_UP", "CANCELED"],
  PICKED_UP: ["DELIVERED", "LOST"],
  DELIVERED: ["RECEIVED"],
  RECEIVED: ["INSPECTED"],
  INSPECTED: [],
  LOST: [],
  CANCELED: [],
} as const satisfies Moves<"BOOKED" | "PICKED_UP" | "DELIVERED" | "RECEIVED" | "INSPECTED" | "LOST" | "CANCELED">;

/** The step that moves a parcel on; an end state has none. */
export const stepFrom: Readonly<Partial<Record<ParcelState, "visit" | "arrive" | "receive" | "inspect">>> = {
  BOOKED: "visit",
  PICKED_UP: "arrive",
  DELIVERED: "receive",
  RECEIVED: "inspect",
};

/** What every step of a parcel carries along, so that none has to read it. */
export type Parcel = {
  readonly bookingId: string;
  readonly trackingNumber: string;
  readonly carrier: string;
  readonly orderId: string;
  readonly resolutionId: string;
  /** The contract's CollectionMethod, as a word. */
  readonly method: string;
};

/** How long things take, in business time. */
export type Pace = {
  readonly pickupMs: number;
  readonly transitMs: number;
  readonly inspectionMs: number;
  readonly retryMs: number;
};

/** What a carrier tells of a parcel. */
export type Report = {
  readonly eventId: string;
  readonly kind: "ATTEMPT_FAILED" | "PICKED_UP" | "DROPPED_OFF" | "DELIVERED" | "LOST";
  readonly code: string;
  readonly fault?: "LOGISTICS" | "CUSTOMER";
  readonly time: Date;
};

/** Where a parcel went, and what its carrier tells of it. */
export type Progress = { readonly to: ParcelState; readonly report: Report };

/** Whether the customer brings it: no driver, no slot. */
export function isBrought(method: string): boolean {
  return !method.startsWith("PICKUP_");
}

/** How goods travel that the customer never had: they turn round with the carrier that was to deliver them. */
const turnedRound = "RETURN_TO_SENDER";

/** A resolution's parcel that turned round. Nobody booked it, so its numbers are the sandbox's own. */
export function turnedParcel({ resolutionId, orderId }: Pick<Parcel, "resolutionId" | "orderId">): Parcel {
  const [bookingId, trackingNumber] = [`rts-${resolutionId}`, `RTS-${resolutionId}`];
  return { bookingId, trackingNumber, carrier: "", orderId, resolutionId, method: turnedRound };
}

/** Whether the mesh knows its number, so that its carrier can report it. */
export function isReported({ method }: Parcel): boolean {
  return method !== turnedRound;
}

/** Who carries parcels in a market. */
export function carrierOf(market: string): string {
  return { KR: "cj", TW: "seven" }[market] ?? "hermes";
}

/** The driver's visit, or the customer's way to the counter. Undefined: nobody hands anything over, ever. */
export function visit(parcel: Parcel, attempt: number, twist: Twist | undefined, time: Date): Progress | undefined {
  if (twist === "NO_HAND_OVER") return undefined;
  const { bookingId, method } = parcel;
  const failed = { eventId: `${bookingId}:attempt-${attempt}`, kind: "ATTEMPT_FAILED", time } as const;
  if (twist === "PICKUP_FAILED") return { to: "BOOKED", report: { ...failed, code: "NO_DRIVER", fault: "LOGISTICS" } };
  if (twist === "NOBODY_HOME") return { to: "BOOKED", report: { ...failed, code: "NOT_AT_HOME", fault: "CUSTOMER" } };
  const eventId = `${bookingId}:handed-over`;
  if (isBrought(method)) return { to: "PICKED_UP", report: { eventId, kind: "DROPPED_OFF", code: "DROP", time } };
  return { to: "PICKED_UP", report: { eventId, kind: "PICKED_UP", code: "PICK", time } };
}

/** The end of the journey. */
export function arrive({ bookingId }: Parcel, twist: Twist | undefined, time: Date): Progress {
  if (twist === "PARCEL_LOST")
    return { to: "LOST", report: { eventId: `${bookingId}:lost`, kind: "LOST", code: "LOST", time } };
  return { to: "DELIVERED", report: { eventId: `${bookingId}:delivered`, kind: "DELIVERED", code: "DLVD", time } };
}

/** What its carrier tells when asked: its latest report again, under the id it was sent with. Undefined: no scan yet. */
export function whereabouts(parcel: Parcel, state: ParcelState, moveTime: Date): Report | undefined {
  if (state === "BOOKED" || state === "CANCELED") return undefined;
  if (state === "PICKED_UP") return visit(parcel, 1, undefined, moveTime)?.report;
  return arrive(parcel, state === "LOST" ? "PARCEL_LOST" : undefined, moveTime).report;
}
