// Between the contract's messages and the core's words.
import {
  type Attempt as AttemptMessage,
  AttemptOutcome,
  type Collection as CollectionMessage,
  CollectionState,
  type Evidence as EvidenceMessage,
  type Parcel as ParcelMessage,
  type Slot as SlotMessage,
  TrackingEvent,
  TrackingKind,
} from "#gen/backhaul/collection/v1/collection.js";
import type * as events from "#gen/backhaul/collection/v1/collection_events.js";
import { CarrierReason as CarrierReasonValue } from "#gen/backhaul/collection/v1/network_choice.js";
import { CollectionMethod } from "#gen/backhaul/eligibility/v1/decision.js";
import { Fault as FaultValue } from "#gen/backhaul/type/v1/kind.js";
import { InvalidRequest, type Violation } from "#kit/errors.js";
import type { FactOf } from "#kit/facts.js";
import { words } from "#kit/words.js";
import type { Told } from "./core/formats/told.js";
import { parcelsOf } from "./core/parcels.js";
import type {
  Attempt,
  CarrierReason,
  Collection,
  CollectionFact,
  Evidence,
  Fault,
  TrackingKind as Kind,
  Method,
  Parcel,
  Report,
  Slot,
} from "./core/types.js";
import { toHandOver, verifications } from "./handOverProto.js";

export const collectionStates = words(CollectionState, "COLLECTION_STATE_");
export const trackingKinds = words(TrackingKind, "TRACKING_KIND_");
export const methods = words(CollectionMethod, "COLLECTION_METHOD_");
const outcomes = words(AttemptOutcome, "ATTEMPT_OUTCOME_");
export const faults = words(FaultValue, "FAULT_");
const carrierReasons = words(CarrierReasonValue, "CARRIER_REASON_");

export function toCollection(collection: Collection): CollectionMessage {
  const { collectionId, resolutionId, orderId, customerId, market, maxAttempts, slot, booking } = collection;
  const { handOverTime, deliverTime, createTime, updateTime } = collection;
  return {
    collectionId,
    resolutionId,
    orderId,
    customerId,
    market,
    method: methods.value(collection.method),
    state: collectionStates.value(collection.state),
    carrier: booking?.carrier ?? "",
    trackingNumber: booking?.trackingNumber ?? "",
    bookingId: booking?.bookingId ?? "",
    slot,
    attempts: collection.attempts.map(toAttempt),
    maxAttempts,
    handOverTime,
    deliverTime,
    createTime,
    updateTime,
    version: BigInt(collection.version),
    stallTime: collection.stallTime,
    presumeLostTime: collection.presumeLostTime,
    parcels: booking ? parcelsOf(collection).map(toParcel) : [],
    visitId: collection.visitId ?? "",
    handOver: toHandOver(collection),
    centre: collection.route?.centre ?? "",
    carrierReason: toCarrierReason(collection.route?.reason),
  };
}

function toCarrierReason(reason: CarrierReason | undefined): CarrierReasonValue {
  return reason ? carrierReasons.value(reason) : CarrierReasonValue.CARRIER_REASON_UNSPECIFIED;
}

function toParcel({
  carrier,
  trackingNumber,
  bookingId,
  units,
  scan,
  handOverTime,
  deliverTime,
}: Parcel): ParcelMessage {
  const state = scan ? collectionStates.value(scan) : CollectionState.COLLECTION_STATE_UNSPECIFIED;
  return { carrier, trackingNumber, bookingId, units, state, handOverTime, deliverTime };
}

function toAttempt({ number, outcome, fault, code, time, evidence, nextAttemptTime }: Attempt): AttemptMessage {
  return {
    number,
    outcome: outcomes.value(outcome),
    fault: toFault(fault),
    code,
    attemptTime: time,
    evidence: toEvidence(evidence),
    nextAttemptTime,
  };
}

function toEvidence(evidence: Evidence | undefined): EvidenceMessage | undefined {
  return evidence && { mediaIds: [...evidence.mediaIds], note: evidence.note };
}

/** The method asked for; the contract lets none in that is not collected. */
export function methodOf(value: CollectionMethod): Method {
  return methods.word(value) as Method;
}

export function slotOf(slot: SlotMessage | undefined): Slot | undefined {
  return slot && { slotId: slot.slotId, startTime: slot.startTime, endTime: slot.endTime };
}

/** A fact as it travels. */
export function toEvent(fact: CollectionFact): FactOf<typeof events> {
  if (fact.name === "PickupAttemptFailed") {
    return { name: fact.name, body: { ...fact.body, fault: toFault(fact.body.fault) } };
  }
  if (fact.name === "HandOverConfirmed") {
    return { name: fact.name, body: { ...fact.body, verification: verifications.value(fact.body.verification) } };
  }
  if (fact.name === "HandOverUnverified") {
    return { name: fact.name, body: { ...fact.body, verification: verifications.value(fact.body.verification) } };
  }
  if (fact.name === "ParcelStalled") {
    return { name: fact.name, body: { ...fact.body, state: collectionStates.value(fact.body.state) } };
  }
  return fact;
}

export function toTrackingEvent(report: Report): TrackingEvent {
  const { eventId, kind, code, fault, time, evidence, nextAttemptTime, reporter, trackingNumber } = report;
  return {
    eventId,
    kind: kind ? trackingKinds.value(kind) : TrackingKind.TRACKING_KIND_UNSPECIFIED,
    code,
    fault: toFault(fault),
    eventTime: time,
    evidence: toEvidence(evidence),
    nextAttemptTime,
    reporter,
    trackingNumber,
  };
}

/** A report out of a carrier's own message: the code tells what happened. */
export function eventOf({ eventId, code, time }: Told): TrackingEvent {
  return TrackingEvent.fromPartial({ eventId, code, eventTime: time });
}

function toFault(fault: Fault | undefined): FaultValue {
  return fault ? faults.value(fault) : FaultValue.FAULT_UNSPECIFIED;
}

/**
 * A carrier's report, as far as it says itself what happened. Who reported, and of which parcel, knows who received it.
 * @throws InvalidRequest for what the contract does not rule out and the record cannot keep
 */
export function reportOf(event: TrackingEvent | undefined): Omit<Report, "reporter" | "trackingNumber"> {
  const { eventId, kind, code, fault, eventTime, evidence, nextAttemptTime } = event ?? TrackingEvent.fromPartial({});
  const word: Kind | undefined = trackingKinds.word(kind);
  const coded = kind === TrackingKind.TRACKING_KIND_UNSPECIFIED && code !== "";
  const wrong: Violation[] = [];
  const rule = (holds: boolean, field: string, description: string) => {
    if (!holds) wrong.push({ field: `event.${field}`, description });
  };
  rule(/^[\x21-\x7e]{1,128}$/.test(eventId), "event_id", "must be 1 to 128 visible ASCII characters");
  rule(word !== undefined || coded, "kind", "must be one of the defined kinds, or not set beside a code that tells it");
  rule(/^[^\0]{0,200}$/.test(code), "code", "must be at most 200 characters, none of them NUL");
  rule(!evidence?.note.includes("\0"), "evidence.note", "must hold no NUL");
  if (wrong.length > 0) throw new InvalidRequest(wrong);
  return {
    eventId,
    kind: word,
    aside: undefined,
    code,
    fault: faults.word(fault),
    time: eventTime,
    evidence: evidence && { mediaIds: evidence.mediaIds, note: evidence.note },
    nextAttemptTime,
  };
}
