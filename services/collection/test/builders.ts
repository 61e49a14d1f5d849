// Named builders: each test says only what matters to it.
import { TrackingEvent } from "#gen/backhaul/collection/v1/collection.js";
import { newId } from "#kit/ids.js";
import type { Booking, Collection, Report, TrackingKind } from "../core/types.js";
import { trackingKinds } from "../proto.js";

const start = new Date("2026-11-24T09:00:00.000Z");

/** So many minutes after the collection was asked for. */
export function at(minutes: number): Date {
  return new Date(start.getTime() + minutes * 60_000);
}

export const booking: Booking = { bookingId: "bkg-1", carrier: "cj", trackingNumber: "CJ1" };

/** Booked with cj for the morning, three attempts allowed. */
export function collection(change: Partial<Collection> = {}): Collection {
  return {
    collectionId: "col_01KAA0000000000000000000AA",
    resolutionId: "res_01KAA0000000000000000000AA",
    orderId: "o-1",
    customerId: "c-1",
    market: "KR",
    method: "PICKUP_CONTACTLESS",
    units: 2,
    state: "SCHEDULED",
    booking,
    parcels: [],
    visitId: undefined,
    slot: { slotId: "slt_2026-11-24_0912", startTime: at(0), endTime: at(180) },
    attempts: [],
    maxAttempts: 3,
    news: undefined,
    handOverTime: undefined,
    deliverTime: undefined,
    createTime: start,
    updateTime: start,
    version: 2,
    stallTime: undefined,
    presumeLostTime: undefined,
    stalls: 0,
    ...change,
  };
}

let reports = 0;

/** A report of its own id, ten minutes after the collection was asked for. */
export function said(kind: TrackingKind, change: Partial<Report> = {}): Report {
  return {
    eventId: `evt-${++reports}`,
    trackingNumber: booking.trackingNumber,
    kind,
    aside: undefined,
    code: kind,
    reporter: "cj",
    fault: undefined,
    time: at(10),
    evidence: undefined,
    nextAttemptTime: undefined,
    ...change,
  };
}

/** The same as its carrier sends it. */
export function eventOf(kind: TrackingKind, change: Partial<TrackingEvent> = {}): TrackingEvent {
  const event = { eventId: newId("trk"), kind: trackingKinds.value(kind), code: kind, eventTime: new Date() };
  return TrackingEvent.fromPartial({ ...event, ...change });
}
