// A relay that reads on from where it was would miss what began earlier and was committed later. Ours looks at each row.
import assert from "node:assert/strict";
import pg from "pg";
import { openBus } from "#kit/bus.js";
import { newId } from "#kit/ids.js";
import { createLog } from "#kit/log.js";
import { migrate } from "#kit/migrate.js";
import { openRelay } from "#kit/outbox.js";
import { openDatabase } from "#kit/postgres.js";
import { until } from "#kit/testing/peers.js";
import { openStage, testFolder } from "#kit/testing/stage.js";
import { kitMigrations } from "#kit/testing/tables.js";

describe("kit: the outbox", () => {
  it("brings a fact whose commit ended after that of a later one", async () => {
    const stage = await openStage();
    const schema = newId("tst").toLowerCase();
    const db = openDatabase({ url: stage.databaseUrl, schema, poolSize: 5 });
    const log = createLog("test", "silent");
    const relay = openRelay("test", db, log);
    const bus = openBus({ url: stage.nats.url, service: "test", announces: true }, db, relay, log);
    const slow = new pg.Client({ connectionString: stage.databaseUrl, options: `-c search_path=${schema}` });
    const write = `INSERT INTO outbox (event_id, subject, aggregate_id, body, traceparent, event_time)
      VALUES ($1, 'backhaul.test.v1.Happened', 'thg_1', 'x', '', now())`;
    const published = async (eventId: string): Promise<boolean> => {
      const text = "SELECT publish_time IS NOT NULL AS done FROM outbox WHERE event_id = $1";
      return (await db.query<{ done: boolean }>({ name: "", text }, [eventId]))[0]?.done ?? false;
    };
    try {
      await migrate(db, kitMigrations(testFolder("migrations")));
      await slow.connect();
      relay.start();
      bus.start({});
      await until("the bus is there", async () => bus.connected);

      await slow.query("BEGIN");
      await slow.query(write, ["evt_early"]);
      await db.query({ name: "", text: write }, ["evt_late"]);
      await until("the later one is on the bus", () => published("evt_late"));
      await slow.query("COMMIT");
      await until("the earlier one is, too", () => published("evt_early"), 5_000);
      assert.equal(await relay.unpublished(), 0);
    } finally {
      await slow.end();
      await relay.stop();
      await bus.stop();
      await db.close();
      await stage.close();
    }
  }).timeout(30_000);
});
