// The audit trail at size: a million entries verified from their rows, and one changed among them found.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type AuditEntry, entryHash, noHash } from "#kit/audit/entry.js";
import type { Place } from "#kit/audit/places.js";
import type { Seal } from "#kit/audit/seal.js";
import { openSealer } from "#kit/audit/sealer.js";
import { readTrail } from "#kit/audit/trail.js";
import { type TrailReport, verifyTrail } from "#kit/audit/verify.js";
import { passingFolder } from "#kit/local/folder.js";
import { startPostgres } from "#kit/local/postgres.js";
import { createLog } from "#kit/log.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { kitMigrations } from "#kit/testing/tables.js";
import { chanceOf } from "./chance.js";
import type { Draw } from "./options.js";
import { counter, number, type Proof, type Say } from "./proof.js";

const entries = 1_000_000;
const perResource = 20;
const secondsMax = 60;
const schema = "proof";
const service = "proof";
const key = "the key of this proof's own seals";

export async function provenAudit(say: Say, { count = entries, seed }: Draw): Promise<Proof[]> {
  const dir = passingFolder("prove-audit");
  const postgres = await startPostgres({ dir: join(dir, "postgres") });
  const db = openDatabase({ url: postgres.url, schema, poolSize: 2 });
  try {
    await migrate(db, kitMigrations(join(dir, "migrations")));
    const resources = Math.ceil(count / perResource);
    await written(db, resources, say);
    const published = await sealed(db);
    const startedAt = performance.now();
    const whole = await verified(postgres.url, published);
    const seconds = (performance.now() - startedAt) / 1000;
    const proofs = [provenWhole(whole, seconds, resources * perResource)];

    const chance = chanceOf(seed + 11);
    const place = [resourceOf(chance.below(resources)), 1 + chance.below(perResource)];
    await db.pool.query(`ALTER TABLE ${schema}.audit DISABLE TRIGGER audit_immutable`);
    const changed = `UPDATE ${schema}.audit SET principal = 'AGENT:mallory' WHERE resource_id = $1 AND sequence = $2`;
    await db.pool.query(changed, place);
    proofs.push(provenFound(await verified(postgres.url, published), place));
    return proofs;
  } finally {
    await db.close();
    await postgres.stop("fast");
    rmSync(dir, { recursive: true, force: true });
  }
}

function provenWhole(report: TrailReport, seconds: number, count: number): Proof {
  return {
    asked: `${number(count)} acts: every hash computed anew, every seal held against its entries, in ${secondsMax} s`,
    counted: `${number(report.entries)} acts of ${number(report.resources)} resources under ${report.seals} seals in ${seconds.toFixed(1)} s, ${report.findings.length} findings`,
    ok: report.findings.length === 0 && report.entries === count && report.unsealed === 0 && seconds <= secondsMax,
  };
}

function provenFound({ findings }: TrailReport, [resourceId, sequence]: readonly (string | number)[]): Proof {
  const [first] = findings;
  return {
    asked: "one name changed in one of them: found, at its place",
    counted: first ? `${first.fault} at ${first.resourceId}, act ${first.sequence}` : "nothing",
    ok: first?.fault === "CONTENT" && first.resourceId === resourceId && first.sequence === sequence,
  };
}

const resourceOf = (nth: number) => `rfd_${String(nth).padStart(8, "0")}`;

/** As commits would have written them, a tenth of a second apart. */
async function written(db: Database, resources: number, say: Say): Promise<void> {
  const told = counter(say, "resources with their acts", resources);
  const began = Date.now() - resources * perResource * 100;
  const batch = 250;
  for (let from = 0; from < resources; from += batch) {
    const rows: AuditEntry[] = [];
    for (let nth = from; nth < Math.min(from + batch, resources); nth++) rows.push(...chainOf(nth, began));
    await db.query(insert, [
      rows.map((row) => row.resourceId),
      rows.map((row) => row.sequence),
      rows.map((row) => row.requestDigest),
      rows.map((row) => row.realTime),
      rows.map((row) => row.previousHash),
      rows.map((row) => row.hash),
    ]);
    told(from);
  }
}

const insert = {
  name: "",
  text: `INSERT INTO audit SELECT r.id, r.sequence, 'backhaul.refund.v1.RefundService/ApproveRefund', 'AGENT:alice', 'gateway',
      '', 'GOODWILL', 'DONE', r.digest, r.time, r.time, '', r.previous, r.hash
    FROM unnest($1::text[], $2::int[], $3::bytea[], $4::timestamptz[], $5::bytea[], $6::bytea[])
      AS r(id, sequence, digest, time, previous, hash)`,
};

function chainOf(nth: number, began: number): AuditEntry[] {
  let previousHash: Buffer = noHash;
  return Array.from({ length: perResource }, (_, at) => {
    const realTime = new Date(began + (nth * perResource + at) * 100);
    const said = {
      resourceId: resourceOf(nth),
      sequence: at + 1,
      rpc: "backhaul.refund.v1.RefundService/ApproveRefund",
      principal: "AGENT:alice",
      via: "gateway",
      onBehalfOf: "",
      reason: "GOODWILL",
      outcome: "DONE",
      requestDigest: Buffer.from(`request ${nth} ${at}`),
      businessTime: realTime,
      realTime,
      traceId: "",
      previousHash,
    };
    const hash = entryHash(said);
    previousHash = hash;
    return { ...said, hash };
  });
}

async function sealed(db: Database): Promise<Seal[]> {
  const published: Seal[] = [];
  const place: Place = {
    name: "elsewhere",
    last: async () => published.at(-1)?.number ?? 0,
    put: async (_, seal) => void published.push(seal),
    all: async () => published,
  };
  await openSealer({ service, key, everyMs: 1_000, places: [place] }, db, createLog("prove", "warn")).round();
  return published;
}

function verified(url: string, published: readonly Seal[]): Promise<TrailReport> {
  return readTrail(url, schema, (trail) => verifyTrail({ ...trail, service, published, key }));
}
