// The rpcs of backhaul.collection.v1.CollectionService: check, one verb, reply.
import { createHash } from "node:crypto";
import type { Slot as SlotMessage } from "#gen/backhaul/collection/v1/collection.js";
import {
  CollectionServiceService,
  type RescheduleCollectionRequest,
} from "#gen/backhaul/collection/v1/collection_service.js";
import type { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { mayReach, principal } from "#kit/access.js";
import { byRequest, type Spend } from "#kit/aggregate.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import type { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { cancel, checkMovable, isOpen, reschedule, schedule, sharesVisits } from "./core/collection.js";
import { unreadable } from "./core/formats/told.js";
import { bookingIds } from "./core/parcels.js";
import { split } from "./core/split.js";
import type { Aside, Collection, Slot } from "./core/types.js";
import type { Doors } from "./doors.js";
import { handOverAsked } from "./handOverProto.js";
import { eventOf, methodOf, slotOf, toCollection, toTrackingEvent } from "./proto.js";
import type { Reporters } from "./reporters.js";
import type { Reports } from "./reports.js";
import type { Move, Routing } from "./routing.js";
import { type Store, unknownCollection, unknownParcel } from "./store.js";
import type { Door } from "./visits.js";

export type RpcParts = {
  readonly store: Store;
  readonly transport: ClientOf<typeof TransportServiceService>;
  readonly clock: Clock;
  readonly reporters: Reporters;
  readonly reports: Reports;
  readonly routing: Routing;
  readonly doors: Doors;
};

const service = CollectionServiceService;
const answer = (collection: Collection) => ({ collection: toCollection(collection) });

/** So many may move one visit at the same moment: each is recorded in its turn. */
const movesAtOnce = 12;

/** Asides that somebody should write into a vocabulary. */
const unreadAsides: ReadonlySet<Aside | undefined> = new Set<Aside>(["UNKNOWN", "UNCLEAR"]);

export function collectionRpc({
  store,
  transport,
  clock,
  reporters,
  reports,
  routing,
  doors,
}: RpcParts): Handlers<typeof CollectionServiceService> {
  /** The collection, if it is the caller's business. @throws DomainError COLLECTION_NOT_FOUND */
  async function collectionOf(collectionId: string, call: Call): Promise<Collection> {
    const collection = await store.find(collectionId);
    if (mayReach(call.caller, collection)) return collection;
    throw unknownCollection(collectionId);
  }

  /**
   * Has the carrier move the visit with all that was booked for it, then records it. If somebody else moved it meanwhile,
   * which of the two the carrier heard last is not known: asked once more, it is this one. Of those who move it at once one
   * is recorded each time.
   */
  async function moveVisit<R>(
    request: RescheduleCollectionRequest,
    call: Call,
    spend: Spend<Collection, R>,
    triesLeft = movesAtOnce,
  ): Promise<R> {
    const { collectionId, slotId } = request;
    const collection = await collectionOf(collectionId, call);
    checkMovable(collection, "reschedule");
    const shared = collection.visitId ? await store.visits.find(collection.visitId) : undefined;
    const from = shared ? shared.slot : collection.slot;
    const held = await routing.beginMove(collection, slotId);
    const requestId = moveId(request, call, from, shared?.moves);
    const to = slotOf(await moveBookings(await bookingsOf(collection), requestId, { slotId, held }, call));
    const move = { from, to, shared };
    const decide = (current: Collection) => reschedule(current, move, clock.now());
    try {
      if (held) return await store.move(collectionId, held.place, spend, decide);
      return await store.change(collectionId, spend, decide);
    } catch (error) {
      if (triesLeft === 0 || (error as DomainError).reason !== "CONTENTION") throw error;
      return moveVisit(request, call, spend, triesLeft - 1);
    }
  }

  /** What was booked for a collection and the others of its visit: its own first. */
  async function bookingsOf(collection: Collection): Promise<string[]> {
    const members = collection.visitId ? await store.visits.members(collection.visitId) : [];
    const waiting = members.filter(({ state }) => isOpen(state));
    return [...new Set([collection, ...waiting].flatMap(bookingIds))];
  }

  /** One after the other; the driver comes when the first was moved to. */
  async function moveBookings(
    ids: readonly string[],
    moveId: string,
    { slotId, held }: { slotId: string; held: Move | undefined },
    call: Call,
  ) {
    const slots: (SlotMessage | undefined)[] = [];
    for (const [i, bookingId] of ids.entries()) {
      const requestId = i === 0 ? moveId : `${moveId}.${i}`;
      const asked = { requestId, bookingId, slotId, heldSlot: held?.slot };
      try {
        slots.push((await transport.movePickup(asked, asService("collection", call))).slot);
      } catch (error) {
        // The first of them decides for all; one that may have been moved keeps its place.
        if (i === 0 && error instanceof RpcError && !error.retryable) await held?.undo();
        throw error;
      }
    }
    return slots[0];
  }

  /** The visit that is open at a door, or one to open there. */
  async function visitAt(door: Door) {
    const open = await store.visits.atDoor(door);
    return open ? { visitId: open.visitId, opens: undefined } : { visitId: newId("vis"), opens: door.addressKey };
  }

  return {
    async scheduleCollection(request, call) {
      const {
        requestId: _,
        method: asked,
        addressKey,
        verification,
        doorMemo,
        temperature,
        bringsHoldId,
        goods,
        neededTime,
        ...wanted
      } = request;
      const handOver = handOverAsked({ verification, doorMemo, temperature, bringsHoldId });
      const collectionId = newId("col");
      const method = methodOf(asked);
      const asks = sharesVisits(method) && addressKey === "";
      const told = asks ? await doors.of(wanted.orderId, asService("collection", call)) : undefined;
      const wish = {
        ...(goods.length > 0 && { goods }),
        ...(neededTime && { neededTime: neededTime.toISOString() }),
        ...(told && { address: told.address }),
      };
      const key = addressKey || told?.addressKey || `order:${wanted.orderId}`;
      const visitAtDoor = async () => (sharesVisits(method) ? visitAt({ ...wanted, addressKey: key }) : undefined);
      return store.create(byRequest(service.scheduleCollection, request, call, answer), visitAtDoor, (visit) =>
        schedule({ ...wanted, ...wish, collectionId, method, visit, handOver }, clock.now()),
      );
    },

    async getCollection({ collectionId }, call) {
      return answer(await collectionOf(collectionId, call));
    },

    async listSlots({ collectionId }, call) {
      const collection = await collectionOf(collectionId, call);
      checkMovable(collection, "list slots");
      const { market, orderId } = collection;
      const kept = await routing.slots(collection);
      return kept ? { slots: kept } : transport.listPickupSlots({ market, orderId }, asService("collection", call));
    },

    async rescheduleCollection(request, call) {
      const spend = byRequest(service.rescheduleCollection, request, call, answer);
      return (await store.recall(spend)) ?? moveVisit(request, call, spend);
    },

    async cancelCollection(request, call) {
      const spend = byRequest(service.cancelCollection, request, call, answer);
      return store.change(request.collectionId, spend, (collection) => cancel(collection, clock.now()));
    },

    async splitIntoParcels(request, call) {
      const { collectionId, parcels } = request;
      await collectionOf(collectionId, call);
      const spend = byRequest(service.splitIntoParcels, request, call, answer);
      const units = parcels.map((parcel) => parcel.units);
      return store.change(collectionId, spend, (collection) => split(collection, units, clock.now()));
    },

    async recordTracking(request, { caller }) {
      const { carrier, trackingNumber, event } = request;
      if (caller.role === "CARRIER" && caller.subject !== carrier) throw unknownParcel(trackingNumber);
      return reports.take({ carrier, trackingNumber }, event, carrier, caller.market);
    },

    // One after the other, oldest first as a carrier tells them: the way is then seen as it was.
    async recordCarrierMessage({ carrier: reporter, content }, { caller }) {
      if (caller.subject !== reporter) throw unreadable(reporter, "it was sent in another's name");
      const told = reporters.reportsIn(reporter, content);
      const inOrder = told.toSorted((one, other) => one.time.getTime() - other.time.getTime());
      const applied = await reports.takeAll(
        inOrder.map((report) => ({ ...report, event: eventOf(report) })),
        reporter,
        caller.market,
      );
      return { reports: told.length, applied, acknowledgement: reporters.acknowledgement(reporter) };
    },

    async listUnknownCodes({ reporter, ...page }) {
      const { rows, nextPageToken } = await store.ledger.unknownCodes(reporter, page);
      // A code that was learned since then is no longer unknown, though its reports stay as they were read.
      const codes = rows.filter((row) => unreadAsides.has(reporters.read(row.reporter, row.code).aside));
      return { codes, nextPageToken };
    },

    async getCarrierScorecard({ market, carrier, startTime, endTime }) {
      const range = { startTime: startTime as Date, endTime: endTime as Date };
      return { scores: await store.ledger.scores({ market, carrier, ...range }) };
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
function moveId(request: RescheduleCollectionRequest, { caller }: Call, from?: Slot, moves?: number): string {
  const parts = [principal(caller), request.requestId, request.collectionId, request.slotId, from?.slotId, moves];
  return `mov_${createHash("sha256").update(JSON.stringify(parts)).digest("hex")}`;
}
