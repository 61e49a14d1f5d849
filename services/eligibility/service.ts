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
import { assertComplete } from "#kit/pure/moves.js";
import { type Handlers, implement } from "#kit/server.js";
import { openService, type Running } from "#kit/service.js";
import { openCalendars } from "./calendars.js";
import type { EligibilityConfig } from "./config.js";
import { type PolicyState, policyMoves } from "./core/book.js";
import { parseDocument } from "./core/document.js";
import { policyStates } from "./proto.js";
import { eligibilityRpc } from "./rpc/decisions.js";
import { policyRpc } from "./rpc/policies.js";
import { openShelf } from "./shelf.js";
import { openStore, type Store } from "./store.js";

/** Starts it. @throws Error if the database or the clock cannot be reached */
export async function start(config: EligibilityConfig): Promise<Running> {
  assertComplete<PolicyState>(policyMoves, policyStates.all, ["DRAFT"]);
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const service = await openService("eligibility", config, { migrations, announces: false });
  const store = openStore(service.db, service.followers);
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
  const rpc = eligibilityRpc({ store, shelf: openShelf(store), calendars, partners, clock });
  return service.run({
    rpc: [
      implement(EligibilityServiceService, rpc as Handlers<typeof EligibilityServiceService>),
      implement(PolicyServiceService, policyRpc({ store, clock }) as Handlers<typeof PolicyServiceService>),
    ],
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
