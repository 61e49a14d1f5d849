// API keys as they are stored: by id and hash. When they were used is noted apart, many at once, and guards nothing.
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { ApiKey } from "./core/apiKey.js";

const columns = `api_key_id, holder, holder_id, market, scopes, label, creator, sha256, create_time, expire_time,
  revoke_time, last_use_time, successor_id, version`;
const selected = `SELECT ${columns.replace(/\b[a-z]+(_[a-z]+)+\b/g, (name) => `${name} AS "${camel(name)}"`)} FROM api_key`;
const inserted = (from: number) => Array.from({ length: 11 }, (_, i) => `$${from + i}`).join(", ");
const insertedColumns = `api_key_id, holder, holder_id, market, scopes, label, creator, sha256, create_time, expire_time,
  version`;
const types = ["text", "text", "text", "text", "text[]", "text", "text", "bytea", "timestamptz", "timestamptz", "int"];

const insert = commitStatement(
  "apiKey.insert",
  `INSERT INTO api_key (${insertedColumns}) VALUES (${inserted(1)}) RETURNING api_key_id AS id`,
);
const update = commitStatement(
  "apiKey.update",
  `UPDATE api_key SET expire_time = $3, revoke_time = $4, successor_id = $5, version = $6
   WHERE api_key_id = $1 AND version = $2 RETURNING api_key_id AS id`,
  {
    successor: `INSERT INTO api_key (${insertedColumns})
      SELECT ${types.map((type, i) => `$${7 + i}::${type}`).join(", ")} FROM change WHERE $7::text IS NOT NULL`,
  },
);
const list: Statement = {
  name: "apiKey.list",
  text: `${selected} WHERE ($1 = '' OR holder_id = $1) AND ($2::text IS NULL OR api_key_id < $2)
    ORDER BY api_key_id DESC LIMIT $3`,
};
const used: Statement = {
  name: "apiKey.used",
  text: `UPDATE api_key SET last_use_time = greatest(last_use_time, u.at)
    FROM unnest($1::text[], $2::timestamptz[]) AS u(id, at) WHERE api_key_id = u.id`,
};

export function openApiKeyStore(db: Database, followers: Followers) {
  /** The second is the key that takes the first one's place. */
  const keys = aggregates<ApiKey, ApiKey | undefined>(
    db,
    followers,
    {
      select: `${selected} WHERE api_key_id = $1`,
      insert,
      update,
      insertValues: valuesOf,
      updateValues: (key, before, successor) => [
        key.apiKeyId,
        before.version,
        key.expireTime,
        key.revokeTime ?? null,
        key.successorId,
        key.version,
        ...(successor ? valuesOf(successor) : types.map(() => null)),
      ],
      toCore,
      notFound,
    },
    "apiKey",
  );

  return {
    /** @throws DomainError API_KEY_NOT_FOUND */
    find: keys.find,
    create: <R>(spend: Spend<ApiKey, R>, key: ApiKey): Promise<R> =>
      keys.create(
        spend,
        async () => undefined,
        () => ({ next: key, extra: undefined }),
      ),
    change: <R>(
      id: string,
      spend: Spend<ApiKey, R>,
      decide: (key: ApiKey) => { next: ApiKey; successor?: ApiKey },
    ): Promise<R> =>
      keys.change(id, spend, (key) => {
        const { next, successor } = decide(key);
        return { next, extra: successor };
      }),
    /** Newest first. */
    list: async (holderId: string, page: Page) => {
      const { beyond, take } = pageQuery(page, "apiKeyId", "desc");
      const after = (beyond as { apiKeyId?: { lt?: string } }).apiKeyId?.lt ?? null;
      return pageOf((await db.query(list, [holderId, after, take])).map(toCore), page, (key) => key.apiKeyId);
    },
    used: async (at: ReadonlyMap<string, Date>): Promise<void> => {
      // In key order, so that two replicas never wait for each other.
      const rows = [...at].sort(([a], [b]) => (a < b ? -1 : 1));
      await db.query(used, [rows.map(([id]) => id), rows.map(([, time]) => time)]);
    },
  };
}

export type ApiKeyStore = ReturnType<typeof openApiKeyStore>;

function notFound(id: string): DomainError {
  return new DomainError("API_KEY_NOT_FOUND", `no key ${id}`, { api_key_id: id });
}

function valuesOf(key: ApiKey): unknown[] {
  const { apiKeyId, holder, holderId, market, scopes, label, creator, sha256, createTime, expireTime, version } = key;
  return [apiKeyId, holder, holderId, market, scopes, label, creator, sha256, createTime, expireTime, version];
}

// biome-ignore lint/suspicious/noExplicitAny: a row of the select
function toCore(row: any): ApiKey {
  return { ...row, revokeTime: row.revokeTime ?? undefined, lastUseTime: row.lastUseTime ?? undefined };
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
