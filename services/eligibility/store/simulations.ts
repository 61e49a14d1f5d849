// Simulations, and the past decisions they go through, as SQL.
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers, type NewStep } from "#kit/commit.js";
import { toJson } from "#kit/json.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Given } from "../core/again.js";
import { revived } from "../core/compare.js";
import type { Cursor, Simulation } from "../core/simulation.js";
import { type GivenRow, givenOf } from "./given.js";

/** Finds nothing if the version was revised or has moved on since it was looked at. */
const insertSimulation = commitStatement(
  "simulation.insert",
  `INSERT INTO simulation (simulation_id, market, policy_id, document_hash, state, since_time, until_time, total,
     cursor_time, cursor_id, comparison, note, author, create_time, version)
   SELECT $1::text, market, policy_id, document_hash, $2::text, $3::timestamptz, $4::timestamptz, $5::int,
     $6::timestamptz, $7::text, $8::jsonb, $9::text, $10::text, $11::timestamptz, $12::int
   FROM policy WHERE policy_id = $13 AND document_hash = $14 AND state IN ('VALIDATED', 'SIMULATED')
   RETURNING simulation_id AS id`,
);
const updateSimulation = commitStatement(
  "simulation.update",
  `UPDATE simulation SET version = $3, state = $4, total = $5, cursor_time = $6, cursor_id = $7, comparison = $8, note = $9
   WHERE simulation_id = $1 AND version = $2 RETURNING simulation_id AS id`,
);

/** Decisions read at once: a constant, so that the planner knows that it is few. */
export const pageSize = 500;
const past = "market = $1 AND create_time < $2 AND NOT by_staff";
const count: Statement = {
  name: "decision.count",
  text: `SELECT count(*)::int AS n FROM decision WHERE ${past} AND create_time >= $3`,
};
const page: Statement = {
  name: "decision.page",
  text: `SELECT decision_id, order_id, create_time, seen, answer, CASE WHEN answer IS NULL THEN body END AS body
    FROM decision WHERE ${past} AND (create_time, decision_id) > ($3::timestamptz, $4::text)
    ORDER BY create_time, decision_id LIMIT ${pageSize}`,
};

/** Decisions of a market that a policy gave, until then. */
export type Past = Pick<Simulation, "market" | "until">;

/** The simulations' side of the store. */
export function openSimulations(db: Database, followers: Followers) {
  const simulations = aggregates<Simulation>(
    db,
    followers,
    {
      select: `SELECT simulation_id, market, policy_id, document_hash, state, since_time, until_time, total, cursor_time,
        cursor_id, comparison, note, author, create_time, version FROM simulation WHERE simulation_id = $1`,
      insert: insertSimulation,
      insertValues: (s) => [
        s.simulationId,
        s.state,
        s.since ?? null,
        s.until,
        s.total,
        s.cursor.time,
        s.cursor.decisionId,
        toJson(s.comparison),
        s.note,
        s.author,
        s.createTime,
        s.version,
        s.policyId,
        s.documentHash,
      ],
      update: updateSimulation,
      updateValues: (s, before) => [
        s.simulationId,
        before.version,
        s.version,
        s.state,
        s.total,
        s.cursor.time,
        s.cursor.decisionId,
        toJson(s.comparison),
        s.note,
      ],
      toCore: toSimulation,
      notFound: (id) => new DomainError("SIMULATION_NOT_FOUND", `no simulation ${id}`, { simulation_id: id }),
      broken: (constraint, { policyId }) =>
        constraint === "simulation_running"
          ? new DomainError("POLICY_STATE", `a simulation of ${policyId} is under way: wait until it is done`, {
              policy_id: policyId,
              verb: "simulate",
            })
          : undefined,
    },
    "simulation",
  );

  return {
    findSimulation: simulations.find,
    /** @throws DomainError POLICY_STATE while another one of the same document is RUNNING */
    createSimulation: <R, P>(
      spend: Spend<Simulation, R>,
      prepare: () => Promise<P>,
      decide: (prepared: P) => Simulation,
      steps: readonly NewStep[],
    ): Promise<R> =>
      simulations.create(spend, prepare, (prepared) => ({ next: decide(prepared), extra: undefined, steps })),
    changeSimulation: (
      simulationId: string,
      spend: Spend<Simulation, Simulation>,
      decide: (simulation: Simulation) => Simulation,
      steps: readonly NewStep[] = [],
    ): Promise<Simulation> =>
      simulations.change(simulationId, spend, (before) => ({ next: decide(before), extra: undefined, steps })),

    countDecisions: async ({ market, until }: Past, since: Date): Promise<number> =>
      (await db.query(count, [market, until, since]))[0].n,
    /** The next ones after the cursor, in order; fewer than a page only at the end. */
    decisionsAfter: async ({ market, until }: Past, { time, decisionId }: Cursor): Promise<Given[]> =>
      (await db.query<GivenRow>(page, [market, until, time, decisionId])).map(givenOf),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the columns of the select
function toSimulation(row: any): Simulation {
  return {
    simulationId: row.simulation_id,
    market: row.market,
    policyId: row.policy_id,
    documentHash: row.document_hash,
    state: row.state,
    since: row.since_time ?? undefined,
    until: row.until_time,
    total: row.total,
    cursor: { time: row.cursor_time, decisionId: row.cursor_id },
    comparison: revived(row.comparison),
    note: row.note,
    author: row.author,
    createTime: row.create_time,
    version: row.version,
  };
}
