// A service's audit trail as it stands in its schema: read whole, as of one moment, for whoever verifies it.
import pg from "pg";
import type { AuditEntry } from "./entry.js";
import type { Leaf, Seal } from "./seal.js";

export const entryColumns = `resource_id AS "resourceId", sequence, rpc, principal, via, on_behalf_of AS "onBehalfOf",
  reason, outcome, request_digest AS "requestDigest", business_time AS "businessTime", real_time AS "realTime",
  trace_id AS "traceId", previous_hash AS "previousHash", hash`;
export const sealColumns = `number, entries, digest, previous_hash AS "previousHash", until_time AS "untilTime", hash, mac`;

/** What is read of a trail; valid while `read` works on it. */
export type StoredTrail = {
  readonly entries: AsyncIterable<AuditEntry>;
  readonly leaves: AsyncIterable<Leaf>;
  readonly sealed: AsyncIterable<Leaf & { readonly seal: number }>;
  readonly seals: readonly Seal[];
};

const batch = 5000;

/** Reads the trail of a schema as of one moment. @throws Error if the database cannot be asked, or has no trail there */
export async function readTrail<T>(
  databaseUrl: string,
  schema: string,
  read: (trail: StoredTrail) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "backhaul-audit" });
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await client.query(`SET LOCAL search_path = ${client.escapeIdentifier(schema)}`);
    const leaf = `resource_id AS "resourceId", sequence, hash`;
    const byPlace = "ORDER BY resource_id, sequence";
    return await read({
      entries: rows(client, "entries", `SELECT ${entryColumns} FROM audit ${byPlace}`),
      leaves: rows(client, "leaves", `SELECT ${leaf} FROM audit_leaf ${byPlace}`),
      sealed: rows(client, "sealed", `SELECT ${leaf}, seal FROM audit_leaf ORDER BY seal, resource_id, sequence`),
      seals: (await client.query(`SELECT ${sealColumns} FROM audit_seal ORDER BY number`)).rows,
    });
  } finally {
    await client.end();
  }
}

async function* rows<R extends pg.QueryResultRow>(client: pg.Client, name: string, select: string): AsyncGenerator<R> {
  await client.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${select}`);
  for (;;) {
    const { rows } = await client.query<R>(`FETCH ${batch} FROM ${name}`);
    yield* rows;
    if (rows.length < batch) return;
  }
}
