import assert from "node:assert/strict";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { booksOf, spoilable } from "./books.js";
import { type House, openHouse } from "./house.js";

type RunRow = { run_id: string; start_time: Date; end_time: Date; found: number };

describe("reconciler: schedule and replicas", () => {
  let house: House;
  afterEach(() => house?.close());

  const runs = () => house.rows<RunRow>("SELECT * FROM run ORDER BY run_id");
  const steps = () => house.rows<{ due_time: Date }>("SELECT due_time FROM agenda WHERE step = 'reconcile'");

  it("runs by itself, again and again, and finds what went wrong in between", async () => {
    house = await openHouse({ RECONCILE_EVERY_MS: "1000" });
    await until("a first run", async () => (await runs()).length > 0);
    const books = booksOf([spoilable]);
    books.lines = [];
    await house.open(books);
    await until("a run that finds it", async () => (await house.breaks("OPEN")).length === 1);
    await until("a later run", async () => (await runs()).at(-1)?.found === 0);
    assert.equal((await steps()).length, 1);
  });

  it("makes up for a run that failed with the next one", async () => {
    house = await openHouse({ RECONCILE_EVERY_MS: "1000" });
    await until("a first run", async () => (await runs()).length > 0);
    let failures = 0;
    house.systems.atStatement = async () => {
      failures++;
      house.systems.atStatement = async () => {};
      throw new Error("the provider is away");
    };
    await until("a failure", async () => failures > 0);
    const before = (await runs()).length;
    await until("a run after it", async () => (await runs()).length > before);
    assert.equal((await steps()).length, 1);
  });

  it("has one schedule and one run at a time, however many replicas there are", async () => {
    house = await openHouse({ RECONCILE_EVERY_MS: "1000" });
    await Promise.all([house.addReplica(), house.addReplica()]);
    let reading = 0;
    let most = 0;
    house.systems.atStatement = async () => {
      most = Math.max(most, ++reading);
      await new Promise((resolve) => setTimeout(resolve, 30));
      reading--;
    };
    const clients = [0, 1, 2].map((replica) => house.as("OPERATOR", "olga", replica));
    const requests = Array.from({ length: 9 }, (_, i) => clients[i % 3]!.reconcile({ requestId: newId("req") }));
    const answers = await Promise.all(requests);
    assert.equal(new Set(answers.map(({ run }) => run!.runId)).size, 9);
    assert.equal(most, 1);
    assert.equal((await steps()).length, 1);
    const all = await runs();
    const overlaps = all.filter((run, i) => i > 0 && run.start_time < all[i - 1]!.end_time);
    assert.deepEqual(overlaps, []);
  });

  it("gives one request one run, whichever replicas it reaches", async () => {
    house = await openHouse();
    await house.addReplica();
    const answers = await Promise.all(
      [0, 1].map((n) => house.as("OPERATOR", "olga", n).reconcile({ requestId: "once" })),
    );
    assert.equal(new Set(answers.map(({ run }) => run!.runId)).size, 1);
  });

  it("pauses between scheduled runs, but not before one that is asked for", async () => {
    house = await openHouse({ RECONCILE_EVERY_MS: "1000", RECONCILE_PAUSE_MS: "600000" });
    await until("a first run", async () => (await runs()).length === 1);
    const [{ due_time: due } = { due_time: new Date() }] = await steps();
    await until("two ticks", async () => (await steps())[0]!.due_time.getTime() > due.getTime() + 1_500);
    assert.equal((await runs()).length, 1);
    await house.run();
    assert.equal((await runs()).length, 2);
  });

  it("lives on when its connections are cut in the middle of a run, and gives way to the others", async () => {
    house = await openHouse();
    await until("a first run", async () => (await runs()).length === 1);
    await house.addReplica();
    let cut = false;
    house.systems.atStatement = async () => {
      if (cut) return;
      cut = true;
      await house.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()",
        [`backhaul-${house.env.DATABASE_SCHEMA}`],
      );
    };
    await house.run().catch(() => {});
    assert.ok(cut);
    const { run } = await house.as("OPERATOR", "olga", 1).reconcile({ requestId: newId("req") });
    assert.ok(run);
    await house.run();
  });
});
