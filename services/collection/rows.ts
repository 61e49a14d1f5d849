// A collection as it stands in its row, and back.
import type { TrackingEvent } from "#gen/prisma/collection/client.js";
import { toJson } from "#kit/json.js";
import { isOpen } from "./core/collection.js";
import { type Confirmation, type HandOver, handOverOf } from "./core/handOverTypes.js";
import { parcelsOf } from "./core/parcels.js";
import type { Attempt, Collection, Parcel, Report, Slot, VisitChange } from "./core/types.js";
import { routeOf, toRoute } from "./places.js";

export const columns = `collection_id, resolution_id, order_id, customer_id, market, method, units, max_attempts, create_time,
  state, carrier, tracking_number, booking_id, slot, attempts, news, hand_over_time, deliver_time, update_time,
  version, stall_time, presume_lost_time, stalls, parcels, visit_id, hand_over`;

/** The same columns under the names that the core gives them. */
export const selected = [
  ...columns
    .split(/,\s*/)
    .map((name) => `${name} AS "${name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())}"`),
  `${routeOf("collection.collection_id")} AS route`,
].join(", ");

/** The columns that stay, in their order. */
export function staying(c: Collection): unknown[] {
  const { collectionId, resolutionId, orderId, customerId, market, method, units, maxAttempts, createTime } = c;
  return [collectionId, resolutionId, orderId, customerId, market, method, units, maxAttempts, createTime];
}

/** The columns that move, in their order. */
export function moving(c: Collection): unknown[] {
  return [
    c.state,
    c.booking?.carrier ?? null,
    c.booking?.trackingNumber || null,
    c.booking?.bookingId ?? null,
    c.slot ? toJson(c.slot) : null,
    toJson(c.attempts),
    c.news ? toJson(c.news) : null,
    c.handOverTime ?? null,
    c.deliverTime ?? null,
    c.updateTime,
    c.version,
    c.stallTime ?? null,
    c.presumeLostTime ?? null,
    c.stalls,
    c.parcels.length > 0 ? toJson(c.parcels) : null,
    c.visitId ?? null,
    c.handOver ? toJson(c.handOver) : null,
  ];
}

/** What is in which parcel, if that changes; null leaves the record of it alone. */
export function contents(next: Collection, before: Collection): string | null {
  const [now, known] = [contentOf(next), contentOf(before)];
  return now === known ? null : now;
}

/** A carrier that gives no number gives the same nothing to all parcels. */
function contentOf(collection: Collection): string {
  const numbered = parcelsOf(collection).filter(({ trackingNumber }) => trackingNumber !== "");
  return JSON.stringify(
    numbered.map(({ carrier, trackingNumber, units }) => ({ carrier, tracking_number: trackingNumber, units })),
  );
}

/**
 * What a change of a collection does to its visit; null for nothing. One that no longer waits for the driver leaves it, and
 * a hand-over closes it.
 */
export function visitRow(next: Collection, before: Collection, change: VisitChange | undefined): string | null {
  const waits = isOpen(next.state) && next.visitId === before.visitId;
  const gone = isOpen(before.state) && !waits ? 1 : 0;
  const shut = before.handOverTime === undefined && next.handOverTime !== undefined;
  if (!before.visitId || (gone === 0 && !shut && !change)) return null;
  const moves = change && "moves" in change ? { moves: change.moves, moved: change.kind === "moved" ? 1 : 0 } : {};
  const slot = change && "slot" in change ? { slot_set: true, slot: change.slot } : { slot_set: false };
  return toJson({ id: before.visitId, gone, shut, ...moves, ...slot });
}

// biome-ignore lint/suspicious/noExplicitAny: shaped by the select
export function toCore(row: any): Collection {
  const { bookingId, carrier, trackingNumber, slot, attempts, parcels, news, handOverTime, deliverTime, ...same } = row;
  const { stallTime, presumeLostTime, visitId } = row;
  return {
    ...same,
    booking: bookingId === null ? undefined : { bookingId, carrier, trackingNumber: trackingNumber ?? "" },
    parcels: (parcels ?? []).map(toParcel),
    visitId: visitId ?? undefined,
    handOver: toHandOver(row.handOver),
    route: toRoute(row.route),
    slot: toSlot(slot),
    attempts: attempts.map((attempt: Stored<Attempt>) => ({
      ...attempt,
      time: instant(attempt.time),
      nextAttemptTime: instant(attempt.nextAttemptTime),
    })),
    news: news ? { ...news, time: instant(news.time) } : undefined,
    handOverTime: handOverTime ?? undefined,
    deliverTime: deliverTime ?? undefined,
    stallTime: stallTime ?? undefined,
    presumeLostTime: presumeLostTime ?? undefined,
  };
}

function toHandOver(stored: StoredHandOver | null): HandOver | undefined {
  if (!stored) return undefined;
  const { confirmation } = stored;
  return handOverOf({
    ...stored,
    confirmation: confirmation && { ...confirmation, time: new Date(confirmation.time) },
  });
}

type StoredHandOver = Omit<HandOver, "confirmation"> & {
  readonly confirmation?: Stored<Confirmation> & { time: string };
};

export function toSlot(slot: Stored<Slot> | null): Slot | undefined {
  return slot ? { ...slot, startTime: instant(slot.startTime), endTime: instant(slot.endTime) } : undefined;
}

function toParcel({ scan, handOverTime, deliverTime, ...same }: Stored<Parcel>): Parcel {
  return { ...same, scan, handOverTime: instant(handOverTime), deliverTime: instant(deliverTime) };
}

/** Rows of before reports had reporters were the carrier's own. */
export function toReport({
  eventId,
  kind,
  code,
  fault,
  eventTime,
  reporter,
  aside,
  trackingNumber,
  ...row
}: TrackingEvent): Report {
  return {
    eventId,
    trackingNumber,
    kind: (kind ?? undefined) as Report["kind"],
    aside: (aside ?? undefined) as Report["aside"],
    code,
    reporter: reporter ?? "",
    fault: (fault ?? undefined) as Report["fault"],
    time: eventTime,
    evidence: (row.evidence ?? undefined) as Report["evidence"],
    nextAttemptTime: row.nextAttemptTime ?? undefined,
  };
}

/** As it stands in JSON: what is undefined is absent, and older rows lack what came later. */
type Stored<T> = { readonly [K in keyof T]: T[K] extends Date | undefined ? string | undefined : T[K] };

/** Named field by field, since a carrier's code may look like a time, too. */
function instant(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}
