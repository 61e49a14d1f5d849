// The sandbox, wired: one clock, eighteen partners, and the controls of what goes wrong.
import { AddressServiceService } from "#gen/backhaul/partner/address/v1/address_service.js";
import { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import { CatalogServiceService } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { MediaServiceService } from "#gen/backhaul/partner/media/v1/media_service.js";
import { MembershipServiceService } from "#gen/backhaul/partner/membership/v1/membership_service.js";
import { GuestCodeServiceService } from "#gen/backhaul/partner/notification/v1/guest_code_service.js";
import { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import { ContactServiceService } from "#gen/backhaul/partner/order/v1/contact_service.js";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { PointsServiceService } from "#gen/backhaul/partner/points/v1/points_service.js";
import { PromotionServiceService } from "#gen/backhaul/partner/promotion/v1/promotion_service.js";
import { RiskServiceService } from "#gen/backhaul/partner/risk/v1/risk_service.js";
import { SettlementServiceService } from "#gen/backhaul/partner/settlement/v1/settlement_service.js";
import { ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { TaxDocumentServiceService } from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import { TicketServiceService } from "#gen/backhaul/partner/ticket/v1/ticket_service.js";
import { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { WarehouseServiceService } from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { ClockServiceService } from "#gen/backhaul/sandbox/v1/clock_service.js";
import { GuestDeskServiceService } from "#gen/backhaul/sandbox/v1/guest_desk_service.js";
import { SandboxServiceService } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { ScenarioServiceService } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { Followers } from "#kit/commit.js";
import { implement } from "#kit/server.js";
import { openService, type Running } from "#kit/service.js";
import { openBench } from "./bench.js";
import { publish, readCalendars } from "./calendars.js";
import { openCarriers } from "./carriers.js";
import { openJoined } from "./clock/joined.js";
import { openTime, type SandboxClock } from "./clock/time.js";
import type { PartnersConfig } from "./config.js";
import { mediaBytesMax } from "./core/media.js";
import { parcelMover } from "./move.js";
import { openPace } from "./pace.js";
import { methodName, played } from "./played.js";
import { newsStep, providerMover } from "./provider.js";
import { clockRpc } from "./rpc/clock.js";
import { contactPartner, guestCodePartner, guestDeskRpc } from "./rpc/guests.js";
import { inventoryPartner } from "./rpc/inventory.js";
import { addressPartner, calendarPartner, catalogPartner, membershipPartner, riskPartner } from "./rpc/lookups.js";
import { mediaPartner } from "./rpc/media.js";
import { notificationPartner } from "./rpc/notification.js";
import { orderPartner } from "./rpc/order.js";
import { paymentPartner } from "./rpc/payment.js";
import { pointsPartner } from "./rpc/points.js";
import { promotionPartner } from "./rpc/promotion.js";
import { sandboxRpc } from "./rpc/sandbox.js";
import { scenarioRpc } from "./rpc/scenario.js";
import { settlementPartner } from "./rpc/settlement.js";
import { shipmentPartner } from "./rpc/shipment.js";
import { taxDocumentPartner } from "./rpc/taxdocument.js";
import { ticketPartner } from "./rpc/ticket.js";
import { transportPartner } from "./rpc/transport.js";
import { warehousePartner } from "./rpc/warehouse.js";
import { parcelSteps } from "./steps.js";
import { openSettings } from "./store/settings.js";
import { openStore } from "./store/store.js";

/** The sandbox that answers. */
export type RunningPartners = Running & {
  /** Tells late where the edge, the inspection and the refund service are: they start after the clock that they join. */
  pointAt(where: {
    readonly gatewayUrl?: string;
    readonly inspectionAddress?: string;
    readonly refundAddress?: string;
  }): void;
};

/** Starts it. @throws Error if the database cannot be reached */
export async function start(config: PartnersConfig): Promise<RunningPartners> {
  const opened: { time?: SandboxClock } = {};
  const service = await openService("partners", config, {
    migrations: new URL("prisma/migrations/", import.meta.url),
    announces: false,
    clock: async (db) => (opened.time = await openTime(openSettings(db))),
  });
  const time = opened.time as SandboxClock;
  const { agenda, db } = service;

  // Commits of parcels' steps, for the question whether anything moved.
  let moves = 0;
  const counted = () => {
    moves++;
    return time.now();
  };
  const followers: Followers = { ...service.followers, now: counted };
  const store = await openStore(db, followers, config.meshSecret);
  const pace = await openPace(store.settings);
  const calendars = readCalendars();
  for (const calendar of await store.calendars.all()) publish(calendars, calendar);
  const joined = openJoined(() => time.offsetMs);
  const carriers = openCarriers(config.gatewayUrl, config.webhookSecret, service.identity);
  let inspection = service.connect(config.inspectionAddress);
  const refundAt = (address: string) => service.connect(address)(RefundServiceService);
  let refund = refundAt(config.refundAddress);
  const bench = openBench((contract) => inspection(contract));
  const steps = parcelSteps({ store, carriers, pace, agenda, bench });

  const { scenarios } = store;
  const partners = [
    played(AddressServiceService, addressPartner(store), scenarios),
    played(CalendarServiceService, calendarPartner(calendars), scenarios),
    played(CatalogServiceService, catalogPartner(store), scenarios),
    played(ContactServiceService, contactPartner(store), scenarios),
    played(GuestCodeServiceService, guestCodePartner(store, time), scenarios),
    played(InventoryServiceService, inventoryPartner(store, time), scenarios),
    played(MediaServiceService, mediaPartner(store, time), scenarios),
    played(MembershipServiceService, membershipPartner(store), scenarios),
    played(NotificationServiceService, notificationPartner(store, time), scenarios),
    played(OrderServiceService, orderPartner(store), scenarios),
    played(PaymentServiceService, paymentPartner(store, time), scenarios),
    played(PointsServiceService, pointsPartner(store, time), scenarios),
    played(PromotionServiceService, promotionPartner(store, time), scenarios),
    played(RiskServiceService, riskPartner(), scenarios),
    played(SettlementServiceService, settlementPartner(store, time), scenarios),
    played(ShipmentServiceService, shipmentPartner(store, time, pace), scenarios),
    played(TaxDocumentServiceService, taxDocumentPartner(store, time), scenarios),
    played(TicketServiceService, ticketPartner(store, time), scenarios),
    played(TransportServiceService, transportPartner({ store, clock: time, pace, calendars, agenda }), scenarios),
    played(WarehouseServiceService, warehousePartner(store, time, pace, agenda), scenarios),
  ];
  const methods = new Set(
    partners.flatMap(({ contract }) => Object.values(contract).map(({ path }) => methodName(path))),
  );
  const ownWork = async () => ({ agenda: await agenda.dueCount(), moves });

  const running = await service.run({
    messageBytesMax: mediaBytesMax + 64 * 1024,
    rpc: [
      ...partners,
      implement(ClockServiceService, clockRpc({ time, joined, agenda, ownWork })),
      implement(
        SandboxServiceService,
        sandboxRpc(store, parcelMover(store, steps, time), providerMover(store, time, agenda), calendars, time, pace),
      ),
      implement(GuestDeskServiceService, guestDeskRpc(store)),
      implement(ScenarioServiceService, scenarioRpc(store, pace, methods)),
    ],
    steps: { ...steps, tell: newsStep(() => refund, agenda) },
    close: async () => {
      carriers.close();
      await store.close();
    },
  });
  return {
    port: running.port,
    bus: running.bus,
    conditions: running.conditions,
    pointAt: ({ gatewayUrl, inspectionAddress, refundAddress }) => {
      if (gatewayUrl !== undefined) carriers.pointAt(gatewayUrl);
      if (inspectionAddress !== undefined) inspection = service.connect(inspectionAddress);
      if (refundAddress !== undefined) refund = refundAt(refundAddress);
    },
    stop: async () => {
      // The streams of those who follow the clock would hold the doors open.
      joined.close();
      await running.stop();
    },
  };
}
