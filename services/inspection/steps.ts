// What an inspection still has others do: the dock expect a parcel, stock take units in, rejected goods leave. Each is
// asked for under the step's own id, so that an answer that got lost is given again and nothing happens twice.
import type { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import type { WarehouseServiceService } from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import type { Agenda, StepHandler } from "#kit/agenda.js";
import { byStep } from "#kit/aggregate.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import type { LeasedStep } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import { disputeDue, openDispute, wait } from "./core/disputes.js";
import { receiveShared, takeIn } from "./core/dock.js";
import { needsAttention, sentBack } from "./core/inspection.js";
import { type QuarantineErrand, undone } from "./core/quarantine.js";
import type { Announcement, Errand, ExpectedLine, Posting, SendBack, SharedParcel, Waiting } from "./core/types.js";
import { faults, toDispositionLine } from "./proto.js";
import type { Quarantine } from "./quarantineStore.js";
import type { Store } from "./store.js";

export type StepParts = {
  readonly store: Store;
  readonly quarantine: Quarantine;
  readonly warehouse: ClientOf<typeof WarehouseServiceService>;
  readonly inventory: ClientOf<typeof InventoryServiceService>;
  readonly clock: Clock;
  readonly agenda: Agenda;
};

/** Over some ten minutes: a partner that restarts is waited for, one that is down for longer is a person's affair. */
const attempts = 50;

export function inspectionSteps({
  store,
  quarantine,
  warehouse,
  inventory,
  clock,
  agenda,
}: StepParts): Readonly<Record<(Errand | QuarantineErrand)["step"], StepHandler>> {
  /** Nothing waits silently: what could not be done stays on the inspection, with its reason. */
  const giveUp: StepHandler["giveUp"] = async (step, error) => {
    const what = { step: step.step, requestId: step.id, reason: error.message, time: clock.now() };
    const inspectionId: string = step.payload.inspectionId ?? step.aggregateId;
    if (!inspectionId.startsWith("ins_")) {
      await quarantine.change(step.aggregateId, byStep(step), (goods) => undone(goods, what));
      return;
    }
    await store.change(inspectionId, byStep(step), (inspection) => needsAttention(inspection, what));
  };

  /** Whether somebody disputes the goods: then their way waits with the dispute, and this step is over. */
  async function waits(step: LeasedStep, lineIds: readonly string[] | undefined): Promise<boolean> {
    // Goods that nobody's inspection brought are nobody's to dispute.
    if (!step.aggregateId.startsWith("ins_")) return false;
    const open = openDispute(await store.find(step.aggregateId), lineIds, clock.now());
    if (!open) return false;
    const way = { step: step.step, payload: step.payload } as Waiting;
    let waiting = false;
    await store.change(step.aggregateId, byStep(step), (inspection) => {
      // Decided meanwhile: whoever decided knew of nothing that waits, so it is to be done anew.
      waiting = !!openDispute(inspection, lineIds, clock.now());
      if (waiting) return wait(inspection, open.disputeId, way);
      return {
        next: { ...inspection, version: inspection.version + 1 },
        steps: [{ ...way, due: clock.now() } as Errand],
      };
    });
    return true;
  }

  return {
    announce: {
      async run(step, call) {
        const { resolutionId, orderId, lines, neverHad = false }: Announcement = step.payload;
        const parcel = { inspectionId: step.aggregateId, resolutionId, orderId, lines: lines.map(copy), neverHad };
        await warehouse.announceParcel({ requestId: step.id, ...parcel }, call);
        agenda.finish(step);
      },
      giveUp,
      attempts,
    },
    post: {
      async run(step, call) {
        const { lines }: Posting = step.payload;
        // Steps from before units were told apart name none: then any open dispute holds them.
        const named = lines.flatMap(({ units = [] }) => units.map(({ lineId }) => lineId));
        if (await waits(step, named.length > 0 ? named : undefined)) return;
        const posting = { inspectionId: step.aggregateId, lines: lines.map(toDispositionLine) };
        await inventory.postDispositions({ requestId: step.id, ...posting }, call);
        agenda.finish(step);
      },
      giveUp,
      attempts,
    },
    "send-back": {
      async run(step, call) {
        const { orderId, lines, payer = "" }: SendBack = step.payload;
        const named = lines.map(({ lineId }) => lineId);
        if (await waits(step, named)) return;
        const bears = faults.value(payer || "PLATFORM");
        const parcel = { inspectionId: step.aggregateId, orderId, lines: lines.map(copy), payer: bears };
        const { trackingNumber } = await warehouse.sendBack({ requestId: step.id, ...parcel }, call);
        await store.change(step.aggregateId, byStep(step), (inspection) =>
          sentBack(inspection, trackingNumber, clock.now()),
        );
      },
      giveUp,
      attempts,
    },

    "take-in": {
      async run(step) {
        const { inspectionId } = step.payload;
        const {
          trackingNumber,
          centre,
          items,
          note,
          scanner,
          receiveTime: time,
        } = await quarantine.find(step.aggregateId);
        const scan = { trackingNumber, centre, items, empty: false, weightGrams: 0, note, scanner, time };
        await store.change(inspectionId, byStep(step), (inspection) => takeIn(inspection, scan, () => newId("qrn")));
      },
      giveUp,
      attempts,
    },
    "receive-shared": {
      async run(step) {
        const { inspectionId, scan }: SharedParcel = step.payload;
        const parcel = { ...scan, time: new Date(scan.time) };
        await store.change(inspectionId, byStep(step), (inspection) =>
          receiveShared(inspection, parcel, () => newId("qrn")),
        );
      },
      giveUp,
      attempts,
    },
    "dispute-due": {
      async run(step) {
        const { disputeId } = step.payload;
        await store.change(step.aggregateId, byStep(step), (inspection) =>
          disputeDue(inspection, disputeId, clock.now()),
        );
      },
      giveUp,
      attempts,
    },
  };
}

function copy({ lineId, sku, quantity }: ExpectedLine): { lineId: string; sku: string; quantity: number } {
  return { lineId, sku, quantity };
}
