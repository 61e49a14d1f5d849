// One statement that answers a request once: it looks the request up, does its work only if it is new, and keeps the
// answer, in one round trip. The same request later gets the kept answer; the same request at the same time breaks the
// key of one of the two, which then reads what the other kept.
import { byRequest } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import { type Database, type Statement, violated } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";

/** A once statement; its own values begin at $4. */
export type Once = Statement;

/**
 * Builds one. `change` must read FROM fresh, which is empty when the request is spent, and give the thing's `id` and the
 * answer's bytes as `response`. `also` are further writes, each a CTE that selects from `change`; `noted` is a word on
 * what was done, for the caller's own use.
 */
export function once(name: string, change: string, also: Readonly<Record<string, string>> = {}, noted = "NULL"): Once {
  const text = `WITH spent AS (
  SELECT fingerprint, response FROM request WHERE principal = $1::text AND request_id = $2::text),
fresh AS (SELECT WHERE NOT EXISTS (SELECT FROM spent)),
change AS (${change}),
${Object.entries(also)
  .map(([cte, sql]) => `${cte} AS (${sql}),\n`)
  .join("")}kept AS (
  INSERT INTO request (principal, request_id, fingerprint, response, aggregate_id)
  SELECT $1::text, $2::text, $3::bytea, response, id FROM change)
SELECT fingerprint, response, NULL AS noted FROM spent
UNION ALL SELECT NULL, response, (${noted})::text FROM change`;
  return { name, text };
}

type Method<Q, R> = Parameters<typeof byRequest<unknown, Q & { requestId: string }, R>>[0];

/** A request under way: how its answers are written and read. */
export type Asked<R> = {
  readonly bytes: (answer: R) => Buffer;
  /** Runs a once statement. Undefined: its guard found nothing to change, and nothing was kept. */
  answer(statement: Once, values: readonly unknown[]): Promise<{ answer: R; noted: string | undefined } | undefined>;
  /** The answer it got before, if it was made before: for what can no longer be decided anew. */
  before(): Promise<R | undefined>;
};

/** Does nothing but keep the answer: $4 is the answer, $5 what it is about. */
export const keepAnswer: Once = once("request.keep", "SELECT $5::text AS id, $4::bytea AS response FROM fresh");

const lookUp: Once = once("request.lookUp", "SELECT NULL::text AS id, NULL::bytea AS response FROM fresh WHERE false");

/** Opens a request of an rpc. */
export function asked<Q extends { requestId: string }, R>(
  db: Database,
  method: Method<Q, R>,
  request: Q,
  call: Call,
): Asked<R> {
  const { token, recall } = byRequest<unknown, Q, R>(method, request, call, () => {
    throw new RangeError("answers are made by the statement");
  });
  if (token.kind !== "request") throw new RangeError("not a request");
  const { principal, requestId, fingerprint } = token;

  async function run(statement: Once, values: readonly unknown[], again: boolean) {
    try {
      return await db.query(statement, [principal, requestId, fingerprint, ...values]);
    } catch (error) {
      // Somebody kept an answer under our key meanwhile, or a repeat broke a cap before it met its key: look again.
      if (violated(error) === undefined || again) throw error;
      return run(statement, values, true);
    }
  }

  const answer: Asked<R>["answer"] = async (statement, values) => {
    const [row] = await run(statement, values, false);
    if (!row) return undefined;
    if (row.fingerprint && !fingerprint.equals(row.fingerprint)) throw reused(requestId);
    return { answer: recall(row.response), noted: row.noted ?? undefined };
  };
  return {
    bytes: (given) => method.responseSerialize(given),
    answer,
    before: async () => (await answer(lookUp, []))?.answer,
  };
}

/** The same id, another body. */
function reused(requestId: string): DomainError {
  const message = `request_id "${requestId}" was first used for another request; choose a new one`;
  return new DomainError("REQUEST_ID_REUSED", message, { request_id: requestId });
}
