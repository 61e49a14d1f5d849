// A trail to verify and to tamper with: counters changed by callers, and somebody who has every right in the database, but
// neither the key of the seals nor the place where they are published.
import pg from "pg";
import { type Aggregates, aggregates, type Spend } from "#kit/aggregate.js";
import { actOf } from "#kit/audit/act.js";
import { type AuditEntry, entryHash, noHash } from "#kit/audit/entry.js";
import type { Place } from "#kit/audit/places.js";
import { type Leaf, type Seal, seal } from "#kit/audit/seal.js";
import { openSealer, type Sealer } from "#kit/audit/sealer.js";
import { entryColumns, readTrail, sealColumns } from "#kit/audit/trail.js";
import { type TrailReport, verifyTrail } from "#kit/audit/verify.js";
import type { Call } from "#kit/call.js";
import { newId } from "#kit/ids.js";
import { createLog } from "#kit/log.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { testFolder } from "#kit/testing/stage.js";
import { kitMigrations } from "#kit/testing/tables.js";
import { type Counter, counterMapping, counterTable, grown } from "./counters.js";

const key = "a key that no database holds";
const rpc = "/backhaul.refund.v1.RefundService/IssueRefund";

/** A replica that counts, and seals what it counted. */
type Replica = { readonly counters: Aggregates<Counter, undefined>; readonly sealer: Sealer; readonly db: Database };

export type Trails = Awaited<ReturnType<typeof openTrails>>;

export async function openTrails(databaseUrl: string) {
  const schema = newId("tst").toLowerCase();
  const first = openDatabase({ url: databaseUrl, schema, poolSize: 6 });
  await migrate(first, kitMigrations(testFolder("migrations"), { "2_counter": counterTable }));
  const elsewhere: Seal[] = [];
  const place: Place = {
    name: "elsewhere",
    last: async () => elsewhere.at(-1)?.number ?? 0,
    put: async (_service, one) => void elsewhere.push(one),
    all: async () => elsewhere,
  };
  const replicas: Replica[] = [];
  const replica = (db = openDatabase({ url: databaseUrl, schema, poolSize: 6 })): Replica => {
    const followers = { now: () => new Date(), announce: () => {}, hasRoom: () => true, take: () => {} };
    const options = { service: "test", key, everyMs: 60_000, places: [place] };
    const sealer = openSealer(options, db, createLog("test", "silent"));
    const opened = { counters: aggregates<Counter>(db, followers, counterMapping, "counter"), sealer, db };
    replicas.push(opened);
    return opened;
  };
  const one = replica(first);

  return {
    schema,
    elsewhere,
    one,
    replica,
    query: async (text: string, values: unknown[] = []) => first.query({ name: "", text }, values),
    verify: (): Promise<TrailReport> =>
      readTrail(databaseUrl, schema, (trail) => verifyTrail({ ...trail, service: "test", published: elsewhere, key })),
    /** One act; creates the counter where there is none. */
    count: async (id: string, { counters } = one, request: object = {}, caller = agent): Promise<void> => {
      const spend = asked(request, caller);
      const exists = await counters.find(id).catch(() => undefined);
      if (exists) {
        await counters.change(id, spend, grown);
      } else {
        const next = { id, value: 0, version: 1 };
        await counters.create(
          spend,
          async () => undefined,
          () => ({ next, extra: undefined }),
        );
      }
    },
    entriesOf: async (id: string): Promise<AuditEntry[]> =>
      first.query({ name: "", text: `SELECT ${entryColumns} FROM audit WHERE resource_id = $1 ORDER BY sequence` }, [
        id,
      ]),
    close: async () => {
      for (const { db } of replicas) await db.close();
    },
  };
}

const agent: Call["caller"] = { subject: "alice", role: "AGENT", via: "gateway" };

function asked(request: object, caller: Call["caller"]): Spend<Counter, number> {
  const requestId = newId("req");
  return {
    token: {
      kind: "request",
      principal: `${caller.role}:${caller.subject}`,
      requestId,
      fingerprint: Buffer.from(requestId),
      act: actOf(rpc, { requestId, ...request }, { caller }),
    },
    answer: (c) => c.value,
    keep: (value) => Buffer.from(String(value)),
    recall: (kept) => Number(kept.toString()),
  };
}

/** Somebody with every right in the database: triggers do not stop them. */
export async function openIntruder(databaseUrl: string, schema: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`SET search_path = ${schema}`);
  await client.query("SET session_replication_role = replica");
  await client.query("SET synchronous_commit = off");
  const tables = ["audit", "audit_leaf", "audit_seal"];
  for (const table of tables) await client.query(`CREATE TABLE kept_${table} AS TABLE ${table}`);
  const run = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows;

  const intruder = {
    run,
    /** Gives every entry of a resource the right place and the right hashes. */
    rehash: async (id: string) => {
      const rows: AuditEntry[] = await run(
        `SELECT ${entryColumns} FROM audit WHERE resource_id = $1 ORDER BY sequence`,
        [id],
      );
      await run("DELETE FROM audit WHERE resource_id = $1", [id]);
      let previousHash: Buffer = noHash;
      for (const [at, row] of rows.entries()) {
        const linked = { ...row, sequence: at + 1, previousHash };
        previousHash = entryHash(linked);
        const { rpc, principal, via, onBehalfOf, reason, outcome, requestDigest } = linked;
        const { businessTime, realTime, traceId, sequence, previousHash: before } = linked;
        await run("INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)", [
          ...[id, sequence, rpc, principal, via, onBehalfOf, reason, outcome, requestDigest],
          ...[businessTime, realTime, traceId, before, previousHash],
        ]);
      }
    },
    /** Makes the leaves say what the entries say now. */
    releaf: async (id: string) => {
      await run(
        "DELETE FROM audit_leaf l WHERE resource_id = $1 AND NOT EXISTS (SELECT FROM audit a WHERE (a.resource_id, a.sequence) = (l.resource_id, l.sequence))",
        [id],
      );
      await run(
        "UPDATE audit_leaf l SET hash = a.hash FROM audit a WHERE (a.resource_id, a.sequence) = (l.resource_id, l.sequence) AND l.resource_id = $1",
        [id],
      );
    },
    /** Seals everything anew, with a key made up. */
    reseal: async () => {
      const seals: Seal[] = await run(`SELECT ${sealColumns} FROM audit_seal ORDER BY number`);
      await run("DELETE FROM audit_seal");
      let before: Seal | undefined;
      for (const { number, untilTime } of seals) {
        const leaves: Leaf[] = await run(
          `SELECT resource_id AS "resourceId", sequence, hash FROM audit_leaf WHERE seal = $1`,
          [number],
        );
        before = seal("test", before, leaves, untilTime, "a guess");
        const { entries, digest, previousHash, hash, mac } = before;
        await run("INSERT INTO audit_seal VALUES ($1, $2, $3, $4, $5, $6, $7)", [
          ...[number, entries, digest, previousHash, untilTime, hash, mac],
        ]);
      }
    },
    /** Puts everything back. */
    undo: async () => {
      for (const table of tables) {
        await run(`DELETE FROM ${table}`);
        await run(`INSERT INTO ${table} TABLE kept_${table}`);
      }
    },
    close: () => client.end(),
  };
  return intruder;
}
