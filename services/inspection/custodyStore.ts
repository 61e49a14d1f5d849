// Custody chains as they stand in the database. They are written with the inspection, never here.
import type { Database, Statement } from "#kit/postgres.js";
import type { Anchor } from "./core/custody.js";
import type { Evidence } from "./core/evidence.js";

/** Anchor and entries in one statement, so that an entry added meanwhile is in both or in neither. */
const read: Statement = {
  name: "custody.read",
  text: `SELECT i.inspection_id AS "inspectionId", i.custody_count AS "custodyCount", i.custody_head AS "custodyHead",
    e.sequence, e.stage, e.actor, e.entry_time AS "time", e.media_id AS "mediaId", e.sha256, e.note,
    e.previous_hash AS "previousHash", e.hash
  FROM inspection i LEFT JOIN custody_entry e USING (inspection_id) WHERE i.inspection_id = $1 ORDER BY e.sequence`,
};

export type Chain = { readonly anchor: Anchor; readonly entries: readonly Evidence[] };

/** Reads an inspection's chain; undefined for no inspection of ours. */
export async function readChain(db: Database, inspectionId: string): Promise<Chain | undefined> {
  const rows = await db.query(read, [inspectionId]);
  const [first] = rows;
  if (!first) return undefined;
  const { custodyCount, custodyHead } = first;
  const entries = rows.filter(({ sequence }) => sequence !== null).map(toEvidence);
  return { anchor: { inspectionId, custodyCount, custodyHead }, entries };
}

// biome-ignore lint/suspicious/noExplicitAny: shaped by the statement
function toEvidence(row: any): Evidence {
  const { custodyCount: _, custodyHead: __, mediaId, sha256, ...entry } = row;
  return { ...entry, photo: { mediaId, sha256 } };
}
