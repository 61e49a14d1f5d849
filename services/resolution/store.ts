// The only file of this service that sees SQL: resolutions, the units they hold, and their history.
import * as events from "#gen/backhaul/resolution/v1/resolution_events.js";
import { PrismaClient } from "#gen/prisma/resolution/client.js";
import { aggregates, besideOf, type Decided, type Personal, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { announcer } from "#kit/facts.js";
import { fromJson, toJson } from "#kit/json.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import { passOver } from "#kit/passOver.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { openReader } from "#kit/reader.js";
import type { Vault } from "#kit/vault.js";
import type { Entry, Outcome, Resolution } from "./core/types.js";
import { toFact, toProgress } from "./proto.js";

/** What lists may be narrowed by. */
export type Filter = {
  readonly orderId?: string | undefined;
  readonly customerId?: string | undefined;
  readonly state?: string | undefined;
  readonly kind?: string | undefined;
  readonly onHold?: true | undefined;
  readonly returnEventId?: string | undefined;
};

const columns = `resolution_id, order_id, customer_id, market, kind, channel, state, goods, money, stock, hold, lines, terms,
  decision, staff_decision_id, chart, collection_id, inspection_id, refund_id, stock_hold_id, refunded, deadlines, entries, on_hold,
  create_time, update_time, close_time, version, cancel_code, unasked_reason, shipment_id, return_event_id,
  origin_resolution_id, gift, exchange`;

/** The same columns under the names that Prisma gives them, so that both ways of reading meet in one mapping. */
const selected = columns.replace(/\b[a-z]+(_[a-z]+)+\b/g, (name) => `${name} AS "${camel(name)}"`);

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const written = (
  parameter: string,
) => `INSERT INTO timeline (resolution_id, sequence, name, text, state, goods, money, stock,
    actor, actor_role, create_time, applied)
  SELECT id, e.sequence, e.name, e.text, e.state, e.goods, e.money, e.stock, e.actor, e.actor_role, e.create_time, e.applied
  FROM change, jsonb_to_recordset(${parameter}::jsonb) AS e(sequence int, name text, text text, state text, goods text,
    money text, stock text, actor text, actor_role text, create_time timestamptz, applied boolean)`;

/** Units taken, in line order so that two commits never wait for each other. The CHECK refuses what is not there. */
const taken = (parameter: string, orderId: string) => `INSERT INTO order_line (order_id, line_id, purchased, held)
  SELECT ${orderId}, h.line_id, h.purchased, h.delta
  FROM change, jsonb_to_recordset(${parameter}::jsonb) AS h(line_id text, purchased int, delta int)
  WHERE h.delta > 0 ORDER BY h.line_id
  ON CONFLICT (order_id, line_id) DO UPDATE SET held = order_line.held + excluded.held`;

/** Units let go: an update, because the CHECK would refuse to insert a negative count before it met the row. */
const released = (parameter: string) => `UPDATE order_line SET held = order_line.held + l.delta
  FROM (SELECT o.order_id, o.line_id, h.delta
    FROM change JOIN order_line o ON o.order_id = change.order_id
    JOIN jsonb_to_recordset(${parameter}::jsonb) AS h(line_id text, delta int) ON h.line_id = o.line_id
    WHERE h.delta < 0 ORDER BY o.line_id FOR UPDATE OF o) l
  WHERE order_line.order_id = l.order_id AND order_line.line_id = l.line_id`;

/** The first of a resolution's deadlines to end. */
const firstDue = (parameter: string) =>
  `(SELECT min((d ->> 'due')::timestamptz) FROM jsonb_array_elements(${parameter}::jsonb) d)`;

const insert = commitStatement(
  "resolution.insert",
  `INSERT INTO resolution (${columns}, move_time, due_time)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12::jsonb, $13::jsonb, $14, $15, $16::jsonb, $17, $18, $19,
     $20, $21::jsonb, $22::jsonb, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35::jsonb, $26,
     ${firstDue("$22")})
   RETURNING resolution_id AS id`,
  {
    written: written("$36"),
    taken: taken("$37", "$2"),
    // Whom the order's contact leads to; a gift's receiver is reached by another one than its buyer.
    reached: `INSERT INTO contact (order_id, customer_id, market) SELECT $2::text, $3::text, $4::text FROM change
      WHERE NOT $34::boolean ON CONFLICT (order_id) DO NOTHING`,
  },
);

const update = commitStatement(
  "resolution.update",
  `UPDATE resolution SET state = $3, goods = $4, money = $5, stock = $6, hold = $7::jsonb, lines = $8::jsonb,
     terms = coalesce($9::jsonb, terms), decision = coalesce($10, decision), chart = $11::jsonb, collection_id = $12, inspection_id = $13, refund_id = $14,
     stock_hold_id = $15, refunded = $16::jsonb, deadlines = $17::jsonb, entries = $18, on_hold = $19, update_time = $20,
     close_time = $21, version = $22, exchange = $25::jsonb, kind = $26, staff_decision_id = $27,
     due_time = ${firstDue("$17")},
     move_time = CASE WHEN (state, goods, money, stock) IS DISTINCT FROM ($3, $4, $5, $6) THEN $20 ELSE move_time END
   WHERE resolution_id = $1 AND version = $2 RETURNING resolution_id AS id, order_id`,
  { written: written("$23"), taken: taken("$24", "change.order_id"), released: released("$24") },
);

/** A parcel's number, once. Heard of with facts that may come twice. */
const track: Statement = {
  name: "tracking.keep",
  text: "INSERT INTO tracking (tracking_number, resolution_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
};

/** Open resolutions of a market with a deadline that was counted by another calendar, in pages by their id. */
const outdated: Statement = {
  name: "resolution.outdated",
  text: `SELECT resolution_id AS id FROM resolution
    WHERE market = $1 AND close_time IS NULL AND resolution_id > $3
      AND EXISTS (SELECT FROM jsonb_array_elements(deadlines) d WHERE d->>'calendar' <> $2)
    ORDER BY resolution_id LIMIT $4`,
};
/** Markets in which something is open. */
const openMarkets: Statement = {
  name: "resolution.openMarkets",
  text: "SELECT DISTINCT market FROM resolution WHERE close_time IS NULL",
};
/** Units of an order that are in resolutions, or were given back for good. */
const heldUnits: Statement = {
  name: "order_line.held",
  text: `SELECT line_id AS "lineId", held FROM order_line WHERE order_id = $1 AND held > 0`,
};

/** What the service's own tables take besides the row. */
type Extra = Pick<Outcome, "entries" | "held">;

/** What customers and staff wrote, under seal. */
export const personal = {
  table: "resolution",
  id: (r: Resolution) => r.resolutionId,
  subject: (r: Resolution) => r.customerId,
  places: { lines: ["note"], hold: ["reason", "note", "reference"], chart: ["reason"] },
  beside: { entries: ["text"] },
  steps: ["note", "reference"],
} satisfies Omit<Personal<Resolution>, "vault">;

/** The customer of the resolution that a row of another table is about: whose key seals what it says. */
export const customerOf = (row: string) =>
  `(SELECT customer_id FROM resolution WHERE resolution_id = ${row}.resolution_id) AS "customerId"`;

/** Opens the store on the service's own schema. */
export function openStore(db: Database, followers: Followers, vault: Vault) {
  const prisma = openReader(
    db,
    (options) => new PrismaClient(options),
    (reader) => reader.resolution.findMany({ take: 1 }),
  );
  const announce = announcer("backhaul.resolution.v1", events);
  const resolutions = aggregates<Resolution, Extra>(
    db,
    followers,
    {
      select: `SELECT ${selected} FROM resolution WHERE resolution_id = $1`,
      insert,
      update,
      insertValues: (r, extra) => [
        r.resolutionId,
        r.orderId,
        r.customerId,
        r.market,
        r.kind,
        r.channel,
        r.state,
        r.tracks?.goods ?? null,
        r.tracks?.money ?? null,
        r.tracks?.stock ?? null,
        orNull(r.hold),
        toJson(r.lines),
        toJson(r.terms),
        r.decision,
        r.staffDecisionId,
        toJson(r.chart),
        r.collectionId,
        r.inspectionId,
        r.refundId,
        r.stockHoldId,
        orNull(r.refunded),
        toJson(r.deadlines),
        r.entries,
        r.hold !== undefined,
        r.createTime,
        r.updateTime,
        r.closeTime ?? null,
        r.version,
        r.origin.cancelCode ?? "",
        r.origin.unaskedReason ?? "",
        r.origin.shipmentId,
        r.origin.returnEventId,
        r.origin.originResolutionId,
        r.origin.gift,
        orNull(r.exchange),
        entryRows(extra.entries),
        heldRows(extra.held),
      ],
      updateValues: (r, before, extra) => [
        r.resolutionId,
        before.version,
        r.state,
        r.tracks?.goods ?? null,
        r.tracks?.money ?? null,
        r.tracks?.stock ?? null,
        orNull(r.hold),
        toJson(r.lines),
        // Frozen, but for a cancellation that goes on as a return: what has not changed is not sent.
        r.terms === before.terms ? null : toJson(r.terms),
        r.decision === before.decision ? null : r.decision,
        toJson(r.chart),
        r.collectionId,
        r.inspectionId,
        r.refundId,
        r.stockHoldId,
        orNull(r.refunded),
        toJson(r.deadlines),
        r.entries,
        r.hold !== undefined,
        r.updateTime,
        r.closeTime ?? null,
        r.version,
        entryRows(extra.entries),
        heldRows(extra.held),
        orNull(r.exchange),
        r.kind,
        r.staffDecisionId,
      ],
      toCore,
      notFound,
      personal: { ...personal, vault },
      broken: (constraint, r) => {
        if (constraint === "resolution_staff_decision") return usedUp(r.staffDecisionId);
        // The same shipment was reported twice at once: whoever was slower finds what the other began.
        if (constraint === "resolution_shipment")
          return new DomainError("CONTENTION", "reported twice at once; repeat it");
        if (constraint !== "order_line_held_check") return undefined;
        const lines = r.lines.map((line) => line.lineId).join(",");
        return new DomainError(
          "UNITS_UNAVAILABLE",
          `units of ${lines} are in another request, or were given back already`,
          {
            line_id: lines,
            requested: String(r.lines.reduce((sum, line) => sum + line.quantity, 0)),
          },
        );
      },
    },
    "resolution",
  );

  function decided(outcome: Outcome): Decided<Resolution, Extra> {
    const { next, entries, held, steps, dropped } = outcome;
    return {
      next,
      extra: { entries, held },
      facts: [
        ...outcome.facts.map((fact) => announce(toFact(fact))),
        ...(entries.length > 0 ? [announce({ name: "ResolutionProgressed", body: toProgress(next, entries) })] : []),
      ],
      steps,
      dropped,
    };
  }

  const inClear = (rows: readonly Resolution[]) => vault.open(personal.table, personal.id, rows, personal.places);

  return {
    find: resolutions.find,
    /** Takes a fact in that is about no resolution. */
    passOver: async (eventId: string): Promise<void> => {
      await passOver(db, "resolution", eventId);
    },
    /** Keeps under which number its goods travel. */
    tracked: async (trackingNumber: string, resolutionId: string): Promise<void> => {
      if (trackingNumber !== "") await db.query(track, [trackingNumber, resolutionId]);
    },
    recall: resolutions.recall,
    orRecall: resolutions.orRecall,
    create: <R>(spend: Spend<Resolution, R>, decide: () => Outcome): Promise<R> =>
      resolutions.create(
        spend,
        async () => undefined,
        () => decided(decide()),
      ),
    change: <R>(id: string, spend: Spend<Resolution, R>, decide: (resolution: Resolution) => Outcome): Promise<R> =>
      resolutions.change(id, spend, (resolution) => decided(decide(resolution))),

    /** Newest first. */
    list: async (filter: Filter, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "resolutionId", "desc");
      const rows = await prisma.resolution.findMany({ where: { ...filter, ...beyond }, orderBy, take });
      return pageOf(await inClear(rows.map(toCore)), page, (r) => r.resolutionId);
    },

    /** Ids of open resolutions whose deadlines another calendar counted. */
    outdated: async (market: string, version: string, after: string, take: number): Promise<string[]> =>
      (await db.query<{ id: string }>(outdated, [market, version, after, take])).map(({ id }) => id),
    openMarkets: async (): Promise<string[]> =>
      (await db.query<{ market: string }>(openMarkets, [])).map(({ market }) => market),
    /** Those of an order that began with a shipment coming back, and those that are still open. */
    ofOrder: async (orderId: string): Promise<Resolution[]> =>
      inClear((await prisma.resolution.findMany({ where: { orderId }, orderBy: { resolutionId: "asc" } })).map(toCore)),
    /** Units of an order's lines that are taken. */
    heldUnits: async (orderId: string): Promise<ReadonlyMap<string, number>> => {
      const rows = await db.query<{ lineId: string; held: number }>(heldUnits, [orderId]);
      return new Map(rows.map(({ lineId, held }) => [lineId, held]));
    },

    /** Oldest first, after a sequence. */
    timeline: async (resolutionId: string, after: number, take: number): Promise<Entry[]> => {
      const rows = await prisma.timeline.findMany({
        where: { resolutionId, sequence: { gt: after } },
        orderBy: { sequence: "asc" },
        take,
      });
      const history = [{ resolutionId, entries: rows.map(toEntry) }];
      const [open] = await vault.open(besideOf(personal.table), (it) => it.resolutionId, history, personal.beside);
      return open?.entries ?? [];
    },

    close: () => prisma.$disconnect(),
  };
}

export type Store = ReturnType<typeof openStore>;

function usedUp(decision_id: string): DomainError {
  const problem = "another request rests on it already";
  return new DomainError("DECISION_MISMATCH", `${decision_id} cannot be used again: ${problem}`, {
    decision_id,
    problem,
  });
}

export function notFound(id: string): DomainError {
  return new DomainError("RESOLUTION_NOT_FOUND", `no resolution ${id}`, { resolution_id: id });
}

function orNull(value: unknown): string | null {
  return value === undefined ? null : toJson(value);
}

function entryRows(entries: readonly Entry[]): string {
  return toJson(
    entries.map(({ tracks, actor, time, ...entry }) => ({
      ...entry,
      goods: tracks?.goods,
      money: tracks?.money,
      stock: tracks?.stock,
      actor: actor.subject,
      actor_role: actor.role,
      create_time: time,
    })),
  );
}

function heldRows(held: Outcome["held"]): string {
  return toJson(held.map(({ lineId, purchased, delta }) => ({ line_id: lineId, purchased, delta })));
}

// biome-ignore lint/suspicious/noExplicitAny: the same columns from pg and from Prisma
function toCore(row: any): Resolution {
  return {
    resolutionId: row.resolutionId,
    orderId: row.orderId,
    customerId: row.customerId,
    market: row.market,
    kind: row.kind,
    channel: row.channel,
    state: row.state,
    tracks: row.goods ? { goods: row.goods, money: row.money, stock: row.stock } : undefined,
    hold: row.hold ?? undefined,
    lines: row.lines,
    terms: fromJson(row.terms),
    decision: row.decision,
    staffDecisionId: row.staffDecisionId,
    chart: row.chart,
    collectionId: row.collectionId,
    inspectionId: row.inspectionId,
    refundId: row.refundId,
    stockHoldId: row.stockHoldId,
    refunded: row.refunded ? fromJson(row.refunded) : undefined,
    deadlines: fromJson(row.deadlines),
    entries: row.entries,
    createTime: row.createTime,
    updateTime: row.updateTime,
    closeTime: row.closeTime ?? undefined,
    version: row.version,
    exchange: row.exchange ? fromJson(row.exchange) : undefined,
    origin: {
      cancelCode: row.cancelCode || undefined,
      unaskedReason: row.unaskedReason || undefined,
      shipmentId: row.shipmentId,
      returnEventId: row.returnEventId,
      originResolutionId: row.originResolutionId,
      gift: row.gift,
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a row of the timeline
function toEntry(row: any): Entry {
  return {
    sequence: row.sequence,
    name: row.name,
    text: row.text,
    state: row.state,
    tracks: row.goods ? { goods: row.goods, money: row.money, stock: row.stock } : undefined,
    actor: { subject: row.actor, role: row.actorRole },
    time: row.createTime,
    applied: row.applied,
  };
}
