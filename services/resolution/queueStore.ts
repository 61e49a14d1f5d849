// Queues as SQL.
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { fromJson, toJson } from "#kit/json.js";
import { keyAfter, type Page, pageOf } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Queue } from "./core/case.js";

const columns = `queue_id AS "queueId", title, filter, "order", sla_minutes AS "slaMinutes", closed, version, editor,
  update_time AS "updateTime"`;

const insert = commitStatement(
  "queue.insert",
  `INSERT INTO queue (queue_id, version, title, filter, "order", sla_minutes, closed, editor, update_time)
   VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9) RETURNING queue_id AS id`,
);
const update = commitStatement(
  "queue.update",
  `UPDATE queue SET version = $2, title = $3, filter = $4::jsonb, "order" = $5, sla_minutes = $6, closed = $7, editor = $8,
     update_time = $9
   WHERE queue_id = $1 AND version = $10 RETURNING queue_id AS id`,
);
const list: Statement = {
  name: "queue.list",
  text: `SELECT ${columns} FROM queue WHERE queue_id > $1 ORDER BY queue_id LIMIT $2`,
};

export function openQueues(db: Database, followers: Followers) {
  const values = (q: Queue) => [
    q.queueId,
    q.version,
    q.title,
    toJson(q.filter),
    q.order,
    q.slaMinutes,
    q.closed,
    q.editor,
    q.updateTime,
  ];
  const queues = aggregates<Queue>(
    db,
    followers,
    {
      select: `SELECT ${columns} FROM queue WHERE queue_id = $1`,
      insert,
      update,
      insertValues: values,
      updateValues: (next, before) => [...values(next), before.version],
      toCore: toQueue,
      notFound: (id) => new DomainError("QUEUE_NOT_FOUND", `no queue ${id}`, { queue_id: id }),
      broken: (constraint, { queueId }) => (constraint === "queue_pkey" ? changedMeanwhile(queueId, 1) : undefined),
    },
    "queue",
  );
  return {
    find: queues.find,
    /** Makes it. @throws DomainError QUEUE_CHANGED if there is one by that name */
    create: <R>(spend: Spend<Queue, R>, queue: Queue): Promise<R> =>
      queues.create(
        spend,
        async () => undefined,
        () => ({ next: queue, extra: undefined }),
      ),
    /** Changes the version that was read. @throws DomainError QUEUE_CHANGED */
    change: <R>(spend: Spend<Queue, R>, queue: Queue): Promise<R> =>
      queues.change(queue.queueId, spend, ({ version }) => {
        if (version !== queue.version - 1) throw changedMeanwhile(queue.queueId, version);
        return { next: queue, extra: undefined };
      }),
    /** By id. */
    list: async (page: Page) => {
      const rows = await db.query(list, [keyAfter(page) ?? "", (page.pageSize || 50) + 1]);
      return pageOf(rows.map(toQueue), page, ({ queueId }) => queueId);
    },
  };
}

export type Queues = ReturnType<typeof openQueues>;

function changedMeanwhile(queueId: string, version: number): DomainError {
  return new DomainError("QUEUE_CHANGED", `queue ${queueId} is there in version ${version}: read it first`, {
    queue_id: queueId,
    version: String(version),
  });
}

// biome-ignore lint/suspicious/noExplicitAny: a row of the select
function toQueue(row: any): Queue {
  return { ...row, filter: fromJson(row.filter) };
}
