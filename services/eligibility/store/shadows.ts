// What shadows would have changed, as SQL. Each decision writes a note of its own, so that decisions never wait for each
// other at a sum. From time to time the notes are folded into one and deleted, in one statement; what is read is the sum
// and the notes that are still there, so it is exact at any moment and stays small.
import { toJson } from "#kit/json.js";
import type { Database, Statement } from "#kit/postgres.js";
import { type Comparison, merge, noComparison, revived } from "../core/compare.js";
import type { ShadowNote } from "../shadow.js";

/** What a decision's insert does besides: $ are the values of `noteValues`. */
export const insertNote = (policy: string, document: string, comparison: string) =>
  `INSERT INTO shadow_note (decision_id, policy_id, document_hash, comparison)
   SELECT id, ${policy}::text, ${document}::text, ${comparison}::jsonb FROM change WHERE ${policy}::text IS NOT NULL`;
export const noteValues = (note: ShadowNote | undefined) =>
  note ? [note.policyId, note.documentHash, toJson(note.comparison)] : [null, null, null];

/** One snapshot: a note is either in the sum or still there, never both. */
const read: Statement = {
  name: "shadow.read",
  text: `SELECT s.comparison, coalesce(s.version, 0) AS version, notes.ids, notes.comparisons
    FROM (SELECT) AS one
    LEFT JOIN shadow_sum s ON s.policy_id = $1 AND s.document_hash = $2
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(decision_id), '{}') AS ids, coalesce(jsonb_agg(comparison), '[]') AS comparisons
      FROM (SELECT decision_id, comparison FROM shadow_note WHERE policy_id = $1 AND document_hash = $2
            ORDER BY decision_id LIMIT $3) AS first) AS notes`,
};
/** Whoever is slower finds another version, and deletes nothing. */
const fold: Statement = {
  name: "shadow.fold",
  text: `WITH folded AS (
      INSERT INTO shadow_sum (policy_id, document_hash, comparison, version) VALUES ($1, $2, $3, 1)
      ON CONFLICT (policy_id, document_hash) DO UPDATE SET comparison = excluded.comparison, version = $4::int + 1
      WHERE shadow_sum.version = $4 RETURNING policy_id)
    DELETE FROM shadow_note USING folded WHERE decision_id = ANY($5::text[])`,
};

/** A document of a version, which may have had others before. */
export type Shadowing = Pick<ShadowNote, "policyId" | "documentHash">;

/** Notes that are read at once. */
const atOnce = 1_000;
/** A process folds when it has written so many. */
const foldEvery = 500;

/** The shadows' side of the store. */
export function openShadows(db: Database) {
  let written = 0;

  async function readSum({ policyId, documentHash }: Shadowing, currency: string) {
    const [row] = await db.query(read, [policyId, documentHash, atOnce]);
    const sum = row.comparison ? revived(row.comparison) : noComparison(currency);
    for (const comparison of row.comparisons as Comparison[]) merge(sum, revived(comparison));
    return { sum, version: row.version as number, ids: row.ids as string[] };
  }

  async function foldNotes(
    { policyId, documentHash }: Shadowing,
    { sum, version, ids }: Awaited<ReturnType<typeof readSum>>,
  ) {
    await db.query(fold, [policyId, documentHash, toJson(sum), version, ids]);
  }

  return {
    /** What a document would have changed so far. `currency` is the document's. */
    shadow: async (shadowing: Shadowing, currency: string): Promise<Comparison> => {
      for (;;) {
        const found = await readSum(shadowing, currency);
        if (found.ids.length < atOnce) return found.sum;
        await foldNotes(shadowing, found);
      }
    },

    /** Counts a note that was written. Folding is nobody's wait; if it fails, the notes are there for the next. */
    noted: ({ policyId, documentHash, comparison }: ShadowNote): void => {
      if (++written % foldEvery !== 0) return;
      const shadowing = { policyId, documentHash };
      readSum(shadowing, comparison.currency)
        .then((found) => foldNotes(shadowing, found))
        .catch(() => {});
    },
  };
}
