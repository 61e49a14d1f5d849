// The verbs of a collection: asked for, booked or refused, moved to another slot, called off. What carriers report
// stands in tracking.ts. Pure: time, ids and what carriers answered come in.
import { check } from "#kit/pure/check.js";
import { allows } from "#kit/pure/moves.js";
import { changed, moved, outcome, unchanged } from "./change.js";
import { firstLook, isWatched } from "./dwell.js";
import { canceled, failed, scheduled } from "./facts.js";
import {
  type Booking,
  type Collection,
  type CollectionState,
  collectionMoves,
  type Outcome,
  type Slot,
  type Todo,
} from "./types.js";

/** What is asked for. */
export type Wanted = Pick<
  Collection,
  "collectionId" | "resolutionId" | "orderId" | "customerId" | "market" | "method" | "units" | "maxAttempts"
> & {
  /** The slot the customer chose; "" for the first. */
  readonly slotId: string;
};

/** Stores it; it is booked as soon as a carrier can be asked. */
export function schedule({ slotId, ...wanted }: Wanted, now: Date): Outcome {
  const next: Collection = {
    ...wanted,
    state: "CREATED",
    booking: undefined,
    slot: undefined,
    attempts: [],
    news: undefined,
    handOverTime: undefined,
    deliverTime: undefined,
    createTime: now,
    updateTime: now,
    version: 1,
    stallTime: undefined,
    presumeLostTime: undefined,
    stalls: 0,
  };
  return outcome(next, { todo: [{ step: "book", payload: { slotId } }] });
}

/**
 * A carrier took the booking. If the collection was canceled while it was asked, the booking is kept on record, so that
 * its reports find their way, and called off.
 */
export function booked(before: Collection, booking: Booking, slot: Slot | undefined, now: Date): Outcome {
  if (before.state === "CANCELED") {
    return outcome({ ...changed(before, now), booking, slot }, { todo: callOff(booking) });
  }
  const next = { ...moved(before, "SCHEDULED", now), booking, slot };
  return outcome(next, { facts: [scheduled(next, now)], todo: isWatched(next) ? [firstLook(next, now)] : [] });
}

/** The slot the customer chose is gone: the first that fits is booked, and they can move it. */
export function bookAnySlot(before: Collection): Outcome {
  return before.state === "CANCELED"
    ? unchanged(before)
    : outcome(before, { todo: [{ step: "book", payload: { slotId: "" } }] });
}

/** No carrier takes it. Canceled meanwhile, it is nobody's loss. */
export function refused(before: Collection, reason: string, now: Date): Outcome {
  if (before.state === "CANCELED") return unchanged(before);
  const next = moved(before, "DIRECTION_FAILED", now);
  return outcome(next, { facts: [failed(next, reason, now)] });
}

/** Calls it off. Once the goods are taken over, or it has ended anyhow, this changes nothing: the state tells. */
export function cancel(before: Collection, now: Date): Outcome {
  if (!isOpen(before.state)) return unchanged(before);
  const next = moved(before, "CANCELED", now);
  // Not booked yet: the step "book" may be with a carrier this very moment, so it is left to find the cancellation.
  return outcome(next, { facts: [canceled(next, now)], todo: next.booking ? callOff(next.booking) : [] });
}

/** Whether a driver's visit can be moved. @throws DomainError COLLECTION_STATE if it cannot */
export function checkMovable(collection: Collection, verb: string): Booking {
  const { collectionId, state, booking, method } = collection;
  const metadata = { collection_id: collectionId, state, verb };
  check(
    method.startsWith("PICKUP_"),
    "COLLECTION_STATE",
    `no driver comes for ${collectionId}: it is ${method}`,
    metadata,
  );
  const movable = booking !== undefined && isOpen(state);
  check(movable, "COLLECTION_STATE", `${collectionId} is ${state}, so there is no visit to move`, metadata);
  return booking;
}

/** A visit moved from the slot we knew of to another. */
export type SlotMove = { readonly from: Slot | undefined; readonly to: Slot | undefined };

/**
 * The carrier moved the visit.
 * @throws DomainError COLLECTION_STATE, or CONTENTION if somebody else moved it meanwhile
 */
export function reschedule(before: Collection, { from, to }: SlotMove, now: Date): Outcome {
  checkMovable(before, "reschedule");
  check(before.slot?.slotId === from?.slotId, "CONTENTION", "the visit was moved by somebody else just now; try again");
  const time = before.news && before.news.time > now ? before.news.time : now;
  const next =
    before.state === "CUSTOMER_RESCHEDULED" ? changed(before, now) : moved(before, "CUSTOMER_RESCHEDULED", now);
  return outcome({ ...next, slot: to, news: { kind: "CUSTOMER_RESCHEDULED", time } });
}

/** Whether the goods are still with the customer and wanted. */
export function isOpen(state: CollectionState): boolean {
  return allows<CollectionState>(collectionMoves, state, "CANCELED");
}

export function callOff({ bookingId }: Booking): Todo[] {
  return [{ step: "cancel-booking", payload: { bookingId } }];
}
