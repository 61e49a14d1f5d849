// Facts of the other services, taken in: the same core through another door.
import * as collection from "#gen/backhaul/collection/v1/collection_events.js";
import * as inspection from "#gen/backhaul/inspection/v1/inspection_events.js";
import type { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { QuarantineReason } from "#gen/backhaul/inspection/v1/quarantine.js";
import * as refund from "#gen/backhaul/refund/v1/refund_events.js";
import { byFact } from "#kit/aggregate.js";
import type { FactHandlers } from "#kit/bus.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { hear } from "#kit/facts.js";
import { DomainError } from "#kit/pure/check.js";
import { fromProto } from "#kit/pure/money.js";
import type { openBookings } from "./bookings.js";
import type { Calendars } from "./calendars.js";
import type { Scene } from "./core/advance.js";
import * as core from "./core/resolution.js";
import type { Outcome, Resolution } from "./core/types.js";
import { inspectedWords } from "./inspectedWords.js";
import { faults, toDecided, toFinding } from "./proto.js";
import type { Store } from "./store.js";

export type FactParts = {
  readonly store: Store;
  readonly booked: ReturnType<typeof openBookings>;
  readonly calendars: Calendars;
  readonly clock: Clock;
  /** Where what an inspector wrote is kept. */
  readonly inspections: ClientOf<typeof InspectionServiceService>;
};

type About = { readonly resolutionId: string };
type Decide = (resolution: Resolution, scene: Scene) => Outcome;

export function resolutionFacts({ store, booked, calendars, clock, inspections }: FactParts): FactHandlers {
  const words = inspectedWords(inspections);

  /** Brings a fact to its resolution. What the fact says of the time counts, not when it came in. */
  function brought(
    source: string,
    fact: About,
    time: Date | undefined,
    eventId: string,
    decide: Decide,
  ): Promise<unknown> {
    // Goodwill serves no resolution, nor do goods of which nobody told whose they are.
    if (fact.resolutionId === "") return store.passOver(eventId);
    return calendars.within(() =>
      store.change(fact.resolutionId, byFact("resolution", eventId), (resolution) =>
        decide(resolution, {
          actor: { subject: source, role: "SERVICE" },
          now: time ?? clock.now(),
          calendar: calendars.get(resolution.market),
        }),
      ),
    );
  }

  return {
    "backhaul.collection.v1.ParcelPickedUp": hear(collection.ParcelPickedUp, async (fact, id) => {
      await store.tracked(fact.trackingNumber, fact.resolutionId);
      await brought("collection", fact, fact.pickupTime, id, (r, scene) => core.pickedUp(r, scene, fact));
    }),
    "backhaul.collection.v1.HandOverConfirmed": hear(collection.HandOverConfirmed, (fact, id) =>
      brought("collection", fact, fact.confirmTime, id, (r, scene) => core.handOverConfirmed(r, fact.swapped, scene)),
    ),
    "backhaul.collection.v1.HandOverUnverified": hear(collection.HandOverUnverified, (fact, id) =>
      brought("collection", fact, fact.pickupTime, id, core.handOverUnverified),
    ),
    "backhaul.collection.v1.HandOverLocked": hear(collection.HandOverLocked, (fact, id) =>
      brought("collection", fact, fact.lockTime, id, (r, scene) => core.handOverLocked(r, fact.wrongCodes, scene)),
    ),
    "backhaul.collection.v1.CollectionScheduled": hear(collection.CollectionScheduled, async (fact, id) => {
      const { resolutionId, trackingNumber } = fact;
      const awaited = await booked({ resolutionId, trackingNumber, eventId: id });
      if (awaited) await brought("collection", fact, fact.scheduleTime, id, core.visitBooked);
    }),
    "backhaul.collection.v1.ParcelDelivered": hear(collection.ParcelDelivered, async (fact, id) => {
      // Only with the last of its parcels all of it is here.
      await brought("collection", fact, fact.deliverTime, id, (r, scene) =>
        fact.moreParcels ? core.parcelDelivered(r, fact.units, scene) : core.delivered(r, scene),
      );
    }),
    "backhaul.collection.v1.PickupAttemptFailed": hear(collection.PickupAttemptFailed, (fact, id) =>
      brought("collection", fact, fact.attemptTime, id, (r, scene) =>
        core.attemptFailed(r, faults.word(fact.fault) ?? "GENERAL", fact.code, scene),
      ),
    ),
    "backhaul.collection.v1.CollectionFailed": hear(collection.CollectionFailed, (fact, id) =>
      brought("collection", fact, fact.failTime, id, (r, scene) => core.collectionFailed(r, fact.reason, scene)),
    ),
    "backhaul.collection.v1.ParcelStalled": hear(collection.ParcelStalled, (fact, id) =>
      brought("collection", fact, fact.stallTime, id, (r, scene) =>
        core.parcelSilent(r, `nothing is heard of parcel ${fact.trackingNumber} (${fact.carrier})`, scene),
      ),
    ),
    "backhaul.collection.v1.ParcelPresumedLost": hear(collection.ParcelPresumedLost, (fact, id) =>
      brought("collection", fact, fact.presumeTime, id, (r, scene) =>
        core.parcelSilent(r, `parcel ${fact.trackingNumber} (${fact.carrier}) is probably lost: settle it`, scene),
      ),
    ),
    "backhaul.collection.v1.ParcelLost": hear(collection.ParcelLost, (fact, id) =>
      brought("collection", fact, fact.loseTime, id, (r, scene) => core.parcelLost(r, scene, fact)),
    ),
    "backhaul.inspection.v1.ParcelReceived": hear(inspection.ParcelReceived, (fact, id) =>
      brought("inspection", fact, fact.receiveTime, id, (r, scene) => core.received(r, fact.inspectionId, scene)),
    ),
    "backhaul.inspection.v1.InspectionCompleted": hear(inspection.InspectionCompleted, async (fact, id, call) => {
      const findings = await words.ofFindings(fact, call);
      await brought("inspection", fact, fact.completeTime, id, (r, scene) =>
        core.inspected(r, findings.flatMap(toFinding), scene),
      );
    }),
    "backhaul.inspection.v1.GoodsQuarantined": hear(inspection.GoodsQuarantined, (fact, id) => {
      const { quarantined: goods, resolutionId } = fact;
      // All other goods in quarantine are the dock's own affair.
      if (goods?.reason !== QuarantineReason.QUARANTINE_REASON_INSPECTION_CLOSED) return store.passOver(id);
      return brought("inspection", { resolutionId }, goods.receiveTime, id, (r, scene) =>
        core.lateGoods(r, goods, scene),
      );
    }),
    "backhaul.inspection.v1.DisputeDecided": hear(inspection.DisputeDecided, async (fact, id, call) => {
      const decided = toDecided(await words.ofDispute(fact, call));
      const bring = (decide: Decide) => brought("inspection", fact, fact.dispute?.decideTime, id, decide);
      try {
        await bring((r, scene) => core.disputeDecided(r, decided, scene));
      } catch (error) {
        // Rejected units can be asked about again: by now a newer request has them.
        if (!(error instanceof DomainError) || error.reason !== "UNITS_UNAVAILABLE") throw error;
        const { orderId } = await store.find(fact.resolutionId);
        const ofOrder = await store.ofOrder(orderId);
        await bring((r, scene) => core.disputedUnitsTaken(r, decided, ofOrder, scene));
      }
    }),
    "backhaul.refund.v1.RefundSucceeded": hear(refund.RefundSucceeded, (fact, id) =>
      brought("refund", fact, fact.settleTime, id, (r, scene) =>
        core.refunded(r, fact.refundId, fromProto(fact.amount ?? nothing), scene),
      ),
    ),
    "backhaul.refund.v1.RefundFailed": hear(refund.RefundFailed, (fact, id) =>
      brought("refund", fact, fact.failTime, id, (r, scene) =>
        core.refundFailed(r, fact.refundId, fact.failure, scene),
      ),
    ),
    "backhaul.refund.v1.RefundHeld": hear(refund.RefundHeld, (fact, id) =>
      brought("refund", fact, fact.holdTime, id, (r, scene) => core.refundHeld(r, fact.refundId, fact.heldFor, scene)),
    ),
    "backhaul.refund.v1.RefundReversed": hear(refund.RefundReversed, (fact, id) =>
      brought("refund", fact, fact.reverseTime, id, (r, scene) => core.refundReversed(r, fact.failure, scene)),
    ),
    "backhaul.refund.v1.RecoverySettled": hear(refund.RecoverySettled, (fact, id) =>
      brought("refund", fact, fact.settleTime, id, (r, scene) => core.recoverySettled(r, fact.recovered, scene)),
    ),
  };
}

/** A fact without an amount breaks its contract, and ends as a dead letter. */
const nothing = { currencyCode: "", units: 0n, nanos: 0 };
