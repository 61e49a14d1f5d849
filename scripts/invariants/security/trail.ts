// Who did what, and that nobody has rewritten it: 36.
import { type Around, type Invariant, ofEach, services } from "../invariant.js";

/** As _kit/audit/entry.ts hashes an entry: each text behind its length. */
const texts = (...columns: readonly string[]) =>
  columns.map((column) => `int4send(octet_length(${column})) || convert_to(${column}, 'UTF8')`).join(" || ");
const stamp = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const said = texts(
  "a.rpc",
  "a.principal",
  "a.via",
  "a.on_behalf_of",
  "a.reason",
  "a.outcome",
  "encode(a.request_digest, 'hex')",
  stamp("a.business_time"),
  stamp("a.real_time"),
  "a.trace_id",
);
const hashed = `sha256(convert_to('backhaul-audit-1', 'UTF8') || a.previous_hash || int4send(octet_length(a.resource_id))
          || convert_to(a.resource_id, 'UTF8') || int4send(a.sequence) || sha256(${said}))`;

export function trailInvariants({ of, trail }: Around): Invariant[] {
  const inspection = of("inspection");
  return [
    {
      number: 36,
      name: "each act stands in the audit trail, and the trail is what was written",
      look: "npm run audit -- verify reads all of it, with the seals and what was published of them",
      questions: [
        {
          reads: services,
          // What a telling of the collection's own is, nobody asked for.
          sql: ofEach(
            services,
            (
              service,
            ) => `SELECT 'an act that nobody wrote down' AS what, q.aggregate_id AS id, q.principal, '${service}' AS service
        FROM ${of(service)}.request q WHERE q.principal <> 'SERVICE:collection' AND NOT EXISTS (
          SELECT FROM ${of(service)}.audit a WHERE a.resource_id = q.aggregate_id AND a.request_digest = q.fingerprint)`,
          ),
        },
        {
          reads: services,
          sql: ofEach(
            services,
            (
              service,
            ) => `SELECT 'changed, or out of its place' AS what, a.resource_id AS id, a.principal, '${service}' AS service
        FROM ${of(service)}.audit a LEFT JOIN ${of(service)}.audit b
          ON b.resource_id = a.resource_id AND b.sequence = a.sequence - 1
        WHERE a.real_time > now() - ${trail} AND (a.hash <> ${hashed}
          OR a.previous_hash <> CASE a.sequence WHEN 1 THEN '\\x${"00".repeat(32)}'::bytea ELSE coalesce(b.hash, '') END)
      UNION ALL SELECT 'nobody is said to have done it', a.resource_id, a.rpc, '${service}' FROM ${of(service)}.audit a
        WHERE a.real_time > now() - ${trail} AND (a.principal !~ '^[A-Z_]+:.' OR a.rpc = ''
          OR a.trace_id !~ '^([0-9a-f]{32})?$')
      UNION ALL SELECT 'sealed, and gone or rewritten', l.resource_id, l.sequence::text, '${service}'
        FROM ${of(service)}.audit_seal s JOIN ${of(service)}.audit_leaf l ON l.seal = s.number
        LEFT JOIN ${of(service)}.audit a ON (a.resource_id, a.sequence) = (l.resource_id, l.sequence)
        WHERE s.until_time > now() - ${trail} AND a.hash IS DISTINCT FROM l.hash`,
          ),
        },
        {
          reads: services,
          sql: `SELECT 'the guard is off' AS what, g.guarded, g.guard FROM (VALUES ${services
            .flatMap((service) =>
              ["audit", "audit_leaf", "audit_seal"].map((table) => `('${of(service)}.${table}', '${table}_immutable')`),
            )
            .join(", ")}) AS g(guarded, guard)
        LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass(g.guarded) AND t.tgname = g.guard AND t.tgenabled IN ('O', 'A')
        WHERE t.oid IS NULL`,
        },
        {
          reads: ["inspection"],
          sql: `SELECT 'a custody chain does not end as its inspection says' AS what, i.inspection_id, i.custody_count, e.entries
        FROM ${inspection}.inspection i, LATERAL (SELECT count(*) AS entries, coalesce(max(sequence), 0) AS last,
            coalesce((array_agg(hash ORDER BY sequence DESC))[1], '') AS head
          FROM ${inspection}.custody_entry WHERE inspection_id = i.inspection_id) e
        WHERE (i.custody_count, i.custody_count, i.custody_head) IS DISTINCT FROM (e.entries, e.last, e.head)`,
        },
      ],
    },
  ];
}
