// The decisions given, as SQL: each once, for good.
import { Decision as DecisionMessage } from "#gen/backhaul/eligibility/v1/decision.js";
import { aggregates } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { toJson } from "#kit/json.js";
import type { Database } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Judgement } from "../core/decide.js";

/** What goes along with a decision: what the tables saw, and the book it was made by. */
export type DecisionExtra = Pick<Judgement, "seen"> & { readonly bookVersion: number };

/** Finds nothing if the market's policies have changed since they were read: then they are read again. */
const insertDecision = commitStatement(
  "decision.insert",
  `INSERT INTO decision (decision_id, order_id, customer_id, market, verdict, policy_id, body, seen, create_time)
   SELECT $1::text, $2::text, $3::text, market, $5::text, $6::text, $7::bytea, $8::jsonb, $9::timestamptz
   FROM policy_book WHERE market = $4 AND version = $10 RETURNING decision_id AS id`,
);

/** A decision is never changed. */
const never = commitStatement("decision.never", "SELECT NULL::text AS id WHERE false");

/** The decisions' side of the store. */
export function openDecisions(db: Database, followers: Followers) {
  const decisions = aggregates<DecisionMessage, DecisionExtra>(
    db,
    followers,
    {
      select: "SELECT body FROM decision WHERE decision_id = $1",
      insert: insertDecision,
      insertValues: (d, { seen, bookVersion }) => [
        d.decisionId,
        d.orderId,
        d.customerId,
        d.market,
        d.verdict,
        d.policyId,
        DecisionMessage.encode(d).finish(),
        toJson(seen),
        d.createTime,
        bookVersion,
      ],
      update: never,
      updateValues: () => {
        throw new RangeError("decisions are not changed");
      },
      toCore: (row) => DecisionMessage.decode(row.body),
      notFound: (id) => new DomainError("DECISION_NOT_FOUND", `no decision ${id}`, { decision_id: id }),
    },
    "decision",
  );

  return {
    findDecision: decisions.find,
    recallDecision: decisions.recall,
    createDecision: decisions.create,
  };
}
