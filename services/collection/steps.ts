// What a collection asks of carriers: a booking, and where a silent parcel is; what several of them ask of one driver stands
// in visitSteps.ts. Asking and recording are two acts, never one transaction; the step's id is the only request id a
// carrier sees for it, so asking again gives the first answer.
import type { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import type { StepHandler } from "#kit/agenda.js";
import { byStep } from "#kit/aggregate.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import type { LeasedStep } from "#kit/commit.js";
import { briefOf, RpcError } from "#kit/errors.js";
import { routed, unchanged } from "./core/change.js";
import { bookAnySlot, booked, refused } from "./core/collection.js";
import { isSilent, look } from "./core/dwell.js";
import { isOver, parcelsOf } from "./core/parcels.js";
import type { Todo, Wish } from "./core/types.js";
import { type Dwell, limitsOf } from "./dwell.js";
import { toBooked } from "./handOverProto.js";
import type { HandOverStep } from "./handOverSteps.js";
import { methods, slotOf } from "./proto.js";
import type { Reports } from "./reports.js";
import type { NotRouted, Routing } from "./routing.js";
import type { Store } from "./store.js";
import { visitSteps } from "./visitSteps.js";

export type StepParts = {
  readonly store: Store;
  readonly transport: ClientOf<typeof TransportServiceService>;
  readonly clock: Clock;
  readonly reports: Reports;
  readonly dwell: Dwell;
  readonly routing: Routing;
};

/** About an hour: a carrier that is away for a while is no reason to give a return up. */
const attempts = 240;

export function collectionSteps({
  store,
  transport,
  clock,
  reports,
  dwell,
  routing,
}: StepParts): Readonly<Record<Exclude<Todo["step"], HandOverStep>, StepHandler>> {
  const done = async (step: LeasedStep) => {
    await store.change(step.aggregateId, byStep(step), unchanged);
  };

  /** Nobody of the network collects it as wished: in another slot perhaps, or not at all. */
  async function notRouted(step: LeasedStep, why: NotRouted): Promise<void> {
    await store.change(step.aggregateId, byStep(step), (collection) =>
      why === "SLOT_GONE"
        ? bookAnySlot(collection, step.payload as Wish)
        : refused(collection, `${collection.market}'s network: ${why}`, clock.now()),
    );
  }

  /** After the carrier was asked: what it told counts as heard. */
  async function lookAt(step: LeasedStep): Promise<void> {
    const heard = await store.heardTime(step.aggregateId);
    await store.change(step.aggregateId, byStep(step), (collection) =>
      look(collection, { heard, silence: step.payload }, limitsOf(dwell, collection.market), clock.now()),
    );
  }

  return {
    book: {
      attempts,
      async run(step, call) {
        const collection = await store.find(step.aggregateId);
        const { state, market, orderId, resolutionId, method, units, handOver } = collection;
        // Canceled before any carrier was asked. On a later try one may have booked it and its answer got lost: asked
        // again it gives that answer, and the booking can be called off.
        if (state === "CANCELED" && step.attempt === 1) return done(step);
        const route = state === "CANCELED" ? collection.route : await routing.fix(collection, step.payload, call);
        if (typeof route === "string") return notRouted(step, route);
        const wanted = {
          market,
          orderId,
          resolutionId,
          method: methods.value(method),
          units,
          slotId: step.payload.slotId,
          carrier: route?.carrier ?? "",
          destination: route?.centre ?? "",
          heldSlot: route?.slot,
          ...toBooked(handOver),
        };
        const { bookingId, carrier, trackingNumber, slot } = await transport.bookPickup(
          { requestId: step.id, ...wanted },
          call,
        );
        await store.change(step.aggregateId, byStep(step), (before) =>
          booked(routed(before, route), { bookingId, carrier, trackingNumber }, slotOf(slot), clock.now()),
        );
      },
      async giveUp(step, error) {
        // A step, and so a request id, of its own: should the slot become free again, this request must not book it too.
        const otherSlot = step.payload.slotId !== "" && error instanceof RpcError && error.reason === "SLOT_GONE";
        await routing.unfix(await store.find(step.aggregateId));
        await store.change(step.aggregateId, byStep(step), (collection) =>
          otherSlot ? bookAnySlot(collection, step.payload) : refused(collection, briefOf(error), clock.now()),
        );
      },
    },

    ...visitSteps({ store, transport, clock, routing }),

    watch: {
      async run(step, call) {
        const collection = await store.find(step.aggregateId);
        const heard = await store.heardTime(step.aggregateId);
        const silent = isSilent(collection, heard, limitsOf(dwell, collection.market), clock.now());
        const asked = parcelsOf(collection).filter(
          (parcel) => silent && parcel.trackingNumber !== "" && !isOver(parcel),
        );
        for (const { bookingId, carrier, trackingNumber } of asked) {
          const { events } = await transport.getTracking({ bookingId, carrier, trackingNumber }, call);
          for (const event of events) await reports.take({ carrier, trackingNumber }, event, carrier);
        }
        await lookAt(step);
      },
      // A carrier that cannot be asked, or does not know its own parcel, has nothing to say for it.
      giveUp: lookAt,
    },
  };
}
