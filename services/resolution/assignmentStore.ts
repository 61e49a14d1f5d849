// Assignments as SQL. Who has a resolution stands in a row of its own, so that nobody who passes work on is in the way of
// what happens to the resolution.
import { aggregates, type Personal, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import type { Database, Statement } from "#kit/postgres.js";
import type { Vault } from "#kit/vault.js";
import type { Assignment } from "./core/assignment.js";
import { customerOf, notFound } from "./store.js";

const select = `SELECT r.resolution_id AS "resolutionId", r.customer_id AS "customerId", coalesce(a.assignee, '') AS assignee,
  coalesce(a.queue_id, '') AS "queueId", a.assign_time AS "assignTime", coalesce(a.version, 0) AS version
  FROM resolution r LEFT JOIN assignment a ON a.resolution_id = r.resolution_id WHERE r.resolution_id = $1`;

/** The first time there is no row; whoever was slower then finds one that is not of the version they read. */
const change = commitStatement(
  "assignment.change",
  `INSERT INTO assignment (resolution_id, assignee, queue_id, assign_time, version) VALUES ($1, $3, $4, $5, $6)
   ON CONFLICT (resolution_id) DO UPDATE SET assignee = excluded.assignee, queue_id = excluded.queue_id,
     assign_time = excluded.assign_time, version = excluded.version
   WHERE assignment.version = $2 RETURNING resolution_id AS id`,
  {
    written: `INSERT INTO assignment_entry (resolution_id, sequence, assignee, queue_id, actor, reason, assign_time)
      SELECT id, $6, $3, $4, $7, $8, $5 FROM change`,
  },
);

const list: Statement = {
  name: "assignment.list",
  text: `SELECT resolution_id AS "resolutionId", ${customerOf("e")}, sequence AS version, assignee, queue_id AS "queueId", actor, reason,
    assign_time AS "assignTime" FROM assignment_entry e WHERE resolution_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
};

const personal = {
  table: "assignment",
  id: ({ resolutionId, version }: Assignment) => `${resolutionId}.${version}`,
  subject: ({ customerId }: Assignment) => customerId,
  places: { reason: [""] },
} satisfies Omit<Personal<Assignment>, "vault">;

export function openAssignments(db: Database, followers: Followers, vault: Vault) {
  const values = (next: Assignment, before: Assignment | undefined) => [
    next.resolutionId,
    before?.version ?? 0,
    next.assignee,
    next.queueId,
    next.assignTime,
    next.version,
    next.actor,
    next.reason,
  ];
  const assignments = aggregates<Assignment>(
    db,
    followers,
    {
      select,
      insert: change,
      update: change,
      insertValues: (next) => values(next, undefined),
      updateValues: values,
      toCore: (row) => ({ actor: "", reason: "", ...row, assignTime: row.assignTime ?? undefined }),
      notFound,
      personal: { ...personal, vault },
    },
    "assignment",
  );
  return {
    orRecall: assignments.orRecall,
    change: <R>(id: string, spend: Spend<Assignment, R>, decide: (before: Assignment) => Assignment): Promise<R> =>
      assignments.change(id, spend, (before) => ({ next: decide(before), extra: undefined })),
    /** Oldest first, after a sequence. */
    list: async (resolutionId: string, after: number, take: number): Promise<Assignment[]> => {
      const rows = await db.query<Assignment>(list, [resolutionId, after, take]);
      return vault.open(personal.table, personal.id, rows, personal.places);
    },
  };
}

export type Assignments = ReturnType<typeof openAssignments>;
