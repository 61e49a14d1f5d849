import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, headers } from "nats";
import { RefundGranted } from "#gen/backhaul/refund/v1/refund_events.js";
import { openPatience, Unreadable } from "#kit/bus/poison.js";
import { ownCall } from "#kit/call.js";
import { RpcError, Unavailable } from "#kit/errors.js";
import { hear } from "#kit/facts.js";
import { type LocalNats, startNats } from "#kit/local/nats.js";
import { type Ends, openEnds, poison, subject } from "#kit/testing/busEnds.js";
import { until } from "#kit/testing/peers.js";
import { databaseUrl, testFolder } from "#kit/testing/stage.js";

describe("kit: a fact that cannot be taken in", () => {
  const broken = new Error("broken");

  it("comes again ten times, and no wait together takes longer than half a minute", () => {
    const patience = openPatience(10);
    let waited = 0;
    for (let i = 1; i < 10; i++) waited += patience.failed("T:1", broken, waited) ?? Number.NaN;
    assert.equal(patience.failed("T:1", broken, waited), undefined);
    assert.ok(waited > 20_000 && waited < 30_000, `${waited} ms`);
  });

  it("has less than a minute where other replicas see it, too", () => {
    const patience = openPatience(10);
    assert.ok(patience.failed("T:1", broken, 0));
    assert.equal(patience.failed("T:1", broken, 30_000), undefined);
  });

  it("is given up at once if nobody can read it, ever", () => {
    assert.equal(openPatience(10).failed("T:1", new Unreadable("no message"), 0), undefined);
  });

  it("waits for whatever is away, for hours, and has all its deliveries left then", () => {
    const patience = openPatience(3);
    const away = [
      new Unavailable("STORE_UNAVAILABLE", "away"),
      new RpcError(status.UNAVAILABLE, "UPSTREAM_UNAVAILABLE", "away", {}, "m"),
      new RpcError(status.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", "late", {}, "m"),
    ];
    for (let at = 0; at < 3_600_000; at += 5_000) assert.ok(patience.failed("T:1", away[at % 3], at));
    for (const at of [3_600_000, 3_600_200]) assert.ok(patience.failed("T:1", broken, at));
    assert.equal(patience.failed("T:1", broken, 3_600_600), undefined);
    assert.equal(patience.failed("T:2", away[0], 0) !== undefined, true);
    assert.equal(patience.failed("T:2", away[0], 7 * 3_600_000), undefined, "then somebody must look");
  });

  it("has fewer deliveries where so many fail that they stand in each other's way", () => {
    const patience = openPatience(10);
    for (let i = 0; i < 200; i++) patience.failed(`T:${i}`, broken, 0);
    assert.ok(patience.failed("T:7", broken, 200));
    assert.equal(patience.failed("T:7", broken, 600), undefined);
  });

  it("is unreadable if its body is no message of its type", async () => {
    const handler = hear(RefundGranted, async () => {});
    const fact = { eventId: "evt_1", subject: "backhaul.refund.v1.RefundGranted", body: Buffer.from([0x0a, 0xff]) };
    await assert.rejects(handler(fact, ownCall("test")), Unreadable);
  });
});

describe("kit: poison on the bus", function () {
  this.timeout(60_000);
  let nats: LocalNats;
  let ends: Ends;

  before(async () => {
    nats = await startNats({ dir: testFolder("nats") });
    const [url, folder] = [await databaseUrl(), testFolder("migrations")];
    ends = await openEnds({ databaseUrl: url, natsUrl: nats.url, folder, replicas: 2, bus: { deliveriesMax: 4 } });
  });
  after(async () => {
    await ends?.close();
    await nats?.stop();
  });

  it("is a dead letter at the first delivery if it says no id, or another type than its subject", async () => {
    const connection = await connect({ servers: nats.url });
    const js = jetstream(connection);
    const nameless = headers();
    nameless.set("ce-type", subject);
    const strange = headers();
    strange.set("ce-type", subject);
    strange.set("ce-id", "evt_strange");
    const { seq } = await js.publish(subject, "nameless", { headers: nameless });
    await js.publish("backhaul.test.v1.Other", "strange", { headers: strange });
    const letters = await until("both are dead letters", async () => {
      const found = await ends.letters();
      return found.length === 2 && found;
    });
    assert.deepEqual(
      letters.map(({ eventId, reason, deliveries }) => [eventId, reason, deliveries]),
      [
        [`TEST:${seq}`, "Unreadable", 1],
        ["evt_strange", "Unreadable", 1],
      ].sort(),
    );
    await connection.close();
  });

  it("among a thousand facts holds nobody up, and is in the dead letters within a minute", async () => {
    const bodies = (label: string, share: number) =>
      Array.from({ length: 1_000 }, (_, i) => (i % 100 < share ? poison : Buffer.from(`${label} ${i}`)));
    await ends.settled(await ends.announce(bodies("warm", 0)));
    const clean = await ends.announce(bodies("clean", 0));
    await ends.settled(clean);
    const mixed = await ends.announce(bodies("mixed", 1));
    await ends.settled(mixed, 60_000);

    const [before, after] = [await p99(clean), await p99(mixed)];
    assert.deepEqual(await ends.effects(mixed), { effected: 990, twice: 0 });
    const dead = (await ends.letters()).filter(({ eventId }) => mixed.includes(eventId));
    assert.equal(dead.length, 10);
    assert.ok(dead.every(({ seconds }) => seconds < 60));
    // A thousand facts in one commit take a second or so; what poison adds is looked for, not what this machine does beside.
    assert.ok(after <= before * 1.5 + 500, `p99 ${before} ms without, ${after} ms with poison`);

    const connection = await connect({ servers: nats.url });
    const info = await (await jetstreamManager(connection)).consumers.info("TEST", "test");
    assert.deepEqual([info.num_pending, info.num_ack_pending], [0, 0], "and none is parked");
    await connection.close();
  });

  async function p99(ids: readonly string[]): Promise<number> {
    const text = `SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM e.at - o.create_time) * 1000) AS ms
      FROM effect e JOIN outbox o USING (event_id) WHERE event_id = ANY($1)`;
    const [row] = await ends.db.query<{ ms: number }>({ name: "p99", text }, [ids]);
    return Math.round(row?.ms ?? Number.NaN);
  }
});
