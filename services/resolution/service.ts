// The resolution service, wired.
import { CollectionServiceService } from "#gen/backhaul/collection/v1/collection_service.js";
import { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { MediaServiceService } from "#gen/backhaul/partner/media/v1/media_service.js";
import { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { TicketServiceService } from "#gen/backhaul/partner/ticket/v1/ticket_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { DeskActServiceService } from "#gen/backhaul/resolution/v1/desk_act_service.js";
import { DeskAttentionServiceService } from "#gen/backhaul/resolution/v1/desk_attention_service.js";
import { DeskBulkServiceService } from "#gen/backhaul/resolution/v1/desk_bulk_service.js";
import { DeskExportServiceService } from "#gen/backhaul/resolution/v1/desk_export_service.js";
import { DeskServiceService } from "#gen/backhaul/resolution/v1/desk_service.js";
import { DeskTicketServiceService } from "#gen/backhaul/resolution/v1/desk_ticket_service.js";
import { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import { implement } from "#kit/server.js";
import { openService, type Running } from "#kit/service.js";
import { openAssignments } from "./assignmentStore.js";
import { attentionRpc } from "./attentionRpc.js";
import { openAttention } from "./attentionStore.js";
import { openBulkWork } from "./bulkRpc.js";
import { openBulks } from "./bulkStore.js";
import { openCalendars } from "./calendars.js";
import { openCases } from "./caseStore.js";
import type { ResolutionConfig } from "./config.js";
import { deskActRpc } from "./deskActRpc.js";
import { deskRpc } from "./deskRpc.js";
import { resolutionFacts } from "./events.js";
import { exportRpc } from "./exportRpc.js";
import { openExports } from "./exportStore.js";
import { openNotes } from "./noteStore.js";
import { openQueues } from "./queueStore.js";
import { recount } from "./recount.js";
import { resolutionRpc } from "./rpc.js";
import { resolutionSteps } from "./steps.js";
import { openStore } from "./store.js";
import { openTicketWork } from "./ticketRpc.js";
import { openTickets } from "./ticketStore.js";

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
  const rpc = { store, eligibility, refund, orders, shipments: shipment, exchangeChainMax, calendars, clock };
  const { db, followers } = service;
  const cases = openCases(db);
  const attention = openAttention(db, followers);
  const resolutions = resolutionRpc(rpc);
  const acts = deskActRpc({ store, eligibility, calendars, clock });
  const desk = deskRpc({
    cases,
    assignments: openAssignments(db, followers),
    notes: openNotes(db, followers),
    queues: openQueues(db, followers),
    media: connect(config.mediaAddress)(MediaServiceService),
    clock,
  });
  const ticketSystem = connect(config.ticketAddress)(TicketServiceService);
  const ticket = openTicketWork({ store, tickets: openTickets(db, followers), ticketSystem, clock });
  const { agenda } = service;
  const bulk = openBulkWork({ bulks: openBulks(db, followers), resolutions, desk, acts, agenda, clock });
  return service.run({
    rpc: [
      implement(ResolutionServiceService, resolutions),
      implement(DeskServiceService, desk),
      implement(DeskActServiceService, acts),
      implement(DeskBulkServiceService, bulk.rpc),
      implement(DeskTicketServiceService, ticket.rpc),
      implement(DeskExportServiceService, exportRpc({ cases, exports: openExports(db, followers), clock })),
      implement(DeskAttentionServiceService, attentionRpc({ store, cases, attention, clock })),
    ],
    facts: resolutionFacts({ store, calendars, clock }),
    steps: {
      "desk-bulk": bulk.step,
      ...ticket.steps,
      ...resolutionSteps({
        store,
        calendars,
        clock,
        agenda,
        eligibility,
        collection: connect(config.collectionAddress)(CollectionServiceService),
        inspection: connect(config.inspectionAddress)(InspectionServiceService),
        refund,
        shipment,
        payment: connect(config.paymentAddress)(PaymentServiceService),
        inventory: connect(config.inventoryAddress)(InventoryServiceService),
        notification: connect(config.notificationAddress)(NotificationServiceService),
      }),
    },
    close: async () => {
      await calendars.stop();
      await store.close();
    },
  });
}
