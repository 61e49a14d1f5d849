// The verbs of a collection: asked for, booked or refused, moved to another slot, called off. What carriers report
// stands in tracking.ts. Pure: time, ids and what carriers answered come in.
import { check } from "#kit/pure/check.js";
import { allows } from "#kit/pure/moves.js";
import { changed, moved, outcome, unchanged } from "./change.js";
import { firstLook, isWatched } from "./dwell.js";
import { canceled, failed, scheduled, visitMoved } from "./facts.js";
import { isFetched } from "./methods.js";
import { bookingIds } from "./parcels.js";
import {
  type Booking,
  type Collection,
  type CollectionState,
  collectionMoves,
  type Join,
  type Method,
  type Outcome,
  type Slot,
  type Todo,
  type Visit,
  type Wish,
} from "./types.js";

/** What is asked for. */
export type Wanted = Pick<
  Collection,
  | "collectionId"
  | "resolutionId"
  | "orderId"
  | "customerId"
  | "market"
  | "method"
  | "units"
  | "maxAttempts"
  | "handOver"
> &
  Wish & {
    /** The driver's visit that it belongs to, and whether it is the first of it; none where no driver comes. */
    readonly visit?: { readonly visitId: string; readonly opens: string | undefined } | undefined;
  };

/** Stores it; it is booked as soon as a carrier can be asked, or joins the visit that is. */
export function schedule({ slotId, goods, neededTime, address, visit, ...wanted }: Wanted, now: Date): Outcome {
  const next: Collection = {
    ...wanted,
    visitId: visit?.visitId,
    state: "CREATED",
    booking: undefined,
    parcels: [],
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
  const said = { ...(goods && { goods }), ...(neededTime && { neededTime }), ...(address && { address }) };
  const payload: Wish = { slotId, ...said };
  if (!visit) return outcome(next, { todo: [{ step: "book", payload }] });
  return visit.opens === undefined
    ? outcome(next, { todo: [{ step: "join", payload }], visit: { kind: "join" } })
    : outcome(next, { todo: [{ step: "book", payload }], visit: { kind: "open", addressKey: visit.opens } });
}

/**
 * A carrier took the booking. If the collection was canceled while it was asked, the booking is kept on record, so that
 * its reports find their way, and called off.
 * @param taken the visit whose slot it takes; undefined when the booking is the visit's first
 */
export function booked(
  before: Collection,
  booking: Booking,
  slot: Slot | undefined,
  now: Date,
  taken?: Pick<Visit, "moves">,
): Outcome {
  if (before.state === "CANCELED") {
    return outcome({ ...changed(before, now), booking, slot }, { todo: callOff(booking.bookingId) });
  }
  const next = { ...moved(before, "SCHEDULED", now), booking, slot };
  return outcome(next, {
    facts: [scheduled(next, now)],
    todo: [
      ...(isWatched(next) ? [firstLook(next, now)] : []),
      // Whoever booked the visit knew nothing of it.
      ...(taken && next.handOver?.doorMemo ? [{ step: "note-driver", payload: {} } as const] : []),
    ],
    ...(next.visitId && { visit: taken ? { kind: "taken", moves: taken.moves } : { kind: "booked", slot } }),
  });
}

/** It waits for the visit to be booked, or books it where nobody else does any more. */
export function joinLater(before: Collection, payload: Wish, due: Date): Outcome {
  return outcome(before, { todo: [{ step: "join", due, payload }] });
}

/** It is on record whom it asks before it does: called off meanwhile, it can ask that driver's carrier again. */
export function joinVisit(before: Collection, payload: Join): Outcome {
  return before.state === "CANCELED" ? unchanged(before) : outcome(before, { todo: [{ step: "join", payload }] });
}

export function bookItself(before: Collection, payload: Wish): Outcome {
  return before.state === "CANCELED" ? unchanged(before) : outcome(before, { todo: [{ step: "book", payload }] });
}

/**
 * The visit's driver does not take it: another one comes for it alone. It leaves the visit, so that the slot and the place
 * of the one are never taken for the other's.
 */
export function bookApart(before: Collection, payload: Wish, now: Date): Outcome {
  const alone = { ...changed(before, now), visitId: undefined };
  return before.state === "CANCELED" ? unchanged(before) : outcome(alone, { todo: [{ step: "book", payload }] });
}

/** The slot the customer chose is gone: the first that fits is booked, and they can move it. */
export function bookAnySlot(before: Collection, wish?: Wish): Outcome {
  return bookItself(before, { ...wish, slotId: "" });
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
  return outcome(next, { facts: [canceled(next, now)], todo: bookingIds(next).flatMap(callOff) });
}

/** Whether a driver's visit can be moved. @throws DomainError COLLECTION_STATE if it cannot */
export function checkMovable(collection: Collection, verb: string): Booking {
  const { collectionId, state, booking, method } = collection;
  const metadata = { collection_id: collectionId, state, verb };
  check(isFetched(method), "COLLECTION_STATE", `no driver comes for ${collectionId}: it is ${method}`, metadata);
  const movable = booking !== undefined && isOpen(state);
  check(movable, "COLLECTION_STATE", `${collectionId} is ${state}, so there is no visit to move`, metadata);
  return booking;
}

/** A visit moved from the slot we knew of to another. `shared`: the visit it is of, as it was when the carrier was asked. */
export type SlotMove = {
  readonly from: Slot | undefined;
  readonly to: Slot | undefined;
  readonly shared?: Pick<Visit, "moves"> | undefined;
};

/**
 * The carrier moved the visit; its other collections are told after this one.
 * @throws DomainError COLLECTION_STATE, or CONTENTION if somebody else moved it meanwhile
 */
export function reschedule(before: Collection, { from, to, shared }: SlotMove, now: Date): Outcome {
  checkMovable(before, "reschedule");
  // A shared visit has one slot, and its own count tells whether it was moved: a member may hear of a move later.
  const known = shared !== undefined || before.slot?.slotId === from?.slotId;
  check(known, "CONTENTION", "the visit was moved by somebody else just now; try again");
  const { next, facts } = movedTo(before, to, now);
  if (!shared) return outcome(next, { facts });
  const todo = [{ step: "tell-visit", payload: {} }] as const;
  return outcome(next, { facts, todo, visit: { kind: "moved", moves: shared.moves, slot: to } });
}

/**
 * Its visit was moved through another of its collections. Taken over, called off, or told before: nothing changes. Moved
 * once more meanwhile, this must not come after that: the commit is void.
 */
export function follow(before: Collection, { slot, moves }: Pick<Visit, "slot" | "moves">, now: Date): Outcome {
  const waits = before.booking !== undefined && isOpen(before.state) && before.slot?.slotId !== slot?.slotId;
  return waits ? { ...movedTo(before, slot, now), visit: { kind: "taken", moves } } : unchanged(before);
}

function movedTo(before: Collection, slot: Slot | undefined, now: Date): Outcome {
  const time = before.news && before.news.time > now ? before.news.time : now;
  const at =
    before.state === "CUSTOMER_RESCHEDULED" ? changed(before, now) : moved(before, "CUSTOMER_RESCHEDULED", now);
  const next: Collection = { ...at, slot, news: { kind: "CUSTOMER_RESCHEDULED", time } };
  return outcome(next, { facts: [visitMoved(next, now)] });
}

/**
 * Called off, while others still wait for the same booking: it is theirs, and so are its reports. What was booked for
 * this one alone is called off.
 */
export function leaveBooking(before: Collection, bookingId: string, now: Date): Outcome {
  if (isOpen(before.state) || before.handOverTime !== undefined) return unchanged(before);
  const parcels = before.parcels.filter((parcel) => parcel.bookingId !== bookingId);
  const booking = before.booking?.bookingId === bookingId ? parcels[0] : before.booking;
  return outcome({ ...changed(before, now), booking, parcels });
}

/** Whether a driver who comes takes along whatever else the customer has. One who brings a replacement comes for that. */
export function sharesVisits(method: Method): boolean {
  return method === "PICKUP_CONTACTLESS" || method === "PICKUP_IN_PERSON";
}

/** Whether the goods are still with the customer and wanted. */
export function isOpen(state: CollectionState): boolean {
  return allows<CollectionState>(collectionMoves, state, "CANCELED");
}

export function callOff(bookingId: string): Todo[] {
  return [{ step: "cancel-booking", payload: { bookingId } }];
}
