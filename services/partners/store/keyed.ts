// What is done once under a key that its caller made, for ever: movements of money, points, coupons, documents. One
// statement looks the key up, does its work only if the key is new, and answers with the row either way.
import { type Database, type Statement, violated } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";

/**
 * Builds one: $1 is the key. Of the CTEs, the last is `change`: it reads FROM fresh, which is empty when the key was used,
 * and gives the new row but for the key, which `table` keeps.
 */
export function keyed(name: string, table: string, columns: string, ctes: Readonly<Record<string, string>>): Statement {
  const text = `WITH before AS (SELECT key, ${columns} FROM ${table} WHERE key = $1::text),
fresh AS (SELECT WHERE NOT EXISTS (SELECT FROM before)),
${Object.entries(ctes)
  .map(([cte, sql]) => `${cte} AS (${sql}),\n`)
  .join(
    "",
  )}kept AS (INSERT INTO ${table} (key, ${columns}) SELECT $1::text, ${columns} FROM change RETURNING key, ${columns})
SELECT * FROM before UNION ALL SELECT * FROM kept`;
  return { name, text };
}

/**
 * Runs such a statement. `same` says whether what was done under the key is what is asked now. Undefined: its guard found
 * nothing to change.
 * @throws DomainError REQUEST_ID_REUSED; the database's error if a cap would be broken
 */
export async function underKey<T>(
  db: Database,
  statement: Statement,
  values: readonly [key: string, ...unknown[]],
  // biome-ignore lint/suspicious/noExplicitAny: shaped by the statement
  toCore: (row: any) => T,
  same: (done: T) => boolean,
): Promise<T | undefined> {
  const [row] = await again(() => db.query(statement, values));
  if (!row) return undefined;
  const done = toCore(row);
  if (same(done)) return done;
  const message = `key "${values[0]}" was first used for something else; a key names one thing for ever`;
  throw new DomainError("REQUEST_ID_REUSED", message, { request_id: values[0] });
}

/** Somebody used the key while we tried, or a repeat broke a cap before it met its own key: the second look tells. */
async function again<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (violated(error) === undefined) throw error;
    return run();
  }
}
