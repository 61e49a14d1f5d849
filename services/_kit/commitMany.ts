// Changes of many aggregates by facts, in one statement: what a busy process takes in at a time costs it one round trip
// and one transaction. Each change has a guard of its own; what raises aborts all of them, and they are made one by one.
import { type CommitStatement, type Followers, handOverLeaseMs, type NewStep, ownPart } from "#kit/commit.js";
import { gatherEach } from "#kit/gather.js";
import { newId } from "#kit/ids.js";
import type { Database } from "#kit/postgres.js";
import { traceparent } from "#kit/telemetry.js";

/** The change of one aggregate, by one fact. */
export type Change<V> = {
  readonly aggregateId: string;
  readonly eventId: string;
  /** What its service writes. */
  readonly values: V;
  readonly steps: readonly NewStep[];
};

/**
 * Builds a commit of many, no two of the same aggregate. `change` is the guarded write of their rows and returns the id of
 * each that it found as `id`; `also` are further writes of the service, each a CTE that selects from `change`.
 */
export function commitManyStatement(
  name: string,
  change: string,
  also: Readonly<Record<string, string>> = {},
): CommitStatement {
  const { parameters, $, own } = ownPart(change, also);
  const text = `${own}spent_fact AS (
  INSERT INTO consumed (consumer, event_id)
  SELECT ${$(1)}::text, f.event_id FROM change JOIN unnest(${$(2)}::text[], ${$(3)}::text[]) AS f(id, event_id) USING (id)),
added AS (
  INSERT INTO agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent, attempt, lease_epoch, lease_until)
  SELECT s.agenda_id, id, s.step, s.due_time, s.payload, s.traceparent, s.taken, s.taken,
         CASE s.taken WHEN 1 THEN now() + ${$(4)}::int * interval '1 millisecond' END
  FROM change JOIN jsonb_to_recordset(${$(5)}::jsonb) AS s(
    id text, agenda_id text, step text, due_time timestamptz, payload jsonb, traceparent text, taken int) USING (id))
SELECT id FROM change`;
  return { name, text, parameters, commits: true };
}

/**
 * Commits changes; those that are asked for at the same time go together.
 * @param valuesOf what the statement takes, of all changes in the order of their aggregates' ids
 * @returns what commits one; false: its guard found nothing, somebody was faster, read again
 * @throws (what it returns) the database's error if the fact was spent before
 */
export function committer<V>(
  db: Database,
  followers: Followers,
  consumer: string,
  statement: CommitStatement,
  valuesOf: (changes: readonly Change<V>[]) => readonly unknown[],
): (change: Change<V>) => Promise<boolean> {
  type Traced = Change<V> & { readonly trace: string };

  async function all(asked: readonly Traced[]): Promise<boolean[]> {
    if (new Set(asked.map(({ aggregateId }) => aggregateId)).size < asked.length)
      throw new RangeError("two changes of one aggregate are no one commit");
    // In one order everywhere: replicas that meet wait for each other, and never in a ring.
    const changes = asked.toSorted((a, b) => (a.aggregateId < b.aggregateId ? -1 : 1));
    const [now, room] = [followers.now(), followers.hasRoom("steps")];
    const steps = changes.flatMap(({ aggregateId, trace, steps }) =>
      steps.map(({ step, due, payload = {} }) => {
        return { id: newId("stp"), aggregateId, trace, step, due, payload, taken: room && due <= now ? 1 : 0 };
      }),
    );
    const found = await db.query<{ id: string }>(statement, [
      ...valuesOf(changes),
      consumer,
      changes.map(({ aggregateId }) => aggregateId),
      changes.map(({ eventId }) => eventId),
      handOverLeaseMs,
      JSON.stringify(
        steps.map(({ id, aggregateId, trace, step, due, payload, taken }) => {
          return { id: aggregateId, agenda_id: id, step, due_time: due, payload, traceparent: trace, taken };
        }),
      ),
    ]);
    const done = new Set(found.map(({ id }) => id));
    const taken = steps.filter((step) => step.taken === 1 && done.has(step.aggregateId));
    if (taken.length > 0) {
      followers.take(taken.map(({ trace, taken, ...step }) => ({ ...step, attempt: 1, epoch: 1, traceparent: trace })));
    }
    return asked.map(({ aggregateId }) => done.has(aggregateId));
  }

  const together = gatherEach(all, ({ eventId }) => eventId);
  return (change) => together({ ...change, trace: traceparent() });
}
