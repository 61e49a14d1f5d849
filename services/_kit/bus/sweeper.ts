// Looks for what neither end noticed. What was acknowledged and is neither consumed nor a dead letter is taken in now: a
// replica of an older build may have passed over it, or somebody ended it by hand. What the bus said it had and has no more
// is announced again: a store may have come back older than it was, and grown again before anybody compared. Any replica
// does it, one at a time; how far it came stands in the table.
import type { JetStreamManager } from "@nats-io/jetstream";
import type { Log } from "#kit/log.js";
import type { Database, Statement } from "#kit/postgres.js";
import { counted } from "#kit/telemetry.js";
import { streamName } from "./declared.js";
import { type Intake, idOf } from "./intake.js";
import type { Letters } from "./letters.js";
import { readLying } from "./reading.js";

export type Sweeper = {
  /** Looks at what is new since the last time. @throws whatever the bus or the database answers */
  round(jsm: JetStreamManager, sources: readonly string[]): Promise<void>;
  /** Has the next round look at what was announced last once more: the store may be another than it was. */
  lookBack(): void;
};

export type SweeperParts = {
  readonly service: string;
  readonly announces: boolean;
  readonly db: Pick<Database, "query">;
  readonly intake: Intake;
  readonly letters: Letters;
  /** Whether this process ends: the next round is another one's. */
  readonly ending: () => boolean;
  readonly log: Log;
};

const batch = 512;
/** A round ends after so many batches of a stream; the next goes on. */
const batchesMax = 40;

type Swept = { readonly created: string; readonly sequence: bigint };

/** How far one came, and that nobody else comes along meanwhile. */
const begin: Statement = {
  name: "sweep.begin",
  text: `INSERT INTO sweep (name, stream_created, sequence, lease_until) VALUES ($1, '', 0, now() + interval '30 seconds')
  ON CONFLICT (name) DO UPDATE SET lease_until = now() + interval '30 seconds'
  WHERE sweep.lease_until IS NULL OR sweep.lease_until < now()
  RETURNING stream_created AS created, sequence`,
};
const advance: Statement = {
  name: "sweep.advance",
  text: `UPDATE sweep SET stream_created = $2, sequence = $3, lease_until = now() + interval '30 seconds' WHERE name = $1`,
};
const end: Statement = { name: "sweep.end", text: "UPDATE sweep SET lease_until = NULL WHERE name = $1" };
/** The youngest may still be overtaken by one with a lower number. */
const told: Statement = {
  name: "sweep.told",
  text: `SELECT event_id AS "eventId", stream_seq AS sequence FROM outbox
  WHERE stream_created = $1 AND stream_seq > $2 AND publish_time < now() - interval '5 seconds'
  ORDER BY stream_seq LIMIT ${batch}`,
};
/** Marked by a replica that did not know yet that its stream is another one's now. */
const strays: Statement = {
  name: "sweep.strays",
  text: `UPDATE outbox SET publish_time = NULL, lease_until = NULL, stream_created = NULL, stream_seq = NULL
  WHERE stream_created < $1 OR stream_created > $1 RETURNING 1`,
};
const again: Statement = {
  name: "sweep.again",
  text: `UPDATE outbox SET publish_time = NULL, lease_until = NULL, stream_created = NULL, stream_seq = NULL
  WHERE event_id = ANY($1::text[]) AND stream_created = $2`,
};

export function openSweeper({ service, announces, db, intake, letters, ending, log }: SweeperParts): Sweeper {
  let back = false;

  /** Goes on from where the last one came, a batch at a time, while `step` says how far it got. */
  async function go(
    name: string,
    created: string,
    from: (swept: number) => number,
    step: (after: number) => Promise<number | undefined>,
  ): Promise<void> {
    const [row] = await db.query<Swept>(begin, [name]);
    if (!row) return;
    let after = from(row.created === created ? Number(row.sequence) : 0);
    try {
      for (let i = 0; i < batchesMax && !ending(); i++) {
        const reached = await step(after);
        if (reached === undefined || reached <= after) break;
        after = reached;
        await db.query(advance, [name, created, after]);
      }
    } finally {
      await db.query(end, [name]);
    }
  }

  async function heard(jsm: JetStreamManager, source: string): Promise<void> {
    const stream = streamName(source);
    const { created, state } = await jsm.streams.info(stream);
    const { delivered, ack_floor, num_ack_pending } = await jsm.consumers.info(stream, service);
    // Up to here everything is acknowledged, or given up.
    const floor = num_ack_pending === 0 ? delivered.stream_seq : ack_floor.stream_seq;
    await go(
      `heard ${stream}`,
      created,
      (swept) => Math.max(swept, state.first_seq - 1),
      async (after) => {
        const to = Math.min(floor, after + batch);
        if (to <= after) return undefined;
        await takeMissing(jsm, stream, after, to);
        return to;
      },
    );
  }

  async function takeMissing(jsm: JetStreamManager, stream: string, after: number, to: number): Promise<void> {
    const lying = await readLying(jsm, stream, numbers(after + 1, to));
    const ours = lying.filter(intake.concerns);
    const known = await letters.known(ours.map(idOf));
    for (const message of ours) {
      if (known.has(idOf(message))) continue;
      const { subject, sequence } = message;
      log.error({ stream, subject, event_id: idOf(message), sequence }, "fact was acknowledged and not taken in");
      counted("fact_taken_late", 1, { service, subject });
      await intake.takeLate(message, 1);
    }
  }

  async function announced(jsm: JetStreamManager): Promise<void> {
    const stream = streamName(service);
    const { created, state } = await jsm.streams.info(stream);
    const lookingBack = back;
    back = false;
    const { length } = await db.query(strays, [created]);
    if (length > 0) log.warn({ stream, facts: length }, "facts of an earlier stream; they are announced again");
    await go(
      `told ${stream}`,
      created,
      (swept) => Math.max(0, lookingBack ? swept - batch * 4 : swept),
      async (after) => {
        const rows = await db.query<{ eventId: string; sequence: bigint }>(told, [created, after]);
        const last = rows.at(-1);
        if (!last) return undefined;
        const there = rows.filter(({ sequence }) => Number(sequence) >= state.first_seq);
        const lying = await readLying(
          jsm,
          stream,
          there.map(({ sequence }) => Number(sequence)),
        );
        const ids = new Map(lying.map(({ sequence, headers }) => [sequence, headers?.get("ce-id")]));
        const gone = there.filter(({ eventId, sequence }) => ids.get(Number(sequence)) !== eventId);
        if (gone.length > 0) {
          log.error({ stream, facts: gone.length }, "facts are gone from the bus; they are announced again");
          counted("fact_announced_again", gone.length, { service });
          await db.query(again, [gone.map(({ eventId }) => eventId), created]);
        }
        return Number(last.sequence);
      },
    );
  }

  return {
    round: async (jsm, sources) => {
      if (announces) await announced(jsm);
      for (const source of sources) await heard(jsm, source);
    },
    lookBack: () => {
      back = true;
    },
  };
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
