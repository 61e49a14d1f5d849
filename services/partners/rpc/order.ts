// The shop's order system.
import type { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";

export function orderPartner({ orders }: Store): Partner<typeof OrderServiceService> {
  return {
    getOrder: {
      about: ({ orderId }) => orderId,
      answer: async ({ orderId }) => ({ order: (await orders.find(orderId)).order }),
    },
  };
}
