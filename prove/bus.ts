// The bus at size: poison holds nobody up and is not parked, and no order, doubling or replay of deliveries has any effect
// but one of each fact, under three replicas.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import type { OutboxRow } from "#kit/commit.js";
import { type LocalNats, startNats } from "#kit/local/nats.js";
import { publishFact } from "#kit/outbox.js";
import { type Ends, poison } from "#kit/testing/busEnds.js";
import { openBusHouse } from "./busHouse.js";
import { chanceOf } from "./chance.js";
import type { Draw } from "./options.js";
import { atOnce, number, type Proof, type Say } from "./proof.js";

const facts = 10_000;
/** One in so many is poison. */
const share = 100;
const secondsMax = 60;

export async function provenBus(say: Say, { count = facts, seed }: Draw): Promise<Proof[]> {
  const house = await openBusHouse();
  const nats = await startNats({ dir: join(house.dir, "nats") });
  try {
    const ends = await house.open(nats.url, { replicas: 3, bus: { sizes: { replicas: 1, streamMb: 512 } } });
    try {
      return [await provenPoison(ends, nats, count, say), await provenOrders(ends, nats, count, seed, say)];
    } finally {
      await ends.close();
    }
  } finally {
    await nats.kill();
    await house.close();
    rmSync(house.dir, { recursive: true, force: true });
  }
}

/** Told a hundred at a time, as commits do that meet; in the end all are settled. */
async function told(ends: Ends, bodies: readonly Buffer[]): Promise<string[]> {
  const commits = Array.from({ length: Math.ceil(bodies.length / 100) }, (_, i) =>
    bodies.slice(i * 100, i * 100 + 100),
  );
  const ids = (await atOnce(commits, 2, (some, i) => ends.announce(some, i % 3))).flat();
  await ends.settled(ids, 10 * 60_000);
  return ids;
}

async function p99(ends: Ends, ids: readonly string[]): Promise<number> {
  const text = `SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM e.at - o.create_time) * 1000) AS ms
    FROM effect e JOIN outbox o USING (event_id) WHERE event_id = ANY($1)`;
  const [row] = await ends.db.query<{ ms: number }>({ name: "p99", text }, [ids]);
  return row?.ms ?? Number.NaN;
}

async function parked(nats: LocalNats): Promise<number> {
  const connection = await connect({ servers: nats.url });
  try {
    const { num_pending, num_ack_pending } = await (await jetstreamManager(connection)).consumers.info("TEST", "test");
    return num_pending + num_ack_pending;
  } finally {
    await connection.close();
  }
}

async function provenPoison(ends: Ends, nats: LocalNats, count: number, say: Say): Promise<Proof> {
  const bodies = (each: number) =>
    Array.from({ length: count }, (_, i) => (i % share < each ? poison : Buffer.from(`fact ${i}`)));
  say(`  ${number(count)} facts without poison`);
  await told(ends, bodies(0).slice(0, 1_000));
  const clean = await told(ends, bodies(0));
  say(`  ${number(count)} facts, one in ${share} poison`);
  const mixed = await told(ends, bodies(1));
  const [before, after] = [await p99(ends, clean), await p99(ends, mixed)];
  const poisoned = Math.ceil(count / share);
  const dead = (await ends.letters()).filter(({ eventId }) => mixed.includes(eventId));
  const longest = Math.max(...dead.map(({ seconds }) => seconds));
  const { effected, twice } = await ends.effects(mixed);
  const left = await parked(nats);
  return {
    asked: `${number(count)} facts with 1 % poison: all of it dead letters within ${secondsMax} s, the others' p99 at most 1.5 times that of a clean run, none parked`,
    counted: `${dead.length} of ${poisoned} dead letters, the last after ${longest.toFixed(1)} s; p99 ${before.toFixed(0)} ms clean, ${after.toFixed(0)} ms beside poison; ${number(effected)} took effect, ${twice} twice, ${left} parked`,
    ok:
      dead.length === poisoned &&
      longest <= secondsMax &&
      after <= before * 1.5 &&
      effected === count - poisoned &&
      twice === 0 &&
      left === 0,
  };
}

/** What lies in the outbox told once more, each one to five times and in any order, by itself: the broker knows none of it. */
async function provenOrders(ends: Ends, nats: LocalNats, count: number, seed: number, say: Say): Promise<Proof> {
  const chance = chanceOf(seed + 23);
  const ids = await told(
    ends,
    Array.from({ length: count }, (_, i) => Buffer.from(`story ${i}`)),
  );
  const rows = await ends.db.query<OutboxRow>(
    {
      name: "outbox.rows",
      text: `SELECT event_id AS "eventId", subject, aggregate_id AS "aggregateId", body, traceparent,
        event_time AS "eventTime" FROM outbox WHERE event_id = ANY($1)`,
    },
    [ids],
  );
  // The window in which a broker knows an id again is over, as after ten minutes.
  const connection = await connect({ servers: nats.url });
  const jsm = await jetstreamManager(connection);
  await jsm.streams.update("TEST", { duplicate_window: 100_000_000 });
  const copies = rows.flatMap((row) => Array.from({ length: 1 + chance.below(5) }, () => row));
  for (let i = copies.length - 1; i > 0; i--) {
    const j = chance.below(i + 1);
    [copies[i], copies[j]] = [copies[j] as OutboxRow, copies[i] as OutboxRow];
  }
  say(`  ${number(copies.length)} deliveries of them in any order, then the whole stream again`);
  const js = jetstream(connection);
  await atOnce(copies, 64, (row) => publishFact(js, "test", row));
  await quiet(nats);
  // From its first message: as after a consumer that lost its place.
  await jsm.consumers.delete("TEST", "test");
  await quiet(nats);
  const { last_seq } = (await jsm.streams.info("TEST")).state;
  await connection.close();
  const { effected, twice } = await ends.effects(ids);
  return {
    asked: `${number(count)} facts delivered up to six times in any order, and the whole stream again, to three replicas: one effect each`,
    counted: `${number(last_seq)} messages delivered twice, ${number(effected)} facts took effect, ${twice} twice`,
    ok: effected === ids.length && twice === 0,
  };
}

/** Waits until nothing is to be delivered, also where the consumer is about to be made again. */
async function quiet(nats: LocalNats): Promise<void> {
  for (let still = 0; still < 3; ) {
    still = (await parked(nats).catch(() => 1)) === 0 ? still + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
