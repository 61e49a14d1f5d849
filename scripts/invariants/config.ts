// Settings of the process that asks the invariants again and again.
import { type Env, integer, oneOf, readConfig, text, url } from "#kit/config.js";
import type { LogLevel } from "#kit/log.js";
import { type TlsSettings, tlsSettings } from "#kit/tls.js";

export type WatchConfig = TlsSettings & {
  readonly databaseUrl: string;
  readonly schemaPrefix: string;
  readonly natsUrl: string;
  readonly everyS: number;
  readonly graceS: number;
  readonly patienceS: number;
  readonly queryS: number;
  readonly newest: number;
  readonly trailDays: number;
  readonly logLevel: LogLevel;
};

/** @throws ConfigError that lists every missing or wrong setting */
export function readWatchConfig(env: Env): WatchConfig {
  return readConfig(env, {
    databaseUrl: url("DATABASE_URL", "Postgres as a role that may only read, which deploy/reader.sh makes", [
      "postgres:",
      "postgresql:",
    ]),
    schemaPrefix: text("SCHEMA_PREFIX", "stands before each service's schema", ""),
    natsUrl: url("NATS_URL", "NATS with JetStream, e.g. nats://127.0.0.1:4222", ["nats:", "tls:"]),
    everyS: integer("INVARIANTS_EVERY_SECONDS", "between two times that all are asked", {
      min: 1,
      max: 86_400,
      fallback: 300,
    }),
    graceS: integer("INVARIANTS_GRACE_SECONDS", "what is younger may still be under way", { max: 3_600, fallback: 60 }),
    patienceS: integer("INVARIANTS_PATIENCE_SECONDS", "how long a dead letter may wait for a person", {
      max: 30 * 86_400,
      fallback: 86_400,
    }),
    queryS: integer("INVARIANTS_QUERY_SECONDS", "longest that one query may take; then it could not be asked", {
      min: 1,
      max: 3_600,
      fallback: 60,
    }),
    newest: integer("INVARIANTS_NEWEST", "facts of each outbox and each stream that are read word by word", {
      max: 10_000,
      fallback: 200,
    }),
    trailDays: integer("INVARIANTS_TRAIL_DAYS", "how far back audit trails are computed anew", {
      min: 1,
      max: 3_650,
      fallback: 7,
    }),
    logLevel: oneOf<LogLevel>("LOG_LEVEL", "how much is logged", ["debug", "info", "warn", "error", "silent"], "info"),
    ...tlsSettings,
  });
}
