// How many statements a database has done.
import type pg from "pg";

/** A session that fell idle right after a report says what it did since then after ten seconds (PGSTAT_IDLE_INTERVAL). */
const idleReportMs = 10_500;

/** Each statement is a transaction of its own, so the server's count of transactions is the count of statements. */
export async function statements(database: pg.Client): Promise<number> {
  await database.query("SELECT pg_stat_force_next_flush()");
  await new Promise((resolve) => setTimeout(resolve, idleReportMs));
  const { rows } = await database.query("SELECT sum(xact_commit)::bigint AS n FROM pg_stat_database");
  return Number(rows[0].n);
}
