// The decisions given, as SQL: each once, for good.
import { Decision as DecisionMessage } from "#gen/backhaul/eligibility/v1/decision.js";
import { aggregates, type Decided, type Personal, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { toJson } from "#kit/json.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Vault } from "#kit/vault.js";
import type { Seen } from "../core/decide.js";
import type { ShadowNote } from "../shadow.js";
import { briefOf, type GivenRow, seenOf } from "./given.js";
import { insertNote, noteValues } from "./shadows.js";

/** What goes along with a decision: what the tables saw, the book it was made by, and what the shadow says to it. */
export type DecisionExtra = {
  readonly seen: readonly Seen[];
  readonly bookVersion: number;
  readonly shadow?: ShadowNote | undefined;
};

/** Finds nothing if the market's policies have changed since they were read: then they are read again. */
const insertDecision = commitStatement(
  "decision.insert",
  `INSERT INTO decision (decision_id, order_id, customer_id, market, verdict, policy_id, body, seen, create_time, answer,
     by_staff, overrides)
   SELECT $1::text, $2::text, $3::text, market, $5::text, $6::text, $7::bytea, $8::jsonb, $9::timestamptz, $11::jsonb,
     $12::text IS NOT NULL, $12::text
   FROM policy_book WHERE market = $4 AND version = $10 RETURNING decision_id AS id`,
  { noted: insertNote("$13", "$14", "$15") },
);

/** A decision is never changed. */
const never = commitStatement("decision.never", "SELECT NULL::text AS id WHERE false");

/** The decision of staff that holds in the place of another. */
const overriddenBy: Statement = {
  name: "decision.overridden_by",
  text: "SELECT decision_id AS id FROM decision WHERE overrides = $1",
};

/** A decision with what was seen of its lines. */
const findWithSeen: Statement = {
  name: "decision.with_seen",
  text: "SELECT body, seen FROM decision WHERE decision_id = $1",
};
const notFound = (id: string) => new DomainError("DECISION_NOT_FOUND", `no decision ${id}`, { decision_id: id });

/** Why staff decided otherwise, in their words; within the bytes of the body, under a key of the decision's own. */
const personal = {
  table: "decision",
  id: ({ decisionId }: DecisionMessage) => decisionId,
  subject: ({ decisionId }: DecisionMessage) => decisionId,
  places: { override: ["reason"] },
} satisfies Omit<Personal<DecisionMessage>, "vault">;

/** The decisions' side of the store. `noted` is told of each note of the shadow that was written. */
export function openDecisions(db: Database, followers: Followers, vault: Vault, noted: (note: ShadowNote) => void) {
  const decisions = aggregates<DecisionMessage, DecisionExtra>(
    db,
    followers,
    {
      select: "SELECT body FROM decision WHERE decision_id = $1",
      insert: insertDecision,
      insertValues: (d, { seen, bookVersion, shadow }) => [
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
        briefOf(d),
        d.override?.decisionId ?? null,
        ...noteValues(shadow),
      ],
      update: never,
      updateValues: () => {
        throw new RangeError("decisions are not changed");
      },
      toCore: (row) => DecisionMessage.decode(row.body),
      notFound,
      personal: { ...personal, vault },
      broken: (constraint, { override }) => {
        if (constraint !== "decision_overrides") return undefined;
        const decision_id = override?.decisionId ?? "";
        return new DomainError("DECISION_OVERRIDDEN", `${decision_id} was overridden before; override the latest`, {
          decision_id,
        });
      },
    },
    "decision",
  );

  return {
    findDecision: decisions.find,
    /** A decision with what was seen of its lines, in their order. @throws DomainError DECISION_NOT_FOUND */
    findDecisionWithSeen: async (id: string): Promise<{ decision: DecisionMessage; seen: Seen[] }> => {
      const [row] = await db.query<Pick<GivenRow, "seen"> & { body: Buffer }>(findWithSeen, [id]);
      if (!row) throw notFound(id);
      const sealed = DecisionMessage.decode(row.body);
      const [decision = sealed] = await vault.open(personal.table, personal.id, [sealed], personal.places);
      return { decision, seen: seenOf(row.seen, decision) };
    },
    /** The decision of staff that holds in its place; empty if none. */
    overriddenBy: async (id: string): Promise<string> =>
      (await db.query<{ id: string }>(overriddenBy, [id]))[0]?.id ?? "",
    recallDecision: decisions.recall,
    createDecision: async <R, P>(
      spend: Spend<DecisionMessage, R>,
      prepare: () => Promise<P>,
      decide: (prepared: P) => Decided<DecisionMessage, DecisionExtra>,
    ): Promise<R> => {
      let note: ShadowNote | undefined;
      const answer = await decisions.create(spend, prepare, (prepared) => {
        const decided = decide(prepared);
        note = decided.extra.shadow;
        return decided;
      });
      if (note) noted(note);
      return answer;
    },
  };
}
