import assert from "node:assert/strict";
import { newId } from "#kit/ids.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { countPast, daysOf, kitRules, periods, prune, type Rule, unworded, worded } from "#kit/retention.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { testVault } from "#kit/testing/vault.js";

describe("kit: retention", () => {
  let stage: Stage;
  let db: Database;
  const run = (text: string, values: unknown[] = []) => db.query({ name: "", text }, values);
  const rule = (name: string) => kitRules.find((it) => it.name === name) as Rule;

  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: newId("tst").toLowerCase(), poolSize: 4 });
    await migrate(db, new URL("../../refund/prisma/migrations/", import.meta.url));
    await run("CREATE TABLE wish (id TEXT, market TEXT, words JSONB, close_time TIMESTAMPTZ)");
  });
  after(async () => {
    await db?.close();
    await stage?.close();
  });

  it("removes announced facts after their time, however many, and never one that was not announced", async () => {
    const fact = `INSERT INTO outbox (event_id, subject, aggregate_id, body, traceparent, event_time, publish_time, create_time)
      SELECT $1 || n, 's', 'a', '', '', now(), $2::timestamptz, now() - interval '99 days' FROM generate_series(1, $3::int) n`;
    const days = (n: number) => new Date(Date.now() - n * 86_400_000);
    await run(fact, ["old", days(15), 1_201]);
    await run(fact, ["young", days(13), 3]);
    await run(fact, ["waiting", null, 2]);
    assert.equal(await countPast(db, rule("outbox"), new Date()), 1_201);
    const done = await Promise.all([prune(db, rule("outbox"), new Date()), prune(db, rule("outbox"), new Date())]);
    assert.equal(
      done[0] + done[1] + (await prune(db, rule("outbox"), new Date())),
      1_201,
      "each by one of two sweepers",
    );
    const left = await run("SELECT count(*)::int AS n FROM outbox");
    assert.equal(left[0].n, 5);
  });

  it("keeps answers for 30 days, what was taken in longer than any outbox, and a dead letter until it is settled", async () => {
    for (const [days, id] of [
      [29, "kept"],
      [31, "past"],
    ] as const) {
      const time = new Date(Date.now() - days * 86_400_000);
      await run("INSERT INTO request VALUES ('p', $1, '', '', 'a', $2)", [id, time]);
      await run("INSERT INTO consumed VALUES ('c', $1, $2)", [id, time]);
    }
    await run(
      "INSERT INTO dead_letter VALUES ('c', 'open', 's', '', 'r', 'o', 10, now() - interval '5 years', NULL), ('c', 'done', 's', '', 'r', 'o', 10, now(), now() - interval '91 days')",
    );
    assert.equal(await prune(db, rule("request"), new Date()), 1);
    assert.equal(await prune(db, rule("consumed"), new Date()), 0);
    assert.equal(await prune(db, rule("dead_letter"), new Date()), 1);
    assert.deepEqual(await run("SELECT request_id FROM request"), [{ request_id: "kept" }]);
    assert.deepEqual(await run("SELECT event_id FROM dead_letter"), [{ event_id: "open" }]);
  });

  it("writes people's words over when the market's years are up, by the market, and leaves open and younger ones", async () => {
    const vault = testVault(db);
    const words: Rule = {
      name: "wish.words",
      clock: "business",
      past: { table: "wish", where: `close_time < $1::timestamptz - ${daysOf("market")} AND ${worded("words")}` },
      set: unworded({ words: "jsonb" }),
    };
    const closed = new Date("2026-01-01T00:00:00Z");
    for (const [id, market, time] of [
      ["kr", "KR", closed],
      ["gb", "GB", closed],
      ["elsewhere", "XX", closed],
      ["open", "KR", null],
    ] as const) {
      const record = await vault.seal(
        { table: "wish", id },
        id,
        { words: { note: "Kim", sku: "mug" } },
        { words: ["note"] },
      );
      await run("INSERT INTO wish VALUES ($1, $2, $3, $4)", [id, market, JSON.stringify(record.words), time]);
    }
    const erased = async () =>
      (await run(`SELECT id FROM wish WHERE words = '{"note": "[erased]", "sku": "mug"}' ORDER BY id`)).map(
        ({ id }) => id,
      );
    await prune(db, words, new Date("2028-12-30T00:00:00Z"));
    assert.deepEqual(await erased(), []);
    assert.equal(await prune(db, words, new Date("2029-01-10T00:00:00Z")), 1);
    assert.deepEqual(await erased(), ["kr"]);
    assert.equal(await prune(db, words, new Date("2032-01-10T00:00:00Z")), 2);
    assert.deepEqual(await erased(), ["elsewhere", "gb", "kr"]);
    assert.equal(
      await countPast(db, words, new Date("2099-01-01T00:00:00Z")),
      0,
      "what is open is never past its time",
    );
    assert.ok(periods.every(({ source }) => source.length > 20));
  });
});
