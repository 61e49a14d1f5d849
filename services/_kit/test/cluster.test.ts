import assert from "node:assert/strict";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import { type Ends, openEnds } from "#kit/testing/busEnds.js";
import { killLeaders } from "#kit/testing/leaderKills.js";
import { type NatsCluster, startNatsCluster } from "#kit/testing/natsCluster.js";
import { until } from "#kit/testing/peers.js";
import { databaseUrl, testFolder } from "#kit/testing/stage.js";

describe("kit: the bus over three servers", function () {
  this.timeout(120_000);
  let cluster: NatsCluster;
  let ends: Ends;

  before(async () => {
    cluster = await startNatsCluster(testFolder("cluster"));
    ends = await openEnds({
      databaseUrl: await databaseUrl(),
      natsUrl: cluster.url,
      folder: testFolder("migrations"),
      replicas: 2,
      bus: { sizes: { replicas: 3, streamMb: 32 } },
    });
  });
  after(async () => {
    await ends?.close();
    await cluster?.stop();
  });

  it("keeps every fact three times, and loses and doubles none when the leader is killed with -9", async () => {
    await until("the bus is ready", async () => ends.buses.every((bus) => bus.state().ready));
    const connection = await connect({ servers: cluster.url.split(",") });
    const jsm = await jetstreamManager(connection);
    const { created } = await jsm.streams.info("TEST");
    const survived = await killLeaders(cluster, ends, 1);
    assert.deepEqual([survived.lost, survived.twice], [0, 0]);
    // Raft elects within 4 to 9 s; the rest is this machine's.
    assert.ok(survived.gapMs < 20_000, `${survived.gapMs} ms without a fact`);
    const { config, cluster: raft, ...now } = await jsm.streams.info("TEST");
    assert.deepEqual([config.num_replicas, raft?.replicas?.length], [3, 2]);
    assert.equal(now.created, created, "whoever leads it, it is the same stream, and nothing is announced again");
    await connection.close();
  });
});
