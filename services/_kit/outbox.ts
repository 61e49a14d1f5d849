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
  announce(rows: OutboxRow[]): void;
  /** Facts not on the bus yet. */
  unpublished(): Promise<number>;
  /** The bus is there, with this stream; whatever an earlier or shorter one had is announced again. */
  connected(connection: NatsConnection, stream: StreamMark): Promise<void>;
  disconnected(): void;
  start(): void;
  stop(): Promise<void>;
};

/** What tells one stream from a later one of the same name. */
export type StreamMark = { readonly created: string; readonly lastSequence: number };

const pollMs = 1_000;
const batch = 256;
/** Facts are marked in batches: their lease lasts far longer. */
const markMs = 100;
const publishTimeoutMs = 5_000;

const claim: Statement = {
  name: "outbox.claim",
  text: `UPDATE outbox SET lease_until = now() + ${handOverLeaseMs} * interval '1 millisecond'
  WHERE event_id IN (
    SELECT event_id FROM outbox WHERE publish_time IS NULL AND (lease_until IS NULL OR lease_until < now())
    ORDER BY create_time LIMIT ${batch} FOR UPDATE SKIP LOCKED)
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
  WHERE publish_time IS NOT NULL AND (stream_created IS DISTINCT FROM $1 OR stream_seq > $2)`,
};
const count: Statement = {
  name: "outbox.count",
  text: `SELECT count(*)::int AS n FROM outbox WHERE publish_time IS NULL`,
};

/** Opens the relay of one service; `source` is what its facts are said to come from. */
export function openRelay(source: string, db: Database, log: Log): Relay {
  let waiting: OutboxRow[] = [];
  let bus: { connection: NatsConnection; created: string } | undefined;
  let working: Promise<void> | undefined;
  const toMark: { id: string; sequence: number; created: string }[] = [];
  let flushing: NodeJS.Timeout | undefined;
  let flushed: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let started = false;

  function kick(): void {
    if (working || !bus || waiting.length === 0) return;
    working = send().finally(() => {
      working = undefined;
      if (waiting.length > 0) kick();
    });
  }

  async function send(): Promise<void> {
    while (bus && waiting.length > 0) {
      const { connection, created } = bus;
      const rows = waiting.slice(0, batch);
      waiting = waiting.slice(batch);
      const js = jetstream(connection, { timeout: publishTimeoutMs });
      const acks = await Promise.allSettled(rows.map((row) => publishFact(js, source, row)));
      const published: [string, number][] = [];
      const failed: string[] = [];
      acks.forEach((ack, i) => {
        const id = (rows[i] as OutboxRow).eventId;
        if (ack.status === "fulfilled" && ack.value.seq > 0) published.push([id, ack.value.seq]);
        else failed.push(id);
      });
      for (const [id, sequence] of published) toMark.push({ id, sequence, created });
      if (toMark.length >= batch) await flush();
      else scheduleFlush();
      if (failed.length > 0) {
        log.warn({ facts: failed.length }, "facts not taken by the bus");
        await db.query(release, [failed]).catch(() => {}); // else their lease ends by itself
        return; // the poll tries again
      }
    }
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

  async function poll(): Promise<void> {
    if (!bus || waiting.length > batch) return;
    try {
      const rows = await db.query<OutboxRow>(claim);
      if (rows.length === 0) return;
      waiting.push(...rows);
      kick();
    } catch (error) {
      log.debug({ error }, "outbox not readable");
    }
  }

  return {
    announce: (rows) => {
      // Without a bus the rows wait in the table; their lease ends and the poll finds them.
      if (!bus && waiting.length > batch * 8) return;
      waiting.push(...rows);
      kick();
    },
    unpublished: async () => {
      await flush();
      return (await db.query<{ n: number }>(count))[0]?.n ?? 0;
    },
    connected: async (connection, stream) => {
      // What an earlier stream had is marked as such first, or the comparison would miss it.
      await flush();
      await db.query(reannounce, [stream.created, stream.lastSequence]);
      bus = { connection, created: stream.created };
      kick();
      void poll();
    },
    disconnected: () => {
      bus = undefined;
    },
    start: () => {
      started = true;
      timer = setInterval(() => void poll(), pollMs);
    },
    stop: async () => {
      clearInterval(timer);
      if (started) kick();
      await working;
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
