// What several collections ask of one driver: to take more along, in more parcels, in another slot, or to come no more.
// Each step asks under its own id and then records, like those of steps.ts.
import { createHash } from "node:crypto";
import { status } from "@grpc/grpc-js";
import type { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import type { StepHandler } from "#kit/agenda.js";
import { byStep, type Spend } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import type { LeasedStep } from "#kit/commit.js";
import { RpcError } from "#kit/errors.js";
import { outcome, routed, unchanged } from "./core/change.js";
import {
  bookApart,
  booked,
  bookItself,
  follow,
  isOpen,
  joinLater,
  joinVisit,
  leaveBooking,
} from "./core/collection.js";
import { bookingIds } from "./core/parcels.js";
import { parcelBooked, parcelRefused } from "./core/split.js";
import type { Asking, Booking, Collection, Join, Route, Todo, Wish } from "./core/types.js";
import type { Routing } from "./routing.js";
import type { Store } from "./store.js";

export type VisitStepParts = {
  readonly store: Store;
  readonly transport: ClientOf<typeof TransportServiceService>;
  readonly clock: Clock;
  readonly routing: Routing;
};

type VisitStep = Extract<Todo["step"], "join" | "tell-visit" | "book-parcel" | "cancel-booking">;

/** Until the booking that others wait for is made. */
const waitMs = 1_000;
/** About an hour: a carrier that is away for a while is no reason to give a return up. */
const attempts = 240;

export function visitSteps({
  store,
  transport,
  clock,
  routing,
}: VisitStepParts): Readonly<Record<VisitStep, StepHandler>> {
  const soon = () => new Date(clock.now().getTime() + waitMs);
  const done = async (step: LeasedStep) => {
    await store.change(step.aggregateId, byStep(step), unchanged);
  };
  const othersOf = async ({ collectionId, visitId }: Collection): Promise<Collection[]> => {
    const members = visitId ? await store.visits.members(visitId) : [];
    return members.filter((one) => one.collectionId !== collectionId && isOpen(one.state));
  };

  const apart = async (step: LeasedStep) => {
    await store.change(step.aggregateId, byStep(step), (before) =>
      bookApart(before, wishOf(step.payload as Join), clock.now()),
    );
  };

  /** Has a booked visit take these units along. A carrier that cannot be told takes what stands at the door. */
  async function addTo(
    { host, ownParcel, slotId }: Asking,
    collection: Collection,
    step: LeasedStep,
    call: Call,
  ): Promise<Booking> {
    const { orderId, resolutionId, units, route } = collection;
    const request = {
      requestId: step.id,
      bookingId: host.bookingId,
      orderId,
      resolutionId,
      units,
      ownParcel,
      slotId,
      destination: route?.centre ?? "",
    };
    try {
      return await transport.addToPickup(request, call);
    } catch (error) {
      if (error instanceof RpcError && error.code === status.UNIMPLEMENTED) return host;
      throw error;
    }
  }

  return {
    join: {
      attempts,
      async run(step, call) {
        const collection = await store.find(step.aggregateId);
        const { asking, ...wish }: Join = step.payload;
        // Called off before a carrier was asked. On a later try one may have taken the goods along and its answer got lost:
        // whoever else is left of the visit, the same one is asked the same, and what it answers can be called off.
        const mayKnow = asking !== undefined && step.attempt > 1;
        if (!isOpen(collection.state) && !mayKnow) return done(step);
        const others = await othersOf(collection);
        // Read after them: where one is booked, this has its slot.
        const visit = await store.visits.find(collection.visitId ?? "");
        const join = async (chosen: Asking, route: Route | undefined) => {
          const { bookingId, carrier, trackingNumber } = await addTo(chosen, routed(collection, route), step, call);
          await store.change(step.aggregateId, byStep(step), (before) =>
            booked(routed(before, route), { bookingId, carrier, trackingNumber }, visit?.slot, clock.now(), visit),
          );
        };
        if (mayKnow) return join(asking, collection.route);
        const host = others.find(({ booking }) => booking);
        if (!visit || !host?.booking) {
          // Whoever opened it has it booked; called off or refused, whoever has waited longest.
          const booker = others.find((one) => one.collectionId === visit?.openerId) ?? others[0];
          const waits = booker !== undefined && isEarlier(booker, collection, visit?.openerId);
          await store.change(step.aggregateId, byStep(step), (before) =>
            waits && isOpen(before.state) ? joinLater(before, wish, soon()) : bookItself(before, wish),
          );
          return;
        }
        const route = await routing.fixBeside(host, { ...collection, slot: visit.slot }, wish, call);
        if (route === "APART") {
          await apart(step);
          return;
        }
        // Goods for two return centres never share a parcel.
        const ownParcel = route?.centre !== host.route?.centre;
        const chosen = { host: host.booking, ownParcel, slotId: visit.slot?.slotId ?? "" };
        if (asking && isSame(asking, chosen)) return join(asking, route);
        await store.change(step.aggregateId, byStep(step), (before) => joinVisit(before, { ...wish, asking: chosen }));
      },
      // The driver takes no more: another one comes for it.
      giveUp: async (step) => {
        // A route that was fixed beside the driver's is not another's.
        await routing.unfix(await store.find(step.aggregateId));
        await apart(step);
      },
    },

    "tell-visit": {
      async run(step) {
        const { collectionId, visitId = "" } = await store.find(step.aggregateId);
        const visit = await store.visits.find(visitId);
        for (const member of visit ? await store.visits.members(visitId) : []) {
          if (member.collectionId === collectionId || !visit) continue;
          const spend = byTelling(step, member.collectionId, visit.moves);
          await store.change(member.collectionId, spend, (before) => follow(before, visit, clock.now()));
        }
        // This one, too, if somebody moved the visit once more meanwhile.
        await store.change(collectionId, byStep(step), (before) =>
          visit ? follow(before, visit, clock.now()) : unchanged(before),
        );
      },
      giveUp: done,
    },

    "book-parcel": {
      attempts,
      async run(step, call) {
        const { state, booking, orderId, resolutionId, slot, route } = await store.find(step.aggregateId);
        const { units } = step.payload;
        // Called off before the carrier was asked; asked again it tells of what it may have booked.
        if (!booking || (state === "CANCELED" && step.attempt === 1)) return done(step);
        const { bookingId, carrier, trackingNumber } = await transport.addToPickup(
          {
            requestId: step.id,
            bookingId: booking.bookingId,
            orderId,
            resolutionId,
            units,
            ownParcel: true,
            destination: route?.centre ?? "",
            slotId: slot?.slotId ?? "",
          },
          call,
        );
        await store.change(step.aggregateId, byStep(step), (before) =>
          parcelBooked(before, units, { bookingId, carrier, trackingNumber }, clock.now()),
        );
      },
      giveUp: async (step) => {
        await store.change(step.aggregateId, byStep(step), (before) =>
          parcelRefused(before, step.payload.units, clock.now()),
        );
      },
    },

    "cancel-booking": {
      attempts,
      async run(step, call) {
        const { bookingId } = step.payload;
        const collection = await store.find(step.aggregateId);
        const others = await othersOf(collection);
        if (others.some((one) => bookingIds(one).includes(bookingId))) {
          await store.change(step.aggregateId, byStep(step), (before) => leaveBooking(before, bookingId, clock.now()));
          return;
        }
        // Somebody is about to join what is called off here: first they have their place.
        if (others.some((one) => one.booking === undefined)) {
          await store.change(step.aggregateId, byStep(step), (before) =>
            outcome(before, { todo: [{ step: "cancel-booking", due: soon(), payload: { bookingId } }] }),
          );
          return;
        }
        // Whether the carrier could still call it off need not be kept: if it has the goods, its scan tells.
        await transport.cancelPickup({ requestId: step.id, bookingId }, call);
        await routing.release(collection, others);
        await done(step);
      },
      giveUp: done,
    },
  };
}

/** What the customer wants, whoever was asked for it. */
function wishOf({ asking: _, ...wish }: Join): Wish {
  return wish;
}

function isSame(one: Asking, other: Asking): boolean {
  const { bookingId } = one.host;
  return bookingId === other.host.bookingId && one.ownParcel === other.ownParcel && one.slotId === other.slotId;
}

/** Whether the other one has waited for the booking longer, or is the one who has it made. */
function isEarlier(other: Collection, mine: Collection, openerId: string | undefined): boolean {
  if (other.collectionId === openerId) return true;
  const ms = other.createTime.getTime() - mine.createTime.getTime();
  return ms < 0 || (ms === 0 && other.collectionId < mine.collectionId);
}

/** A member is told of a move once per telling; the step itself is spent when all are told. */
function byTelling(step: LeasedStep, collectionId: string, moves: number): Spend<Collection, Collection> {
  const requestId = `${step.id}:${collectionId}:${moves}`;
  const fingerprint = createHash("sha256").update(requestId).digest();
  return {
    token: { kind: "request", principal: "SERVICE:collection", requestId, fingerprint },
    answer: (collection) => collection,
    keep: () => Buffer.alloc(0),
    recall: () => undefined as never,
  };
}
