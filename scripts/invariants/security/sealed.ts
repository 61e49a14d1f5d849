// People's words lie under seal, and nowhere else: 38.
import { type Around, type Asking, type Invariant, ofEach, services } from "../invariant.js";
import { wordsIn } from "./contracts.js";
import { sealedPlaces } from "./places.js";

/** As _kit/sealing.ts writes it; nothing; or what stands there when it was forgotten. */
const sealed = "^(v1:key_[0-9A-Z]{26}:[A-Za-z0-9_-]{38,}|\\[erased\\]|)$";
/** Services with keys of people. */
const keyed = ["resolution", "eligibility", "collection", "inspection", "refund"];
/** Whose keys are named by the customer. */
const byCustomer = ["resolution", "collection", "refund"];

export function sealedInvariants({ of, newest }: Around): Invariant[] {
  const res = of("resolution");
  const inClear = sealedPlaces.flatMap(({ service, table, texts = [], json = {} }) => [
    ...texts.map(
      (column) => `SELECT 'in clear' AS what, '${table}.${column}' AS place, '${service}' AS service, count(*) AS texts
        FROM ${of(service)}.${table} WHERE ${column} !~ '${sealed}' HAVING count(*) > 0`,
    ),
    ...Object.entries(json).map(
      ([
        column,
        names,
      ]) => `SELECT 'in clear' AS what, '${table}.${column}' AS place, '${service}' AS service, count(*) AS texts
        FROM ${of(service)}.${table}, LATERAL (${names
          .map((name) => `SELECT jsonb_path_query(${column}, '$.**."${name}"') AS it`)
          .join(" UNION ALL ")}) found
        WHERE jsonb_typeof(it) = 'string' AND it #>> '{}' !~ '${sealed}' HAVING count(*) > 0`,
    ),
  ]);
  const lost = sealedPlaces.flatMap(({ service, table, texts = [] }) =>
    texts.map(
      (
        column,
      ) => `SELECT 'nobody has its key' AS what, '${table}.${column}' AS place, '${service}' AS service, count(*) AS texts
        FROM ${of(service)}.${table} t WHERE t.${column} LIKE 'v1:%' AND NOT EXISTS (
          SELECT FROM ${of(service)}.subject_key k WHERE k.key_id = split_part(t.${column}, ':', 2)) HAVING count(*) > 0`,
    ),
  );

  return [
    {
      number: 38,
      name: "people's words lie under seal, and in no fact, dead letter or message",
      look: "docs/personal-data.md for the place: which commit wrote it without its vault; then seal or remove it",
      questions: [
        { reads: keyed, sql: inClear.join(" UNION ALL ") },
        { reads: keyed, sql: lost.join(" UNION ALL ") },
        {
          reads: keyed,
          sql: ofEach(
            keyed,
            (
              service,
            ) => `SELECT 'a destroyed key that is still there, or a live one that is not' AS what, key_id, subject
        FROM ${of(service)}.subject_key WHERE (wrapped IS NULL) <> (destroy_time IS NOT NULL)
          OR octet_length(wrapped) NOT BETWEEN 60 AND 200`,
          ),
        },
        {
          reads: byCustomer,
          sql: ofEach(
            byCustomer,
            (service) => `SELECT 'forgotten, and their words can be read' AS what, k.key_id, '${service}' AS service
        FROM ${res}.erasure e JOIN ${of(service)}.subject_key k ON k.subject = e.customer_id
        JOIN ${res}.outbox o ON o.aggregate_id = e.erasure_id AND o.subject = 'backhaul.resolution.v1.CustomerErased'
        -- What is heard of them afterwards lies under a key of its own.
        WHERE e.state = 'ERASED' AND k.destroy_time IS NULL AND k.create_time < o.create_time AND NOT EXISTS (
          SELECT FROM ${of(service)}.subject_key d WHERE d.subject = k.subject AND d.destroy_time <= k.create_time)`,
          ),
        },
        {
          reads: services,
          says: ["a fact tells of a person", "a dead letter tells of a person"],
          ask: ({ query }) => inFacts(query, of, newest),
        },
        {
          reads: ["streams"],
          says: ["a message tells of a person"],
          ask: async ({ bus }) =>
            (bus?.newest() ?? []).flatMap(({ stream, sequence, subject, body }) =>
              wordsIn(subject, body).map((field) => ({ what: "a message tells of a person", stream, sequence, field })),
            ),
        },
      ],
    },
  ];
}

/** The newest facts of each outbox, and every dead letter, field by field of their contracts. */
async function inFacts(query: Asking["query"], of: Around["of"], newest: number): Promise<object[]> {
  type Row = { what: string; id: string; subject: string; body: Buffer };
  const rows = await query<Row>(
    ofEach(
      services,
      (service) => `(SELECT 'a fact tells of a person' AS what, event_id AS id, subject, body FROM ${of(service)}.outbox
        ORDER BY event_id DESC LIMIT ${newest})
      UNION ALL SELECT 'a dead letter tells of a person', event_id, subject, body FROM ${of(service)}.dead_letter`,
    ),
  );
  return rows.flatMap(({ what, id, subject, body }) =>
    wordsIn(subject, body).map((field) => ({ what, event_id: id, subject, field })),
  );
}
