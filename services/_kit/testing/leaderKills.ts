// Kills the leader of a stream with -9, again and again, while facts are told: what is lost, what happens twice, and for how
// long nothing gets through.
import type { Ends } from "./busEnds.js";
import type { NatsCluster } from "./natsCluster.js";
import { until } from "./peers.js";

export type Survived = {
  readonly told: number;
  readonly kills: number;
  readonly lost: number;
  readonly twice: number;
  /** The longest time in which the bus took no fact. */
  readonly gapMs: number;
  /** The longest time from a fact's commit until the bus had it. */
  readonly slowestMs: number;
};

/** @param kills how often @param leadMs between a server that is back and the next kill */
export async function killLeaders(cluster: NatsCluster, ends: Ends, kills: number, leadMs = 500): Promise<Survived> {
  const ids: string[] = [];
  let done = false;
  const telling = (async () => {
    for (let i = 0; !done; i++) {
      ids.push(...(await ends.announce(Array.from({ length: 10 }, (_, j) => Buffer.from(`fact ${i}.${j}`)))));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  for (let i = 0; i < kills; i++) {
    const leader = await until("the stream has a leader", () => cluster.leaderOf("TEST"), 30_000);
    await leader.kill();
    await until(
      "another leads",
      async () => {
        const next = await cluster.leaderOf("TEST");
        return next && next !== leader;
      },
      30_000,
    );
    await leader.restart();
    await new Promise((resolve) => setTimeout(resolve, leadMs));
  }
  done = true;
  await telling;
  await ends.settled(ids, 60_000);
  const { effected, twice } = await ends.effects(ids);
  const text = `SELECT max(gap)::int AS gap, max(slow)::int AS slow FROM (
      SELECT extract(epoch FROM publish_time - lag(publish_time) OVER (ORDER BY publish_time)) * 1000 AS gap,
        extract(epoch FROM publish_time - create_time) * 1000 AS slow
      FROM outbox WHERE event_id = ANY($1)) times`;
  const [row] = await ends.db.query<{ gap: number; slow: number }>({ name: "gap", text }, [ids]);
  const [gapMs, slowestMs] = [row?.gap ?? 0, row?.slow ?? 0];
  return { told: ids.length, kills, lost: ids.length - effected, twice, gapMs, slowestMs };
}
