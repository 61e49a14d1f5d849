// The collection service, wired.
import { CollectionServiceService } from "#gen/backhaul/collection/v1/collection_service.js";
import { HandOverServiceService } from "#gen/backhaul/collection/v1/hand_over_service.js";
import { CollectionNetworkServiceService } from "#gen/backhaul/collection/v1/network_service.js";
import { CustodyServiceService } from "#gen/backhaul/inspection/v1/custody_service.js";
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { AddressServiceService } from "#gen/backhaul/partner/address/v1/address_service.js";
import { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import { CatalogServiceService } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { personalData } from "#kit/erasing.js";
import { assertComplete } from "#kit/pure/moves.js";
import { implement } from "#kit/server.js";
import { type Ground, openSealedService, type Running, type ServiceParts } from "#kit/service.js";
import type { CollectionConfig } from "./config.js";
import { type CollectionState, collectionMoves } from "./core/types.js";
import { openDoors } from "./doors.js";
import { forgetting } from "./forgetting.js";
import { openHandOverCodes } from "./handOverCodes.js";
import { handOverRpc } from "./handOverRpc.js";
import { handOverSteps } from "./handOverSteps.js";
import { openMarketCalendars } from "./marketCalendars.js";
import { networkRpc } from "./networkRpc.js";
import { openPlaces } from "./places.js";
import { collectionStates } from "./proto.js";
import { openReporters } from "./reporters.js";
import { openReports } from "./reports.js";
import { retention } from "./retention.js";
import { openRouting } from "./routing.js";
import { collectionRpc } from "./rpc.js";
import { collectionSteps } from "./steps.js";
import { openStore } from "./store.js";

/** Starts it. @throws Error if the database or the clock cannot be reached, or a state of the contract has no moves */
export async function start(config: CollectionConfig): Promise<Running> {
  assertComplete<CollectionState>(collectionMoves, collectionStates.all, ["CREATED"]);
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const service = await openSealedService("collection", config, { migrations, announces: true });
  return service.run(wire(service, config));
}

/** Its parts, put together. */
export function wire(service: Ground, config: CollectionConfig): ServiceParts {
  const store = openStore(service.db, service.followers, service.vault);
  const transport = service.connect(config.transportAddress)(TransportServiceService);
  const clock = service.clocks.business;
  const { networks } = config;
  const calendarPartner = service.connect(config.calendarAddress)(CalendarServiceService);
  const calendars = openMarketCalendars(calendarPartner, service.log, service.clocks.real);
  const addresses = service.connect(config.addressAddress)(AddressServiceService);
  const routing = openRouting({
    networks,
    places: openPlaces(service.db),
    calendars,
    addresses,
    catalog: service.connect(config.catalogAddress)(CatalogServiceService),
    clock,
  });
  const doors = openDoors(addresses, service.log);
  const orders = service.connect(config.orderAddress)(OrderServiceService);
  const toInspection = service.connect(config.inspectionAddress);
  const [inspection, custody] = [toInspection(InspectionServiceService), toInspection(CustodyServiceService)];
  const codes = openHandOverCodes(config.handOverSecret || config.meshSecret);
  const reporters = openReporters();
  const reports = openReports({ store, reporters, clock });
  return {
    rpc: [
      personalData(service.db, service.vault, forgetting, service.log),
      implement(HandOverServiceService, handOverRpc({ store, clock, codes })),
      implement(
        CollectionServiceService,
        collectionRpc({ store, transport, clock, reporters, reports, routing, doors }),
      ),
      implement(CollectionNetworkServiceService, networkRpc({ networks, routing, calendars, orders, clock })),
    ],
    steps: {
      ...collectionSteps({ store, transport, clock, reports, dwell: config.dwell, routing }),
      ...handOverSteps({ store, transport, inspection, custody }),
    },
    retention,
    close: store.close,
  };
}
