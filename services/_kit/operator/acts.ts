// What operators do to a process, rather than to something that is stored: it happens once per request and stands in the
// audit trail of the service.
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import type { Database } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";

/** "process refund": the acts on all its replicas are one trail. */
type Process = { readonly id: string };

export type ProcessActs = {
  /** Does it, unless this request did it before; then it gives the first answer. */
  once<R>(spend: Spend<Process, R>, work: () => Promise<void>): Promise<R>;
};

const act = commitStatement("operator.act", "SELECT $1::text AS id");

export function openProcessActs(service: string, db: Database, followers: Followers): ProcessActs {
  const next = { id: `process ${service}` };
  const acts = aggregates<Process>(
    db,
    followers,
    {
      select: "SELECT $1::text AS id",
      insert: act,
      update: act,
      insertValues: ({ id }) => [id],
      updateValues: ({ id }) => [id],
      toCore: ({ id }) => ({ id }),
      notFound: (id) => new DomainError("INTERNAL", `no ${id}`),
    },
    "operator_act",
  );
  return {
    once: async (spend, work) =>
      (await acts.recall(spend)) ?? acts.create(spend, work, () => ({ next, extra: undefined })),
  };
}
