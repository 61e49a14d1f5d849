// The rpc by which a service forgets somebody: keys first, so that nothing can be read any more, then what stands in clear.
import { PersonalDataServiceService } from "#gen/backhaul/privacy/v1/personal_data_service.js";
import type { Log } from "#kit/log.js";
import type { Database, Statement } from "#kit/postgres.js";
import { type Implementation, implement } from "#kit/server.js";
import type { Vault } from "#kit/vault.js";

/** Whom to forget: the customer, and their requests. */
export type Forgotten = { readonly customerId: string; readonly resolutionIds: readonly string[] };

/** How a service forgets. */
export type Forgetting = {
  /** Whose keys it has of somebody. */
  readonly subjects: (whom: Forgotten) => readonly string[];
  /** Finds other keys that seal something of theirs, as rows with a `subject`: $1 and $2 as below. */
  readonly found?: Statement;
  /**
   * What it writes over: $1 the customer, $2 their requests. Versions go up, so that no process goes on with what it
   * remembers of a row.
   */
  readonly statements: readonly Statement[];
};

/** Forgets; says how many keys there were. Again, it finds nothing. */
export async function forget(
  db: Database,
  vault: Vault,
  { subjects, found, statements }: Forgetting,
  whom: Forgotten,
): Promise<number> {
  const values = [whom.customerId, whom.resolutionIds];
  const others = found ? await db.query<{ subject: string }>(found, values) : [];
  const keys = await vault.destroy([...subjects(whom), ...others.map(({ subject }) => subject)]);
  for (const statement of statements) await db.query(statement, values);
  return keys;
}

/** The rpc over it. */
export function personalData(db: Database, vault: Vault, forgetting: Forgetting, log: Log): Implementation {
  return implement(PersonalDataServiceService, {
    async eraseSubjects({ erasureId, customerId, resolutionIds }) {
      const keys = await forget(db, vault, forgetting, { customerId, resolutionIds });
      log.info({ erasure_id: erasureId, keys }, "personal data erased");
      return { keys };
    },
  });
}
