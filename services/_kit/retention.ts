// What is no longer needed goes, some rows at a time, while everybody works: each rule says which rows of one table are past
// their time, and nothing that is still open ever is.
import type { Clocks } from "#kit/clock.js";
import type { Log } from "#kit/log.js";
import type { Database } from "#kit/postgres.js";
import { counted } from "#kit/telemetry.js";

/** Which rows of a table are past their time, and what becomes of them. */
export type Rule = {
  readonly name: string;
  /** Real time for what the machinery keeps, business time for what the law counts. */
  readonly clock: "business" | "real";
  /** Table and condition; $1 is now. Rows that somebody has in hand are left for the next time. */
  readonly past: { readonly table: string; readonly where: string };
  /** What is written over; without it the row goes. */
  readonly set?: string;
};

/** Days that a market's law or limitation wants words about a purchase kept. */
export type Period = { readonly market: string; readonly days: number; readonly source: string };

const year = 365;

/** Disputes over a purchase may be brought so long; after that nobody needs what people wrote of it. */
export const periods: readonly Period[] = [
  {
    market: "KR",
    days: 3 * year + 1,
    source: "E-Commerce Act art. 6, Decree art. 6: complaints and disputes, 3 years",
  },
  {
    market: "TW",
    days: 5 * year + 2,
    source: "Business Entity Accounting Act art. 38: vouchers, 5 years; to be confirmed",
  },
  { market: "GB", days: 6 * year + 2, source: "Limitation Act 1980 s. 5: contracts, 6 years" },
  { market: "JP", days: 5 * year + 2, source: "Civil Code art. 166: claims, 5 years; to be confirmed" },
  { market: "US", days: 4 * year + 1, source: "UCC 2-725: sales, 4 years; states differ, to be confirmed" },
];

const longest = Math.max(...periods.map(({ days }) => days));

/** The days of the market in this column, as SQL; of a market that is not known, the longest. */
export function daysOf(market: string): string {
  const cases = periods.map((it) => `WHEN '${it.market}' THEN ${it.days}`).join(" ");
  return `(CASE ${market} ${cases} ELSE ${longest} END * interval '1 day')`;
}

const seal = "v1:key_[0-9A-Z]{26}:[A-Za-z0-9_-]+";

/** Columns with their seals written over, as SQL: what is left says that something was there. */
export function unworded(columns: Readonly<Record<string, "text" | "jsonb">>): string {
  return Object.entries(columns)
    .map(([column, type]) => `${column} = regexp_replace(${column}::text, '${seal}', '[erased]', 'g')::${type}`)
    .join(", ");
}

/** Whether any of the columns has a seal, as SQL. */
export function worded(...columns: readonly string[]): string {
  return `(${columns.map((column) => `${column}::text LIKE '%v1:key\\_%'`).join(" OR ")})`;
}

/** What every service's own tables are rid of. An answer is kept for 30 days: after that a request id is new again. */
export const kitRules: readonly Rule[] = [
  {
    name: "request",
    clock: "real",
    past: { table: "request", where: "create_time < $1::timestamptz - interval '30 days'" },
  },
  {
    name: "outbox",
    clock: "real",
    // The stream forgets after three days; what it lost before must still be announced again.
    past: { table: "outbox", where: "publish_time < $1::timestamptz - interval '14 days'" },
  },
  {
    name: "consumed",
    clock: "real",
    // Longer than any outbox: what is announced again is known.
    past: { table: "consumed", where: "create_time < $1::timestamptz - interval '60 days'" },
  },
  {
    name: "dead_letter",
    clock: "real",
    past: { table: "dead_letter", where: "resolve_time < $1::timestamptz - interval '90 days'" },
  },
];

const batch = 500;
/** A sweep ends after so many batches of a rule; the next goes on. */
const batchesMax = 200;

/** How many rows are past their time. */
export async function countPast(db: Pick<Database, "query">, { name, past }: Rule, now: Date): Promise<number> {
  const text = `SELECT count(*)::int AS n FROM ${past.table} WHERE ${past.where}`;
  const [row] = await db.query<{ n: number }>({ name: `retention.count.${name}`, text }, [now]);
  return row?.n ?? 0;
}

/** Carries a rule out, a batch at a time; says how many rows it was. */
export async function prune(db: Pick<Database, "query">, { name, past, set }: Rule, now: Date): Promise<number> {
  const rows = `SELECT ctid FROM ${past.table} WHERE ${past.where} LIMIT ${batch} FOR UPDATE SKIP LOCKED`;
  const text = set
    ? `UPDATE ${past.table} SET ${set} WHERE ctid = ANY(ARRAY(${rows})) RETURNING 1`
    : `DELETE FROM ${past.table} WHERE ctid = ANY(ARRAY(${rows})) RETURNING 1`;
  let done = 0;
  for (let i = 0; i < batchesMax; i++) {
    const { length } = await db.query({ name: `retention.${name}`, text }, [now]);
    done += length;
    if (length < batch) break;
  }
  return done;
}

/**
 * Sweeps a service every so often, real time; `stop` waits for the batch under way. What `rewrap` does, some at a time, is
 * done to its end first.
 */
export function startSweeping(
  service: string,
  db: Database,
  clocks: Clocks,
  rules: readonly Rule[],
  everyMs: number,
  log: Log,
  rewrap?: () => Promise<number>,
): { stop(): Promise<void> } {
  let sweeping: Promise<void> | undefined;
  let stopped = false;

  async function sweep(): Promise<void> {
    for (let keys = 1; rewrap && keys > 0 && !stopped; ) {
      keys = await rewrap();
      if (keys > 0) log.info({ keys }, "keys wrapped anew");
    }
    for (const rule of rules) {
      if (stopped) return;
      const rows = await prune(db, rule, clocks[rule.clock].now());
      counted("retention_rows", rows, { service, rule: rule.name });
      if (rows > 0) log.info({ step: rule.name, rows }, "past its time, and gone");
    }
  }

  const timer = setInterval(() => {
    sweeping ??= sweep()
      .catch((error) => log.warn({ error }, "not swept; the next time makes up for it"))
      .finally(() => {
        sweeping = undefined;
      });
  }, everyMs);
  timer.unref();
  return {
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await sweeping;
    },
  };
}
