// The system that pays sellers.
import type { SettlementServiceService } from "#gen/backhaul/partner/settlement/v1/settlement_service.js";
import type { Money } from "#gen/google/type/money.js";
import type { Clock } from "#kit/clock.js";
import { fromProto } from "#kit/pure/money.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";

export function settlementPartner({ notes }: Store, clock: Clock): Partner<typeof SettlementServiceService> {
  return {
    postAdjustment: {
      about: ({ orderId }) => orderId,
      answer: async ({ amount, ...adjustment }) => ({
        adjustmentId: await notes.adjust({ ...adjustment, amount: fromProto(amount as Money) }, clock.now()),
      }),
    },
  };
}
