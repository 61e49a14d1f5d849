// A service's own Postgres schema, through one pool. Hot statements are named, so the server plans them once.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { InvalidRequest, Unavailable } from "#kit/errors.js";
import { failpoint, failpointsArmed } from "#kit/failpoint.js";
import type { Identity } from "#kit/tls.js";

/** A statement with the name it is prepared under. `commits`: it changes an aggregate, with all that goes along. */
export type Statement = { readonly name: string; readonly text: string; readonly commits?: true };

/** What a service needs to reach its tables. */
export type DatabaseOptions = {
  readonly url: string;
  readonly schema: string;
  /** Connections; two replicas of every service must fit the server's limit. */
  readonly poolSize: number;
  /** After so long without an answer a connection is given up; 15 s if not said. */
  readonly silenceMs?: number;
  /** Shown to the server, which must prove itself by the same authorities, unless the URL says otherwise. */
  readonly identity?: Identity | undefined;
};

/** One schema of one database. */
export type Database = {
  readonly pool: pg.Pool;
  readonly schema: string;
  /** Answers in place of the generated client, where there is no Postgres behind: a simulation's tables. */
  readonly reader?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: rows are shaped by the statement; stores map them
  query<R = any>(statement: Statement, values?: readonly unknown[]): Promise<R[]>;
  close(): Promise<void>;
};

/** What tells a statement that writes from one that reads, though it may lock what it reads. */
export const writing = /\bINSERT INTO\b|(?<!FOR |KEY )\bUPDATE\s|\bDELETE FROM\b/;

const int8 = 20;
const connectTimeoutMs = 3_000;
/** Of a statement that Postgres gives up because it and another wait for each other, which takes it a second each time. */
const mostTries = 3;
/**
 * Longer than any statement takes. A connection that says nothing for so long has been forgotten by something in between,
 * and nobody would ever tell: it is given up, and what came of the statement is not known.
 */
const longestSilenceMs = 15_000;

/**
 * Opens the pool; connects when first asked. Statements are planned once per connection, never per call: a commit's plan
 * does not depend on its values, and planning it costs more than running it.
 */
export function openDatabase({
  url,
  schema,
  poolSize,
  identity,
  silenceMs = longestSilenceMs,
}: DatabaseOptions): Database {
  const pool = new pg.Pool({
    ...securely(url, identity),
    max: poolSize,
    options: `-c search_path=${schema} -c plan_cache_mode=force_generic_plan -c jit=off`,
    application_name: `backhaul-${schema}`,
    connectionTimeoutMillis: connectTimeoutMs,
    types: { getTypeParser: (oid, format) => (oid === int8 ? BigInt : pg.types.getTypeParser(oid, format)) as never },
  });
  // A connection that breaks is replaced by the next query; unheard, the event would end the process. It may break in the
  // very chunk of bytes that opens it, before whoever asked for it can listen.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));

  /** `pool.query` closes a connection whose statement failed, and every plan of it is lost: here a refusal costs nothing. */
  async function run(statement: Statement, values: readonly unknown[]) {
    const client = await pool.connect();
    let broken: Error | undefined;
    // Unheard, a connection that breaks while it is lent would end the process.
    const onError = (error: Error) => {
      broken = error;
    };
    client.on("error", onError);
    const { commits, ...named } = statement;
    const sent = { ...named, values: values as unknown[], query_timeout: silenceMs };
    const writes = failpointsArmed() && writing.test(sent.text);
    try {
      if (writes) failpoint(commits ? "commit" : "write", sent.name, "before");
      const { rows } = await client.query(sent);
      if (writes) failpoint(commits ? "commit" : "write", sent.name, "after");
      return rows;
    } catch (error) {
      if (!refusal(error)) broken ??= error as Error;
      throw error;
    } finally {
      client.off("error", onError);
      client.release(broken);
    }
  }

  return {
    pool,
    schema,
    query: async (statement, values = []) => {
      for (let tries = 1; ; tries++) {
        try {
          return await run(statement, values);
        } catch (error) {
          if (!deadlocked(error) || tries === mostTries) throw told(error);
        }
      }
    },
    close: () => pool.end(),
  };
}

/**
 * With an identity the connection is verified in full, and stays what the URL says where that names files of its own or
 * turns TLS off, as for a proxy on the same machine.
 */
export function securely(url: string, identity: Identity | undefined): pg.PoolConfig {
  const to = new URL(url);
  const mode = to.searchParams.get("sslmode");
  const itsOwn = to.searchParams.has("sslrootcert") || (mode !== null && mode !== "verify-full");
  if (!identity || itsOwn) return { connectionString: url };
  // What a URL says of TLS would take the place of what is given here.
  to.searchParams.delete("sslmode");
  return { connectionString: to.href, ssl: identity.connection };
}

const durability: Statement = {
  name: "",
  text: `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
                current_setting('synchronous_commit') AS synchronous_commit`,
};
/** For so long a process that starts waits for a database that starts, too. */
const patienceMs = 15_000;

/** Asks a database again and again that may still be starting. @throws Unavailable after 15 s, what it says otherwise */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const givenUp = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Unavailable) || performance.now() > givenUp) throw error;
      await sleep(200);
    }
  }
}

/**
 * Settings without which an acknowledged commit could be lost.
 * @throws Unavailable if the database cannot be reached within 15 s, Error if it is not durable
 */
export async function assertDurable(db: Database): Promise<void> {
  const [row] = await patiently(() => db.query(durability));
  const off = Object.entries(row as Record<string, string>).filter(([, value]) => value === "off" || value === "local");
  if (off.length > 0) {
    throw new Error(`Postgres may lose commits: set ${off.map(([name]) => name).join(", ")} to on`);
  }
}

/**
 * Whether Postgres understood the statement and refused what it would do: broken rules, lost races, values it cannot hold.
 * After anything else, such as a plan that a migration has made stale, the connection begins anew.
 */
function refusal(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^(22|23|40|BH)/.test(error.code ?? "");
}

/** What a failed query is for whoever asked. */
export function told(error: unknown): unknown {
  if (lost(error)) return new Unavailable("STORE_UNAVAILABLE", "the database cannot be reached now; try again");
  // JSON may carry a NUL, Postgres text and jsonb may not.
  if (["22021", "22P05"].includes((error as { code?: string }).code ?? ""))
    return new InvalidRequest([{ field: "", description: "text must not contain NUL" }]);
  return error;
}

/** Two waited for each other, and this one was given up: it is a transaction of its own, so nothing of it was done. */
function deadlocked(error: unknown): boolean {
  return (error as { code?: string }).code === "40P01";
}

/** Whether a failed query means that the server is away, not that the query is wrong. */
function lost(error: unknown): boolean {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  return (
    /^(08...|57P0.|53300|ECONN\w+|ENOTFOUND|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH)$/.test(code) ||
    /terminated|timeout exceeded when trying to connect|Connection ended|Query read timeout|not queryable/i.test(
      message,
    )
  );
}

/** The constraint a failed statement broke, e.g. "request_pkey"; undefined for any other error. */
export function violated(error: unknown): string | undefined {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === "23505" || code === "23514" ? constraint : undefined;
}

/** Whether a commit was aborted because its worker lost the lease. */
export function leaseLost(error: unknown): boolean {
  return (error as { code?: string }).code === "BH001";
}
