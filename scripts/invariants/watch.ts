// Asks the invariants of a mesh again and again and shows what it found: a gauge of rows for each, and an error in the log for
// each that does not hold. It may only read, and does not start as a role that may write.
import { setTimeout as sleep } from "node:timers/promises";
import { metrics } from "@opentelemetry/api";
import pg from "pg";
import { createLog } from "#kit/log.js";
import type { Run } from "#kit/main.js";
import { patiently, securely } from "#kit/postgres.js";
import { type Identity, openIdentity } from "#kit/tls.js";
import { type Asked, type Books, broken, checkInvariants } from "./check.js";
import type { WatchConfig } from "./config.js";

/** What the role is, and where it may write. */
const rights = `SELECT current_user AS role, rolsuper AS super, current_setting('default_transaction_read_only') AS "readOnly",
    ARRAY(SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema)'
        AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') LIMIT 3) AS writable
  FROM pg_roles WHERE rolname = current_user`;

/** Starts asking; `stop` waits for the time under way. @throws Error that says what the role may do */
export async function start(config: WatchConfig): Promise<Run> {
  const log = createLog("invariants", config.logLevel);
  const identity = openIdentity(config, log);
  await patiently(() => assertReadOnly(config.databaseUrl, identity));
  const seen = gauges();
  const books = booksOf(config, identity);
  const ending = new AbortController();

  async function askOnce(): Promise<void> {
    const startedAt = performance.now();
    try {
      const asked = await checkInvariants(books);
      seen.found(asked, performance.now() - startedAt);
      for (const { number, rows, error } of broken(asked)) {
        const fields = { code: String(number), rows: rows.length };
        if (error === undefined)
          log.error(fields, "an invariant does not hold: npm run invariants says what to look at");
        else log.warn({ ...fields, error: new Error(error) }, "an invariant could not be asked");
      }
      log.info({ found: broken(asked).length, ms: Math.round(performance.now() - startedAt) }, "invariants asked");
    } catch (error) {
      seen.failed();
      log.warn({ error }, "the invariants could not be asked");
    }
  }
  async function askOn(): Promise<void> {
    while (!ending.signal.aborted) {
      await askOnce();
      await sleep(config.everyS * 1000, undefined, { signal: ending.signal }).catch(() => {});
    }
  }
  const asking = askOn();
  return {
    port: 0,
    // Nobody calls it; whether it can ask is a figure of its own.
    conditions: () => ({ ready: true, parts: {} }),
    stop: async () => {
      ending.abort();
      await asking;
      identity?.close();
    },
  };
}

function booksOf(config: WatchConfig, identity: Identity | undefined): Books {
  const { databaseUrl, natsUrl, schemaPrefix, graceS, patienceS, queryS, newest, trailDays } = config;
  return {
    databaseUrl,
    natsUrl,
    identity,
    schemaOf: (service) => `${schemaPrefix}${service}`,
    graceMs: graceS * 1000,
    patienceMs: patienceS * 1000,
    queryMs: queryS * 1000,
    newest,
    trailDays,
    memory: new Map(),
  };
}

async function assertReadOnly(databaseUrl: string, identity: Identity | undefined): Promise<void> {
  const client = new pg.Client({ ...securely(databaseUrl, identity), application_name: "backhaul-invariants" });
  await client.connect();
  try {
    const [{ role, super: superuser, readOnly, writable }] = (await client.query(rights)).rows;
    const faults = [
      superuser && `${role} is a superuser`,
      writable.length > 0 && `${role} may write to ${writable.join(", ")}`,
      readOnly !== "on" && `${role} begins transactions that may write`,
    ].filter(Boolean);
    if (faults.length > 0)
      throw new Error(
        `${faults.join("; ")}: give DATABASE_URL a role that may only read, as deploy/reader.sh makes it`,
      );
  } finally {
    await client.end();
  }
}

/** What Prometheus sees. Of what could not be asked there is no figure, but an error. */
function gauges() {
  let last: { readonly asked: readonly Asked[]; readonly ms: number; readonly at: number } | undefined;
  const meter = metrics.getMeter("backhaul");
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });
  gauge("backhaul_invariant_rows", "rows that break the invariant").addCallback((result) => {
    for (const { number, name, rows, error } of last?.asked ?? [])
      if (error === undefined) result.observe(rows.length, { number, name });
  });
  gauge("backhaul_invariant_errors", "1: it could not be asked").addCallback((result) => {
    for (const { number, error } of last?.asked ?? []) result.observe(error === undefined ? 0 : 1, { number });
  });
  gauge("backhaul_invariants_asked_time", "when all were asked last, in seconds since 1970").addCallback((result) => {
    if (last) result.observe(last.at / 1000);
  });
  gauge("backhaul_invariants_duration_ms", "how long that took").addCallback((result) => {
    if (last) result.observe(last.ms);
  });
  const failures = meter.createCounter("backhaul_invariants_failed", { description: "times nothing could be asked" });
  return {
    found: (asked: readonly Asked[], ms: number): void => {
      last = { asked, ms, at: Date.now() };
    },
    failed: () => failures.add(1),
  };
}
