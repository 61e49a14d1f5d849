// A scratch database with the clean cases in it, in schemas of the services' own migrations.
import { randomBytes } from "node:crypto";
import pg from "pg";
import { migrate } from "#kit/migrate.js";
import { openDatabase } from "#kit/postgres.js";
import type { Schemas } from "../invariant.js";
import { rows } from "./rows.js";

const services = ["refund", "partners", "inspection", "resolution", "reconciler"];

/** Makes the schemas and fills them; `close` drops nothing, for the server ends with the run. */
export async function openClean(
  databaseUrl: string,
): Promise<{ of: Schemas; client: pg.Client; close(): Promise<void> }> {
  const name = `t${randomBytes(4).toString("hex")}`;
  const of: Schemas = (service) => `${name}_${service}`;
  for (const service of services) {
    const db = openDatabase({ url: databaseUrl, schema: of(service), poolSize: 1 });
    await migrate(db, new URL(`../../../services/${service}/prisma/migrations/`, import.meta.url));
    await db.close();
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  for (const [table, all] of Object.entries(rows())) {
    const [service, bare] = table.split(".") as [string, string];
    const columns = Object.keys(all[0] ?? {}).join(", ");
    const target = `${of(service)}.${bare}`;
    await client.query(
      `INSERT INTO ${target} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${target}, $1)`,
      [JSON.stringify(all)],
    );
  }
  return { of, client, close: () => client.end() };
}
