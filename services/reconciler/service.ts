// The reconciler, wired.
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { TaxDocumentServiceService } from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import { ReconcilerServiceService } from "#gen/backhaul/reconciler/v1/reconciler_service.js";
import { createLog } from "#kit/log.js";
import { assertComplete } from "#kit/pure/moves.js";
import { implement } from "#kit/server.js";
import { openService, type Running } from "#kit/service.js";
import { openIdentity } from "#kit/tls.js";
import type { ReconcilerConfig } from "./config.js";
import { breakMoves } from "./core/breaks.js";
import type { BreakState } from "./core/types.js";
import { type Ours, openOurs } from "./ours.js";
import { breakStates } from "./proto.js";
import { reconcilerRpc } from "./rpc.js";
import { openReconciliation } from "./run.js";
import { reconcilerSteps } from "./steps.js";
import { openStore } from "./store.js";
import { openTheirs } from "./theirs.js";

/**
 * Starts it. The refund service's tables need not be there yet; a run looks again.
 * @throws Error if the database or the clock cannot be reached, or the reading role may write
 */
export async function start(config: ReconcilerConfig): Promise<Running> {
  assertComplete<BreakState>(breakMoves, breakStates.all, ["OPEN"]);
  const identity = openIdentity(config, createLog("reconciler", config.logLevel));
  const books = openOurs({ url: config.readDatabaseUrl, schema: config.refundSchema, identity });
  const ours = {
    ...books,
    close: async () => {
      await books.close();
      identity?.close();
    },
  };
  try {
    await ours.assertReadOnly();
    return await run(config, ours);
  } catch (error) {
    await ours.close();
    throw error;
  }
}

async function run(config: ReconcilerConfig, ours: Ours): Promise<Running> {
  const migrations = new URL("prisma/migrations/", import.meta.url);
  const service = await openService("reconciler", config, { migrations, announces: true });
  const { clocks, log } = service;
  const store = openStore(service.db, service.followers);
  const theirs = openTheirs(
    service.connect(config.paymentAddress)(PaymentServiceService),
    service.connect(config.taxDocumentAddress)(TaxDocumentServiceService),
  );
  const { missingAfterMs, lateAfterMs, reconcileEveryMs: everyMs, pauseMs } = config;
  const patience = { missingAfterMs, lateAfterMs };
  const reconciliation = openReconciliation({ store, ours, theirs, clock: clocks.business, log, patience });
  return service.run({
    rpc: [implement(ReconcilerServiceService, reconcilerRpc({ store, reconciliation, clock: clocks.business }))],
    steps: reconcilerSteps({ store, reconciliation, clocks, log, everyMs, pauseMs }),
    close: async () => {
      await reconciliation.end();
      await store.close();
      await ours.close();
    },
  });
}
