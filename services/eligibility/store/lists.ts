// The entries of the allow and block lists, as SQL: written seldom, asked for every decision.
import type { PrismaClient, ListEntry as Row } from "#gen/prisma/eligibility/client.js";
import { aggregates, type Personal, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Vault } from "#kit/vault.js";
import type { ListEntry, ListKind, ListSubject } from "../core/lists.js";

/** What a decision looks up. */
export type Lookup = { readonly customerId: string; readonly orderId: string; readonly skus: readonly string[] };

/** An entry that counts. */
export type Listed = {
  readonly entryId: string;
  readonly kind: ListKind;
  readonly subject: ListSubject;
  readonly value: string;
};

/** What a look-up finds; 0 for a market without a book. */
export type LookedUp = { readonly entries: readonly Listed[]; readonly bookVersion: number };

const select = `SELECT list_entry_id AS "listEntryId", market, kind, subject, value, reason, author,
    create_time AS "createTime", end_time AS "endTime", ender, version
  FROM list_entry WHERE list_entry_id = $1`;
const insert = commitStatement(
  "list_entry.insert",
  `INSERT INTO list_entry (list_entry_id, market, kind, subject, value, reason, author, create_time, end_time, ender,
     version)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING list_entry_id AS id`,
);
const update = commitStatement(
  "list_entry.update",
  `UPDATE list_entry SET end_time = $3, ender = $4, version = $5
   WHERE list_entry_id = $1 AND version = $2 RETURNING list_entry_id AS id`,
);

/** One look into the index for each subject: an OR over the three would read more of it. */
const counting = (subject: ListSubject, condition: string) =>
  `SELECT list_entry_id, kind, subject, value FROM list_entry
   WHERE market = $1 AND subject = '${subject}' AND ${condition} AND end_time > $5`;
const looked = [
  counting("CUSTOMER", "value = $2"),
  counting("ORDER", "value = $3"),
  counting("SKU", "value = ANY($4)"),
];
const listed: Statement = {
  name: "list_entry.listed",
  text: `SELECT coalesce((SELECT version FROM policy_book WHERE market = $1), 0) AS "bookVersion",
    coalesce((SELECT jsonb_agg(jsonb_build_object('entryId', list_entry_id, 'kind', kind, 'subject', subject, 'value', value))
      FROM (${looked.join("\nUNION ALL\n")}) AS found), '[]') AS entries`,
};

/** Why somebody or something is on a list, under a key of the entry's own. */
const personal = {
  table: "list_entry",
  id: ({ listEntryId }: ListEntry) => listEntryId,
  subject: ({ listEntryId }: ListEntry) => listEntryId,
  places: { reason: [""] },
} satisfies Omit<Personal<ListEntry>, "vault">;

/** The lists' side of the store. */
export function openLists(db: Database, followers: Followers, vault: Vault, prisma: PrismaClient) {
  const entries = aggregates<ListEntry>(
    db,
    followers,
    {
      select,
      insert,
      update,
      insertValues: (e) => [
        e.listEntryId,
        e.market,
        e.kind,
        e.subject,
        e.value,
        e.reason,
        e.author,
        e.createTime,
        e.endTime,
        e.ender,
        e.version,
      ],
      updateValues: (e, before) => [e.listEntryId, before.version, e.endTime, e.ender, e.version],
      toCore,
      personal: { ...personal, vault },
      notFound: (id) => new DomainError("LIST_ENTRY_NOT_FOUND", `no list entry ${id}`, { list_entry_id: id }),
    },
    "list_entry",
  );

  return {
    /** The entries that count now for an order, its customer or its products, and the version of the market's book. */
    listed: async (market: string, { customerId, orderId, skus }: Lookup, now: Date): Promise<LookedUp> => {
      const [row] = await db.query<LookedUp>(listed, [market, customerId, orderId, skus, now]);
      return row ?? { entries: [], bookVersion: 0 };
    },

    /** `prepare` sees to it that the market has policies. */
    createListEntry: <R>(spend: Spend<ListEntry, R>, prepare: () => Promise<void>, decide: () => ListEntry) =>
      entries.create(spend, prepare, () => ({ next: decide(), extra: undefined })),
    changeListEntry: <R>(id: string, spend: Spend<ListEntry, R>, decide: (entry: ListEntry) => ListEntry) =>
      entries.change(id, spend, (entry) => ({ next: decide(entry), extra: undefined })),

    /** Newest first, ended ones too; an empty market or value stands for all. */
    listEntries: async ({ market, value }: { readonly market: string; readonly value: string }, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "listEntryId", "desc");
      const where = { ...(market && { market }), ...(value && { value }), ...beyond };
      const rows = await prisma.listEntry.findMany({ where, orderBy, take });
      const open = await vault.open(personal.table, personal.id, rows.map(toCore), personal.places);
      return pageOf(open, page, ({ listEntryId }) => listEntryId);
    },
  };
}

function toCore(row: Row): ListEntry {
  return { ...row, kind: row.kind as ListKind, subject: row.subject as ListSubject };
}
