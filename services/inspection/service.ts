// The inspection service, wired.
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { WarehouseServiceService } from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import { assertComplete } from "#kit/pure/moves.js";
import { implement } from "#kit/server.js";
import { openService, type Running } from "#kit/service.js";
import type { InspectionConfig } from "./config.js";
import { inspectionMoves } from "./core/types.js";
import { inspectionStates } from "./proto.js";
import { inspectionRpc } from "./rpc.js";
import { inspectionSteps } from "./steps.js";
import { openStore } from "./store.js";

/** Starts it. @throws Error if the database or the clock cannot be reached */
export async function start(config: InspectionConfig): Promise<Running> {
  assertComplete(inspectionMoves, inspectionStates.all, ["EXPECTED"]);
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const service = await openService("inspection", config, { migrations, announces: true });
  const store = openStore(service.db, service.followers);
  const warehouse = service.connect(config.warehouseAddress)(WarehouseServiceService);
  const inventory = service.connect(config.inventoryAddress)(InventoryServiceService);
  const clock = service.clocks.business;
  return service.run({
    rpc: [implement(InspectionServiceService, inspectionRpc({ store, clock }))],
    steps: inspectionSteps({ store, warehouse, inventory, clock, agenda: service.agenda }),
    close: store.close,
  });
}
