// The life of a request and of what serves it: 16 to 20.
import { type Around, type Invariant, ofEach, quoted, services } from "../invariant.js";
import { afterTheEnd, edges, ended } from "./words.js";

/** What requests make: by service its table, and how its ids begin. */
const made = [
  ["resolution", "res"],
  ["refund", "rfd"],
  ["collection", "col"],
  ["inspection", "ins"],
] as const;

/** Steps are claimed by a poll; one that is due this moment may not have been yet. */
const claimed = "interval '5 seconds'";

export function lifeInvariants({ of, now, grace }: Around): Invariant[] {
  const [res, refund, collection] = [of("resolution"), of("refund"), of("collection")];
  const legal = edges.flatMap(([from, ...tos]) => tos.map((to) => `('${from}', '${to}')`)).join(", ");
  /** Requests are kept for 30 days, real time; business time is never behind it. */
  const recent = (time: string) => `${time} > ${now} - interval '29 days'`;

  return [
    {
      number: 16,
      name: "what was accepted exists, and what exists was asked for",
      look: "the request row and the audit trail of the id; the service's log at that time",
      questions: made.map(([service, prefix]) => ({
        reads: [service],
        sql: `SELECT 'accepted, and not there' AS what, q.aggregate_id AS id FROM ${of(service)}.request q
        WHERE q.aggregate_id ~ '^${prefix}_' AND NOT EXISTS (
          SELECT FROM ${of(service)}.${service} t WHERE t.${service}_id = q.aggregate_id)
      UNION ALL SELECT 'there, and nobody asked for it', t.${service}_id FROM ${of(service)}.${service} t
        WHERE ${recent("t.create_time")} AND NOT EXISTS (
          SELECT FROM ${of(service)}.request q WHERE q.aggregate_id = t.${service}_id)`,
      })),
    },
    {
      number: 17,
      name: "a history has no gap, and every move in it is legal",
      look: "the resolution's timeline, and services/resolution/core/machine2.ts",
      questions: [
        {
          reads: ["resolution"],
          sql: `SELECT 'a gap' AS what, r.resolution_id, r.entries, count(t.*) AS found, max(t.sequence) AS last
        FROM ${res}.resolution r LEFT JOIN ${res}.timeline t USING (resolution_id) GROUP BY r.resolution_id, r.entries
        HAVING count(t.*) <> r.entries OR max(t.sequence) IS DISTINCT FROM r.entries`,
        },
        {
          reads: ["resolution"],
          sql: `SELECT 'no legal move' AS what, * FROM (
          SELECT resolution_id, sequence, lag(state) OVER w AS before, state FROM ${res}.timeline
          WINDOW w AS (PARTITION BY resolution_id ORDER BY sequence)) moves
        WHERE before IS NOT NULL AND before <> state AND (before, state) NOT IN (${legal})`,
        },
      ],
    },
    {
      number: 18,
      name: "a row is what its history and its parts make of it",
      look: "who wrote the row: the last entries of the timeline, or of the refund's tenders, and the audit trail",
      questions: [
        {
          reads: ["resolution"],
          sql: `SELECT 'not its last entry' AS what, r.resolution_id AS id, r.state, t.state AS made FROM ${res}.resolution r
        JOIN ${res}.timeline t ON t.resolution_id = r.resolution_id AND t.sequence = r.entries
        WHERE (r.state, r.goods, r.money, r.stock) IS DISTINCT FROM (t.state, t.goods, t.money, t.stock)
      UNION ALL SELECT 'ended without a time, or open with one', resolution_id, state, close_time::text
        FROM ${res}.resolution WHERE (state IN (${quoted(ended)})) <> (close_time IS NOT NULL)`,
        },
        {
          reads: ["refund"],
          sql: `SELECT 'not what its tenders are' AS what, r.refund_id, r.state, t.states
        FROM ${refund}.refund r, LATERAL (SELECT array_agg(state) AS states FROM ${refund}.tender
          WHERE refund_id = r.refund_id) t
        WHERE r.state <> 'GRANTED' AND r.state <> CASE
          WHEN t.states && '{FAILED,REVERSED}' THEN 'FAILED'
          WHEN t.states && '{MANUAL_REQUIRED}' THEN 'MANUAL_REQUIRED'
          WHEN t.states && '{HELD}' THEN 'HELD'
          WHEN t.states && '{GRANTED,REQUESTED}' THEN 'REQUESTED'
          WHEN t.states && '{PENDING}' THEN 'PENDING'
          WHEN jsonb_path_exists(r.twins, '$[*] ? (@.state == "FAILED")') THEN 'FAILED'
          WHEN jsonb_path_exists(r.twins, '$[*] ? (@.state == "OPEN")') THEN 'PENDING'
          WHEN t.states && '{SUCCEEDED}' THEN 'SUCCEEDED' ELSE 'VOIDED' END`,
        },
      ],
    },
    {
      number: 19,
      name: "nothing waits silently",
      look: "npm run operator -- steps list: what it waits for, and why its last try failed",
      underWay: true,
      questions: [
        {
          reads: ["resolution"],
          sql: `SELECT 'open, with nothing to do and nobody called' AS what, r.resolution_id, r.state, r.goods, r.money, r.stock
        FROM ${res}.resolution r WHERE r.state NOT IN (${quoted(ended)}) AND NOT r.on_hold
          AND NOT EXISTS (SELECT FROM ${res}.agenda a WHERE a.aggregate_id = r.resolution_id)`,
        },
        {
          reads: ["refund"],
          sql: `SELECT 'to be paid, and nobody does' AS what, r.refund_id, r.state FROM ${refund}.refund r
        WHERE r.state IN ('REQUESTED', 'PENDING')
          AND NOT EXISTS (SELECT FROM ${refund}.agenda a WHERE a.aggregate_id = r.refund_id)`,
        },
        {
          reads: ["collection"],
          sql: `SELECT 'to be booked, and nobody does' AS what, c.collection_id, c.state FROM ${collection}.collection c
        WHERE c.state = 'CREATED' AND NOT EXISTS (SELECT FROM ${collection}.agenda a WHERE a.aggregate_id = c.collection_id)`,
        },
        {
          reads: ["resolution"],
          sql: `SELECT 'to be erased, and nobody does' AS what, e.erasure_id, e.state FROM ${res}.erasure e
        WHERE e.state IN ('CONFIRMED', 'DEFERRED')
          AND NOT EXISTS (SELECT FROM ${res}.agenda a WHERE a.aggregate_id = e.erasure_id)`,
        },
        {
          reads: services,
          sql: ofEach(
            services,
            (service) => `SELECT 'due, and nobody takes it' AS what, agenda_id, step, due_time, attempt, last_error,
          '${service}' AS service FROM ${of(service)}.agenda
        WHERE due_time < ${now} - ${grace} - ${claimed} AND not_before < now() - ${grace} - ${claimed}
          AND coalesce(lease_until, '-infinity') < now() - ${grace} - ${claimed}`,
          ),
        },
      ],
    },
    {
      number: 20,
      name: "what is final is final",
      look: "the entry of the timeline, and who is its actor",
      questions: [
        {
          reads: ["resolution"],
          sql: `SELECT 'something happened after the end' AS what, t.resolution_id, t.sequence, t.name, t.actor
        FROM ${res}.timeline t JOIN ${res}.timeline before
          ON before.resolution_id = t.resolution_id AND before.sequence = t.sequence - 1
        WHERE before.state IN (${quoted(ended)}) AND t.applied AND t.name NOT IN (${quoted(afterTheEnd)})`,
        },
        {
          reads: ["resolution"],
          sql: `SELECT 'an ended request goes on' AS what, r.resolution_id, r.state, a.step, a.due_time
        FROM ${res}.resolution r JOIN ${res}.agenda a ON a.aggregate_id = r.resolution_id
        WHERE r.state IN (${quoted(ended)}) AND a.step IN ('handover', 'handover-day', 'reminder', 'statutory-collection',
          'statutory-refund', 'guaranteed-refund', 'stalled', 'refund.issue')`,
        },
      ],
    },
  ];
}
