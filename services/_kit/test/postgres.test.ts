import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { type Database, openDatabase, violated } from "#kit/postgres.js";
import { until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";

/** Lets everybody in, and is ended by its administrator with the same bytes. */
async function breathless(): Promise<Server> {
  const letIn = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
  const said = Buffer.from("SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0");
  const ended = Buffer.concat([Buffer.from([0x45, 0, 0, 0, said.length + 4]), said]);
  const server = createServer((comer) => {
    comer.on("error", () => {});
    comer.once("data", () => comer.end(Buffer.concat([letIn, ended])));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

describe("the kit's database", () => {
  let stage: Stage;
  let db: Database;
  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: "public", poolSize: 1 });
    await run("CREATE TEMP TABLE one (id int PRIMARY KEY)");
  });
  after(async () => {
    await db?.close();
    await stage?.close();
  });

  const run = (text: string, name = "") => db.query({ name, text });
  const connection = async () => (await run("SELECT pg_backend_pid() AS pid"))[0].pid;

  it("keeps a connection, with its plans, when Postgres refuses what a statement would do", async () => {
    const before = await connection();
    await run("INSERT INTO one VALUES (1)", "insert");
    for (let i = 0; i < 3; i++) {
      await assert.rejects(run("INSERT INTO one VALUES (1)", "insert"), (error) => violated(error) === "one_pkey");
    }
    assert.equal(await connection(), before);
  });

  it("takes a new connection where a plan is stale, and the statement works again", async () => {
    await run("CREATE TABLE IF NOT EXISTS two (id int)");
    await run("SELECT * FROM two", "two");
    const before = await connection();
    await run("ALTER TABLE two ADD COLUMN more int");
    await assert.rejects(run("SELECT * FROM two", "two"), { code: "0A000" });
    assert.deepEqual(await run("SELECT * FROM two", "two"), []);
    assert.notEqual(await connection(), before);
  });

  it("runs a statement again that Postgres gave up because two waited for each other", async () => {
    await run("DROP TABLE IF EXISTS pair");
    await run("CREATE TABLE pair AS SELECT id, 0 AS n FROM generate_series(1, 2) AS id");
    const other = openDatabase({ url: stage.databaseUrl, schema: "public", poolSize: 2 });
    const client = await other.pool.connect();
    await client.query("BEGIN; UPDATE pair SET n = n + 10 WHERE id = 2");
    const both = run(`WITH first AS (UPDATE pair SET n = n + 1 WHERE id = 1 RETURNING id)
      UPDATE pair SET n = n + 1 FROM first WHERE pair.id = first.id + 1`);
    await until("it waits", async () => {
      const waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'WITH first%'";
      return (await other.pool.query(waits)).rowCount === 1;
    });
    // Its own wait is the older one, so it is the one given up.
    await client.query("UPDATE pair SET n = n + 10 WHERE id = 1; COMMIT");
    await both;
    assert.deepEqual(await run("SELECT n FROM pair"), [{ n: 11 }, { n: 11 }]);
    client.release();
    await other.close();
  });

  it("lives through a server that opens a connection and ends it in one breath", async () => {
    const server = await breathless();
    const { port } = server.address() as AddressInfo;
    const short = openDatabase({ url: `postgresql://backhaul@127.0.0.1:${port}/x`, schema: "public", poolSize: 1 });
    await assert.rejects(short.query({ name: "", text: "SELECT 1" }), { reason: "STORE_UNAVAILABLE" });
    await short.close();
    server.close();
  });

  it("takes a new connection after the server has ended the old one, and the process lives", async () => {
    const before = await connection();
    await assert.rejects(run(`SELECT pg_terminate_backend(${before})`), { reason: "STORE_UNAVAILABLE" });
    assert.notEqual(await connection(), before);
  });
});
