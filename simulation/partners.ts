// Everybody outside, each behind their contract, with books of their own.
import { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { AddressServiceService } from "#gen/backhaul/partner/address/v1/address_service.js";
import { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import { CatalogServiceService } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { PointsServiceService } from "#gen/backhaul/partner/points/v1/points_service.js";
import { PromotionServiceService } from "#gen/backhaul/partner/promotion/v1/promotion_service.js";
import { SettlementServiceService } from "#gen/backhaul/partner/settlement/v1/settlement_service.js";
import { ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { TaxDocumentServiceService } from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { WarehouseServiceService } from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import { implement } from "#kit/server.js";
import { openCarriers } from "./outside/carriers.js";
import { openEligibility } from "./outside/eligibility.js";
import { openMoney } from "./outside/money.js";
import { openOrders } from "./outside/orders.js";
import { openOthers } from "./outside/others.js";
import { openDues, openQuiet } from "./outside/quiet.js";
import { openStock } from "./outside/stock.js";
import { openDock } from "./people/dock.js";
import type { World } from "./world/types.js";

export type Partners = ReturnType<typeof openPartners>;

const day = 86_400_000;

export function openPartners(world: World) {
  const orders = openOrders();
  const dock = openDock(world);
  const money = openMoney(world);
  const dues = openDues(world);
  const others = openOthers(world);
  const quiet = openQuiet();
  const carriers = openCarriers(world, ({ resolutionId }) => dock.arrived(resolutionId));
  const turned = (requestId: string) => {
    const days = world.schedule.chance(`turned/${requestId}`).between(2, 6);
    world.schedule.after(days * day, () => dock.arrived(requestId.split(".")[0] ?? ""));
  };
  const stock = openStock(world, orders, turned);
  const { answer } = world.network;
  answer("eligibility", implement(EligibilityServiceService, openEligibility(world, orders).contract));
  answer("order", implement(OrderServiceService, orders.contract));
  answer("payment", implement(PaymentServiceService, { ...money.contract, ...dues.contract }));
  answer("points", implement(PointsServiceService, money.points));
  answer("promotion", implement(PromotionServiceService, others.promotions));
  answer("settlement", implement(SettlementServiceService, others.settlements));
  answer("taxdocument", implement(TaxDocumentServiceService, others.documents));
  answer("inventory", implement(InventoryServiceService, stock.inventory));
  answer("shipment", implement(ShipmentServiceService, stock.shipment));
  answer("warehouse", implement(WarehouseServiceService, stock.warehouse));
  answer("transport", implement(TransportServiceService, carriers.contract));
  answer("calendar", implement(CalendarServiceService, quiet.calendar));
  answer("address", implement(AddressServiceService, quiet.address));
  answer("catalog", implement(CatalogServiceService, quiet.catalog));
  answer("notification", implement(NotificationServiceService, quiet.notification));
  return { orders, money, dues, stock, dock };
}
