// Runs prisma/migrations in order, once each, and keeps the same book as `prisma migrate` does, so that either can go on
// where the other stopped. Needed because Prisma's schema engine is a download that not every machine may make.
import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { failpoint } from "#kit/failpoint.js";
import type { Database } from "#kit/postgres.js";

/** One number for all services: migrations of one database wait for each other. */
const lock = 7_228_340_115;

const book = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT, "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`;

/**
 * Brings a schema up to date; several replicas may start at once.
 * @throws Error if a migration that was applied has been changed since
 */
export async function migrate(db: Database, folder: URL): Promise<string[]> {
  const client = await db.pool.connect();
  const done: string[] = [];
  try {
    await client.query("BEGIN");
    await client.query(`SELECT pg_advisory_xact_lock(${lock})`);
    await client.query(`CREATE SCHEMA IF NOT EXISTS "${db.schema}"`);
    await client.query(book);
    const { rows } = await client.query(
      `SELECT migration_name, checksum FROM "_prisma_migrations" WHERE finished_at IS NOT NULL`,
    );
    const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
    for (const name of migrationsIn(folder)) {
      const sql = readFileSync(new URL(`${name}/migration.sql`, folder), "utf8");
      const checksum = createHash("sha256").update(sql).digest("hex");
      if (applied.get(name) === checksum) continue;
      if (applied.has(name)) {
        throw new Error(`migration ${name} was changed after it ran on schema ${db.schema}: add a new one instead`);
      }
      await client.query(sql);
      await client.query(
        `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
         VALUES ($1, $2, $3, now(), 1)`,
        [randomUUID(), checksum, name],
      );
      done.push(name);
    }
    failpoint("commit", "migrations", "before");
    await client.query("COMMIT");
    failpoint("commit", "migrations", "after");
    return done;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {}); // the error below says what happened
    throw error;
  } finally {
    client.release();
  }
}

function migrationsIn(folder: URL): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
