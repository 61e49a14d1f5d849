// The collection service, wired.
import { CollectionServiceService } from "#gen/backhaul/collection/v1/collection_service.js";
import { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { assertComplete } from "#kit/pure/moves.js";
import { implement } from "#kit/server.js";
import { openService, type Running } from "#kit/service.js";
import type { CollectionConfig } from "./config.js";
import { type CollectionState, collectionMoves } from "./core/types.js";
import { collectionStates } from "./proto.js";
import { openReporters } from "./reporters.js";
import { openReports } from "./reports.js";
import { collectionRpc } from "./rpc.js";
import { collectionSteps } from "./steps.js";
import { openStore } from "./store.js";

/** Starts it. @throws Error if the database or the clock cannot be reached, or a state of the contract has no moves */
export async function start(config: CollectionConfig): Promise<Running> {
  assertComplete<CollectionState>(collectionMoves, collectionStates.all, ["CREATED"]);
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const service = await openService("collection", config, { migrations, announces: true });
  const store = openStore(service.db, service.followers);
  const transport = service.connect(config.transportAddress)(TransportServiceService);
  const clock = service.clocks.business;
  const reporters = openReporters();
  const reports = openReports({ store, reporters, clock });
  return service.run({
    rpc: [implement(CollectionServiceService, collectionRpc({ store, transport, clock, reporters, reports }))],
    steps: collectionSteps({ store, transport, clock, reports, dwell: config.dwell }),
    close: store.close,
  });
}
