// A database role that may log in and change nothing, for processes that check others. What it may read is granted by
// whoever owns the tables. Called by the launcher and by tests, on servers of their own; elsewhere a DBA does this.
import pg from "pg";

const alreadyThere = new Set(["42710", "23505"]);

/** Makes the role if there is none; resolves with the URL under which it connects. @throws Error if we may not make it */
export async function openReader(databaseUrl: string, role: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const name = client.escapeIdentifier(role);
    const { password } = new URL(databaseUrl);
    const secret = password && ` PASSWORD ${client.escapeLiteral(decodeURIComponent(password))}`;
    await client.query(`CREATE ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE${secret}`).catch(unlessThere);
    // Two that start at once would meet at the same row of the catalogue.
    await client.query("SELECT pg_advisory_lock(hashtext($1))", [role]);
    await client.query(`ALTER ROLE ${name} SET default_transaction_read_only = on`);
  } finally {
    await client.end();
  }
  const url = new URL(databaseUrl);
  url.username = role;
  return url.href;
}

/** Of several who start at once one makes it. */
function unlessThere(error: Error & { code?: string }): void {
  if (!alreadyThere.has(error.code ?? "")) throw error;
}
