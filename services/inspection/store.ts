// The only file of this service that sees SQL: inspections, in the order in which they must be done.
import { PrismaPg } from "@prisma/adapter-pg";
import * as events from "#gen/backhaul/inspection/v1/inspection_events.js";
import { PrismaClient } from "#gen/prisma/inspection/client.js";
import { aggregates, type Decided, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { announcer } from "#kit/facts.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Outcome } from "./core/inspection.js";
import type { Attention, Inspection, InspectionState } from "./core/types.js";
import { toFact } from "./proto.js";

const columns = `inspection_id, resolution_id, order_id, market, state, expected, findings, receive_time, complete_time,
  inspector, send_back_tracking_number, attention, create_time, queue_place, version`;

/** The same columns under the names that Prisma gives them, so that both ways of reading meet in one mapping. */
const selected = columns.replace(
  /\w+_\w+/g,
  (name) => `${name} AS "${name.replace(/_(\w)/g, (_, c) => c.toUpperCase())}"`,
);

const insert = commitStatement(
  "inspection.insert",
  `INSERT INTO inspection (${columns})
   VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8, $9, $10, $11, $12::jsonb, $13, $14, $15)
   RETURNING inspection_id AS id`,
);

const update = commitStatement(
  "inspection.update",
  `UPDATE inspection SET state = $3, expected = $4::jsonb, findings = $5::jsonb, receive_time = $6, complete_time = $7,
     inspector = $8, send_back_tracking_number = $9, attention = $10::jsonb, queue_place = $11, version = $12
   WHERE inspection_id = $1 AND version = $2 RETURNING inspection_id AS id`,
);

const ofResolution: Statement = {
  name: "inspection.ofResolution",
  text: `SELECT inspection_id AS id FROM inspection WHERE resolution_id = $1`,
};

/** Opens the store on the service's own schema. */
export function openStore(db: Database, followers: Followers) {
  const prisma = new PrismaClient({ adapter: new PrismaPg(db.pool, { schema: db.schema }) });
  const announce = announcer("backhaul.inspection.v1", events);
  const inspections = aggregates<Inspection, undefined>(
    db,
    followers,
    {
      select: `SELECT ${selected} FROM inspection WHERE inspection_id = $1`,
      insert,
      update,
      insertValues: (i) => [
        i.inspectionId,
        i.resolutionId,
        i.orderId,
        i.market,
        i.state,
        JSON.stringify(i.expected),
        JSON.stringify(i.findings),
        i.receiveTime ?? null,
        i.completeTime ?? null,
        i.inspector,
        i.sendBackTrackingNumber,
        JSON.stringify(i.attention),
        i.createTime,
        queuePlace(i),
        i.version,
      ],
      updateValues: (i, before) => [
        i.inspectionId,
        before.version,
        i.state,
        JSON.stringify(i.expected),
        JSON.stringify(i.findings),
        i.receiveTime ?? null,
        i.completeTime ?? null,
        i.inspector,
        i.sendBackTrackingNumber,
        JSON.stringify(i.attention),
        queuePlace(i),
        i.version,
      ],
      toCore,
      notFound: (id) => new DomainError("INSPECTION_NOT_FOUND", `no inspection ${id}`, { inspection_id: id }),
      // Two calls met at the first inspection of a resolution; on the next try the slower one finds the faster one's.
      broken: (constraint) =>
        constraint === "inspection_resolution"
          ? new DomainError("CONTENTION", "somebody else expects these goods just now; try again")
          : undefined,
    },
    "inspection",
  );

  function decided({ next, facts = [], steps = [], dropped = [] }: Outcome): Decided<Inspection> {
    return { next, extra: undefined, facts: facts.map((fact) => announce(toFact(fact))), steps, dropped };
  }

  return {
    find: inspections.find,
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

    /** What must be done first first. */
    list: async (filter: { state?: InspectionState | undefined; resolutionId?: string | undefined }, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "queuePlace", "asc");
      const rows = await prisma.inspection.findMany({ where: { ...filter, ...beyond }, orderBy, take });
      return pageOf(rows.map(toCore), page, queuePlace);
    },

    close: () => prisma.$disconnect(),
  };
}

/**
 * A key that sorts as the bench works: what is in the house by its receipt, then what is not by its announcement. One
 * text instead of a nullable time and an id, so that a page token names a place that no other row has.
 */
function queuePlace({ receiveTime, inspectionId }: Inspection): string {
  return receiveTime ? `0.${String(receiveTime.getTime()).padStart(15, "0")}.${inspectionId}` : `1.${inspectionId}`;
}

// biome-ignore lint/suspicious/noExplicitAny: the same columns from pg and from Prisma
function toCore(row: any): Inspection {
  return {
    inspectionId: row.inspectionId,
    resolutionId: row.resolutionId,
    orderId: row.orderId,
    market: row.market,
    state: row.state,
    expected: row.expected,
    findings: row.findings,
    receiveTime: row.receiveTime ?? undefined,
    completeTime: row.completeTime ?? undefined,
    inspector: row.inspector,
    sendBackTrackingNumber: row.sendBackTrackingNumber,
    attention: row.attention.map((a: Attention) => ({ ...a, time: new Date(a.time) })),
    createTime: row.createTime,
    version: row.version,
  };
}

export type Store = ReturnType<typeof openStore>;
