// What is stuck, as SQL: what waits for a person, and what has been still for longer than its market allows.
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { invalidToken, keyAfter, type Page, pageOf } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import type { Vault } from "#kit/vault.js";
import { caseColumns, caseTables, toCases } from "./caseStore.js";
import type { Case } from "./core/case.js";
import type { Awaited, Dwell } from "./core/diagnosis.js";

/** The shortest time that any of a case's states may last: a market's own word on a state, or what holds everywhere. */
const allowed = `(SELECT min(d.hours) FROM (SELECT DISTINCT ON (state) hours FROM dwell
  WHERE market IN ('*', r.market) AND state IN (r.state, r.goods, r.money, r.stock) ORDER BY state, market = '*') d)`;

const stuck: Statement = {
  name: "attention.list",
  text: `SELECT ${caseColumns} FROM ${caseTables}
    WHERE (r.close_time IS NULL OR r.on_hold) AND (r.move_time, r.resolution_id) > ($1::timestamptz, $2::text)
      AND ($3 = '' OR r.market = $3)
      AND (r.on_hold OR r.move_time < $4::timestamptz - ${allowed} * interval '1 hour')
    ORDER BY r.move_time, r.resolution_id LIMIT $5`,
};
const awaited: Statement = {
  name: "attention.awaited",
  text: `SELECT step, due_time AS due, attempt AS tries FROM agenda WHERE aggregate_id = $1 ORDER BY due_time, agenda_id`,
};
const dwells: Statement = {
  name: "dwell.list",
  text: "SELECT market, state, hours FROM dwell ORDER BY market, state",
};
const put = commitStatement(
  "dwell.put",
  `INSERT INTO dwell (market, state, hours) VALUES ($1, $2, $3)
   ON CONFLICT (market, state) DO UPDATE SET hours = excluded.hours RETURNING market || ':' || state AS id`,
);

export function openAttention(db: Database, followers: Followers, vault: Vault) {
  const values = ({ market, state, hours }: Dwell) => [market, state, hours];
  const limits = aggregates<Dwell>(
    db,
    followers,
    {
      select: "SELECT market, state, hours FROM dwell WHERE market || ':' || state = $1",
      insert: put,
      update: put,
      insertValues: values,
      updateValues: values,
      toCore: (row) => row,
      notFound: (id) => new RangeError(id) as never,
    },
    "dwell",
  );
  return {
    /** What has been still longest comes first. @throws DomainError PAGE_TOKEN_INVALID */
    list: async (market: string, page: Page, now: Date): Promise<{ rows: Case[]; nextPageToken: string }> => {
      const [since, id] = after(keyAfter(page));
      const rows = await db.query(stuck, [since, id, market, now, (page.pageSize || 50) + 1]);
      return pageOf(await toCases(vault, rows), page, (one) => `${one.moveTime.getTime()}.${one.resolutionId}`);
    },
    awaited: (resolutionId: string): Promise<Awaited[]> => db.query<Awaited>(awaited, [resolutionId]),
    dwells: (): Promise<Dwell[]> => db.query<Dwell>(dwells),
    /** The last word counts. */
    put: <R>(spend: Spend<Dwell, R>, dwell: Dwell): Promise<R> =>
      limits.create(
        spend,
        async () => undefined,
        () => ({ next: dwell, extra: undefined }),
      ),
  };
}

export type Attention = ReturnType<typeof openAttention>;

function after(token: string | undefined): readonly [Date | string, string] {
  if (token === undefined) return ["-infinity", ""];
  const [, since, id] = /^(\d{1,15})\.(res_[0-9A-Z]{26})$/.exec(token) ?? [];
  if (!since || !id) throw invalidToken();
  return [new Date(Number(since)), id];
}
