// The only file of this service that sees SQL: refunds with the units and payments they draw on, and the ledger.
import * as events from "#gen/backhaul/refund/v1/refund_events.js";
import { PrismaClient } from "#gen/prisma/refund/client.js";
import { aggregates, type Decided, type Personal, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { announcer } from "#kit/facts.js";
import { newId } from "#kit/ids.js";
import { toJson } from "#kit/json.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Money } from "#kit/pure/money.js";
import { openReader } from "#kit/reader.js";
import { traceparent } from "#kit/telemetry.js";
import { openTurns } from "#kit/turns.js";
import type { Vault } from "#kit/vault.js";
import type { GrantedSoFar, Journal, Outcome, Refund, RefundState, SoldOrder, TenderState } from "./core/types.js";
import { itemRows, orNull, paymentRows, released, reserved, tenderRows, toCore, toSoFar } from "./rows.js";

/** A booking as it stands. */
export type LedgerRow = {
  readonly entryId: string;
  readonly journalId: string;
  readonly refundId: string;
  readonly account: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly createTime: Date;
  readonly journal: { readonly kind: string };
};

/** A payment as its provider tells it. */
export type PaymentNews = {
  readonly paymentId: string;
  readonly captured: Money;
  readonly chargedBack: Money;
  readonly disputeOpen: boolean;
};

/** What may keep a share from being asked for. */
type Standing = {
  readonly state: TenderState;
  readonly disputeOpen: boolean;
  readonly takenBack: boolean;
};

const columns = `refund_id, resolution_id, order_id, customer_id, market, state, currency, amount_minor, quote, tenders,
  create_time, settle_time, version, origin, reason, fault, granted_by, issued_by, differences, twins, interest, recovery,
  sequence`;

/** The same columns under the names that Prisma gives them, so that both ways of reading meet in one mapping. */
const selected = columns.replace(/\b(\w+)_(\w)(\w*)\b/g, (name, a, b, c) => `${name} AS "${a}${b.toUpperCase()}${c}"`);

/** Bookings of the change under way. */
const booked = (journals: string, bookings: string) => ({
  journals: `INSERT INTO ledger_journal (journal_id, refund_id, kind, source, create_time)
    SELECT j.journal_id, id, j.kind, j.source, j.create_time
    FROM change, jsonb_to_recordset(${journals}::jsonb) AS j(journal_id text, kind text, source text,
      create_time timestamptz)`,
  booked: `INSERT INTO ledger_entry (entry_id, journal_id, refund_id, account, currency, amount_minor, create_time)
    SELECT b.entry_id, b.journal_id, id, b.account, b.currency, b.amount_minor, b.create_time
    FROM change, jsonb_to_recordset(${bookings}::jsonb) AS b(entry_id text, journal_id text, account text,
      currency text, amount_minor bigint, create_time timestamptz)`,
});

/** Tenders as rows of their own: one per provider key, for ever. */
const asked = (
  tenders: string,
) => `INSERT INTO tender (provider_key, refund_id, payment_id, route, currency, amount_minor,
    state, held_for, provider_refund_id, request_time, settle_time)
  SELECT t.provider_key, id, t.payment_id, t.route, t.currency, t.amount_minor, t.state, t.held_for,
    t.provider_refund_id, t.request_time, t.settle_time
  FROM change, jsonb_to_recordset(${tenders}::jsonb) AS t(provider_key text, payment_id text, route text, currency text,
    amount_minor bigint, state text, held_for text, provider_refund_id text, request_time timestamptz,
    settle_time timestamptz)
  ON CONFLICT (provider_key) DO UPDATE SET refund_id = excluded.refund_id, payment_id = excluded.payment_id,
    route = excluded.route, currency = excluded.currency, amount_minor = excluded.amount_minor, state = excluded.state,
    held_for = excluded.held_for, provider_refund_id = excluded.provider_refund_id,
    request_time = coalesce(tender.request_time, excluded.request_time),
    settle_time = excluded.settle_time`;

const insert = commitStatement(
  "refund.insert",
  `INSERT INTO refund (${columns})
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8::bigint, $9::jsonb, $10::jsonb, $11, $12, $13, $14, $15, $16, $17, $18,
     $19::jsonb, $20::jsonb, $21::jsonb, $22::jsonb, $23) RETURNING refund_id AS id`,
  {
    // Each unit once: the key refuses a range that somebody else took meanwhile.
    items: `INSERT INTO refund_item (order_id, line_id, from_unit, quantity, purchased, refund_id, amount_minor)
      SELECT $3, i.line_id, i.from_unit, i.quantity, i.purchased, id, i.amount_minor
      FROM change, jsonb_to_recordset($24::jsonb) AS i(line_id text, from_unit int, quantity int, purchased int,
        amount_minor bigint) ORDER BY i.line_id`,
    // Never more units or money than a line brought: the CHECKs refuse.
    lines: `INSERT INTO refund_line (order_id, line_id, purchased, refunded_units, paid_minor, refunded_minor)
      SELECT $3, i.line_id, i.purchased, i.quantity, i.paid_minor, i.amount_minor
      FROM change, jsonb_to_recordset($24::jsonb) AS i(line_id text, quantity int, purchased int, paid_minor bigint,
        amount_minor bigint) ORDER BY i.line_id
      ON CONFLICT (order_id, line_id) DO UPDATE SET
        refunded_units = refund_line.refunded_units + excluded.refunded_units,
        paid_minor = coalesce(refund_line.paid_minor, excluded.paid_minor),
        refunded_minor = refund_line.refunded_minor + excluded.refunded_minor`,
    // Never more than was captured less what was charged back: a trigger refuses.
    payments: `INSERT INTO payment (payment_id, order_id, currency, captured_minor, refunded_minor, goodwill_minor)
      SELECT p.payment_id, $3, $7, p.captured_minor, p.amount_minor, p.goodwill_minor
      FROM change, jsonb_to_recordset($25::jsonb) AS p(payment_id text, captured_minor bigint, amount_minor bigint,
        goodwill_minor bigint) ORDER BY p.payment_id
      ON CONFLICT (payment_id) DO UPDATE SET order_id = excluded.order_id,
        refunded_minor = payment.refunded_minor + excluded.refunded_minor,
        goodwill_minor = payment.goodwill_minor + excluded.goodwill_minor`,
    asked: asked("$26"),
    ...booked("$27", "$28"),
  },
);

const update = commitStatement(
  "refund.update",
  `UPDATE refund SET state = $3, tenders = $4::jsonb, settle_time = $5, version = $6, issued_by = $7,
     twins = $8::jsonb, interest = $9::jsonb, recovery = $10::jsonb
   WHERE refund_id = $1 AND version = $2 RETURNING refund_id AS id`,
  {
    asked: asked("$11"),
    // What will not be paid any more is free again.
    released: `UPDATE payment SET refunded_minor = payment.refunded_minor - p.amount_minor,
        goodwill_minor = payment.goodwill_minor - p.goodwill_minor
      FROM change, jsonb_to_recordset($12::jsonb) AS p(payment_id text, amount_minor bigint, goodwill_minor bigint)
      WHERE payment.payment_id = p.payment_id`,
    ...booked("$13", "$14"),
  },
);

/** Somebody refunded the same order meanwhile: deciding again says what is left. */
const races: ReadonlySet<string> = new Set([
  "refund_sequence",
  "refund_item_pkey",
  "refund_item_units_check",
  "refund_line_units_check",
  "refund_line_money_check",
  "payment_cap_check",
]);

const soFar: Statement = {
  name: "refund.soFar",
  text: `SELECT
    (SELECT coalesce(max(sequence), 0) FROM refund WHERE order_id = $1::text) AS refunds,
    (SELECT jsonb_object_agg(line_id, refunded_units) FROM refund_line WHERE order_id = $1::text) AS units,
    (SELECT jsonb_agg(jsonb_build_object('id', payment_id, 'refunded', refunded_minor::text, 'goodwill',
       goodwill_minor::text, 'chargedBack', charged_back_minor::text, 'disputeOpen', dispute_open))
     FROM payment WHERE payment_id = ANY($2::text[])) AS payments,
    CASE WHEN $3::boolean THEN
      (SELECT jsonb_agg(jsonb_build_object('adjustments', quote->'adjustments', 'restored', quote->'restored'))
       FROM refund WHERE order_id = $1::text) END AS quotes`,
};

const savePayment: Statement = {
  name: "refund.savePayment",
  text: `INSERT INTO payment (payment_id, order_id, currency, captured_minor, refunded_minor, charged_back_minor, dispute_open)
    VALUES ($1, '', $2, $3::bigint, 0, $4::bigint, $5)
    ON CONFLICT (payment_id) DO UPDATE SET charged_back_minor = excluded.charged_back_minor,
      dispute_open = excluded.dispute_open`,
};

/** A share that is about to be asked for, and its payment. */
const standing: Statement = {
  name: "refund.standing",
  text: `SELECT t.state, coalesce(p.dispute_open, false) AS "disputeOpen",
      coalesce(p.charged_back_minor > 0 AND p.refunded_minor + p.charged_back_minor > p.captured_minor, false)
        AS "takenBack"
    FROM tender t LEFT JOIN payment p ON p.payment_id = t.payment_id WHERE t.provider_key = $1`,
};

/** News of one key, or of a payment; the step's id makes a repeated hint one look. */
const lookInto: Statement = {
  name: "refund.lookInto",
  text: `INSERT INTO agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent)
    SELECT $1::text || '.' || r.refund_id, r.refund_id, 'news', $2, jsonb_build_object('paymentId', $3::text), $5::text
    FROM (SELECT DISTINCT refund_id FROM tender
          WHERE provider_key = $4::text OR ($3::text <> '' AND payment_id = $3::text)) r
    ON CONFLICT (agenda_id) DO NOTHING RETURNING agenda_id`,
};

/** What was written of a refund, under seal. */
const personal = {
  table: "refund",
  id: (r: Refund) => r.refundId,
  subject: (r: Refund) => r.customerId,
  places: {
    reason: [""],
    quote: ["note"],
    differences: ["reason"],
    tenders: ["failure"],
    twins: ["failure"],
    recovery: ["reason", "reference"],
  },
} satisfies Omit<Personal<Refund>, "vault">;

/** Opens the store on the service's own schema. */
export function openStore(db: Database, followers: Followers, vault: Vault) {
  const prisma = openReader(
    db,
    (options) => new PrismaClient(options),
    (reader) => reader.refund.findMany({ take: 1 }),
  );
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
        r.origin,
        r.reason,
        r.fault,
        r.grantedBy,
        r.issuedBy,
        toJson(r.differences),
        toJson(r.twins),
        orNull(r.interest),
        orNull(r.recovery),
        r.sequence,
        itemRows(r),
        paymentRows(reserved(r), r),
        tenderRows(r.tenders, followers.now()),
        ...bookings(journals),
      ],
      updateValues: (r, before, journals) => [
        r.refundId,
        before.version,
        r.state,
        toJson(r.tenders),
        r.settleTime ?? null,
        r.version,
        r.issuedBy,
        toJson(r.twins),
        orNull(r.interest),
        orNull(r.recovery),
        tenderRows(
          r.tenders.filter((t) => !before.tenders.includes(t)),
          followers.now(),
        ),
        paymentRows(released(before, r), r),
        ...bookings(journals),
      ],
      toCore,
      personal: { ...personal, vault },
      broken: (constraint) => (races.has(constraint) ? "again" : undefined),
      notFound: (id) => new DomainError("REFUND_NOT_FOUND", `no refund ${id}`, { refund_id: id }),
    },
    "refund",
  );

  /** Journals and their entries, as the two statements' last values. */
  function bookings(journals: readonly Journal[]): [string, string] {
    const create_time = followers.now();
    const headed = journals.map((journal) => ({ ...journal, journal_id: newId("jnl"), create_time }));
    const entries = headed.flatMap(({ journal_id, bookings }) =>
      bookings.map(({ account, amount: { currency, minor } }) => ({
        entry_id: newId("led"),
        journal_id,
        account,
        currency,
        amount_minor: minor,
        create_time,
      })),
    );
    const heads = headed.map(({ journal_id, kind, source }) => ({ journal_id, kind, source, create_time }));
    return [toJson(heads), toJson(entries)];
  }

  function decided({ next, journals, facts, steps }: Outcome): Decided<Refund, readonly Journal[]> {
    // One day of delay to wait for, whoever asks for it.
    const dropped = steps.some(({ step }) => step === "accrue") ? ["accrue"] : [];
    return { next, extra: journals, facts: facts.map(announce), steps, dropped };
  }

  // Refunds of one order are decided one after the other.
  const inTurn = openTurns();

  /** `corrections`: also what earlier quotes deducted is asked for. */
  async function grantedSoFar(order: SoldOrder, corrections = false): Promise<GrantedSoFar> {
    const payments = order.payments.map(({ paymentId }) => paymentId);
    const needsQuotes = corrections || order.discounts.length > 0 || order.earnedPoints > 0;
    const [row] = await db.query(soFar, [order.orderId, payments, needsQuotes]);
    return toSoFar(row);
  }

  return {
    find: refunds.find,
    orRecall: refunds.orRecall,
    /** Grants against what is granted so far; read again when somebody else was faster. */
    grant: <R>(
      order: SoldOrder,
      spend: Spend<Refund, R>,
      decide: (soFar: GrantedSoFar) => Outcome,
      corrections = false,
    ): Promise<R> =>
      inTurn(order.orderId, () =>
        refunds.create(
          spend,
          () => grantedSoFar(order, corrections),
          (granted) => decided(decide(granted)),
        ),
      ),
    change: <R>(id: string, spend: Spend<Refund, R>, decide: (refund: Refund) => Outcome): Promise<R> =>
      refunds.change(id, spend, (refund) => decided(decide(refund))),
    grantedSoFar,

    /** Newest first. */
    list: async (filter: { state?: RefundState | undefined; orderId?: string | undefined }, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "refundId", "desc");
      const rows = await prisma.refund.findMany({ where: { ...filter, ...beyond }, orderBy, take });
      const refunds = await vault.open(personal.table, personal.id, rows.map(toCore), personal.places);
      return pageOf(refunds, page, (refund) => refund.refundId);
    },

    /** Oldest first. */
    ledger: (refundId: string): Promise<LedgerRow[]> =>
      prisma.ledgerEntry.findMany({
        where: { refundId },
        orderBy: { entryId: "asc" },
        include: { journal: { select: { kind: true } } },
      }),

    /** Keeps what a provider says of a payment; the next grant reads it. */
    savePayment: async ({ paymentId, captured, chargedBack, disputeOpen }: PaymentNews): Promise<void> => {
      await db.query(savePayment, [paymentId, captured.currency, captured.minor, chargedBack.minor, disputeOpen]);
    },

    /** Where a share is, and whether its payment is disputed, or so much charged back that it no longer covers it. */
    standing: async (key: string): Promise<Standing> => {
      const [row] = await db.query<Standing>(standing, [key]);
      if (!row) throw new RangeError(`no tender has the key ${key}`);
      return row;
    },

    /** Has every refund under this key or on this payment looked into, once per hint; says how many. */
    lookInto: async (hint: string, paymentId: string, key: string): Promise<number> =>
      (await db.query(lookInto, [hint, followers.now(), paymentId, key, traceparent()])).length,

    close: () => prisma.$disconnect(),
  };
}

export type Store = ReturnType<typeof openStore>;
