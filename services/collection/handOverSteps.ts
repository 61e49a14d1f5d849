// What a hand-over passes on: a changed memo to the driver, the driver's photos to the custody chain. What is passed on is
// read from the row when it is due.
import type { CustodyServiceService } from "#gen/backhaul/inspection/v1/custody_service.js";
import { CustodyStage } from "#gen/backhaul/inspection/v1/inspection.js";
import type { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import type { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import type { StepHandler } from "#kit/agenda.js";
import { byStep } from "#kit/aggregate.js";
import type { ClientOf } from "#kit/client.js";
import type { LeasedStep } from "#kit/commit.js";
import { unchanged } from "./core/change.js";
import { isOpen } from "./core/collection.js";
import { handOverOf } from "./core/handOverTypes.js";
import { bookingIds } from "./core/parcels.js";
import type { Collection, Todo } from "./core/types.js";
import type { Store } from "./store.js";

export type HandOverStep = Extract<Todo["step"], "note-driver" | "pass-photos">;

export type HandOverStepParts = {
  readonly store: Store;
  readonly transport: ClientOf<typeof TransportServiceService>;
  readonly inspection: ClientOf<typeof InspectionServiceService>;
  readonly custody: ClientOf<typeof CustodyServiceService>;
};

/** About an hour: as long as it takes a neighbour to come back. */
const attempts = 240;

export function handOverSteps(parts: HandOverStepParts): Readonly<Record<HandOverStep, StepHandler>> {
  const { store, transport, inspection, custody } = parts;
  const done = async (step: LeasedStep) => {
    await store.change(step.aggregateId, byStep(step), unchanged);
  };
  return {
    "note-driver": {
      attempts,
      async run(step, call) {
        const collection = await store.find(step.aggregateId);
        // The booking under way may carry the former one: told again when there is something to tell it of.
        if (collection.state === "CREATED") throw new Error(`${step.aggregateId} is not booked yet`);
        const bookings = isOpen(collection.state) ? bookingIds(collection) : [];
        for (const [i, bookingId] of bookings.entries()) {
          const doorMemo = await memosAt(bookingId, collection);
          await transport.notePickup({ requestId: `${step.id}.${i}`, bookingId, doorMemo }, call);
        }
        await done(step);
      },
      // A carrier that takes no memos; the driver will ring.
      giveUp: done,
    },

    "pass-photos": {
      attempts,
      async run(step, call) {
        const { resolutionId, handOver } = await store.find(step.aggregateId);
        const { confirmation } = handOverOf(handOver);
        const inspectionId = confirmation && (await inspectionOf(resolutionId, call));
        for (const [i, photo] of (confirmation?.check?.photos ?? []).entries()) {
          const evidence = {
            stage: CustodyStage.CUSTODY_STAGE_DRIVER,
            photo,
            note: "",
            actor: `driver:${confirmation?.driverId}`,
          };
          await custody.addEvidence(
            { requestId: `${step.id}.${i}`, inspectionId: inspectionId ?? "", ...evidence },
            call,
          );
        }
        await done(step);
      },
      // They stay named on the collection; a chain without them begins at the dock.
      giveUp: done,
    },
  };

  /** One driver comes for several collections of a customer, and reads what was written with any of them. */
  async function memosAt(bookingId: string, collection: Collection): Promise<string> {
    const members = collection.visitId ? await store.visits.members(collection.visitId) : [collection];
    const told = members.filter((one) => isOpen(one.state) && bookingIds(one).includes(bookingId));
    return [...new Set(told.map(({ handOver }) => handOverOf(handOver).doorMemo))].filter(Boolean).join("; ");
  }

  /** @throws Error while nobody expects the goods yet: the step comes back until somebody does */
  async function inspectionOf(resolutionId: string, call: Parameters<StepHandler["run"]>[1]): Promise<string> {
    const { inspections } = await inspection.listInspections(
      { state: 0, resolutionId, pageSize: 1, pageToken: "" },
      call,
    );
    const [found] = inspections;
    if (!found) throw new Error(`nobody expects the goods of ${resolutionId} yet`);
    return found.inspectionId;
  }
}
