// Three nats-servers that keep each fact three times, and the leader killed with -9 again and again under publishing: with
// every nats-server that is found here.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { natsServers } from "#kit/local/nats.js";
import { killLeaders } from "#kit/testing/leaderKills.js";
import { startNatsCluster } from "#kit/testing/natsCluster.js";
import { openBusHouse } from "./busHouse.js";
import type { Draw } from "./options.js";
import { number, type Proof, type Say } from "./proof.js";

const kills = 5;
const gapMax = 10_000;

export async function provenCluster(say: Say, { count = kills }: Draw): Promise<Proof[]> {
  const house = await openBusHouse();
  const proofs: Proof[] = [];
  try {
    for (const [i, binary] of natsServers().entries()) {
      const cluster = await startNatsCluster(join(house.dir, `cluster-${i}`), binary);
      const { version } = cluster.servers[0] as { version: string };
      say(`  nats-server ${version}`);
      try {
        const sizes = { replicas: 3, streamMb: 64 };
        const ends = await house.open(cluster.url, { replicas: 2, bus: { sizes } });
        try {
          const { told, lost, twice, gapMs, slowestMs } = await killLeaders(cluster, ends, count);
          proofs.push({
            asked: `nats-server ${version}, three of them, the leader killed ${count} times: 0 lost, 0 double, never ${gapMax / 1000} s without a fact`,
            counted: `${number(told)} facts, ${lost} lost, ${twice} twice, longest time without a fact ${(gapMs / 1000).toFixed(1)} s, slowest fact ${(slowestMs / 1000).toFixed(1)} s`,
            ok: lost === 0 && twice === 0 && gapMs <= gapMax,
          });
        } finally {
          await ends.close();
        }
      } finally {
        await cluster.stop();
      }
    }
    return proofs;
  } finally {
    await house.close();
    rmSync(house.dir, { recursive: true, force: true });
  }
}
