// The other systems that do their part of a refund, each asked under the twin's one key.
import type { PointsServiceService } from "#gen/backhaul/partner/points/v1/points_service.js";
import type { PromotionServiceService } from "#gen/backhaul/partner/promotion/v1/promotion_service.js";
import type { SettlementServiceService } from "#gen/backhaul/partner/settlement/v1/settlement_service.js";
import {
  CorrectionKind,
  type TaxDocumentServiceService,
} from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { toProto } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import type { TwinAsking } from "./core/twins.js";
import type { Correction } from "./core/types.js";

export const corrections = words(CorrectionKind, "CORRECTION_KIND_");

export type TwinParts = {
  readonly promotions: ClientOf<typeof PromotionServiceService>;
  readonly points: ClientOf<typeof PointsServiceService>;
  readonly settlements: ClientOf<typeof SettlementServiceService>;
  readonly documents: ClientOf<typeof TaxDocumentServiceService>;
};

/** Has a twin done; resolves with the other system's id of it. */
export type Twins = (twin: TwinAsking, call: Call) => Promise<string>;

export function openTwins({ promotions, points, settlements, documents }: TwinParts): Twins {
  return async ({ kind, key, reference, orderId, customerId, currency, ...twin }, call) => {
    const amount = toProto({ minor: BigInt(twin.minor), currency });
    switch (kind) {
      case "COUPON": {
        const asked = { key, customerId, couponId: reference, orderId };
        return (await promotions.restoreCoupon(asked, call)).restored ? "restored" : "ended";
      }
      case "POINTS_EARNED": {
        const asked = { key, customerId, orderId, points: BigInt(twin.points) };
        return (await points.revokePoints(asked, call)).movement?.movementId ?? "";
      }
      case "SETTLEMENT": {
        const asked = { key, sellerId: reference, orderId, amount, reason: "RETURNED_SALE" };
        return (await settlements.postAdjustment(asked, call)).adjustmentId;
      }
      case "TAX_DOCUMENT": {
        const tax = twin.taxMinor === "" ? undefined : toProto({ minor: BigInt(twin.taxMinor), currency });
        const correction = corrections.value(twin.correction as Correction);
        const asked = { key, documentNumber: reference, kind: correction, amount, tax, orderId };
        return (await documents.issueCorrection(asked, call)).correction?.correctionNumber ?? "";
      }
    }
  };
}
