// What this machine can do at most, measured in the same run: calls, commits and publishes with nothing else in them.
import { jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { connect } from "nats";
import pg from "pg";
import { ClockServiceService } from "#gen/backhaul/sandbox/v1/clock_service.js";
import type { Connect } from "#kit/client.js";

export type Ceilings = {
  readonly callsPerSecond: number;
  readonly commitsPerSecond: number;
  readonly publishesPerSecond: number;
};

/** Runs `work` with this many at a time for about `ms`; answers how often per second it ended. */
async function rate(atOnce: number, ms: number, work: () => Promise<unknown>): Promise<number> {
  const end = performance.now() + ms;
  const begin = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() < end) {
        await work();
        done++;
      }
    }),
  );
  return (done * 1000) / (performance.now() - begin);
}

export async function measureCeilings(
  connectTo: Connect,
  databaseUrl: string,
  natsUrl: string,
  ms = 3000,
): Promise<Ceilings> {
  const clock = connectTo(ClockServiceService);
  const callsPerSecond = await rate(32, ms, () => clock.getClock({}));

  const pool = new pg.Pool({ connectionString: databaseUrl, max: 8 });
  await pool.query("CREATE SCHEMA IF NOT EXISTS bench");
  await pool.query("CREATE TABLE IF NOT EXISTS bench.row (id BIGSERIAL PRIMARY KEY, body TEXT NOT NULL)");
  const insert = { name: "bench.insert", text: "INSERT INTO bench.row (body) VALUES ($1)", values: ["x".repeat(100)] };
  const commitsPerSecond = await rate(8, ms, () => pool.query(insert));
  await pool.query("DROP SCHEMA bench CASCADE");
  await pool.end();

  const nats = await connect({ servers: natsUrl });
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name: "BENCH", subjects: ["bench.>"], storage: StorageType.File });
  const js = jetstream(nats);
  const body = new Uint8Array(200);
  const publishesPerSecond = await rate(64, ms, () => js.publish("bench.x", body));
  await manager.streams.delete("BENCH");
  await nats.close();
  return { callsPerSecond, commitsPerSecond, publishesPerSecond };
}
