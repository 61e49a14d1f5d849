import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { aggregates, byFact, byStep, type Decided, type Mapping, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers, type LeasedStep } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import { migrate } from "#kit/migrate.js";
import { type Database, leaseLost, openDatabase } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { openStage, type Stage, testFolder } from "#kit/testing/stage.js";
import { kitMigrations } from "#kit/testing/tables.js";

/** The least an aggregate can be: a counter with a cap. */
type Counter = { readonly id: string; readonly value: number; readonly version: number };

const mapping: Mapping<Counter, undefined> = {
  select: "SELECT id AS counter_id, value, version FROM counter WHERE id = $1",
  insert: commitStatement(
    "counter.insert",
    "INSERT INTO counter (id, value, version) VALUES ($1, $2, $3) RETURNING id",
  ),
  update: commitStatement(
    "counter.update",
    "UPDATE counter SET value = $3, version = $4 WHERE id = $1 AND version = $2 RETURNING id",
  ),
  insertValues: (c) => [c.id, c.value, c.version],
  updateValues: (c, before) => [c.id, before.version, c.value, c.version],
  toCore: (row) => ({ id: row.counter_id, value: row.value, version: row.version }),
  notFound: (id) => new DomainError("REFUND_NOT_FOUND", `no counter ${id}`),
  broken: (constraint) => (constraint === "counter_cap" ? new DomainError("UNITS_UNAVAILABLE", "full") : undefined),
};

describe("kit: a commit", () => {
  let stage: Stage;
  let db: Database;
  const taken: LeasedStep[] = [];
  const followers: Followers = {
    now: () => new Date(),
    announce: () => {},
    hasRoom: () => true,
    take: (steps) => taken.push(...steps),
  };
  let counters: ReturnType<typeof aggregates<Counter>>;

  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: newId("tst").toLowerCase(), poolSize: 10 });
    const url = kitMigrations(testFolder("migrations"), {
      "2_counter": `CREATE TABLE counter (id TEXT PRIMARY KEY, value INT NOT NULL, version INT NOT NULL, CONSTRAINT counter_cap CHECK (value <= 100))`,
    });
    assert.deepEqual(await migrate(db, url), ["1_kit", "1_kit_audit", "1_kit_bus", "1_kit_operator", "2_counter"]);
    assert.deepEqual(await migrate(db, url), []);
    writeFileSync(new URL("2_counter/migration.sql", url), "SELECT 1");
    await assert.rejects(migrate(db, url), /was changed after it ran/);
    counters = aggregates<Counter>(db, followers, mapping, "counter");
  });
  after(async () => {
    await db?.close();
    await stage?.close();
  });

  const asked = (requestId: string, body = "same"): Spend<Counter, number> => ({
    token: { kind: "request", principal: "CUSTOMER:c", requestId, fingerprint: Buffer.from(body) },
    answer: (c) => c.value,
    keep: (value) => Buffer.from(String(value)),
    recall: (kept) => Number(kept.toString()),
  });
  const grown = (c: Counter, by = 1): Decided<Counter> => ({
    next: { ...c, value: c.value + by, version: c.version + 1 },
    extra: undefined,
    facts: [{ subject: "backhaul.test.v1.Grown", body: Buffer.from("x") }],
  });
  const begin = async (steps: Decided<Counter>["steps"] = []) => {
    const id = newId("cnt");
    await counters.create(
      asked(newId("req")),
      async () => undefined,
      () => ({ next: { id, value: 0, version: 1 }, extra: undefined, steps }),
    );
    return id;
  };
  const count = async (table: string, id: string) =>
    (await db.query({ name: "", text: `SELECT count(*)::int AS n FROM ${table} WHERE aggregate_id = $1` }, [id]))[0].n;

  it("counts every one of fifty that meet at one row", async () => {
    const id = await begin();
    await Promise.all(Array.from({ length: 50 }, () => counters.change(id, asked(newId("req")), grown)));
    assert.equal((await counters.find(id)).value, 50);
    assert.equal(await count("outbox", id), 50);
  });

  it("happens once for one request, however often and at once it comes, with one answer for all", async () => {
    const id = await begin();
    const spend = asked(newId("req"));
    const answers = await Promise.all(Array.from({ length: 20 }, () => counters.change(id, spend, grown)));
    assert.deepEqual(new Set(answers), new Set([1]));
    assert.equal((await counters.find(id)).value, 1);
    assert.equal(await count("outbox", id), 1);
  });

  it("creates once for one request, and refuses its id for another body", async () => {
    const request = newId("req");
    const make = () =>
      counters.create(
        asked(request),
        async () => undefined,
        () => ({ next: { id: newId("cnt"), value: 7, version: 1 }, extra: undefined }),
      );
    assert.deepEqual(await Promise.all([make(), make(), make()]), [7, 7, 7]);
    await assert.rejects(
      counters.create(
        asked(request, "other"),
        async () => undefined,
        () => ({ next: { id: newId("cnt"), value: 8, version: 1 }, extra: undefined }),
      ),
      (error) => error instanceof DomainError && error.reason === "REQUEST_ID_REUSED",
    );
  });

  it("takes a fact in once, though it is delivered many times at once", async () => {
    const id = await begin();
    await Promise.all(Array.from({ length: 10 }, () => counters.change(id, byFact("test", `evt-${id}`), grown)));
    assert.equal((await counters.find(id)).value, 1);
  });

  it("writes nothing at all when a cap would be broken", async () => {
    const id = await begin();
    await assert.rejects(
      counters.change(id, asked(newId("req")), (c) => grown(c, 101)),
      (error) => error instanceof DomainError && error.reason === "UNITS_UNAVAILABLE",
    );
    assert.equal((await counters.find(id)).version, 1);
    assert.equal(await count("outbox", id), 0);
  });

  it("hands over what is due at once, and removes the step with the change that spends it", async () => {
    const id = await begin([
      { step: "now", due: new Date() },
      { step: "later", due: new Date(Date.now() + 60_000) },
    ]);
    const step = taken.find((s) => s.aggregateId === id)!;
    assert.equal(step.step, "now");
    assert.equal(await count("agenda", id), 2);
    await counters.change(id, byStep(step), grown);
    assert.equal(await count("agenda", id), 1);
    await counters.change(id, byStep(step), grown);
    assert.equal((await counters.find(id)).value, 1, "a step that is gone does nothing");
  });

  it("fences off a worker whose lease went to another", async () => {
    const id = await begin([{ step: "now", due: new Date() }]);
    const step = taken.find((s) => s.aggregateId === id)!;
    let stolen = false;
    const late = counters.change(id, byStep(step), (c) => {
      stolen = true;
      return grown(c);
    });
    await late;
    assert.ok(stolen);
    const other = await begin([{ step: "now", due: new Date() }]);
    const leased = taken.find((s) => s.aggregateId === other)!;
    await db.query({ name: "", text: "UPDATE agenda SET lease_epoch = 2 WHERE agenda_id = $1" }, [leased.id]);
    await counters.change(other, byStep(leased), grown);
    assert.equal((await counters.find(other)).value, 0, "the lease is another's");
  });

  it("aborts the whole commit if the lease is lost between reading and committing", async () => {
    const id = await begin([{ step: "now", due: new Date() }]);
    const step = taken.find((s) => s.aggregateId === id)!;
    const { commit } = await import("#kit/commit.js");
    await assert.rejects(
      commit(db, followers, mapping.update, [id, 1, 5, 2], {
        token: { kind: "step", id: step.id, epoch: 99 },
        facts: [],
        steps: [],
        dropped: [],
      }),
      (error) => leaseLost(error),
    );
    assert.equal((await counters.find(id)).value, 0);
  });

  it("counts every one of two replicas in turn, each with a memory of its own last write", async () => {
    const id = await begin();
    const other = aggregates<Counter>(db, followers, mapping, "counter");
    for (let round = 0; round < 20; round++) {
      await counters.change(id, asked(newId("req")), grown);
      await other.change(id, asked(newId("req")), grown);
    }
    assert.equal((await counters.find(id)).value, 40);
    assert.equal(await count("outbox", id), 40);
  });

  it("refuses a move by what the store holds, not by what this process remembers", async () => {
    const id = await begin();
    const [here, there] = [1, 2].map(() => aggregates<Counter>(db, followers, mapping, "counter"));
    await here!.change(id, asked(newId("req")), grown);
    await there!.change(id, asked(newId("req")), grown);
    const seen: number[] = [];
    const fromTwo = (c: Counter) => {
      seen.push(c.value);
      if (c.value < 2) throw new DomainError("RESOLUTION_STATE", "not grown yet");
      return grown(c);
    };
    assert.equal(await here!.change(id, asked(newId("req")), fromTwo), 3);
    assert.deepEqual(seen, [1, 2]);
  });

  it("answers a repeated request from the record where the move no longer fits", async () => {
    const id = await begin();
    const spend = asked(newId("req"));
    const once = (c: Counter) => {
      if (c.value > 0) throw new DomainError("RESOLUTION_STATE", "grown already");
      return grown(c);
    };
    assert.deepEqual([await counters.change(id, spend, once), await counters.change(id, spend, once)], [1, 1]);
    await assert.rejects(counters.change(id, asked(newId("req")), once), /grown already/);
  });

  it("drops steps by name", async () => {
    const later = new Date(Date.now() + 60_000);
    const id = await begin([
      { step: "a", due: later },
      { step: "b", due: later },
    ]);
    await counters.change(id, asked(newId("req")), (c) => ({ ...grown(c), dropped: ["a"] }));
    assert.equal(await count("agenda", id), 1);
  });
});
