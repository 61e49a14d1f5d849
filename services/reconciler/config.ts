// Settings of the reconciler: every service's, whose books it reads, and how patient it is. Times are business time but
// for the pause.
import { type Env, integer, readConfig, text, url } from "#kit/config.js";
import { addressOf, type ServiceConfig, serviceSettings } from "#kit/service.js";

export type ReconcilerConfig = ServiceConfig & {
  /** The payment provider, and the system that corrects tax documents. */
  readonly paymentAddress: string;
  readonly taxDocumentAddress: string;
  /** Our own books: the same database as a role that may only read, and the refund service's schema there. */
  readonly readDatabaseUrl: string;
  readonly refundSchema: string;
  readonly reconcileEveryMs: number;
  /** Real time. A sandbox whose clock is moved by days would else reconcile at every move. */
  readonly pauseMs: number;
  readonly missingAfterMs: number;
  readonly lateAfterMs: number;
};

/** @throws ConfigError that lists every missing or wrong setting */
export function readReconcilerConfig(env: Env): ReconcilerConfig {
  return readConfig(env, {
    ...serviceSettings("reconciler", 7057),
    paymentAddress: addressOf("payment", 7060),
    taxDocumentAddress: addressOf("tax_document", 7060),
    readDatabaseUrl: url(
      "READ_DATABASE_URL",
      "DATABASE_URL as a role that may only read, which services/reconciler/README.md says how to make",
      ["postgres:", "postgresql:"],
    ),
    refundSchema: text("REFUND_SCHEMA", "the refund service's schema", "refund"),
    reconcileEveryMs: integer("RECONCILE_EVERY_MS", "between two scheduled runs, in business time", {
      min: 1_000,
      fallback: 15 * 60_000,
    }),
    pauseMs: integer("RECONCILE_PAUSE_MS", "least real time between two scheduled runs of a process", {
      fallback: 10_000,
    }),
    missingAfterMs: integer("MISSING_AFTER_MS", "time news may take from one book to the other", {
      fallback: 60 * 60_000,
    }),
    lateAfterMs: integer("LATE_AFTER_MS", "time a refund may take to be paid", { fallback: 3 * 24 * 60 * 60_000 }),
  });
}
