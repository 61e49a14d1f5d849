// Connections that something between two processes has forgotten: nobody hangs up, and nothing gets through. Whoever waits
// for an answer gives them up, and goes on over new ones.
import assert from "node:assert/strict";
import { type Database, openDatabase } from "#kit/postgres.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { openProxy, type TcpProxy } from "../faults/proxy.js";

describe("a connection to Postgres that was forgotten on the way", () => {
  let stage: Stage;
  let proxy: TcpProxy;
  let db: Database;
  before(async () => {
    stage = await openStage();
    const url = new URL(stage.databaseUrl);
    url.searchParams.delete("host");
    proxy = await openProxy(Number(url.port));
    url.port = `${proxy.port}`;
    db = openDatabase({ url: url.href, schema: "public", poolSize: 2, silenceMs: 300 });
  });
  after(async () => {
    await proxy?.close();
    await db?.close();
    await stage?.close();
  });

  const one = () => db.query({ name: "", text: "SELECT 1 AS one" });

  it("is given up after a silence, the statement is to be repeated, and the next one goes through", async () => {
    await Promise.all([one(), one()]);
    assert.equal(proxy.forget(), true);
    await Promise.all([one(), one()].map((asked) => assert.rejects(asked, { reason: "STORE_UNAVAILABLE" })));
    assert.deepEqual(await Promise.all([one(), one()]), [[{ one: 1 }], [{ one: 1 }]]);
  });
});
