// The rpcs of backhaul.collection.v1.CollectionService: check, one verb, reply.
import { createHash } from "node:crypto";
import {
  CollectionServiceService,
  type RecordTrackingRequest,
  type RecordTrackingResponse,
  type RescheduleCollectionRequest,
} from "#gen/backhaul/collection/v1/collection_service.js";
import type { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { mayReach, principal } from "#kit/access.js";
import { byRequest, type Spend } from "#kit/aggregate.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import type { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { cancel, checkMovable, reschedule, schedule } from "./core/collection.js";
import { report } from "./core/tracking.js";
import type { Collection, Slot } from "./core/types.js";
import { methodOf, reportOf, slotOf, toCollection, toTrackingEvent } from "./proto.js";
import { type Store, unknownCollection, unknownParcel } from "./store.js";

export type RpcParts = {
  readonly store: Store;
  readonly transport: ClientOf<typeof TransportServiceService>;
  readonly clock: Clock;
};

const service = CollectionServiceService;
const answer = (collection: Collection) => ({ collection: toCollection(collection) });

export function collectionRpc({ store, transport, clock }: RpcParts): Handlers<typeof CollectionServiceService> {
  /** The collection, if it is the caller's business. @throws DomainError COLLECTION_NOT_FOUND */
  async function collectionOf(collectionId: string, call: Call): Promise<Collection> {
    const collection = await store.find(collectionId);
    if (mayReach(call.caller, collection.customerId)) return collection;
    throw unknownCollection(collectionId);
  }

  /**
   * Has the carrier move the visit, then records it. If somebody else moved it meanwhile, which of the two the carrier
   * heard last is not known: asked once more, it is this one.
   */
  async function moveVisit<R>(
    request: RescheduleCollectionRequest,
    call: Call,
    spend: Spend<Collection, R>,
    triesLeft = 3,
  ): Promise<R> {
    const { collectionId, slotId } = request;
    const collection = await collectionOf(collectionId, call);
    const { bookingId } = checkMovable(collection, "reschedule");
    const requestId = moveId(request, call, collection.slot);
    const { slot } = await transport.movePickup({ requestId, bookingId, slotId }, asService("collection", call));
    const move = { from: collection.slot, to: slotOf(slot) };
    try {
      return await store.change(collectionId, spend, (current) => reschedule(current, move, clock.now()));
    } catch (error) {
      if (triesLeft === 0 || (error as DomainError).reason !== "CONTENTION") throw error;
      return moveVisit(request, call, spend, triesLeft - 1);
    }
  }

  return {
    async scheduleCollection(request, call) {
      const { requestId: _, method, ...wanted } = request;
      const collectionId = newId("col");
      return store.create(byRequest(service.scheduleCollection, request, call, answer), () =>
        schedule({ ...wanted, collectionId, method: methodOf(method) }, clock.now()),
      );
    },

    async getCollection({ collectionId }, call) {
      return answer(await collectionOf(collectionId, call));
    },

    async listSlots({ collectionId }, call) {
      const collection = await collectionOf(collectionId, call);
      checkMovable(collection, "list slots");
      const { market, orderId } = collection;
      return transport.listPickupSlots({ market, orderId }, asService("collection", call));
    },

    async rescheduleCollection(request, call) {
      const spend = byRequest(service.rescheduleCollection, request, call, answer);
      return (await store.recall(spend)) ?? moveVisit(request, call, spend);
    },

    async cancelCollection(request, call) {
      const spend = byRequest(service.cancelCollection, request, call, answer);
      return store.change(request.collectionId, spend, (collection) => cancel(collection, clock.now()));
    },

    async recordTracking(request, { caller }) {
      const said = reportOf(request.event);
      if (caller.role === "CARRIER" && caller.subject !== request.carrier) throw unknownParcel(request.trackingNumber);
      let applied = false;
      const spend = byReport(request, said.eventId, (collection) => ({ ...answer(collection), applied }));
      return store.report(request, said, spend, (collection) => {
        const reported = report(collection, said, clock.now());
        applied = reported.applied;
        return reported;
      });
    },

    async listTracking({ collectionId }, call) {
      await collectionOf(collectionId, call);
      return { events: (await store.tracking(collectionId)).map(toTrackingEvent) };
    },
  };
}

/**
 * The id under which a carrier is asked to move a visit: the same for the same request, as long as nobody else moved it
 * in between. The caller is part of it, since two may choose the same request_id.
 */
function moveId(request: RescheduleCollectionRequest, { caller }: Call, from?: Slot): string {
  const parts = [principal(caller), request.requestId, request.collectionId, request.slotId, from?.slotId];
  return `mov_${createHash("sha256").update(JSON.stringify(parts)).digest("hex")}`;
}

/**
 * Spends a report: one per (carrier, parcel, event id), whoever passes it on. Its body does not count: carriers send
 * the same event again with a corrected code, and have nobody who could choose a new id.
 */
function byReport(
  { carrier, trackingNumber }: RecordTrackingRequest,
  eventId: string,
  toAnswer: (collection: Collection) => RecordTrackingResponse,
): Spend<Collection, RecordTrackingResponse> {
  const { path, responseSerialize, responseDeserialize } = service.recordTracking;
  const requestId = `${trackingNumber}:${eventId}`;
  const fingerprint = createHash("sha256").update(path).update(`${carrier}/${requestId}`).digest();
  return {
    token: { kind: "request", principal: `CARRIER:${carrier}`, requestId, fingerprint },
    answer: toAnswer,
    keep: responseSerialize,
    recall: responseDeserialize,
  };
}
