// The warehouse's system: what the dock expects, and what goes back to the customer.
import { WarehouseServiceService } from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import type { Agenda } from "#kit/agenda.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import type { Paced } from "../pace.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";

export function warehousePartner(
  store: Store,
  clock: Clock,
  pace: Paced,
  agenda: Agenda,
): Partner<typeof WarehouseServiceService> {
  const { dock } = store;
  const about = ({ orderId }: { orderId: string }) => orderId;
  return {
    announceParcel: {
      about,
      answer: async (request, call) => {
        const asked = store.asked(WarehouseServiceService.announceParcel, request, call);
        const now = clock.now();
        const { transitMs } = pace.now();
        const { answer, waiting } = await dock.announce(asked, {}, request, now, new Date(now.getTime() + transitMs));
        if (waiting || (request.neverHad && transitMs === 0)) agenda.poke();
        return answer;
      },
    },

    sendBack: {
      about,
      answer: async (request, call) => {
        const trackingNumber = `BACK-${newId("trk").slice(4)}`;
        const asked = store.asked(WarehouseServiceService.sendBack, request, call);
        return dock.sendBack(asked, { trackingNumber }, trackingNumber, request, clock.now());
      },
    },
  };
}
