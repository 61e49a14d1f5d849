// Four eyes: 37. Who has two roles has one pair of eyes, so people are compared, not principals.
import type { Around, Invariant } from "../invariant.js";

/** The person of a principal, ROLE:person. */
const person = (principal: string) => `split_part(${principal}, ':', 2)`;
/** Approved, and since then more. */
const approved = ["APPROVED", "ACTIVE", "RETIRED"];

export function eyesInvariants({ of, limits }: Around): Invariant[] {
  const [res, refund, eligibility, inspection] = [of("resolution"), of("refund"), of("eligibility"), of("inspection")];
  const values = Object.entries(limits).map(([market, minor]) => `('${market}', ${minor})`);

  return [
    {
      number: 37,
      name: "what takes two people was done by two, and nobody pays themselves",
      look: "the audit trail of the id: who asked, who approved, from where",
      questions: [
        {
          reads: ["refund"],
          sql: `SELECT 'one person granted and issued it' AS what, refund_id AS id, granted_by, issued_by FROM ${refund}.refund
        JOIN (VALUES ${values.join(", ")}) AS limits(market, most) USING (market)
        WHERE amount_minor > most AND state NOT IN ('GRANTED', 'VOIDED')
          AND (issued_by = '' OR ${person("issued_by")} = ${person("granted_by")})
      UNION ALL SELECT 'somebody paid themselves', refund_id, granted_by, issued_by FROM ${refund}.refund
        WHERE origin = 'GOODWILL' AND customer_id IN (${person("granted_by")}, ${person("issued_by")})
      UNION ALL SELECT 'who issued it said that it was paid by hand', r.refund_id, a.principal, r.issued_by
        FROM ${refund}.refund r JOIN ${refund}.audit a ON a.resource_id = r.refund_id
        WHERE a.rpc LIKE '%/SettleManually' AND a.outcome = 'DONE' AND ${person("a.principal")} = ${person("r.issued_by")}`,
        },
        {
          reads: ["eligibility"],
          sql: `SELECT 'an author approved their own policy' AS what, policy_id, author, approver, state FROM ${eligibility}.policy
        WHERE state IN (${approved.map((state) => `'${state}'`).join(", ")}) AND (approver = '' OR approver = author)`,
        },
        {
          reads: ["resolution"],
          sql: `SELECT 'who asked for an erasure confirmed it' AS what, erasure_id, asked_by, confirmed_by, state
        FROM ${res}.erasure WHERE state <> 'ASKED' AND (confirmed_by = '' OR confirmed_by = asked_by)`,
        },
        {
          reads: ["inspection"],
          sql: `SELECT 'an inspector decided a dispute about their own finding' AS what, i.inspection_id, i.inspector, d->>'disputeId' AS id
        FROM ${inspection}.inspection i, jsonb_array_elements(i.disputes) d
        WHERE d->>'outcome' IS NOT NULL AND coalesce(d->>'decider', '') IN ('', i.inspector)`,
        },
      ],
    },
  ];
}
