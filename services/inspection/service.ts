// The inspection service, wired.
import { CustodyServiceService } from "#gen/backhaul/inspection/v1/custody_service.js";
import { DockServiceService } from "#gen/backhaul/inspection/v1/dock_service.js";
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { MediaServiceService } from "#gen/backhaul/partner/media/v1/media_service.js";
import { WarehouseServiceService } from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import { personalData } from "#kit/erasing.js";
import { assertComplete } from "#kit/pure/moves.js";
import { implement } from "#kit/server.js";
import { type Ground, openSealedService, type Running, type ServiceParts } from "#kit/service.js";
import type { InspectionConfig } from "./config.js";
import { inspectionMoves, type QuarantineState, quarantineMoves } from "./core/types.js";
import { custodyRpc } from "./custodyRpc.js";
import { dockRpc } from "./dockRpc.js";
import { inspectionFacts } from "./events.js";
import { forgetting } from "./forgetting.js";
import { openGuides } from "./guides.js";
import { openMedia } from "./media.js";
import { inspectionStates } from "./proto.js";
import { quarantineStates } from "./quarantineProto.js";
import { openQuarantine } from "./quarantineStore.js";
import { retention } from "./retention.js";
import { inspectionRpc } from "./rpc.js";
import { inspectionSteps } from "./steps.js";
import { openStore } from "./store.js";

/** Starts it. @throws Error if the database or the clock cannot be reached */
export async function start(config: InspectionConfig): Promise<Running> {
  assertComplete(inspectionMoves, inspectionStates.all, ["EXPECTED"]);
  assertComplete<QuarantineState>(quarantineMoves, quarantineStates.all, ["HELD"]);
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const service = await openSealedService("inspection", config, { migrations, announces: true });
  return service.run(wire(service, config));
}

/** Its parts, put together. */
export function wire(service: Ground, config: InspectionConfig): ServiceParts {
  const { db } = service;
  const store = openStore(db, service.followers, service.vault);
  const quarantine = openQuarantine(db, service.followers, service.vault);
  const media = openMedia(service.connect(config.mediaAddress)(MediaServiceService));
  const warehouse = service.connect(config.warehouseAddress)(WarehouseServiceService);
  const inventory = service.connect(config.inventoryAddress)(InventoryServiceService);
  const clock = service.clocks.business;
  return {
    rpc: [
      personalData(service.db, service.vault, forgetting, service.log),
      implement(InspectionServiceService, inspectionRpc({ store, clock, media, guides: openGuides() })),
      implement(DockServiceService, dockRpc({ store, quarantine, clock })),
      implement(CustodyServiceService, custodyRpc({ store, media, clock })),
    ],
    facts: inspectionFacts(db),
    steps: inspectionSteps({ store, quarantine, warehouse, inventory, clock, agenda: service.agenda }),
    retention,
    close: async () => {
      await quarantine.close();
      await store.close();
    },
  };
}
