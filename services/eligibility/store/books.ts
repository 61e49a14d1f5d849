// The books of policies with their documents, and who did what to them, as SQL.
import { createHash } from "node:crypto";
import type { PrismaClient } from "#gen/prisma/eligibility/client.js";
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import { toJson } from "#kit/json.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { announce } from "../announced.js";
import type { Act, ActVerb } from "../core/acts.js";
import type { Book, BookChange, PolicyEntry, PolicyState } from "../core/book.js";
import type { PolicyDocument } from "../core/document.js";

/** A version with its document and market. */
export type StoredPolicy = { readonly market: string; readonly entry: PolicyEntry; readonly document: string };

/** What goes along with a changed book: the document of what is drafted, revised or brought back; and the acts. */
type Along = { readonly json: string; readonly acts: readonly Act[] };

const entries = `SELECT jsonb_agg(jsonb_build_object('policyId', policy_id, 'version', version, 'state', state,
    'effectiveTime', effective_time, 'endTime', end_time, 'author', author, 'approver', approver,
    'createTime', create_time, 'documentHash', document_hash, 'simulationId', simulation_id,
    'restoredPolicyId', restored_policy_id, 'shadow', shadow) ORDER BY version)
  FROM policy WHERE policy.market = policy_book.market`;
const selectBook = `SELECT market, version, coalesce((${entries}), '[]') AS policies FROM policy_book WHERE market = $1`;

const columns = `"policyId" text, version int, state text, "effectiveTime" timestamptz, "endTime" timestamptz,
  author text, approver text, "createTime" timestamptz, "documentHash" text, "simulationId" text,
  "restoredPolicyId" text, shadow boolean`;

/** Versions of one market follow each other by the version of its book. */
const updateBook = commitStatement(
  "policy_book.update",
  `UPDATE policy_book SET version = $3 WHERE market = $1 AND version = $2 RETURNING market AS id`,
  {
    drafted: `INSERT INTO policy (policy_id, market, version, state, effective_time, end_time, document, document_hash,
        author, approver, create_time, simulation_id, restored_policy_id, shadow)
      SELECT p."policyId", id, p.version, p.state, p."effectiveTime", p."endTime", $5::text, p."documentHash",
        p.author, p.approver, p."createTime", p."simulationId", p."restoredPolicyId", p.shadow
      FROM change, jsonb_to_recordset($4::jsonb) AS p(${columns})`,
    moved: `UPDATE policy SET state = p.state, author = p.author, approver = p.approver,
        effective_time = p."effectiveTime", end_time = p."endTime", simulation_id = p."simulationId",
        shadow = p.shadow, document_hash = p."documentHash",
        document = CASE policy.document_hash WHEN p."documentHash" THEN policy.document ELSE $5::text END
      FROM change, jsonb_to_recordset($6::jsonb) AS p(${columns})
      WHERE policy.policy_id = p."policyId"`,
    acted: `INSERT INTO policy_act (policy_id, act_time, subject, verb, note, document_hash)
      SELECT a."policyId", a.time, a.subject, a.verb, a.note, a."documentHash"
      FROM change, jsonb_to_recordset($7::jsonb) AS a(at int, "policyId" text, time timestamptz, subject text,
        verb text, note text, "documentHash" text)
      ORDER BY a.at`,
  },
);

/** A book is opened, never created by a call. */
const never = commitStatement("policy_book.never", "SELECT NULL::text AS id WHERE false");

/** Makes sure that a market has a book, if an empty one. */
const open: Statement = {
  name: "policy_book.open",
  text: "INSERT INTO policy_book (market, version) VALUES ($1, 0) ON CONFLICT DO NOTHING",
};
/** Installs a shipped document as the first version of its market; replicas that start together do it once. */
const install: Statement = {
  name: "policy_book.install",
  text: `WITH book AS (INSERT INTO policy_book (market, version) VALUES ($1, 1) ON CONFLICT DO NOTHING RETURNING market),
    acted AS (INSERT INTO policy_act (policy_id, act_time, subject, verb, note, document_hash)
      SELECT $2, $6, a.subject, a.verb, 'shipped with the service', $5
      FROM book, (VALUES (1, 'backhaul', 'create'), (2, 'installation', 'activate')) AS a(at, subject, verb)
      ORDER BY a.at)
    INSERT INTO policy (policy_id, market, version, state, effective_time, document, document_hash, author, approver,
      create_time)
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
  const books = aggregates<Book, Along>(
    db,
    followers,
    {
      select: selectBook,
      insert: never,
      insertValues: () => {
        throw new RangeError("books are not created this way");
      },
      update: updateBook,
      updateValues: (next, before, { json, acts }) => {
        const known = new Map(before.policies.map((policy) => [policy.policyId, policy]));
        const added = next.policies.filter(({ policyId }) => !known.has(policyId));
        const moved = next.policies.filter((p) => known.has(p.policyId) && known.get(p.policyId) !== p);
        const acted = acts.map((act, at) => ({ ...act, at }));
        return [next.market, before.version, next.version, toJson(added), json, toJson(moved), toJson(acted)];
      },
      toCore: toBook,
      notFound: (market) => new DomainError("NO_POLICY", `no policy is known for market ${market}`, { market }),
    },
    "policy_book",
  );

  return {
    /** Makes sure that the document's market has a book; does nothing if it has one. */
    install: async ({ market, effective_time }: PolicyDocument, json: string): Promise<void> => {
      await db.query(install, [market, newId("pol"), effective_time, json, hashOf(json), followers.now()]);
    },
    openBook: async (market: string): Promise<void> => {
      await db.query(open, [market]);
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
    listPolicies: async (market: string, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "policyId", "desc");
      const where = { ...(market && { market }), ...beyond };
      const rows = await prisma.policy.findMany({ where, orderBy, take, omit: { document: true } });
      return pageOf(
        rows.map((row) => ({ market: row.market, entry: toEntry(row) })),
        page,
        ({ entry }) => entry.policyId,
      );
    },
    /** Who did what to a version, oldest first. */
    acts: async (policyId: string): Promise<Act[]> => {
      const rows = await prisma.policyAct.findMany({ where: { policyId }, orderBy: { actId: "asc" } });
      return rows.map(({ actId: _, actTime: time, verb, ...act }) => ({ ...act, time, verb: verb as ActVerb }));
    },

    /** Changes a book by one of its verbs; `json` is the document of what is drafted, revised or brought back. */
    change: <R>(market: string, spend: Spend<Book, R>, decide: (book: Book) => BookChange, json = ""): Promise<R> =>
      books.change(market, spend, (before) => {
        const { book, acts, facts } = decide(before);
        return { next: book, extra: { json, acts }, facts: facts.map(announce) };
      }),
    /** The answer that a request for a change got before. */
    recallChange: books.recall,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the columns of selectBook
function toBook({ market, version, policies }: any): Book {
  return { market, version, policies: policies.map(toEntry) };
}

/** A row, from Prisma or from jsonb, where times are text. */
type Row = Omit<PolicyEntry, "state" | "effectiveTime" | "endTime" | "createTime"> & {
  readonly state: string;
  readonly effectiveTime: Date | string;
  readonly endTime: Date | string | null;
  readonly createTime: Date | string;
};

function toEntry(row: Row): PolicyEntry {
  const { policyId, version, author, approver, documentHash, simulationId, restoredPolicyId, shadow } = row;
  return {
    policyId,
    version,
    state: row.state as PolicyState,
    effectiveTime: new Date(row.effectiveTime),
    endTime: row.endTime === null ? undefined : new Date(row.endTime),
    author,
    approver,
    createTime: new Date(row.createTime),
    documentHash,
    simulationId,
    restoredPolicyId,
    shadow,
  };
}
