import assert from "node:assert/strict";
import type { Followers, LeasedStep } from "#kit/commit.js";
import { type Change, commitManyStatement, committer } from "#kit/commitMany.js";
import { newId } from "#kit/ids.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase, violated } from "#kit/postgres.js";
import { openStage, type Stage, testFolder } from "#kit/testing/stage.js";
import { kitMigrations } from "#kit/testing/tables.js";

const grow = commitManyStatement(
  "counter.grow",
  `UPDATE counter SET value = value + 1 FROM unnest($1::text[], $2::int[]) AS it(id, seen)
   WHERE counter.id = it.id AND value = seen RETURNING counter.id`,
);

describe("kit: a commit of many", () => {
  let stage: Stage;
  let db: Database;
  let sent = 0;
  const taken: LeasedStep[] = [];
  const followers: Followers = {
    now: () => new Date(),
    announce: () => {},
    hasRoom: () => true,
    take: (steps) => taken.push(...steps),
  };
  const counted: Database["query"] = (statement, values) => {
    if (statement.name === grow.name) sent++;
    return db.query(statement, values);
  };
  const openCommitter = () =>
    committer<number>({ ...db, query: counted }, followers, "test", grow, (changes) => [
      changes.map(({ aggregateId }) => aggregateId),
      changes.map(({ values }) => values),
    ]);

  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: newId("tst").toLowerCase(), poolSize: 10 });
    const counter = "CREATE TABLE counter (id TEXT PRIMARY KEY, value INT NOT NULL CHECK (value < 9))";
    await migrate(db, kitMigrations(testFolder("migrations"), { "2_counter": counter }));
  });
  beforeEach(() => {
    sent = 0;
    taken.length = 0;
  });
  after(async () => {
    await db?.close();
    await stage?.close();
  });

  const ask = <R>(text: string, values: readonly unknown[] = []): Promise<R[]> =>
    db.query<R>({ name: "", text }, values);
  /** Counters at the values that are given. */
  const counters = async (...values: number[]) => {
    const ids = values.map(() => newId("cnt"));
    await ask("INSERT INTO counter SELECT * FROM unnest($1::text[], $2::int[])", [ids, values]);
    return ids;
  };
  const by = (aggregateId: string, seen: number, more: Partial<Change<number>> = {}): Change<number> => {
    return { aggregateId, eventId: newId("evt"), values: seen, steps: [], ...more };
  };
  const valuesOf = async (ids: readonly string[]) => {
    const rows = await ask<{ id: string; value: number }>("SELECT id, value FROM counter WHERE id = ANY($1)", [ids]);
    return ids.map((id) => rows.find((row) => row.id === id)?.value);
  };
  const spent = async (...changes: Change<number>[]) => {
    const ids = changes.map(({ eventId }) => eventId);
    return (await ask("SELECT FROM consumed WHERE event_id = ANY($1)", [ids])).length;
  };

  it("is one statement for all that are asked for at a time, each with its fact and its steps", async () => {
    const ids = await counters(0, 0, 0);
    const changes = ids.map((id) => by(id, 0, { steps: [{ step: "next", due: new Date(0), payload: { of: id } }] }));
    assert.deepEqual(await Promise.all(changes.map(openCommitter())), [true, true, true]);
    assert.equal(sent, 1);
    assert.deepEqual(await valuesOf(ids), [1, 1, 1]);
    assert.equal(await spent(...changes), 3);
    assert.deepEqual(new Set(taken.map(({ aggregateId, payload }) => `${aggregateId} ${payload.of}`)).size, 3);
    for (const { aggregateId, payload } of taken) assert.equal(payload.of, aggregateId);
    const planned = await ask("SELECT FROM agenda WHERE aggregate_id = ANY($1) AND lease_until > now()", [ids]);
    assert.equal(planned.length, 3);
  });

  it("says of each whether its guard found it, and spends nothing for those it did not", async () => {
    const ids = await counters(0, 5, 0);
    const changes = ids.map((id) => by(id, 0, { steps: [{ step: "next", due: new Date(0) }] }));
    assert.deepEqual(await Promise.all(changes.map(openCommitter())), [true, false, true]);
    assert.deepEqual(await valuesOf(ids), [1, 5, 1]);
    assert.equal(await spent(...changes), 2);
    assert.deepEqual(taken.map(({ aggregateId }) => aggregateId).sort(), [ids[0], ids[2]].sort());
  });

  it("holds nobody up for one that was spent before, or breaks a rule", async () => {
    const ids = await counters(0, 0, 8, 0);
    const commit = openCommitter();
    const [first] = ids.map((id) => by(id, 0));
    await commit(first!);
    const again = { ...first!, values: 1 };
    const ends = await Promise.allSettled([again, by(ids[1]!, 0), by(ids[2]!, 8), by(ids[3]!, 0)].map(commit));
    assert.deepEqual(
      ends.map((end) => (end.status === "fulfilled" ? end.value : violated(end.reason))),
      ["consumed_pkey", true, "counter_value_check", true],
    );
    assert.deepEqual(await valuesOf(ids), [1, 1, 8, 1]);
  });

  it("makes two of one aggregate one after the other", async () => {
    const ids = await counters(0, 0);
    const [one, other] = [by(ids[0]!, 0), by(ids[0]!, 0)];
    const ends = await Promise.all([one, other, by(ids[1]!, 0)].map(openCommitter()));
    assert.equal(ends.filter(Boolean).length, 2);
    assert.deepEqual(await valuesOf(ids), [1, 1]);
    assert.equal(await spent(one, other), 1);
  });

  it("replicas that meet at the same rows in any order change each once", async () => {
    const ids = await counters(...Array.from({ length: 40 }, () => 0));
    const replicas = [openCommitter(), openCommitter(), openCommitter()];
    const ends = await Promise.all(
      replicas.flatMap((commit, nth) => ids.toSorted(() => (nth % 2) - 0.5).map((id) => commit(by(id, 0)))),
    );
    assert.equal(ends.filter(Boolean).length, ids.length);
    assert.deepEqual(new Set(await valuesOf(ids)), new Set([1]));
    assert.equal(sent, 3, "no replica had to make them one by one");
  });
});
