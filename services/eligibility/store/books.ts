// The books of policies and their documents, as SQL.
import { createHash } from "node:crypto";
import type { PrismaClient } from "#gen/prisma/eligibility/client.js";
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import { toJson } from "#kit/json.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Book, PolicyEntry, PolicyState } from "../core/book.js";
import type { PolicyDocument } from "../core/document.js";
import { broken } from "../core/shape.js";

/** A version with its document and market. */
export type StoredPolicy = { readonly market: string; readonly entry: PolicyEntry; readonly document: string };

const entries = `SELECT jsonb_agg(jsonb_build_object('policyId', policy_id, 'version', version, 'state', state,
    'effectiveTime', effective_time, 'author', author, 'approver', approver, 'createTime', create_time,
    'documentHash', document_hash) ORDER BY version)
  FROM policy WHERE policy.market = policy_book.market`;
const selectBook = `SELECT market, version, coalesce((${entries}), '[]') AS policies FROM policy_book WHERE market = $1`;

/** Documents and approvals of one market follow each other by the version of its book. */
const updateBook = commitStatement(
  "policy_book.update",
  `UPDATE policy_book SET version = $3 WHERE market = $1 AND version = $2 RETURNING market AS id`,
  {
    drafted: `INSERT INTO policy (policy_id, market, version, state, effective_time, document, document_hash, author,
        approver, create_time)
      SELECT p."policyId", id, p.version, p.state, p."effectiveTime", $5::text, p."documentHash", p.author, p.approver, p."createTime"
      FROM change, jsonb_to_recordset($4::jsonb) AS p("policyId" text, version int, state text, "effectiveTime" timestamptz,
        "documentHash" text, author text, approver text, "createTime" timestamptz)`,
    moved: `UPDATE policy SET state = p.state, approver = p.approver, effective_time = p."effectiveTime"
      FROM change, jsonb_to_recordset($6::jsonb) AS p("policyId" text, state text, approver text, "effectiveTime" timestamptz)
      WHERE policy.policy_id = p."policyId"`,
  },
);

/** A book is installed, never created by a call. */
const never = commitStatement("policy_book.never", "SELECT NULL::text AS id WHERE false");

/** Installs a shipped document as the first version of its market; replicas that start together do it once. */
const install: Statement = {
  name: "policy_book.install",
  text: `WITH book AS (INSERT INTO policy_book (market, version) VALUES ($1, 1) ON CONFLICT DO NOTHING RETURNING market)
    INSERT INTO policy (policy_id, market, version, state, effective_time, document, document_hash, author, approver, create_time)
    SELECT $2, market, 1, 'ACTIVE', $3, $4, $5, 'backhaul', 'installation', $6 FROM book`,
};
const bookVersion: Statement = {
  name: "policy_book.version",
  text: "SELECT version FROM policy_book WHERE market = $1",
};
const document: Statement = { name: "policy.document", text: "SELECT document FROM policy WHERE policy_id = $1" };

export function hashOf(json: string): string {
  return createHash("sha256").update(json).digest("hex");
}

/** The books' side of the store. */
export function openBooks(db: Database, followers: Followers, prisma: PrismaClient) {
  const books = aggregates<Book, string>(
    db,
    followers,
    {
      select: selectBook,
      insert: never,
      insertValues: () => {
        throw new RangeError("books are not created this way");
      },
      update: updateBook,
      updateValues: (next, before, json) => {
        const known = new Map(before.policies.map((policy) => [policy.policyId, policy]));
        const drafted = next.policies.filter(({ policyId }) => !known.has(policyId));
        const moved = next.policies.filter(
          (policy) => known.has(policy.policyId) && known.get(policy.policyId) !== policy,
        );
        return [next.market, before.version, next.version, toJson(drafted), json, toJson(moved)];
      },
      toCore: toBook,
      notFound: (market) => broken("market", `the law of ${market} is not known here: add it to policies/floors.json`),
    },
    "policy_book",
  );

  return {
    /** Makes sure that the document's market has a book; does nothing if it has one. */
    install: async ({ market, effective_time }: PolicyDocument, json: string): Promise<void> => {
      await db.query(install, [market, newId("pol"), effective_time, json, hashOf(json), followers.now()]);
    },

    /** A market's book; undefined for a market without one. */
    book: async (market: string): Promise<Book | undefined> => {
      const [row] = await db.query({ name: "policy_book.find", text: selectBook }, [market]);
      return row && toBook(row);
    },
    bookVersion: async (market: string): Promise<number | undefined> =>
      (await db.query(bookVersion, [market]))[0]?.version,
    documentOf: async (policyId: string): Promise<string> => (await db.query(document, [policyId]))[0].document,

    /** @throws DomainError POLICY_NOT_FOUND */
    policy: async (policyId: string): Promise<StoredPolicy> => {
      const row = await prisma.policy.findUnique({ where: { policyId } });
      if (!row) throw new DomainError("POLICY_NOT_FOUND", `no policy ${policyId}`, { policy_id: policyId });
      return { market: row.market, document: row.document, entry: toEntry(row) };
    },
    /** Newest first, without documents. */
    list: async (market: string, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "policyId", "desc");
      const where = { ...(market && { market }), ...beyond };
      const rows = await prisma.policy.findMany({ where, orderBy, take, omit: { document: true } });
      return pageOf(
        rows.map((row) => ({ market: row.market, entry: toEntry(row) })),
        page,
        ({ entry }) => entry.policyId,
      );
    },
    /** Changes a book; `json` is the document of what is drafted. */
    change: <R>(market: string, spend: Spend<Book, R>, decide: (book: Book) => Book, json = ""): Promise<R> =>
      books.change(market, spend, (book) => ({ next: decide(book), extra: json })),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the columns of selectBook
function toBook({ market, version, policies }: any): Book {
  return { market, version, policies: policies.map(toEntry) };
}

/** From Prisma and from jsonb, where times are text. */
function toEntry(
  row: Omit<PolicyEntry, "state" | "effectiveTime" | "createTime"> & {
    state: string;
    effectiveTime: Date | string;
    createTime: Date | string;
  },
): PolicyEntry {
  const { policyId, version, author, approver, documentHash } = row;
  const [effectiveTime, createTime] = [new Date(row.effectiveTime), new Date(row.createTime)];
  return {
    policyId,
    version,
    state: row.state as PolicyState,
    effectiveTime,
    author,
    approver,
    createTime,
    documentHash,
  };
}
