// The payment provider's demands: what customers are asked to pay.
import { DemandState, PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import { words } from "#kit/words.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";
import { aboveZero } from "./amounts.js";

const states = words(DemandState, "DEMAND_STATE_");
type DemandRpcs = "requestPayment" | "getDemand" | "cancelDemand";

export function demandRpcs(store: Store, clock: Clock): Pick<Partner<typeof PaymentServiceService>, DemandRpcs> {
  const { demands } = store;
  const orderOf = async (demandId: string) => (await demands.find(demandId, clock.now()))?.orderId ?? demandId;

  return {
    requestPayment: {
      about: ({ orderId }) => orderId,
      answer: async (request, call) => {
        const { orderId, customerId, expireTime = clock.now() } = request;
        const demandId = newId("dmd");
        const demand = { demandId, orderId, customerId, amount: aboveZero(request.amount), expireTime };
        const asked = store.asked(PaymentServiceService.requestPayment, request, call);
        return demands.ask(asked, { demandId, url: `https://pay.example/${demandId}` }, demand);
      },
    },

    getDemand: {
      about: ({ demandId }) => orderOf(demandId),
      answer: async ({ demandId }) => {
        const demand = await demands.find(demandId, clock.now());
        if (!demand) throw noDemand(demandId);
        return { state: states.value(demand.state), paymentId: demand.paymentId };
      },
    },

    // Taking back what is taken back changes nothing, so the request needs no record.
    cancelDemand: {
      about: ({ demandId }) => orderOf(demandId),
      answer: async ({ demandId }) => {
        const state = await demands.cancel(demandId, clock.now());
        if (!state) throw noDemand(demandId);
        return { state: states.value(state) };
      },
    },
  };
}

export function noDemand(demandId: string): DomainError {
  return new DomainError("PARTNER_NOT_FOUND", `no demand ${demandId}`, { partner: "payment", id: demandId });
}
