// The only file of this service that sees SQL: refunds with the units and payments they draw on, and the ledger.
import { PrismaPg } from "@prisma/adapter-pg";
import * as events from "#gen/backhaul/refund/v1/refund_events.js";
import { PrismaClient } from "#gen/prisma/refund/client.js";
import { aggregates, type Decided, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { announcer } from "#kit/facts.js";
import { newId } from "#kit/ids.js";
import { fromJson, toJson } from "#kit/json.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Outcome } from "./core/refund.js";
import type { GrantedSoFar, Journal, Refund, RefundState } from "./core/types.js";

/** A booking as it stands. */
export type LedgerRow = {
  readonly entryId: string;
  readonly journalId: string;
  readonly refundId: string;
  readonly account: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly createTime: Date;
};

const columns = `refund_id, resolution_id, order_id, customer_id, market, state, currency, amount_minor, quote, tenders,
  create_time, settle_time, version`;

/** The same columns under the names that Prisma gives them, so that both ways of reading meet in one mapping. */
const selected = columns.replace(/\b(\w+)_(\w)(\w*)\b/g, (name, a, b, c) => `${name} AS "${a}${b.toUpperCase()}${c}"`);

/** Bookings of the change under way. */
const booked = `INSERT INTO ledger_entry (entry_id, journal_id, refund_id, account, currency, amount_minor, create_time)
  SELECT b.entry_id, b.journal_id, id, b.account, b.currency, b.amount_minor, b.create_time
  FROM change, jsonb_to_recordset($BOOKINGS::jsonb) AS b(entry_id text, journal_id text, account text, currency text,
    amount_minor bigint, create_time timestamptz)`;

const insert = commitStatement(
  "refund.insert",
  `INSERT INTO refund (${columns})
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8::bigint, $9::jsonb, $10::jsonb, $11, $12, $13) RETURNING refund_id AS id`,
  {
    // Each unit once: the key refuses a range that somebody else took meanwhile.
    items: `INSERT INTO refund_item (order_id, line_id, from_unit, quantity, purchased, refund_id, amount_minor)
      SELECT $3, i.line_id, i.from_unit, i.quantity, i.purchased, id, i.amount_minor
      FROM change, jsonb_to_recordset($14::jsonb) AS i(line_id text, from_unit int, quantity int, purchased int,
        amount_minor bigint) ORDER BY i.line_id`,
    // Never more than was captured: the CHECK refuses.
    payments: `INSERT INTO payment (payment_id, order_id, currency, captured_minor, refunded_minor)
      SELECT p.payment_id, $3, $7, p.captured_minor, p.amount_minor
      FROM change, jsonb_to_recordset($15::jsonb) AS p(payment_id text, captured_minor bigint, amount_minor bigint)
      ORDER BY p.payment_id
      ON CONFLICT (payment_id) DO UPDATE SET refunded_minor = payment.refunded_minor + excluded.refunded_minor`,
    booked: booked.replace("$BOOKINGS", "$16"),
  },
);

const update = commitStatement(
  "refund.update",
  `UPDATE refund SET state = $3, tenders = $4::jsonb, settle_time = $5, version = $6
   WHERE refund_id = $1 AND version = $2 RETURNING refund_id AS id`,
  { booked: booked.replace("$BOOKINGS", "$7") },
);

const races: ReadonlySet<string> = new Set(["refund_item_pkey", "refund_item_units_check", "payment_cap_check"]);

const soFar: Statement = {
  name: "refund.soFar",
  text: `SELECT line_id, NULL AS payment_id, sum(quantity)::int AS units, NULL::bigint AS minor
    FROM refund_item WHERE order_id = $1 GROUP BY line_id
    UNION ALL SELECT NULL, payment_id, NULL, refunded_minor FROM payment WHERE order_id = $1`,
};

/** Opens the store on the service's own schema. */
export function openStore(db: Database, followers: Followers) {
  const prisma = new PrismaClient({ adapter: new PrismaPg(db.pool, { schema: db.schema }) });
  const announce = announcer("backhaul.refund.v1", events);
  const refunds = aggregates<Refund, readonly Journal[]>(
    db,
    followers,
    {
      select: `SELECT ${selected} FROM refund WHERE refund_id = $1`,
      insert,
      update,
      insertValues: (r, journals) => [
        r.refundId,
        r.resolutionId,
        r.orderId,
        r.customerId,
        r.market,
        r.state,
        r.quote.amount.currency,
        r.quote.amount.minor,
        toJson(r.quote),
        toJson(r.tenders),
        r.createTime,
        r.settleTime ?? null,
        r.version,
        toJson(
          r.quote.items.map((i) => ({
            line_id: i.lineId,
            from_unit: i.fromUnit,
            quantity: i.quantity,
            purchased: i.purchased,
            amount_minor: i.amount.minor,
          })),
        ),
        toJson(
          r.tenders.map((t) => ({
            payment_id: t.paymentId,
            captured_minor: t.captured.minor,
            amount_minor: t.amount.minor,
          })),
        ),
        bookings(journals),
      ],
      updateValues: (r, before, journals) => [
        r.refundId,
        before.version,
        r.state,
        toJson(r.tenders),
        r.settleTime ?? null,
        r.version,
        bookings(journals),
      ],
      toCore,
      // Units or money went to another refund meanwhile: deciding again says what is left.
      broken: (constraint) => (races.has(constraint) ? "again" : undefined),
      notFound: (id) => new DomainError("REFUND_NOT_FOUND", `no refund ${id}`, { refund_id: id }),
    },
    "refund",
  );

  function bookings(journals: readonly Journal[]): string {
    const create_time = followers.now();
    const rows = journals.flatMap((journal) => {
      const journal_id = newId("jnl");
      return journal.bookings.map(({ account, amount: { currency, minor } }) => ({
        entry_id: newId("led"),
        journal_id,
        account,
        currency,
        amount_minor: minor,
        create_time,
      }));
    });
    return toJson(rows);
  }

  function decided(outcome: Outcome): Decided<Refund, readonly Journal[]> {
    return {
      next: outcome.next,
      extra: outcome.journals,
      facts: outcome.facts.map(announce),
      // What a provider is asked never changes, so the step carries it and need not read it back.
      steps: outcome.toPay.map(({ paymentId, providerKey, amount }) => ({
        step: "pay",
        due: followers.now(),
        payload: { paymentId, key: providerKey, currency: amount.currency, minor: amount.minor.toString() },
      })),
    };
  }

  return {
    find: refunds.find,
    orRecall: refunds.orRecall,
    /** Grants against what is granted so far; read again when somebody else was faster. */
    grant: <R>(orderId: string, spend: Spend<Refund, R>, decide: (soFar: GrantedSoFar) => Outcome): Promise<R> =>
      refunds.create(
        spend,
        () => grantedSoFar(orderId),
        (granted) => decided(decide(granted)),
      ),
    change: <R>(id: string, spend: Spend<Refund, R>, decide: (refund: Refund) => Outcome): Promise<R> =>
      refunds.change(id, spend, (refund) => decided(decide(refund))),
    grantedSoFar,

    /** Newest first. */
    list: async (filter: { state?: RefundState | undefined; orderId?: string | undefined }, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "refundId", "desc");
      const rows = await prisma.refund.findMany({ where: { ...filter, ...beyond }, orderBy, take });
      return pageOf(rows.map(toCore), page, (refund) => refund.refundId);
    },

    /** Oldest first. */
    ledger: (refundId: string): Promise<LedgerRow[]> =>
      prisma.ledgerEntry.findMany({ where: { refundId }, orderBy: { entryId: "asc" } }),

    close: () => prisma.$disconnect(),
  };

  async function grantedSoFar(orderId: string): Promise<GrantedSoFar> {
    const rows = await db.query(soFar, [orderId]);
    return {
      units: new Map(rows.filter((r) => r.line_id !== null).map((r) => [r.line_id, r.units])),
      payments: new Map(rows.filter((r) => r.payment_id !== null).map((r) => [r.payment_id, r.minor])),
    };
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the same columns from pg and from Prisma
function toCore(row: any): Refund {
  return {
    refundId: row.refundId,
    resolutionId: row.resolutionId,
    orderId: row.orderId,
    customerId: row.customerId,
    market: row.market,
    state: row.state,
    quote: fromJson(row.quote),
    tenders: fromJson(row.tenders),
    createTime: row.createTime,
    settleTime: row.settleTime ?? undefined,
    version: row.version,
  };
}

export type Store = ReturnType<typeof openStore>;
