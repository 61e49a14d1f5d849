import assert from "node:assert/strict";
import { type Agenda, openAgenda } from "#kit/agenda.js";
import { NotAsked } from "#kit/breakers.js";
import type { LeasedStep } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import { createLog } from "#kit/log.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { until } from "#kit/testing/peers.js";
import { openStage, type Stage, testFolder } from "#kit/testing/stage.js";
import { kitMigrations } from "#kit/testing/tables.js";

describe("kit: the agenda", () => {
  let stage: Stage;
  let db: Database;
  let agenda: Agenda;
  const clock = { now: () => new Date() };

  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: newId("tst").toLowerCase(), poolSize: 10 });
    await migrate(db, kitMigrations(testFolder("migrations")));
  });
  beforeEach(() => {
    agenda = openAgenda("test", db, clock, createLog("test", "silent"));
  });
  afterEach(async () => {
    await agenda.stop();
    await db.query({ name: "", text: "DELETE FROM agenda" });
  });
  after(async () => {
    await db?.close();
    await stage?.close();
  });

  const plan = (count: number, due = clock.now()) =>
    db.query(
      {
        name: "",
        text: `INSERT INTO agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent)
          SELECT $1 || n, 'agg', 'work', $2, '{}', '' FROM generate_series(1, $3::int) n`,
      },
      [newId("stp"), due, count],
    );
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const giveUp = async () => {};

  it("does every step that is due, though far more are due than fit its queue", async () => {
    const done = new Set<string>();
    await plan(500);
    const run = async (step: LeasedStep) => {
      await pause(2);
      done.add(step.id);
      agenda.finish(step);
      agenda.poke(); // whoever asks it to look while its queue is full must not stop it
    };
    agenda.start({ work: { run, giveUp } });
    await until("all steps done", async () => (await agenda.dueCount()) === 0);
    assert.equal(done.size, 500);
  });

  it("does them one by one while other work goes before, and again many at a time after it", async () => {
    let yields = true;
    let [most, done, running] = [0, 0, 0];
    const run = async (step: LeasedStep) => {
      most = Math.max(most, ++running);
      await pause(5);
      running--;
      done++;
      agenda.finish(step);
    };
    agenda = openAgenda("test", db, clock, createLog("test", "silent"), { atOnce: 4, yields: () => yields });
    await plan(40);
    agenda.start({ work: { run, giveUp } });
    await until("some are done", async () => done >= 5);
    assert.equal(most, 1);
    yields = false;
    await until("all are done", async () => (await agenda.dueCount()) === 0);
    assert.equal(done, 40);
    assert.equal(most, 4);
  });

  it("waits for business time, and does nothing before", async () => {
    let runs = 0;
    await plan(1, new Date(Date.now() + 60_000));
    agenda.start({ work: { run: async () => void runs++, giveUp } });
    await pause(700);
    assert.equal(runs, 0);
    assert.equal(await agenda.dueCount(), 0);
  });

  it("tries again what fails, and gives up when its tries are spent", async () => {
    const attempts: number[] = [];
    const given: string[] = [];
    await plan(1);
    agenda.start({
      work: {
        attempts: 3,
        run: async (step) => {
          attempts.push(step.attempt);
          throw new Error("away");
        },
        giveUp: async (step, error) => {
          given.push(error.message);
          agenda.finish(step);
        },
      },
    });
    await until("given up", async () => given.length > 0);
    assert.deepEqual(attempts, [1, 2, 3]);
    assert.deepEqual(given, ["away"]);
  });

  it("waits for whom it asks, and counts no try while nobody was asked", async () => {
    const attempts: number[] = [];
    let given = 0;
    await plan(1);
    agenda.start({
      work: {
        attempts: 3,
        run: async (step) => {
          attempts.push(step.attempt);
          agenda.poke();
          if (attempts.length < 6) throw new NotAsked("/a.B/C", 1);
          agenda.finish(step);
        },
        giveUp: async () => void given++,
      },
    });
    const looking = setInterval(agenda.poke, 10);
    await until("done", async () => (await agenda.dueCount()) === 0);
    clearInterval(looking);
    assert.deepEqual(attempts, [1, 2, 2, 2, 2, 2]);
    assert.equal(given, 0);
  });

  it("gives back what it had claimed when it is paused, so that nobody waits for its leases", async () => {
    await plan(60);
    const begun = new Set<string>();
    let end = () => {};
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    const run = async (step: LeasedStep) => {
      begun.add(step.id);
      await held;
      agenda.finish(step);
    };
    agenda.start({ work: { run, giveUp } });
    await until("as many as it does at once", async () => begun.size === 24);
    const paused = agenda.pause();
    const free = { name: "", text: "SELECT count(*)::int AS n FROM agenda WHERE lease_until IS NULL AND attempt = 0" };
    await until("the others given back", async () => (await db.query<{ n: number }>(free))[0]?.n === 36);
    end();
    await paused;
    assert.equal(begun.size, 24);
  });

  it("leaves a step to one worker of many", async () => {
    const runs = new Map<string, number>();
    await plan(200);
    const others = [agenda, ...[1, 2, 3].map(() => openAgenda("test", db, clock, createLog("test", "silent")))];
    for (const worker of others) {
      const run = async (step: LeasedStep) => {
        runs.set(step.id, (runs.get(step.id) ?? 0) + 1);
        worker.finish(step);
      };
      worker.start({ work: { run, giveUp } });
    }
    await until("all steps done", async () => (await agenda.dueCount()) === 0);
    await Promise.all(others.slice(1).map((worker) => worker.stop()));
    assert.equal(runs.size, 200);
    assert.deepEqual(new Set(runs.values()), new Set([1]));
  });
});
