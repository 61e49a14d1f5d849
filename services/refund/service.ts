// The refund service, wired.
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { PointsServiceService } from "#gen/backhaul/partner/points/v1/points_service.js";
import { PromotionServiceService } from "#gen/backhaul/partner/promotion/v1/promotion_service.js";
import { SettlementServiceService } from "#gen/backhaul/partner/settlement/v1/settlement_service.js";
import { TaxDocumentServiceService } from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { SellerStatementServiceService } from "#gen/backhaul/refund/v1/seller_statement_service.js";
import { personalData } from "#kit/erasing.js";
import { implement } from "#kit/server.js";
import { type Ground, openSealedService, type Running, type ServiceParts } from "#kit/service.js";
import { openAbilities } from "./abilities.js";
import type { RefundConfig } from "./config.js";
import { forgetting } from "./forgetting.js";
import { openPolicies, type Policies } from "./policies.js";
import { openProviders } from "./providers.js";
import { retention } from "./retention.js";
import { refundRpc } from "./rpc.js";
import { sellerStatementRpc } from "./sellerStatementRpc.js";
import { openSellerStatements } from "./sellerStatements.js";
import { refundSteps } from "./steps.js";
import { openStore } from "./store.js";
import { openTwins } from "./twins.js";

/** Starts it. @throws Error if the database or the clock cannot be reached, or a policy is broken */
export async function start(config: RefundConfig): Promise<Running> {
  const policies = openPolicies(config.refundPolicies);
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const service = await openSealedService("refund", config, { migrations, announces: true });
  return service.run(wire(service, config, policies));
}

/** Its parts, put together. */
export function wire(service: Ground, config: RefundConfig, policies: Policies): ServiceParts {
  const store = openStore(service.db, service.followers, service.vault);
  const orders = service.connect(config.orderAddress)(OrderServiceService);
  const payments = service.connect(config.paymentAddress)(PaymentServiceService);
  const points = service.connect(config.pointsAddress)(PointsServiceService);
  const promotions = service.connect(config.promotionAddress)(PromotionServiceService);
  const settlements = service.connect(config.settlementAddress)(SettlementServiceService);
  const documents = service.connect(config.taxDocumentAddress)(TaxDocumentServiceService);
  const abilities = openAbilities(payments);
  const providers = openProviders(payments, points);
  const clock = service.clocks.business;
  return {
    rpc: [
      personalData(service.db, service.vault, forgetting, service.log),
      implement(
        RefundServiceService,
        refundRpc({ store, orders, payments, providers, abilities, policies, clock, poke: service.agenda.poke }),
      ),
      implement(SellerStatementServiceService, sellerStatementRpc(openSellerStatements(service.db))),
    ],
    steps: refundSteps({
      store,
      clock,
      abilities,
      providers,
      twins: openTwins({ promotions, points, settlements, documents }),
    }),
    retention,
    close: store.close,
  };
}
