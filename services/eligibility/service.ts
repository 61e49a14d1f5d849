// The eligibility service, wired.
import { readdirSync, readFileSync } from "node:fs";
import { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { PolicyServiceService } from "#gen/backhaul/eligibility/v1/policy_service.js";
import { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import { CatalogServiceService } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import { MembershipServiceService } from "#gen/backhaul/partner/membership/v1/membership_service.js";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { RiskServiceService } from "#gen/backhaul/partner/risk/v1/risk_service.js";
import { ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { personalData } from "#kit/erasing.js";
import { assertComplete } from "#kit/pure/moves.js";
import { implement } from "#kit/server.js";
import { openSealedService, type Running } from "#kit/service.js";
import { openCalendars } from "./calendars.js";
import type { EligibilityConfig } from "./config.js";
import { type PolicyState, policyMoves } from "./core/book.js";
import { parseDocument } from "./core/document.js";
import { type SimulationState, simulationMoves } from "./core/simulation.js";
import { forgetting } from "./forgetting.js";
import { openInquiry } from "./inquiry.js";
import { labSteps } from "./lab.js";
import { simulationStates } from "./labProto.js";
import { policyStates } from "./policyProto.js";
import { retention } from "./retention.js";
import { decisionRpc } from "./rpc/decisions.js";
import { labRpc } from "./rpc/lab.js";
import { listRpc } from "./rpc/lists.js";
import { overrideRpc } from "./rpc/override.js";
import { policyRpc } from "./rpc/policies.js";
import { openShelf } from "./shelf.js";
import { openStore, type Store } from "./store.js";

/** Starts it. @throws Error if the database or the clock cannot be reached */
export async function start(config: EligibilityConfig): Promise<Running> {
  assertComplete<PolicyState>(policyMoves, policyStates.all, ["DRAFT"]);
  assertComplete<SimulationState>(simulationMoves, simulationStates.all, ["RUNNING"]);
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const service = await openSealedService("eligibility", config, { migrations, announces: true });
  const store = openStore(service.db, service.followers, service.vault);
  const markets = await installShipped(store);
  const partners = {
    orders: service.connect(config.orderAddress)(OrderServiceService),
    shipments: service.connect(config.shipmentAddress)(ShipmentServiceService),
    catalog: service.connect(config.catalogAddress)(CatalogServiceService),
    memberships: service.connect(config.membershipAddress)(MembershipServiceService),
    risks: service.connect(config.riskAddress)(RiskServiceService),
  };
  const calendarClient = service.connect(config.calendarAddress)(CalendarServiceService);
  const calendars = await openCalendars(calendarClient, markets, config.calendarRefreshMs, service.log);
  const clock = service.clocks.business;
  const shelf = openShelf(store);
  const inquiry = openInquiry({ partners, store, clock, factsTtlMs: config.factsTtlMs });
  return service.run({
    rpc: [
      personalData(service.db, service.vault, forgetting, service.log),
      implement(EligibilityServiceService, {
        ...decisionRpc({ store, shelf, calendars, inquiry, clock }),
        ...overrideRpc({ store, shelf, calendars, clock }),
      }),
      implement(PolicyServiceService, {
        ...policyRpc({ store, clock }),
        ...listRpc({ store, clock }),
        ...labRpc({ store, clock }),
      }),
    ],
    retention,
    steps: labSteps({ store, calendars, clock, sliceMs: config.simulationSliceMs }),
    close: async () => {
      calendars.stop();
      await store.close();
    },
  });
}

/** Gives each market its shipped document, unless it has policies already. */
async function installShipped(store: Store): Promise<string[]> {
  const folder = new URL("policies/", import.meta.url);
  const files = readdirSync(folder).filter((file) => /^[A-Z]{2}\.json$/.test(file));
  return Promise.all(
    files.map(async (file) => {
      const json = readFileSync(new URL(file, folder), "utf8");
      const document = parseDocument(json);
      await store.install(document, json);
      return document.market;
    }),
  );
}
