// What carriers and the provider tell us from outside takes effect once, and only about what is theirs: 40. A webhook whose
// signature does not hold is refused at the edge and leaves no row; what can be asked here is what the others did.
import { readFileSync } from "node:fs";
import type { Around, Invariant } from "../invariant.js";
import { quoted } from "../invariant.js";

/** Who reports for others: aggregators, by the file that the collection service goes by, and the collection itself, which asks. */
function speakers(): string[] {
  const file = new URL("../../../services/collection/carriers/reporters.json", import.meta.url);
  const reporters = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, { speaksFor?: object }>>;
  return Object.entries(reporters).flatMap(([name, { speaksFor }]) => (speaksFor ? [name] : []));
}

export function webhookInvariants({ of }: Around): Invariant[] {
  const [collection, refund] = [of("collection"), of("refund")];
  return [
    {
      number: 40,
      name: "what is told from outside takes effect once, and only by whom it concerns",
      look: "tracking_event by tracking number and event id; the gateway's log of that carrier's webhooks",
      questions: [
        {
          reads: ["collection"],
          sql: `SELECT 'taken in twice' AS what, collection_id, tracking_number, event_id, count(*)::text AS detail
        FROM ${collection}.tracking_event GROUP BY collection_id, tracking_number, event_id HAVING count(*) > 1
      UNION ALL SELECT 'about a parcel that the collection does not have', e.collection_id, e.tracking_number, e.event_id, e.code
        FROM ${collection}.tracking_event e WHERE e.tracking_number <> '' AND NOT EXISTS (
          SELECT FROM ${collection}.parcel p WHERE p.tracking_number = e.tracking_number)
      UNION ALL SELECT 'reported by who does not carry it', e.collection_id, e.tracking_number, e.event_id, e.reporter
        FROM ${collection}.tracking_event e JOIN ${collection}.parcel p USING (tracking_number)
        WHERE e.reporter <> p.carrier AND e.reporter NOT IN (${quoted(speakers())})
      UNION ALL SELECT 'more attempts than were reported', c.collection_id, '', '', a.attempts || ' of ' || e.reports
        FROM ${collection}.collection c,
          LATERAL (SELECT count(*) AS attempts FROM jsonb_array_elements(c.attempts) it WHERE it->>'outcome' = 'FAILED') a,
          LATERAL (SELECT count(*) AS reports FROM ${collection}.tracking_event
            WHERE collection_id = c.collection_id AND kind = 'ATTEMPT_FAILED') e
        WHERE a.attempts > e.reports`,
        },
        {
          reads: ["refund"],
          sql: `SELECT 'news that was booked twice' AS what, refund_id, kind, source, count(*) AS journals
        FROM ${refund}.ledger_journal GROUP BY refund_id, kind, source HAVING count(*) > 1`,
        },
      ],
    },
  ];
}
