// Our own books, read straight from the refund service's tables by a role that may not write there: no code is shared
// with the service that is checked, and none of ours could change what it checks.
import type pg from "pg";
import { Unavailable } from "#kit/errors.js";
import { fromJson } from "#kit/json.js";
import { type DatabaseOptions, openDatabase, patiently } from "#kit/postgres.js";
import type { Money } from "#kit/pure/money.js";
import type { OurJournal, OurRefund, OurTaxTwin, OurTender } from "./core/types.js";

export type Ours = {
  /** Refunds with all that is theirs, page by page, as they stood together at one moment. */
  refunds(): AsyncIterable<OurRefund[]>;
  /** @throws Error that says what to do if the role may write, or may not read */
  assertReadOnly(): Promise<void>;
  close(): Promise<void>;
};

const tables = ["refund", "tender", "ledger_journal", "ledger_entry"];

const rights = `SELECT current_user AS role, rolsuper AS super,
  current_setting('default_transaction_read_only') AS read_only,
  ARRAY(SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))
    AS writable,
  ARRAY(SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = ANY($2::text[])
      AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))) AS unreadable
FROM pg_roles WHERE rolname = current_user`;

const refundPage = `SELECT refund_id, state, create_time, settle_time,
    jsonb_path_query_array(twins, '$[*] ? (@.kind == "TAX_DOCUMENT")') AS tax_twins
  FROM refund WHERE refund_id > $1 ORDER BY refund_id LIMIT $2`;

/** What belongs to a page of refunds, and to refunds that should be there and are not. */
const range = { to: "refund_id > $1 AND refund_id <= $2", on: "refund_id > $1" } as const;
const tendersIn = (where: string) => `SELECT refund_id, provider_key, payment_id, route, currency, amount_minor, state,
    request_time, settle_time FROM tender WHERE ${where}`;
const journalsIn = (where: string) => `SELECT refund_id, kind, source, create_time,
    CASE WHEN count(DISTINCT currency) = 1 THEN min(currency) END AS currency,
    (sum(amount_minor) FILTER (WHERE amount_minor > 0))::bigint AS amount_minor
  FROM (SELECT refund_id, journal_id, kind, source, create_time FROM ledger_journal
    WHERE kind IN ('PAY', 'REVERSE') AND ${where}) journal
  LEFT JOIN (SELECT journal_id, currency, amount_minor FROM ledger_entry WHERE ${where}) entry USING (journal_id)
  GROUP BY refund_id, journal_id, kind, source, create_time ORDER BY create_time, journal_id`;

// biome-ignore lint/suspicious/noExplicitAny: rows are shaped by the statements above
type Row = any;

/** What the books are reached by. */
type OursOptions = Omit<DatabaseOptions, "poolSize"> & { readonly pageSize?: number };

export function openOurs({ pageSize = 5_000, ...options }: OursOptions): Ours {
  const { schema } = options;
  const db = openDatabase({ ...options, poolSize: 2 });

  async function connect(): Promise<pg.PoolClient> {
    try {
      return await db.pool.connect();
    } catch (error) {
      const why = (error as Error).message;
      throw new Unavailable("STORE_UNAVAILABLE", `the refund books cannot be reached: ${why}`, { cause: why });
    }
  }

  async function assertReadOnly(): Promise<void> {
    const client = await patiently(connect);
    try {
      const [row] = (await client.query<Row>(rights, [schema, tables])).rows;
      const { role, super: superuser, writable, unreadable, read_only: readOnly } = row;
      const faults = [
        superuser && `${role} is a superuser`,
        writable.length > 0 && `${role} may write to ${writable.join(", ")} in ${schema}`,
        readOnly !== "on" && `${role} begins transactions that may write`,
        unreadable.length > 0 && `${role} may not read ${unreadable.join(", ")} in ${schema}`,
      ].filter(Boolean);
      if (faults.length > 0) throw new Error(`${faults.join("; ")}. ${remedy(schema)}`);
    } finally {
      client.release();
    }
  }

  /** One transaction, so that a tender and its journals are of the same moment, however long the reading takes. */
  async function* refunds(): AsyncGenerator<OurRefund[]> {
    const client = await connect();
    // Between two pages nobody listens for a connection that breaks; the next page says so.
    const broken = () => {};
    client.on("error", broken);
    let failed = true;
    try {
      await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      for (let after: string | undefined = ""; after !== undefined; ) {
        const rows: Row[] = (await client.query(refundPage, [after, pageSize])).rows;
        const to = rows.length === pageSize ? (rows.at(-1)?.refund_id as string) : undefined;
        const where = to === undefined ? range.on : range.to;
        const values = to === undefined ? [after] : [after, to];
        const tenders: Row[] = (await client.query(tendersIn(where), values)).rows;
        const journals: Row[] = (await client.query(journalsIn(where), values)).rows;
        yield together(rows, tenders, journals);
        after = to;
      }
      await client.query("COMMIT");
      failed = false;
    } finally {
      client.off("error", broken);
      client.release(failed);
    }
  }

  return { refunds, assertReadOnly, close: db.close };
}

function remedy(schema: string): string {
  return [
    "Give READ_DATABASE_URL a role that may only read:",
    "CREATE ROLE backhaul_reconciler LOGIN PASSWORD '…' NOSUPERUSER;",
    "ALTER ROLE backhaul_reconciler SET default_transaction_read_only = on;",
    `GRANT USAGE ON SCHEMA "${schema}" TO backhaul_reconciler;`,
    `GRANT SELECT ON ${tables.map((table) => `"${schema}"."${table}"`).join(", ")} TO backhaul_reconciler;`,
  ].join("\n  ");
}

function together(refunds: readonly Row[], tenders: readonly Row[], journals: readonly Row[]): OurRefund[] {
  type Building = OurRefund & { tenders: OurTender[]; journals: OurJournal[]; taxTwins: OurTaxTwin[] };
  const byId = new Map<string, Building>();
  const of = (refundId: string): Building => {
    const absent = { state: "", createTime: undefined, settleTime: undefined, taxTwins: [], tenders: [], journals: [] };
    const refund = byId.get(refundId) ?? { refundId, ...absent };
    byId.set(refundId, refund);
    return refund;
  };
  for (const { refund_id, state, create_time, settle_time, tax_twins } of refunds) {
    byId.set(refund_id, {
      refundId: refund_id,
      state,
      createTime: create_time,
      settleTime: settle_time ?? undefined,
      taxTwins: tax_twins.map(({ key, amount }: Row) => ({
        key,
        amount: amount ? fromJson<Money>(amount) : undefined,
      })),
      tenders: [],
      journals: [],
    });
  }
  for (const row of tenders) {
    of(row.refund_id).tenders.push({
      providerKey: row.provider_key,
      paymentId: row.payment_id,
      route: row.route,
      amount: { minor: row.amount_minor, currency: row.currency },
      state: row.state,
      requestTime: row.request_time ?? undefined,
      settleTime: row.settle_time ?? undefined,
    });
  }
  for (const { refund_id, kind, source, create_time, currency, amount_minor } of journals) {
    const amount = currency && amount_minor !== null ? { minor: amount_minor, currency } : undefined;
    of(refund_id).journals.push({ kind, source, amount, createTime: create_time });
  }
  return [...byId.values()];
}
