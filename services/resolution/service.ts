// The resolution service, wired.
import { CollectionServiceService } from "#gen/backhaul/collection/v1/collection_service.js";
import { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { MediaServiceService } from "#gen/backhaul/partner/media/v1/media_service.js";
import { GuestCodeServiceService } from "#gen/backhaul/partner/notification/v1/guest_code_service.js";
import { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import { ContactServiceService } from "#gen/backhaul/partner/order/v1/contact_service.js";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { TicketServiceService } from "#gen/backhaul/partner/ticket/v1/ticket_service.js";
import { PersonalDataServiceService } from "#gen/backhaul/privacy/v1/personal_data_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { ApiKeyServiceService } from "#gen/backhaul/resolution/v1/api_key_service.js";
import { DeskActServiceService } from "#gen/backhaul/resolution/v1/desk_act_service.js";
import { DeskAttentionServiceService } from "#gen/backhaul/resolution/v1/desk_attention_service.js";
import { DeskBulkServiceService } from "#gen/backhaul/resolution/v1/desk_bulk_service.js";
import { DeskExportServiceService } from "#gen/backhaul/resolution/v1/desk_export_service.js";
import { DeskServiceService } from "#gen/backhaul/resolution/v1/desk_service.js";
import { DeskTicketServiceService } from "#gen/backhaul/resolution/v1/desk_ticket_service.js";
import { GuestServiceService } from "#gen/backhaul/resolution/v1/guest_service.js";
import { PrivacyServiceService } from "#gen/backhaul/resolution/v1/privacy_service.js";
import { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import { SellerServiceService } from "#gen/backhaul/resolution/v1/seller_service.js";
import { openGuestTokens } from "#kit/guestTokens.js";
import { assertComplete } from "#kit/pure/moves.js";
import { implement } from "#kit/server.js";
import { type Ground, openSealedService, type Running, type ServiceParts } from "#kit/service.js";
import { apiKeyRpc } from "./apiKeyRpc.js";
import { openApiKeyStore } from "./apiKeyStore.js";
import { openAssignments } from "./assignmentStore.js";
import { attentionRpc } from "./attentionRpc.js";
import { openAttention } from "./attentionStore.js";
import { openBookings } from "./bookings.js";
import { openBulkWork } from "./bulkRpc.js";
import { openBulks } from "./bulkStore.js";
import { openCalendars } from "./calendars.js";
import { openCases } from "./caseStore.js";
import type { ResolutionConfig } from "./config.js";
import { learnContacts, openContacts } from "./contacts.js";
import { type ErasureState, erasureMoves } from "./core/erasure.js";
import { deskActRpc } from "./deskActRpc.js";
import { deskRpc } from "./deskRpc.js";
import { erasureSteps } from "./erasureSteps.js";
import { openErasures } from "./erasureStore.js";
import { resolutionFacts } from "./events.js";
import { exportRpc } from "./exportRpc.js";
import { openExports } from "./exportStore.js";
import { guestRpc } from "./guestRpc.js";
import { openGuestSecrets } from "./guestSecrets.js";
import { guestSteps } from "./guestSteps.js";
import { openGuestStore } from "./guestStore.js";
import { openKeyUses } from "./keyUses.js";
import { openNotes } from "./noteStore.js";
import { erasureStates, privacyRpc } from "./privacyRpc.js";
import { openQueues } from "./queueStore.js";
import { recount } from "./recount.js";
import { retention } from "./retention.js";
import { resolutionRpc } from "./rpc.js";
import { sellerRpc } from "./sellerRpc.js";
import { sellerSteps } from "./sellerSteps.js";
import { openSellerStore } from "./sellerStore.js";
import { readSellerTerms } from "./sellerTerms.js";
import { resolutionSteps } from "./steps.js";
import { openStore } from "./store.js";
import { openTicketWork } from "./ticketRpc.js";
import { openTickets } from "./ticketStore.js";

/** Starts it. @throws Error if the database or the clock cannot be reached */
export async function start(config: ResolutionConfig): Promise<Running> {
  assertComplete<ErasureState>(erasureMoves, erasureStates.all, ["ASKED"]);
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const service = await openSealedService("resolution", config, { migrations, announces: true });
  return service.run(await wire(service, config));
}

/** Its parts, put together. */
export async function wire(service: Ground, config: ResolutionConfig): Promise<ServiceParts> {
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
    eligibility: connect(config.eligibilityAddress, "eligibility")(PersonalDataServiceService),
    collection: connect(config.collectionAddress, "collection")(PersonalDataServiceService),
    inspection: connect(config.inspectionAddress, "inspection")(PersonalDataServiceService),
    refund: connect(config.refundAddress, "refund")(PersonalDataServiceService),
  };
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
    sellers: openSellerStore(service.db, service.followers, service.vault),
    ...{ store, calendars, termsOf: readSellerTerms(), clock },
  };
  const notification = connect(config.notificationAddress)(NotificationServiceService);
  const rpc = { store, eligibility, refund, orders, shipments: shipment, exchangeChainMax, calendars, clock };
  const { db, followers, vault } = service;
  const cases = openCases(db, vault);
  const attention = openAttention(db, followers, vault);
  const resolutions = resolutionRpc(rpc);
  const acts = deskActRpc({ store, eligibility, calendars, clock });
  const desk = deskRpc({
    cases,
    contacts,
    assignments: openAssignments(db, followers, vault),
    notes: openNotes(db, followers, vault),
    queues: openQueues(db, followers),
    media: connect(config.mediaAddress)(MediaServiceService),
    clock,
  });
  const ticketSystem = connect(config.ticketAddress)(TicketServiceService);
  const ticket = openTicketWork({ store, tickets: openTickets(db, followers, vault), ticketSystem, clock });
  const { agenda } = service;
  const bulk = openBulkWork({ bulks: openBulks(db, followers, vault), resolutions, desk, acts, agenda, clock });
  return {
    rpc: [
      implement(ResolutionServiceService, resolutions),
      implement(DeskServiceService, desk),
      implement(DeskActServiceService, acts),
      implement(DeskBulkServiceService, bulk.rpc),
      implement(DeskTicketServiceService, ticket.rpc),
      implement(DeskExportServiceService, exportRpc({ cases, exports: openExports(db, followers), clock })),
      implement(DeskAttentionServiceService, attentionRpc({ store, cases, attention, clock })),
      implement(GuestServiceService, guestRpc({ ...guests, tokens, codesPerHour, codesPerNetwork, clock })),
      implement(SellerServiceService, sellerRpc(sellers)),
      implement(ApiKeyServiceService, apiKeyRpc({ keys, uses, realClock: service.clocks.real })),
      implement(PrivacyServiceService, privacyRpc({ store: erasures, clock })),
    ],
    facts: resolutionFacts({ store, booked: openBookings(service.db), calendars, clock, inspections }),
    steps: {
      ...erasureSteps({ store: erasures, db: service.db, vault: service.vault, clock, services }),
      "desk-bulk": bulk.step,
      ...ticket.steps,
      ...resolutionSteps({
        store,
        calendars,
        clock,
        agenda,
        eligibility,
        collection: connect(config.collectionAddress)(CollectionServiceService),
        inspection: inspections,
        refund,
        shipment,
        payment: connect(config.paymentAddress)(PaymentServiceService),
        inventory: connect(config.inventoryAddress)(InventoryServiceService),
        notification,
      }),
      ...sellerSteps({ ...sellers, notification, agenda }),
      ...guestSteps({
        ...guests,
        contacts: connect(config.orderAddress)(ContactServiceService),
        messages: connect(config.guestCodeAddress)(GuestCodeServiceService),
        agenda,
      }),
    },
    retention,
    close: async () => {
      await learning.stop();
      await calendars.stop();
      await uses.stop();
      await store.close();
    },
  };
}
