// Several replicas of one service at the bus, over real tables: what they announce they also take in, each fact with one
// effect. For tests and proofs of what the bus does, without a service around it.
import { type Bus, type BusOptions, type FactHandlers, openBus } from "#kit/bus.js";
import { commit, commitStatement, type Followers, type OutboxRow } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import { createLog, type LogLevel } from "#kit/log.js";
import { migrate } from "#kit/migrate.js";
import { openRelay, type Relay } from "#kit/outbox.js";
import { type Database, openDatabase, violated } from "#kit/postgres.js";
import { until } from "./peers.js";
import { kitMigrations } from "./tables.js";

export const subject = "backhaul.test.v1.Happened";
/** What no handler here ever takes in. */
export const poison = Buffer.from("poison");

export type Ends = {
  readonly db: Database;
  readonly buses: readonly Bus[];
  readonly relays: readonly Relay[];
  /** Commits facts with these bodies, through the first replica unless said; resolves with their ids. */
  announce(bodies: readonly Uint8Array[], replica?: number): Promise<string[]>;
  /** Which of these took effect, and how often any did more than once. */
  effects(ids: readonly string[]): Promise<{ effected: number; twice: number }>;
  /** Waits until all of these are taken in or dead letters, and announced. */
  settled(ids: readonly string[], timeoutMs?: number): Promise<void>;
  letters(): Promise<{ eventId: string; reason: string; deliveries: number; seconds: number }[]>;
  close(): Promise<void>;
};

export type EndsOptions = {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly folder: string;
  readonly replicas?: number;
  readonly bus?: Partial<BusOptions>;
  /** Before the effect of a fact; what it throws is why it has none. */
  readonly before?: (body: Buffer) => void | Promise<void>;
  readonly logLevel?: LogLevel;
};

const insert = commitStatement("thing.insert", "INSERT INTO thing (id) VALUES ($1) RETURNING id");
const effect = {
  name: "effect.insert",
  text: `WITH spent AS (INSERT INTO consumed (consumer, event_id) VALUES ('test', $1))
  INSERT INTO effect (event_id) VALUES ($1)`,
};

export async function openEnds(options: EndsOptions): Promise<Ends> {
  const { databaseUrl, natsUrl, folder, replicas = 1, before = refusePoison } = options;
  const log = createLog("test", options.logLevel ?? "silent");
  const db = openDatabase({ url: databaseUrl, schema: newId("tst").toLowerCase(), poolSize: 6 + 2 * replicas });
  await migrate(db, kitMigrations(folder));
  await db.query({ name: "", text: "CREATE TABLE thing (id TEXT PRIMARY KEY)" });
  await db.query({
    name: "",
    text: "CREATE TABLE effect (event_id TEXT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp())",
  });
  const facts: FactHandlers = {
    [subject]: async ({ eventId, body }) => {
      await before(Buffer.from(body));
      await db.query(effect, [eventId]).catch((error) => {
        if (violated(error) !== "consumed_pkey") throw error;
      });
    },
  };
  const ends = Array.from({ length: replicas }, () => {
    const relay = openRelay("test", db, log);
    const bus = openBus({ url: natsUrl, service: "test", announces: true, ...options.bus }, db, relay, log);
    return { relay, bus };
  });
  const close = async () => {
    await Promise.all(ends.map(({ relay }) => relay.stop()));
    await Promise.all(ends.map(({ bus }) => bus.stop()));
    await db.close();
  };
  try {
    for (const { relay, bus } of ends) {
      relay.start();
      await bus.start(facts);
    }
    await until("the bus is there", async () => ends.every(({ bus }) => bus.connected), 20_000);
  } catch (error) {
    await close();
    throw error;
  }

  async function counts(ids: readonly string[]) {
    const text = `SELECT count(*)::int AS rows, count(DISTINCT event_id)::int AS ids FROM effect WHERE event_id = ANY($1)`;
    const [row] = await db.query<{ rows: number; ids: number }>({ name: "effect.count", text }, [ids]);
    return { effected: row?.ids ?? 0, twice: (row?.rows ?? 0) - (row?.ids ?? 0) };
  }
  const lettersOf = (ids: readonly string[]) =>
    db.query<{ n: number }>(
      { name: "letter.count", text: "SELECT count(*)::int AS n FROM dead_letter WHERE event_id = ANY($1)" },
      [ids],
    );

  return {
    db,
    buses: ends.map(({ bus }) => bus),
    relays: ends.map(({ relay }) => relay),
    announce: async (bodies, replica = 0) => {
      const ids: string[] = [];
      const followers: Followers = {
        now: () => new Date(),
        announce: (rows: OutboxRow[]) => {
          ids.push(...rows.map(({ eventId }) => eventId));
          ends[replica]?.relay.announce(rows);
        },
        hasRoom: (of) => of === "facts",
        take: () => {},
      };
      const token = { kind: "fact", consumer: "teller", eventId: newId("evt") } as const;
      const told = bodies.map((body) => ({ subject, body }));
      await commit(db, followers, insert, [newId("thg")], { token, facts: told, steps: [], dropped: [] });
      return ids;
    },
    effects: counts,
    settled: async (ids, timeoutMs = 20_000) => {
      await until(
        `${ids.length} facts settled`,
        async () => {
          const [{ effected }, [dead], left] = await Promise.all([
            counts(ids),
            lettersOf(ids),
            Promise.all(ends.map(({ relay }) => relay.unpublished())),
          ]);
          return effected + (dead?.n ?? 0) >= ids.length && left[0] === 0;
        },
        timeoutMs,
      );
    },
    letters: () =>
      db.query({
        name: "letter.list",
        text: `SELECT d.event_id AS "eventId", d.reason, d.deliveries,
          coalesce(extract(epoch FROM d.create_time - o.create_time), 0)::float8 AS seconds
        FROM dead_letter d LEFT JOIN outbox o USING (event_id) ORDER BY d.event_id`,
      }),
    close,
  };
}

function refusePoison(body: Buffer): void {
  if (body.equals(poison)) throw new Error("nobody can take this in");
}
