import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { type JetStreamManager, jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "nats";
import { declareStream } from "#kit/bus/declare.js";
import {
  advisories,
  advisoryConsumer,
  advisoryStream,
  canaryStream,
  differences,
  factConsumer,
  factStream,
} from "#kit/bus/declared.js";
import { type LocalNats, natsServers, startNats } from "#kit/local/nats.js";
import { type Ends, openEnds, poison } from "#kit/testing/busEnds.js";
import { until } from "#kit/testing/peers.js";
import { databaseUrl, testFolder } from "#kit/testing/stage.js";

const sizes = { replicas: 1, streamMb: 128 };
const text = (body: string) => Buffer.from(body);

/** Debian's, and those that NATS_SERVERS names. */
for (const binary of natsServers()) {
  const [version = ""] = /\d\S*/.exec(spawnSync(binary, ["--version"], { encoding: "utf8" }).stdout) ?? [];

  describe(`kit: the bus over nats-server ${version}`, function () {
    this.timeout(60_000);
    let nats: LocalNats;
    let ends: Ends;
    let connection: NatsConnection;
    let jsm: JetStreamManager;

    before(async () => {
      nats = await startNats({ dir: testFolder("nats"), binary });
      ends = await openEnds({
        databaseUrl: await databaseUrl(),
        natsUrl: nats.url,
        folder: testFolder("migrations"),
        bus: { lookMs: 200, sweepMs: 300 },
      });
      connection = await connect({ servers: nats.url });
      jsm = await jetstreamManager(connection);
    });
    after(async () => {
      await connection?.close();
      await ends?.close();
      await nats?.stop();
    });
    const ready = () => until("the bus is ready", async () => ends.buses[0]?.state().ready);

    it("makes streams and consumers as declared, and nothing of it is ignored", async () => {
      await ready();
      for (const wanted of [factStream("test", sizes), canaryStream(sizes), advisoryStream(sizes)])
        assert.deepEqual(differences((await jsm.streams.info(wanted.name)).config, wanted), [], wanted.name);
      assert.deepEqual(
        differences((await jsm.consumers.info("TEST", "test")).config, factConsumer("test", "test")),
        [],
      );
      const reader = await jsm.consumers.info(advisories, "test");
      assert.deepEqual(differences(reader.config, advisoryConsumer("test")), []);
    });

    it("mends what somebody changed, field by field", async () => {
      await ready();
      await jsm.streams.update("TEST", { max_age: 3_600_000_000_000, max_bytes: 1_000_000 });
      await jsm.consumers.update("TEST", "test", { max_ack_pending: 7, ack_wait: 1_000_000_000 });
      await until("both are mended", async () => {
        const [stream, consumer] = await Promise.all([jsm.streams.info("TEST"), jsm.consumers.info("TEST", "test")]);
        const wrong = [
          ...differences(stream.config, factStream("test", sizes)),
          ...differences(consumer.config, factConsumer("test", "test")),
        ];
        return wrong.length === 0;
      });
    });

    it("takes in what somebody acknowledged in its place", async () => {
      await ready();
      await Promise.all(ends.buses.map((bus) => bus.pause()));
      const [id = ""] = await ends.announce([text("acknowledged by hand")]);
      await until("it is on the bus", async () => (await ends.relays[0]?.unpublished()) === 0);
      const consumer = await jetstream(connection).consumers.get("TEST", "test");
      const message = await consumer.next({ expires: 2_000 });
      assert.equal(message?.headers?.get("ce-id"), id);
      await message?.ackAck();
      for (const bus of ends.buses) bus.resume();
      await until("it took effect", async () => (await ends.effects([id])).effected === 1);
      assert.equal((await ends.effects([id])).twice, 0);
    });

    it("announces again what a stream lost that was deleted under it, and what was told meanwhile", async () => {
      const ids = await ends.announce([text("a"), text("b"), text("c")]);
      await ends.settled(ids);
      await jsm.streams.delete("TEST");
      const more = await ends.announce([text("d")]);
      await ends.settled([...ids, ...more]);
      await until("all are in the new stream", async () => {
        const { state } = await jsm.streams.info("TEST");
        const [row] = await ends.db.query<{ n: number }>({ name: "", text: "SELECT count(*)::int AS n FROM outbox" });
        return state.messages === row?.n && (await jsm.consumers.info("TEST", "test")).num_pending === 0;
      });
      assert.deepEqual(await ends.effects([...ids, ...more]), { effected: 4, twice: 0 });
    });

    it("goes on where it was when its consumer lost its place", async () => {
      const ids = await ends.announce([text("e"), text("f")]);
      await ends.settled(ids);
      await jsm.consumers.delete("TEST", "test");
      const more = await ends.announce([text("g")]);
      await ends.settled(more);
      assert.deepEqual(await ends.effects([...ids, ...more]), { effected: 3, twice: 0 });
    });

    it("says in words what the server keeps otherwise and nobody can mend", async () => {
      await jsm.streams.add({ name: "MISMADE", subjects: ["backhaul.mismade.v1.>"], storage: StorageType.Memory });
      await assert.rejects(
        declareStream(jsm, factStream("mismade", sizes)),
        /stream MISMADE has .*storage "memory", not "file".*, and the server keeps it so/,
      );
    });
  });
  describe(`kit: what nats-server ${version} says of messages that it gave up`, function () {
    this.timeout(60_000);
    let nats: LocalNats;
    let ends: Ends;

    before(async () => {
      nats = await startNats({ dir: testFolder("nats"), binary });
      const [url, folder] = [await databaseUrl(), testFolder("migrations")];
      // Nobody sweeps here: what is found is found by what the server says.
      ends = await openEnds({ databaseUrl: url, natsUrl: nats.url, folder, bus: { sweepMs: 3_600_000 } });
    });
    after(async () => {
      await ends?.close();
      await nats?.stop();
    });

    it("is read, so that none is parked without a word: it is taken in, or a dead letter", async () => {
      const [bus] = ends.buses;
      await bus?.pause();
      const ids = await ends.announce([text("parked"), poison]);
      await until("they are on the bus", async () => (await ends.relays[0]?.unpublished()) === 0);
      const connection = await connect({ servers: nats.url });
      const jsm = await jetstreamManager(connection);
      await jsm.consumers.update("TEST", "test", { max_deliver: 2 });
      const consumer = await jetstream(connection).consumers.get("TEST", "test");
      for (let i = 0; i < 4; i++) (await consumer.next({ expires: 2_000 }))?.nak();
      assert.equal(await consumer.next({ expires: 1_000 }), null);
      const parked = await jsm.consumers.info("TEST", "test");
      assert.deepEqual([parked.num_pending, parked.num_ack_pending], [0, 0], "the server has them no more");

      bus?.resume();
      await ends.settled(ids);
      assert.deepEqual(await ends.effects(ids), { effected: 1, twice: 0 });
      const [letter] = await ends.letters();
      assert.deepEqual([letter?.eventId, letter?.deliveries], [ids[1], 2]);
      await connection.close();
    });
  });
}

describe("kit: the bus over other servers", () => {
  it("is tried over each that NATS_SERVERS names, beside the one that is found", function () {
    if (natsServers().length === 1) this.skip();
  });
});
