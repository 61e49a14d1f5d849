// From the outbox to the bus. A commit hands its facts over in memory, still leased to this process; a poll takes up what
// a crash or an absent bus left behind. The outbox is the record: when the bus lost its store, the rows go out again.

import { type JetStreamClient, jetstream, type PubAck } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "nats";
import { handOverLeaseMs, type OutboxRow } from "#kit/commit.js";
import { failpoint } from "#kit/failpoint.js";
import type { Log } from "#kit/log.js";
import type { Database, Statement } from "#kit/postgres.js";

/** A service's relay. */
export type Relay = {
  /** Whether facts are taken over at once: not while the bus is away, nor when many wait for it. */
  hasRoom(): boolean;
  announce(rows: OutboxRow[]): void;
  /** Facts not on the bus yet. */
  unpublished(): Promise<number>;
  /** The bus is there, with this stream; whatever an earlier or shorter one had is announced again. */
  connected(connection: NatsConnection, stream: StreamMark): Promise<void>;
  disconnected(): void;
  /** Whether the bus did not take what it was given last. */
  refused(): boolean;
  start(): void;
  stop(): Promise<void>;
};

/** What tells one stream from a later one of the same name. */
export type StreamMark = { readonly created: string; readonly lastSequence: number };

const pollMs = 1_000;
const batch = 256;
/** Claimed at a time, fewer where facts are large: what is read next while what was read before is under way. */
const claimed = { least: 16, most: 512 };
/** Facts are marked in batches: their lease lasts far longer. */
const markMs = 100;
const publishTimeoutMs = 5_000;
/** What waits in memory; the rest waits in the table for the poll. */
const waitingMax = 2_048;
const waitingBytesMax = 8 * 1024 * 1024;
/** What is under way to the bus at a time, whatever its number. */
const sendingBytesMax = 2 * 1024 * 1024;
/** A store that was lost is announced again in so many steps. */
const reannounceBatch = 5_000;

/** By ctid: whatever the planner believes of the table's size, each row is found where it lies. */
const claim: Statement = {
  name: "outbox.claim",
  text: `WITH due AS (
    SELECT ctid FROM outbox WHERE publish_time IS NULL AND (lease_until IS NULL OR lease_until < now())
    ORDER BY create_time LIMIT $1 FOR UPDATE SKIP LOCKED)
  UPDATE outbox SET lease_until = now() + ${handOverLeaseMs} * interval '1 millisecond' FROM due
  WHERE outbox.ctid = due.ctid
  RETURNING event_id AS "eventId", subject, aggregate_id AS "aggregateId", body, traceparent, event_time AS "eventTime"`,
};
const mark: Statement = {
  name: "outbox.mark",
  text: `UPDATE outbox SET publish_time = now(), lease_until = NULL, stream_created = $1, stream_seq = p.seq
  FROM unnest($2::text[], $3::bigint[]) AS p(event_id, seq) WHERE outbox.event_id = p.event_id`,
};
const release: Statement = {
  name: "outbox.release",
  text: `UPDATE outbox SET lease_until = NULL WHERE event_id = ANY($1::text[]) AND publish_time IS NULL`,
};
const reannounce: Statement = {
  name: "outbox.reannounce",
  text: `UPDATE outbox SET publish_time = NULL, lease_until = NULL, stream_created = NULL, stream_seq = NULL
  WHERE event_id IN (
    SELECT event_id FROM outbox
    WHERE stream_created < $1 OR stream_created > $1 OR (stream_created = $1 AND stream_seq > $2)
    LIMIT ${reannounceBatch} FOR UPDATE)
  RETURNING 1`,
};
const count: Statement = {
  name: "outbox.count",
  text: `SELECT count(*)::int AS n FROM outbox WHERE publish_time IS NULL`,
};

/** A connection and the stream that was there when it was made. */
type Link = {
  readonly connection: NatsConnection;
  readonly created: string;
  /** Resolves when the connection is gone. */
  readonly lost: Promise<undefined>;
  end(): void;
};

function linkTo(connection: NatsConnection, created: string): Link {
  let end = () => {};
  const lost = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
  });
  return { connection, created, lost, end };
}

/** Opens the relay of one service; `source` is what its facts are said to come from. */
export function openRelay(source: string, db: Database, log: Log): Relay {
  let waiting: OutboxRow[] = [];
  let waitingBytes = 0;
  /** Another object with every connection: what an earlier one said is not believed of this one's stream. */
  let bus: Link | undefined;
  let working: Promise<void> | undefined;
  let toMark: { id: string; sequence: number; created: string }[] = [];
  let doubted: string[] = [];
  let flushing: NodeJS.Timeout | undefined;
  let flushed: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let started = false;
  let stopped = false;
  /** Whether the table had more than one poll takes; how many the next takes. */
  let more = false;
  let claims = batch;
  let polling: Promise<void> | undefined;
  let refused = false;

  function wait(rows: readonly OutboxRow[]): void {
    waiting.push(...rows);
    for (const { body } of rows) waitingBytes += body.length;
  }

  /** The first that wait, as many as may be under way at a time. */
  function next(): OutboxRow[] {
    let bytes = 0;
    let length = 0;
    while (length < Math.min(batch, waiting.length)) {
      const size = waiting[length]?.body.length ?? 0;
      if (length > 0 && bytes + size > sendingBytesMax) break;
      bytes += size;
      length++;
    }
    const rows = waiting.slice(0, length);
    waiting = waiting.slice(length);
    waitingBytes -= bytes;
    return rows;
  }

  function kick(): void {
    if (working || !bus || waiting.length === 0) return;
    working = send().finally(() => {
      working = undefined;
      if (waiting.length > 0) kick();
    });
  }

  async function send(): Promise<void> {
    while (bus && waiting.length > 0) {
      const there = bus;
      const rows = next();
      if (more) void poll();
      const js = jetstream(there.connection, { timeout: publishTimeoutMs });
      const publishing = Promise.allSettled(rows.map((row) => publishFact(js, source, row)));
      // Once the connection is gone nothing counts that came over it: another store may have taken the place of the one
      // that acknowledged.
      const acks = await Promise.race([publishing, there.lost]);
      const published: [string, number][] = [];
      const failed: string[] = [];
      rows.forEach(({ eventId }, i) => {
        const ack = bus === there ? acks?.[i] : undefined;
        if (ack?.status === "fulfilled" && ack.value.seq > 0) published.push([eventId, ack.value.seq]);
        else failed.push(eventId);
      });
      for (const [id, sequence] of published) toMark.push({ id, sequence, created: there.created });
      refused = failed.length > 0 && bus === there;
      // One batch is marked while the next is under way; who marks slower than the bus takes is waited for.
      if (toMark.length >= batch) {
        await flushed;
        void flush();
      } else scheduleFlush();
      if (failed.length > 0) {
        log.warn({ facts: failed.length }, "facts not taken by the bus");
        await db.query(release, [failed]).catch(() => {}); // else their lease ends by itself
        // The poll tries again; of a process that ends, another one's.
        if (stopped) waiting = [];
        return;
      }
    }
    if (bus && more) await poll();
  }

  function scheduleFlush(): void {
    flushing ??= setTimeout(() => void flush(), markMs);
  }

  /** Marks what the bus has. Facts that stay unmarked go out again when their lease ends, and change nothing. */
  function flush(): Promise<void> {
    clearTimeout(flushing);
    flushing = undefined;
    flushed = flushed.then(markAll);
    return flushed;
  }

  async function markAll(): Promise<void> {
    const rows = toMark.splice(0);
    try {
      for (const created of new Set(rows.map((row) => row.created))) {
        const of = rows.filter((row) => row.created === created);
        await db.query(mark, [created, of.map(({ id }) => id), of.map(({ sequence }) => sequence)]);
      }
    } catch (error) {
      log.warn({ error }, "outbox not markable; the facts go out again when their lease ends");
    }
  }

  function poll(): Promise<void> {
    polling ??= claimMore().finally(() => {
      polling = undefined;
    });
    return polling;
  }

  async function claimMore(): Promise<void> {
    if (!bus || stopped || waiting.length > batch) return;
    try {
      const rows = await db.query<OutboxRow>(claim, [claims]);
      more = rows.length === claims;
      if (rows.length === 0) return;
      const each = rows.reduce((sum, { body }) => sum + body.length, 0) / rows.length;
      claims = Math.min(claimed.most, Math.max(claimed.least, Math.floor(waitingBytesMax / 2 / (each + 1))));
      wait(rows);
      kick();
    } catch (error) {
      log.debug({ error }, "outbox not readable");
    }
  }

  function forget(): void {
    bus?.end();
    bus = undefined;
    doubted.push(...toMark.map(({ id }) => id));
    toMark = [];
  }

  return {
    // Whoever asks is not the only one who commits at this moment, so half of it is kept for the others.
    hasRoom: () => bus !== undefined && waiting.length < waitingMax / 2 && waitingBytes < waitingBytesMax / 2,
    announce: (rows) => {
      // Nor does a bus that is slow pile them up here: these go out when their lease ends.
      if (waiting.length + rows.length > waitingMax || waitingBytes > waitingBytesMax) return;
      wait(rows);
      kick();
    },
    unpublished: async () => {
      await flush();
      return (await db.query<{ n: number }>(count))[0]?.n ?? 0;
    },
    connected: async (connection, stream) => {
      // What the last connection acknowledged and nobody marked may be in a store that is gone: it goes out once more.
      forget();
      await flushed;
      await db.query(release, [doubted]);
      doubted = [];
      for (let rows = reannounceBatch; rows === reannounceBatch; ) {
        rows = (await db.query(reannounce, [stream.created, stream.lastSequence])).length;
        if (rows > 0) log.warn({ facts: rows }, "the bus lost facts; they are announced again");
      }
      bus = linkTo(connection, stream.created);
      kick();
      void poll();
    },
    disconnected: forget,
    refused: () => refused,
    start: () => {
      started = true;
      timer = setInterval(() => void poll(), pollMs);
    },
    stop: async () => {
      clearInterval(timer);
      stopped = true;
      if (started) kick();
      while (working && bus) await working;
      await flush();
    },
  };
}

/** Puts a fact on the bus, under its own id: the broker knows it again. @throws Error if the bus does not take it */
export async function publishFact(js: JetStreamClient, source: string, row: OutboxRow): Promise<PubAck> {
  const h = headers();
  h.set("ce-specversion", "1.0");
  h.set("ce-id", row.eventId);
  h.set("ce-type", row.subject);
  h.set("ce-source", `//backhaul/${source}`);
  h.set("ce-subject", row.aggregateId);
  h.set("ce-time", row.eventTime.toISOString());
  if (row.traceparent) h.set("traceparent", row.traceparent);
  failpoint("publish", row.subject, "before");
  const ack = await js.publish(row.subject, row.body, { msgID: row.eventId, headers: h });
  failpoint("publish", row.subject, "after");
  return ack;
}
