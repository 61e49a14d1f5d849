// The resolution service, wired.
import { CollectionServiceService } from "#gen/backhaul/collection/v1/collection_service.js";
import { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { PersonalDataServiceService } from "#gen/backhaul/privacy/v1/personal_data_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { PrivacyServiceService } from "#gen/backhaul/resolution/v1/privacy_service.js";
import { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import { assertComplete } from "#kit/pure/moves.js";
import { implement } from "#kit/server.js";
import { openSealedService, type Running } from "#kit/service.js";
import { openCalendars } from "./calendars.js";
import type { ResolutionConfig } from "./config.js";
import { learnContacts, openContacts } from "./contacts.js";
import { type ErasureState, erasureMoves } from "./core/erasure.js";
import { erasureSteps } from "./erasureSteps.js";
import { openErasures } from "./erasureStore.js";
import { resolutionFacts } from "./events.js";
import { erasureStates, privacyRpc } from "./privacyRpc.js";
import { recount } from "./recount.js";
import { retention } from "./retention.js";
import { resolutionRpc } from "./rpc.js";
import { resolutionSteps } from "./steps.js";
import { openStore } from "./store.js";

/** Starts it. @throws Error if the database or the clock cannot be reached */
export async function start(config: ResolutionConfig): Promise<Running> {
  assertComplete<ErasureState>(erasureMoves, erasureStates.all, ["ASKED"]);
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const service = await openSealedService("resolution", config, { migrations, announces: true });
  const { connect } = service;
  const clock = service.clocks.business;
  const store = openStore(service.db, service.followers, service.vault);
  const eligibility = connect(config.eligibilityAddress)(EligibilityServiceService);
  const calendarClient = connect(config.calendarAddress)(CalendarServiceService);
  const calendars = openCalendars(calendarClient, config.calendarRefreshMs, service.log);
  const refund = connect(config.refundAddress)(RefundServiceService);
  calendars.follow(recount({ store, eligibility, clock, log: service.log }));
  // What is open must not wait for the market's next request to learn of a new calendar.
  for (const market of await store.openMarkets()) {
    calendars.load(market).catch((error) => service.log.warn({ market, error }, "calendar not read"));
  }
  const inspections = connect(config.inspectionAddress)(InspectionServiceService);
  const shipment = connect(config.shipmentAddress)(ShipmentServiceService);
  const orders = connect(config.orderAddress)(OrderServiceService);
  const contacts = openContacts(service.db, config.blindIndexKey);
  const learning = learnContacts(contacts, orders, service.log);
  const erasures = openErasures(service.db, service.followers);
  const services = {
    collection: connect(config.collectionAddress)(PersonalDataServiceService),
    inspection: connect(config.inspectionAddress)(PersonalDataServiceService),
    refund: connect(config.refundAddress)(PersonalDataServiceService),
  };
  const { exchangeChainMax } = config;
  const rpc = { store, eligibility, refund, orders, shipments: shipment, exchangeChainMax, calendars, clock };
  return service.run({
    rpc: [
      implement(ResolutionServiceService, resolutionRpc(rpc)),
      implement(PrivacyServiceService, privacyRpc({ store: erasures, clock })),
    ],
    facts: resolutionFacts({ store, calendars, clock, inspections }),
    steps: {
      ...erasureSteps({ store: erasures, db: service.db, vault: service.vault, clock, services }),
      ...resolutionSteps({
        store,
        calendars,
        clock,
        agenda: service.agenda,
        eligibility,
        collection: connect(config.collectionAddress)(CollectionServiceService),
        inspection: inspections,
        refund,
        shipment,
        payment: connect(config.paymentAddress)(PaymentServiceService),
        inventory: connect(config.inventoryAddress)(InventoryServiceService),
        notification: connect(config.notificationAddress)(NotificationServiceService),
      }),
    },
    retention,
    close: async () => {
      await learning.stop();
      await calendars.stop();
      await store.close();
    },
  });
}
