// Facts that were announced while the bus was away wait in the outbox, and all go out when it is back.
import assert from "node:assert/strict";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import { newId } from "#kit/ids.js";
import { type Ends, openEnds, subject } from "#kit/testing/busEnds.js";
import { openStage, type Stage, testFolder } from "#kit/testing/stage.js";

const kib = 1024;

describe("kit: facts that waited for the bus", () => {
  let stage: Stage;
  let ends: Ends;
  before(async () => {
    stage = await openStage();
    const { databaseUrl, nats } = stage;
    ends = await openEnds({ databaseUrl, natsUrl: nats.url, folder: testFolder("migrations"), replicas: 2 });
  });
  after(async () => {
    await ends?.close();
    await stage?.close();
  });

  /** Facts as commits leave them whose process had no room for them. */
  async function waiting(count: number, size: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => newId("evt"));
    const text = `INSERT INTO outbox (event_id, subject, aggregate_id, body, traceparent, event_time)
      SELECT id, $2, 'thg', convert_to(repeat('x', $3::int), 'UTF8'), '', now() FROM unnest($1::text[]) AS it(id)`;
    await ends.db.query({ name: "", text }, [ids, subject, size]);
    return ids;
  }
  const published = async () => {
    const bus = await connect({ servers: stage.nats.url });
    const manager = await jetstreamManager(bus);
    const { state } = await manager.streams.info("TEST");
    await bus.close();
    return state.messages;
  };

  it("arrive by the thousands, each once, though two replicas fetch them", async () => {
    const before = await published();
    await stage.nats.kill();
    const ids = await waiting(5_000, 300);
    await stage.nats.restart();
    await ends.settled(ids, 30_000);
    assert.deepEqual(await ends.effects(ids), { effected: 5_000, twice: 0 });
    assert.equal((await published()) - before, 5_000);
  });

  it("arrive where they are as large as they may be, a few at a time", async () => {
    const ids = await waiting(60, 900 * kib);
    await ends.settled(ids, 30_000);
    assert.deepEqual(await ends.effects(ids), { effected: 60, twice: 0 });
  });
}).timeout(60_000);
