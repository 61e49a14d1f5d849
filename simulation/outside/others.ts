// Partners that do one thing per key: coupons, sellers' settlements, tax documents.
import type { PromotionServiceService } from "#gen/backhaul/partner/promotion/v1/promotion_service.js";
import type { SettlementServiceService } from "#gen/backhaul/partner/settlement/v1/settlement_service.js";
import type { TaxDocumentServiceService } from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import type { World } from "../world/types.js";
import { openKeyed } from "./keyed.js";
import { some } from "./some.js";

export function openOthers(world: World) {
  const chance = world.schedule.chance("others");
  const keyed = openKeyed();
  let made = 0;

  /** Now and then one says no for good; a person has it tried again. */
  function refuses(partner: string): void {
    if (world.schedule.now() < world.calmMs && chance.percent(3))
      throw new DomainError("PARTNER_REFUSED", "closed", { partner, code: "closed" });
  }

  const promotions: Handlers<typeof PromotionServiceService> = {
    restoreCoupon: async (ask) => keyed(ask.key, ask, () => ({ restored: true })),
  };
  const settlements: Handlers<typeof SettlementServiceService> = {
    postAdjustment: async (ask) => {
      refuses("settlement");
      return keyed(ask.key, ask, () => ({ adjustmentId: `adj-${++made}` }));
    },
  };
  const documents = some<typeof TaxDocumentServiceService>({
    issueCorrection: async (ask) => {
      refuses("taxdocument");
      return keyed(ask.key, ask, () => {
        const { key, documentNumber, kind, amount } = ask;
        const issueTime = new Date(world.schedule.now());
        return { correction: { correctionNumber: `cn-${++made}`, key, documentNumber, kind, amount, issueTime } };
      });
    },
  });
  return { promotions, settlements, documents };
}
