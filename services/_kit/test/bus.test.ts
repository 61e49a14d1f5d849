import assert from "node:assert/strict";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { type Bus, openBus } from "#kit/bus.js";
import { commit, commitStatement, type Followers } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import { createLog } from "#kit/log.js";
import { migrate } from "#kit/migrate.js";
import { openRelay, type Relay } from "#kit/outbox.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { spanned, traceId } from "#kit/telemetry.js";
import { until } from "#kit/testing/peers.js";
import { openStage, type Stage, testFolder } from "#kit/testing/stage.js";
import { kitMigrations } from "#kit/testing/tables.js";

describe("kit: outbox → bus → handler", () => {
  let stage: Stage;
  let db: Database;
  let relay: Relay;
  let bus: Bus;
  const heard: { eventId: string; body: string; trace: string }[] = [];
  const log = createLog("test", "silent");
  const subject = "backhaul.test.v1.Happened";
  const insert = commitStatement("thing.insert", "INSERT INTO thing (id) VALUES ($1) RETURNING id");

  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: newId("tst").toLowerCase(), poolSize: 5 });
    await migrate(db, kitMigrations(testFolder("migrations")));
    await db.query({ name: "", text: "CREATE TABLE thing (id TEXT PRIMARY KEY)" });
    relay = openRelay("test", db, log);
    bus = openBus({ url: stage.nats.url, service: "test", announces: true }, db, relay, log);
    relay.start();
    bus.start({
      [subject]: async ({ eventId, body }) => {
        heard.push({ eventId, body: Buffer.from(body).toString(), trace: traceId() });
      },
    });
    await until("the bus is there", async () => bus.connected);
  });
  after(async () => {
    await relay?.stop();
    await bus?.stop();
    await db?.close();
    await stage?.close();
  });

  const followers: Followers = {
    now: () => new Date(),
    announce: (rows) => relay.announce(rows),
    hasRoom: (of) => of === "facts" && relay.hasRoom(),
    take: () => {},
  };
  /** Commits a fact inside a trace; answers the trace's id. */
  async function announce(text: string): Promise<string> {
    let trace = "";
    await spanned("test", "INTERNAL", ROOT_CONTEXT, async () => {
      trace = traceId();
      const token = { kind: "fact", consumer: "test", eventId: newId("evt") } as const;
      const facts = [{ subject, body: Buffer.from(text) }];
      await commit(db, followers, insert, [newId("thg")], { token, facts, steps: [], dropped: [] });
    });
    return trace;
  }
  const heardOf = (text: string) =>
    until(`${text} heard`, async () => heard.find((fact) => fact.body === text), 20_000);

  it("leaves no connection behind when it is stopped while it connects", async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
    const before = sockets();
    const passing = openBus(
      { url: stage.nats.url, service: "passing", announces: false },
      db,
      openRelay("passing", db, log),
      log,
    );
    passing.start({});
    await passing.stop();
    await until("as many sockets as before", async () => sockets() === before, 3_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(sockets(), before);
  });

  it("brings a fact to its handler, in the trace it was announced in", async () => {
    const trace = await announce("traced");
    assert.match(trace, /^[0-9a-f]{32}$/);
    assert.notEqual(trace, "0".repeat(32));
    assert.equal((await heardOf("traced")).trace, trace);
    assert.equal(await relay.unpublished(), 0);
  });

  it("brings what was announced while the bus was away", async () => {
    await stage.nats.kill();
    await announce("while away");
    assert.equal(await relay.unpublished(), 1);
    await stage.nats.restart();
    await heardOf("while away");
    await until("marked", async () => (await relay.unpublished()) === 0);
  });

  it("announces everything again to a bus that lost its store", async () => {
    await announce("before the loss");
    await heardOf("before the loss");
    await relay.unpublished();
    heard.length = 0;
    await stage.nats.wipe();
    await heardOf("before the loss");
    await heardOf("traced");
  });
}).timeout(40_000);
