// The warehouse's system: what the dock expects, and what goes back to the customer.
import { WarehouseServiceService } from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import type { Agenda } from "#kit/agenda.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";

export function warehousePartner(store: Store, clock: Clock, agenda: Agenda): Partner<typeof WarehouseServiceService> {
  const { dock } = store;
  const about = ({ orderId }: { orderId: string }) => orderId;
  return {
    announceParcel: {
      about,
      answer: async (request, call) => {
        const asked = store.asked(WarehouseServiceService.announceParcel, request, call);
        const { answer, waiting } = await dock.announce(asked, {}, request, clock.now());
        if (waiting) agenda.poke();
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
