// An invariant: a query over the live databases that must find nothing.
import pg from "pg";

/** The number is that of the list they were agreed in; the name says what holds. */
export type Invariant = {
  readonly number: number;
  readonly name: string;
  /** Whose schemas it reads. */
  readonly reads: readonly string[];
  readonly sql: string;
};

/** Names of the services' schemas, by service. */
export type Schemas = (service: string) => string;

/** One that was asked, with the rows that break it; `error` says why it could not be asked. */
export type Asked = Omit<Invariant, "sql"> & { readonly rows: readonly object[]; readonly error?: string };

/** Asks all of them as of one moment, and changes nothing. @throws Error if the database cannot be reached */
export async function askInvariants(databaseUrl: string, invariants: readonly Invariant[]): Promise<Asked[]> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "backhaul-invariants" });
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return await askAll(client, invariants);
  } finally {
    await client.end();
  }
}

/** Asks all of them in the transaction that the client is in. */
export async function askAll(client: pg.ClientBase, invariants: readonly Invariant[]): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const { sql, ...invariant } of invariants) {
    await client.query("SAVEPOINT asking");
    try {
      asked.push({ ...invariant, rows: (await client.query(sql)).rows });
    } catch (error) {
      // A schema that is not there; the others can still be asked.
      asked.push({ ...invariant, rows: [], error: (error as Error).message });
    }
    await client.query("ROLLBACK TO SAVEPOINT asking");
  }
  return asked;
}

/** What does not hold, or could not be asked. */
export function broken(asked: readonly Asked[]): Asked[] {
  return asked.filter(({ rows, error }) => rows.length > 0 || error !== undefined);
}
