// Inspections as SQL, in the order in which they must be done, and with them what their commits write beside them: custody
// entries and goods for the quarantine.
import * as events from "#gen/backhaul/inspection/v1/inspection_events.js";
import { PrismaClient } from "#gen/prisma/inspection/client.js";
import { aggregates, besideOf, type Decided, type Personal, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { announcer } from "#kit/facts.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { openReader } from "#kit/reader.js";
import { erasedText, type Vault } from "#kit/vault.js";
import type { Evidence } from "./core/evidence.js";
import type { Outcome } from "./core/outcome.js";
import type { Inspection, InspectionState, Quarantined } from "./core/types.js";
import { type Chain, readChain } from "./custodyStore.js";
import { toFact } from "./proto.js";
import { sealedGoods } from "./quarantineStore.js";
import { toInspectionRow as toCore, toJson } from "./rows.js";

const columns = `inspection_id, resolution_id, order_id, market, state, expected, findings, receive_time, complete_time,
  inspector, send_back_tracking_number, attention, create_time, queue_place, version, terms, recorded, receipts,
  disputes, custody_count, custody_head, send_back_payer, completed_without`;

/** The same columns under the names that Prisma gives them, so that both ways of reading meet in one mapping. */
const selected = columns.replace(
  /\w+_\w+/g,
  (name) => `${name} AS "${name.replace(/_(\w)/g, (_, c) => c.toUpperCase())}"`,
);

/** The parcels on their way to it, under the names that Prisma gives them. */
const inbound = `(SELECT coalesce(jsonb_agg(jsonb_build_object('trackingNumber', p.tracking_number, 'carrier', p.carrier,
    'centre', p.centre, 'collectionId', p.collection_id, 'pickupTime', p.pickup_time, 'deliverTime', p.deliver_time,
    'loseTime', p.lose_time) ORDER BY p.tracking_number), '[]')
  FROM inbound_parcel p WHERE p.resolution_id = inspection.resolution_id) AS inbound`;

const insert = commitStatement(
  "inspection.insert",
  `INSERT INTO inspection (${columns})
   VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8, $9, $10, $11, $12::jsonb, $13, $14, $15,
     $16::jsonb, $17::jsonb, $18::jsonb, $19::jsonb, $20, $21, $22, $23::jsonb)
   RETURNING inspection_id AS id`,
);

const update = commitStatement(
  "inspection.update",
  `UPDATE inspection SET state = $3, expected = $4::jsonb, findings = $5::jsonb, receive_time = $6, complete_time = $7,
     inspector = $8, send_back_tracking_number = $9, attention = $10::jsonb, queue_place = $11, version = $12,
     terms = $13::jsonb, recorded = $14::jsonb, receipts = $15::jsonb, disputes = $16::jsonb, custody_count = $17,
     custody_head = $18, send_back_payer = $19, completed_without = $20::jsonb
   WHERE inspection_id = $1 AND version = $2 RETURNING inspection_id AS id`,
  {
    evidence: `INSERT INTO custody_entry (inspection_id, sequence, stage, actor, entry_time, media_id, sha256, note,
        previous_hash, hash)
      SELECT change.id, e.* FROM change, jsonb_to_recordset($21::jsonb) AS e(sequence int, stage text, actor text,
        "time" timestamptz, "mediaId" text, sha256 text, note text, "previousHash" text, hash text)`,
    quarantine: `INSERT INTO quarantined (quarantine_id, state, reason, inspection_id, tracking_number, centre, items, note,
        scanner, receive_time, decider, version)
      SELECT q."quarantineId", q.state, q.reason, change.id, q."trackingNumber", q.centre, q.items, q.note, q.scanner,
        q."receiveTime", q.decider, q.version
      FROM change, jsonb_to_recordset($22::jsonb) AS q("quarantineId" text, state text, reason text,
        "trackingNumber" text, centre text, items jsonb, note text, scanner text, "receiveTime" timestamptz,
        decider text, version int)`,
  },
);

const ofResolution: Statement = {
  name: "inspection.ofResolution",
  text: `SELECT inspection_id AS id FROM inspection WHERE resolution_id = $1`,
};

/** What can be read at the dock: the first that is set counts. */
export type Reference = {
  readonly trackingNumber?: string;
  readonly resolutionId?: string;
  readonly orderId?: string;
  readonly serial?: string;
  readonly sku?: string;
};

const byReference: Readonly<Record<keyof Reference, string>> = {
  // Each half by its own index; an OR of the two would read every row.
  trackingNumber: `inspection_id IN (
      SELECT i.inspection_id FROM inspection i WHERE i.terms->'trackingNumbers' @> jsonb_build_array($1::text)
      UNION SELECT i.inspection_id FROM inspection i JOIN inbound_parcel p USING (resolution_id)
        WHERE p.tracking_number = $1::text)`,
  resolutionId: `resolution_id = $1::text`,
  orderId: `order_id = $1::text`,
  serial: `terms->'details' @> jsonb_build_array(jsonb_build_object('serials', jsonb_build_array($1::text)))`,
  sku: `expected @> jsonb_build_array(jsonb_build_object('sku', $1::text)) AND state <> 'INSPECTED'`,
};
/** A dock looks at so many at most: who must choose among more should read something else of the parcel. */
const candidatesMax = 50;

const candidates = (reference: keyof Reference): Statement => ({
  name: `inspection.by.${reference}`,
  // Where its parcels go counts; while the collection has named no centre, what the terms say.
  text: `SELECT ${selected}, ${inbound} FROM inspection
    WHERE ${byReference[reference]} AND ($2::text = ''
      OR EXISTS (SELECT FROM inbound_parcel p WHERE p.resolution_id = inspection.resolution_id AND p.centre = $2::text)
      OR coalesce(terms->>'centre', '') IN ('', $2::text) AND NOT EXISTS
        (SELECT FROM inbound_parcel p WHERE p.resolution_id = inspection.resolution_id AND p.centre <> ''))
    ORDER BY queue_place LIMIT ${candidatesMax}`,
});

/** What a commit writes beside the inspection. */
type Beside = { readonly evidence: readonly Evidence[]; readonly quarantined: readonly Quarantined[] };

/** What inspectors, customers and sellers wrote, under seal: with the key of the request that it is about. */
const personal = {
  table: "inspection",
  id: (i: Inspection) => i.inspectionId,
  subject: (i: Inspection) => i.resolutionId,
  places: { findings: ["note"], recorded: ["note"], attention: ["reason"], disputes: ["statement", "note"] },
  beside: { evidence: ["note"] },
  steps: ["note"],
} satisfies Omit<Personal<Inspection>, "vault">;

/** Opens the store on the service's own schema. */
export function openStore(db: Database, followers: Followers, vault: Vault) {
  const prisma = openReader(
    db,
    (options) => new PrismaClient(options),
    (reader) => reader.inspection.findMany({ take: 1 }),
  );
  const announce = announcer("backhaul.inspection.v1", events);
  const inspections = aggregates<Inspection, Beside>(
    db,
    followers,
    {
      select: `SELECT ${selected}, ${inbound} FROM inspection WHERE inspection_id = $1`,
      insert,
      update,
      insertValues: (i) => [
        i.inspectionId,
        i.resolutionId,
        i.orderId,
        i.market,
        i.state,
        JSON.stringify(i.expected),
        toJson(i.findings),
        i.receiveTime ?? null,
        i.completeTime ?? null,
        i.inspector,
        i.sendBackTrackingNumber,
        JSON.stringify(i.attention),
        i.createTime,
        queuePlace(i),
        i.version,
        ...later(i),
      ],
      updateValues: (i, before, { evidence, quarantined }) => [
        i.inspectionId,
        before.version,
        i.state,
        JSON.stringify(i.expected),
        toJson(i.findings),
        i.receiveTime ?? null,
        i.completeTime ?? null,
        i.inspector,
        i.sendBackTrackingNumber,
        JSON.stringify(i.attention),
        queuePlace(i),
        i.version,
        ...later(i),
        JSON.stringify(evidence.map(({ photo, ...entry }) => ({ ...entry, ...photo }))),
        JSON.stringify(quarantined),
      ],
      toCore,
      personal: {
        ...personal,
        vault,
        others: async (beside) => {
          if (beside.quarantined.every(({ note }) => note === "")) return beside;
          const quarantined = await Promise.all(beside.quarantined.map((goods) => sealedGoods(vault, goods)));
          return { ...beside, quarantined };
        },
      },
      notFound: (id) => new DomainError("INSPECTION_NOT_FOUND", `no inspection ${id}`, { inspection_id: id }),
      // Two calls met at the first inspection of a resolution; on the next try the slower one finds the faster one's.
      broken: (constraint) =>
        constraint === "inspection_resolution"
          ? new DomainError("CONTENTION", "somebody else expects these goods just now; try again")
          : undefined,
    },
    "inspection",
  );

  function decided(outcome: Outcome): Decided<Inspection, Beside> {
    const { next, facts = [], steps = [], dropped = [], evidence = [], quarantined = [] } = outcome;
    const extra = { evidence, quarantined };
    return { next, extra, facts: facts.map((fact) => announce(toFact(fact))), steps, dropped };
  }

  const inClear = (rows: readonly Inspection[]) => vault.open(personal.table, personal.id, rows, personal.places);

  return {
    find: inspections.find,
    recall: inspections.recall,
    orRecall: inspections.orRecall,
    change: <R>(id: string, spend: Spend<Inspection, R>, decide: (inspection: Inspection) => Outcome): Promise<R> =>
      inspections.change(id, spend, (inspection) => decided(decide(inspection))),

    /** The inspection of a resolution, changed if there is one, created if not: the database holds each to one. */
    expect: async <R>(
      resolutionId: string,
      spend: Spend<Inspection, R>,
      decide: (before: Inspection | undefined) => Outcome,
    ): Promise<R> => {
      const [row] = await db.query<{ id: string }>(ofResolution, [resolutionId]);
      if (row) return inspections.change(row.id, spend, (inspection) => decided(decide(inspection)));
      return inspections.create(
        spend,
        async () => {},
        () => decided(decide(undefined)),
      );
    },

    /** What may be meant by what was read at the dock, what breaks first first; of a centre, or of no particular one. */
    candidates: async (reference: Reference, centre = ""): Promise<Inspection[]> => {
      const known = (Object.keys(byReference) as (keyof Reference)[]).find((name) => reference[name]);
      if (!known) return [];
      return inClear((await db.query(candidates(known), [reference[known], centre])).map(toCore));
    },

    /** What must be done first first. */
    list: async (filter: { state?: InspectionState | undefined; resolutionId?: string | undefined }, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "queuePlace", "asc");
      const where = { ...filter, ...beyond };
      const rows = await prisma.inspection.findMany({ where, orderBy, take, include: { inbound: true } });
      return pageOf(await inClear(rows.map(toCore)), page, queuePlace);
    },

    /** An inspection's custody chain; undefined for no inspection of ours. */
    chain: async (inspectionId: string): Promise<Chain | undefined> => {
      const chain = await readChain(db, inspectionId);
      if (!chain) return undefined;
      const sealed = [{ inspectionId, evidence: chain.entries }];
      const [open] = await vault.open(besideOf(personal.table), (it) => it.inspectionId, sealed, personal.beside);
      const entries = open?.evidence ?? [];
      return { ...chain, entries: entries.map((it) => ({ ...it, erased: it.note === erasedText })) };
    },

    close: () => prisma.$disconnect(),
  };
}

/** Columns that came later, in the order in which both statements name them. */
function later(i: Inspection): unknown[] {
  const { terms, recorded, receipts, disputes, custodyCount, custodyHead, sendBackPayer, completedWithout } = i;
  return [
    toJson(terms),
    toJson(recorded),
    toJson(receipts),
    toJson(disputes),
    custodyCount,
    custodyHead,
    sendBackPayer,
    JSON.stringify(completedWithout),
  ];
}

/**
 * A key that sorts as the bench works: what is in the house, then what is not; in each, by the statutory deadline, and
 * what has none after it, by receipt or announcement. One text instead of nullable times and an id, so that a page token
 * names a place that no other row has. "-" sorts before ".", so that a row without a deadline keeps the key it had.
 */
function queuePlace({ receiveTime, inspectionId, terms: { dueTime } }: Inspection): string {
  const house = receiveTime ? "0" : "1";
  const due = dueTime ? `-${millis(dueTime)}` : "";
  return `${house}${due}.${receiveTime ? `${millis(receiveTime)}.` : ""}${inspectionId}`;
}

function millis(time: Date): string {
  return String(time.getTime()).padStart(15, "0");
}

export type Store = ReturnType<typeof openStore>;
