// What was settled with a seller in a month, as the ledger has it. Only read: it shares nothing with what writes.
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";

/** A booking on a seller's account, and the refund behind it. Amounts in minor units. */
export type StatementLine = {
  readonly entryId: string;
  readonly journalId: string;
  readonly refundId: string;
  readonly resolutionId: string;
  readonly orderId: string;
  readonly fault: string;
  readonly currency: string;
  /** A debit: what it takes from the seller. */
  readonly minor: bigint;
  readonly refundedMinor: bigint;
  readonly feesMinor: bigint;
  readonly createTime: Date;
};

export type StatementTotal = Pick<StatementLine, "fault" | "currency" | "minor"> & { readonly lines: bigint };

/** Whose month; the market is "" for all of them. */
export type StatementOf = { readonly sellerId: string; readonly month: string; readonly market: string };

// The second condition is the index's own: the account of a parameter alone would not find it.
const ofMonth = `FROM ledger_entry e JOIN refund r ON r.refund_id = e.refund_id
  WHERE e.account = 'seller:' || $1 AND e.account LIKE 'seller:%' AND e.create_time >= $2 AND e.create_time < $3
    AND ($4 = '' OR r.market = $4)`;
const lines: Statement = {
  name: "sellerStatement.lines",
  text: `SELECT e.entry_id AS "entryId", e.journal_id AS "journalId", e.refund_id AS "refundId", r.fault, e.currency,
      r.resolution_id AS "resolutionId", r.order_id AS "orderId", e.amount_minor::text AS minor,
      r.amount_minor::text AS "refundedMinor", e.create_time AS "createTime",
      (SELECT coalesce(sum((fee->'amount'->>'minor')::numeric), 0)::text
       FROM jsonb_array_elements(coalesce(r.quote->'fees', '[]')) AS fee) AS "feesMinor"
    ${ofMonth} AND ($5::text IS NULL OR e.entry_id > $5) ORDER BY e.entry_id LIMIT $6`,
};
const totals: Statement = {
  name: "sellerStatement.totals",
  text: `SELECT r.fault, e.currency, sum(e.amount_minor)::text AS minor, count(*)::text AS lines
    ${ofMonth} GROUP BY r.fault, e.currency ORDER BY r.fault, e.currency`,
};

export function openSellerStatements(db: Database) {
  const keys = ({ sellerId, month, market }: StatementOf) => {
    const start = new Date(`${month}-01T00:00:00Z`);
    const end = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1));
    return [sellerId, start, end, market];
  };
  return {
    /** Oldest first. */
    lines: async (of: StatementOf, page: Page) => {
      const { beyond, take } = pageQuery(page, "entryId", "asc", pageSize);
      const after = (beyond as { entryId?: { gt?: string } }).entryId?.gt ?? null;
      const rows = await db.query(lines, [...keys(of), after, take]);
      return pageOf(rows.map(toLine), page, ({ entryId }) => entryId, pageSize);
    },
    totals: async (of: StatementOf): Promise<StatementTotal[]> =>
      (await db.query(totals, keys(of))).map((row) => ({ ...row, minor: BigInt(row.minor), lines: BigInt(row.lines) })),
  };
}

export type SellerStatements = ReturnType<typeof openSellerStatements>;

const pageSize = 100;

// biome-ignore lint/suspicious/noExplicitAny: a row of the select
function toLine(row: any): StatementLine {
  const { minor, refundedMinor, feesMinor, ...rest } = row;
  return { ...rest, minor: BigInt(minor), refundedMinor: BigInt(refundedMinor), feesMinor: BigInt(feesMinor) };
}
