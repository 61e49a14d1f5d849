// The resolution service, wired.
import { CollectionServiceService } from "#gen/backhaul/collection/v1/collection_service.js";
import { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { GuestCodeServiceService } from "#gen/backhaul/partner/notification/v1/guest_code_service.js";
import { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import { ContactServiceService } from "#gen/backhaul/partner/order/v1/contact_service.js";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { ApiKeyServiceService } from "#gen/backhaul/resolution/v1/api_key_service.js";
import { GuestServiceService } from "#gen/backhaul/resolution/v1/guest_service.js";
import { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import { SellerServiceService } from "#gen/backhaul/resolution/v1/seller_service.js";
import { openGuestTokens } from "#kit/guestTokens.js";
import { implement } from "#kit/server.js";
import { openService, type Running } from "#kit/service.js";
import { apiKeyRpc } from "./apiKeyRpc.js";
import { openApiKeyStore } from "./apiKeyStore.js";
import { openCalendars } from "./calendars.js";
import type { ResolutionConfig } from "./config.js";
import { resolutionFacts } from "./events.js";
import { guestRpc } from "./guestRpc.js";
import { openGuestSecrets } from "./guestSecrets.js";
import { guestSteps } from "./guestSteps.js";
import { openGuestStore } from "./guestStore.js";
import { openKeyUses } from "./keyUses.js";
import { recount } from "./recount.js";
import { resolutionRpc } from "./rpc.js";
import { sellerRpc } from "./sellerRpc.js";
import { sellerSteps } from "./sellerSteps.js";
import { openSellerStore } from "./sellerStore.js";
import { readSellerTerms } from "./sellerTerms.js";
import { resolutionSteps } from "./steps.js";
import { openStore } from "./store.js";

/** Starts it. @throws Error if the database or the clock cannot be reached */
export async function start(config: ResolutionConfig): Promise<Running> {
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const service = await openService("resolution", config, { migrations, announces: true });
  const { connect } = service;
  const clock = service.clocks.business;
  const store = openStore(service.db, service.followers);
  const eligibility = connect(config.eligibilityAddress)(EligibilityServiceService);
  const calendarClient = connect(config.calendarAddress)(CalendarServiceService);
  const calendars = openCalendars(calendarClient, config.calendarRefreshMs, service.log);
  const refund = connect(config.refundAddress)(RefundServiceService);
  calendars.follow(recount({ store, eligibility, clock, log: service.log }));
  // What is open must not wait for the market's next request to learn of a new calendar.
  for (const market of await store.openMarkets()) {
    calendars.load(market).catch((error) => service.log.warn({ market, error: String(error) }, "calendar not read"));
  }
  const shipment = connect(config.shipmentAddress)(ShipmentServiceService);
  const orders = connect(config.orderAddress)(OrderServiceService);
  const { exchangeChainMax } = config;
  const guests = {
    guests: openGuestStore(service.db, service.followers),
    secrets: openGuestSecrets(config.guestCodePepper || config.meshSecret),
    realClock: service.clocks.real,
  };
  const { guestCodesPerHour: codesPerHour, guestCodesPerNetwork: codesPerNetwork, meshSecret } = config;
  const tokens = openGuestTokens(meshSecret);
  const keys = openApiKeyStore(service.db, service.followers);
  const uses = openKeyUses(keys, service.log);
  const sellers = {
    sellers: openSellerStore(service.db, service.followers),
    ...{ store, calendars, termsOf: readSellerTerms(), clock },
  };
  const notification = connect(config.notificationAddress)(NotificationServiceService);
  const rpc = { store, eligibility, refund, orders, shipments: shipment, exchangeChainMax, calendars, clock };
  return service.run({
    rpc: [
      implement(ResolutionServiceService, resolutionRpc(rpc)),
      implement(GuestServiceService, guestRpc({ ...guests, tokens, codesPerHour, codesPerNetwork, clock })),
      implement(SellerServiceService, sellerRpc(sellers)),
      implement(ApiKeyServiceService, apiKeyRpc({ keys, uses, realClock: service.clocks.real })),
    ],
    facts: resolutionFacts({ store, calendars, clock }),
    steps: {
      ...resolutionSteps({
        store,
        calendars,
        clock,
        agenda: service.agenda,
        eligibility,
        collection: connect(config.collectionAddress)(CollectionServiceService),
        inspection: connect(config.inspectionAddress)(InspectionServiceService),
        refund,
        shipment,
        payment: connect(config.paymentAddress)(PaymentServiceService),
        inventory: connect(config.inventoryAddress)(InventoryServiceService),
        notification,
      }),
      ...sellerSteps({ ...sellers, notification, agenda: service.agenda }),
      ...guestSteps({
        ...guests,
        contacts: connect(config.orderAddress)(ContactServiceService),
        messages: connect(config.notificationAddress)(GuestCodeServiceService),
        agenda: service.agenda,
      }),
    },
    close: async () => {
      await calendars.stop();
      await uses.stop();
      await store.close();
    },
  });
}
