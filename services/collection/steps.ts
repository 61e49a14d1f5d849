// What a collection asks of carriers: a booking, its end, and where a silent parcel is. Asking and recording are two
// acts, never one transaction; the step's id is the only request id a carrier sees for it, so asking again gives the
// first answer.
import type { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import type { StepHandler } from "#kit/agenda.js";
import { byStep } from "#kit/aggregate.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import type { LeasedStep } from "#kit/commit.js";
import { RpcError } from "#kit/errors.js";
import { unchanged } from "./core/change.js";
import { bookAnySlot, booked, refused } from "./core/collection.js";
import { isSilent, look } from "./core/dwell.js";
import type { Todo } from "./core/types.js";
import { type Dwell, limitsOf } from "./dwell.js";
import { methods, slotOf } from "./proto.js";
import type { Reports } from "./reports.js";
import type { Store } from "./store.js";

export type StepParts = {
  readonly store: Store;
  readonly transport: ClientOf<typeof TransportServiceService>;
  readonly clock: Clock;
  readonly reports: Reports;
  readonly dwell: Dwell;
};

/** About an hour: a carrier that is away for a while is no reason to give a return up. */
const attempts = 240;

export function collectionSteps({
  store,
  transport,
  clock,
  reports,
  dwell,
}: StepParts): Readonly<Record<Todo["step"], StepHandler>> {
  const done = async (step: LeasedStep) => {
    await store.change(step.aggregateId, byStep(step), unchanged);
  };

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
        const { state, market, orderId, resolutionId, method, units } = await store.find(step.aggregateId);
        // Canceled before any carrier was asked. On a later try one may have booked it and its answer got lost: asked
        // again it gives that answer, and the booking can be called off.
        if (state === "CANCELED" && step.attempt === 1) return done(step);
        const wanted = {
          market,
          orderId,
          resolutionId,
          method: methods.value(method),
          units,
          slotId: step.payload.slotId,
        };
        const { bookingId, carrier, trackingNumber, slot } = await transport.bookPickup(
          { requestId: step.id, ...wanted },
          call,
        );
        await store.change(step.aggregateId, byStep(step), (collection) =>
          booked(collection, { bookingId, carrier, trackingNumber }, slotOf(slot), clock.now()),
        );
      },
      async giveUp(step, error) {
        // A step, and so a request id, of its own: should the slot become free again, this request must not book it too.
        const otherSlot = step.payload.slotId !== "" && error instanceof RpcError && error.reason === "SLOT_GONE";
        await store.change(step.aggregateId, byStep(step), (collection) =>
          otherSlot ? bookAnySlot(collection) : refused(collection, error.message, clock.now()),
        );
      },
    },

    "cancel-booking": {
      attempts,
      async run(step, call) {
        // Whether the carrier could still call it off need not be kept: if it has the goods, its scan tells.
        await transport.cancelPickup({ requestId: step.id, bookingId: step.payload.bookingId }, call);
        await done(step);
      },
      giveUp: done,
    },

    watch: {
      async run(step, call) {
        const collection = await store.find(step.aggregateId);
        const heard = await store.heardTime(step.aggregateId);
        const { booking } = collection;
        if (booking && isSilent(collection, heard, limitsOf(dwell, collection.market), clock.now())) {
          const { events } = await transport.getTracking(booking, call);
          for (const event of events) await reports.take(booking, event, booking.carrier);
        }
        await lookAt(step);
      },
      // A carrier that cannot be asked, or does not know its own parcel, has nothing to say for it.
      giveUp: lookAt,
    },
  };
}
