import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import { readLying } from "#kit/bus/reading.js";
import { type LocalNats, startNats } from "#kit/local/nats.js";
import { type Ends, openEnds } from "#kit/testing/busEnds.js";
import { until } from "#kit/testing/peers.js";
import { databaseUrl, testFolder } from "#kit/testing/stage.js";

describe("kit: a bus that lost what it had, and two replicas that know better", function () {
  this.timeout(60_000);
  const dir = testFolder("nats");
  let nats: LocalNats;
  let ends: Ends;
  let told = 0;

  before(async () => {
    nats = await startNats({ dir });
    const [url, folder] = [await databaseUrl(), testFolder("migrations")];
    const bus = { lookMs: 300, sweepMs: 500 };
    ends = await openEnds({ databaseUrl: url, natsUrl: nats.url, folder, replicas: 2, bus });
  });
  after(async () => {
    await ends?.close();
    await nats?.stop();
  });

  const announce = (count: number, replica = 0) =>
    ends.announce(
      Array.from({ length: count }, () => Buffer.from(`fact ${told++}`)),
      replica,
    );

  /** Each row of the outbox lies in the stream where it says. */
  async function isWhole(): Promise<boolean> {
    const connection = await connect({ servers: nats.url });
    try {
      const jsm = await jetstreamManager(connection);
      const { created } = await jsm.streams.info("TEST");
      const rows = await ends.db.query<{ id: string; sequence: bigint | null; created: string }>({
        name: "outbox.where",
        text: `SELECT event_id AS id, stream_seq AS sequence, stream_created AS created FROM outbox`,
      });
      if (rows.some((row) => row.created !== created)) return false;
      const sequences = rows.map(({ sequence }) => Number(sequence));
      const lying = await readLying(jsm, "TEST", sequences);
      const ids = new Map(lying.map(({ sequence, headers }) => [sequence, headers?.get("ce-id")]));
      return rows.every(({ id, sequence }) => ids.get(Number(sequence)) === id);
    } finally {
      await connection.close();
    }
  }
  async function wholeAgain(ids: readonly string[]): Promise<void> {
    await ends.settled(ids, 30_000);
    await until("all of it is on the bus", isWhole, 30_000);
    assert.deepEqual(await ends.effects(ids), { effected: ids.length, twice: 0 });
  }

  it("announce all of it again when the store was deleted, and what was told meanwhile", async () => {
    const before = await announce(100);
    await ends.settled(before);
    await nats.kill();
    const meanwhile = await announce(50, 1);
    await nats.wipe();
    await wholeAgain([...before, ...meanwhile]);
  });

  it("believe nothing that the lost store acknowledged while it went down", async () => {
    for (let round = 0; round < 2; round++) {
      const ids = await announce(200);
      await until("some have come", async () => (await ends.effects(ids)).effected > 0);
      await nats.wipe();
      await wholeAgain(ids);
    }
  });

  it("announce again what is missing in a store that is older than they are", async () => {
    const before = await announce(100);
    await ends.settled(before);
    await nats.stop();
    cpSync(join(dir, "store"), join(dir, "older"), { recursive: true });
    await nats.restart();
    const forgotten = await announce(200, 1);
    await ends.settled(forgotten);
    await nats.kill();
    rmSync(join(dir, "store"), { recursive: true, force: true });
    cpSync(join(dir, "older"), join(dir, "store"), { recursive: true });
    const meanwhile = await announce(20);
    await nats.restart();
    await wholeAgain([...before, ...forgotten, ...meanwhile]);
  });

  it("notice where another fact lies than the one that they told", async () => {
    // As in a store that came back older and grew again before anybody compared.
    const ids = await announce(10);
    await ends.settled(ids);
    const text = `UPDATE outbox SET stream_seq = stream_seq - 1, publish_time = now() - interval '1 minute'
      WHERE event_id = ANY($1)`;
    await ends.db.query({ name: "", text }, [ids]);
    await ends.db.query({ name: "", text: "UPDATE sweep SET sequence = 0 WHERE name LIKE 'told%'" });
    await wholeAgain(ids);
  });
});
