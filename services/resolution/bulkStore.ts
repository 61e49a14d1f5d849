// Bulks as SQL: what was asked is kept whole, and what became of a row once it is known; the first word counts. The reason
// may tell of any of its customers: it is sealed with a key of the bulk's own, which goes with the first of them that is
// forgotten.
import { aggregates, type Personal, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Vault } from "#kit/vault.js";

/** What was asked, in the bytes of its message; the reason by itself. */
export type Bulk = {
  readonly bulkId: string;
  readonly asked: Uint8Array;
  readonly reason: string;
  readonly actor: string;
  readonly actorRole: string;
  readonly createTime: Date;
};

/** What became of a row; an empty reason is that it was done. */
export type BulkResult = { readonly resolutionId: string; readonly reason: string; readonly message: string };

/** After how long what was interrupted goes on by itself. */
const resumeMs = 60_000;

const insert = commitStatement(
  "bulk.insert",
  `INSERT INTO bulk (bulk_id, asked, reason, actor, actor_role, create_time) VALUES ($1, $2, $3, $4, $5, $6)
   RETURNING bulk_id AS id`,
);
const results: Statement = {
  name: "bulk.results",
  text: `SELECT resolution_id AS "resolutionId", reason, message FROM bulk_row WHERE bulk_id = $1`,
};
const keep: Statement = {
  name: "bulk.keep",
  text: `INSERT INTO bulk_row (bulk_id, resolution_id, reason, message) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
};

const personal = {
  table: "bulk",
  id: ({ bulkId }: Bulk) => bulkId,
  subject: ({ bulkId }: Bulk) => bulkId,
  places: { reason: [""] },
} satisfies Omit<Personal<Bulk>, "vault">;

export function openBulks(db: Database, followers: Followers, vault: Vault) {
  const values = (b: Bulk) => [b.bulkId, b.asked, b.reason, b.actor, b.actorRole, b.createTime];
  const bulks = aggregates<Bulk>(
    db,
    followers,
    {
      select: `SELECT bulk_id AS "bulkId", asked, reason, actor, actor_role AS "actorRole", create_time AS "createTime"
        FROM bulk WHERE bulk_id = $1`,
      insert,
      update: insert,
      insertValues: values,
      updateValues: values,
      toCore: (row) => row,
      personal: { ...personal, vault },
      notFound: (id) => new DomainError("BULK_NOT_FOUND", `no bulk ${id}`, { bulk_id: id }),
    },
    "bulk",
  );
  return {
    find: bulks.find,
    /** Keeps what is asked, and plans that it goes on should nobody be left to do it. */
    create: <R>(spend: Spend<Bulk, R>, bulk: Bulk): Promise<R> =>
      bulks.create(
        spend,
        async () => undefined,
        () => ({
          next: bulk,
          extra: undefined,
          steps: [{ step: "desk-bulk", due: new Date(bulk.createTime.getTime() + resumeMs), payload: {} }],
        }),
      ),
    results: (bulkId: string): Promise<BulkResult[]> => db.query<BulkResult>(results, [bulkId]),
    keep: async (bulkId: string, { resolutionId, reason, message }: BulkResult): Promise<void> => {
      await db.query(keep, [bulkId, resolutionId, reason, message]);
    },
  };
}

export type Bulks = ReturnType<typeof openBulks>;
