// The forty invariants, as they are asked after every journey, when all has come to rest.
import { broken, checkInvariants } from "../scripts/invariants/check.js";
import type { Schemas } from "../scripts/invariants/invariant.js";

/** One invariant that does not hold, with the rows that break it. */
export type Breach = { readonly invariant: string; readonly rows: readonly unknown[] };

/** A mark, a batch or an acknowledgement may still be on its way when the clock has settled. */
const settleMs = 3_000;

/** Asks all of them; an empty answer is a sound mesh. */
export async function breaches(databaseUrl: string, natsUrl: string, of: Schemas): Promise<Breach[]> {
  const asked = await checkInvariants({ databaseUrl, natsUrl, schemaOf: of, settleMs });
  return broken(asked).map(({ number, name, rows, error }) => ({
    invariant: `${number} ${name}`,
    rows: error === undefined ? rows : [...rows, { error }],
  }));
}
