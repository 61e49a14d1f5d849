// The bus: one stream per service, one durable consumer per service that listens to it. Delivery is at least once and in
// no promised order; a fact takes effect once because its handler's commit spends its id. What cannot be taken in becomes
// a dead letter and holds nobody up.
import {
  AckPolicy,
  type ConsumerMessages,
  DiscardPolicy,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { type NatsConnection, connect as natsConnect, type TlsOptions } from "nats";
import { type Call, ownCall } from "#kit/call.js";
import { briefOf } from "#kit/errors.js";
import { failpoint } from "#kit/failpoint.js";
import type { Log } from "#kit/log.js";
import type { Relay, StreamMark } from "#kit/outbox.js";
import type { Database, Statement } from "#kit/postgres.js";
import { measure, spanned, traceFrom } from "#kit/telemetry.js";
import type { Identity } from "#kit/tls.js";

/** A fact as it came in. */
export type IncomingFact = { readonly eventId: string; readonly subject: string; readonly body: Uint8Array };

/** Takes a fact in; its commit spends the event id under the consumer's name. */
export type FactHandler = (fact: IncomingFact, call: Call) => Promise<void>;

/** What a service listens to: subject → handler. */
export type FactHandlers = Readonly<Record<string, FactHandler>>;

/** A service's end of the bus. */
export type Bus = {
  /** Facts on the bus that this service has not taken in yet. @throws Error while the bus is away */
  pending(): Promise<number>;
  /** Whether the bus answers. */
  readonly connected: boolean;
  /** The connection, while the bus answers. */
  connection(): NatsConnection | undefined;
  start(handlers: FactHandlers): void;
  /** Has a fact taken in outside of its delivery. @throws what its handler throws; Error if nobody here listens to it */
  replay(fact: IncomingFact): Promise<void>;
  /** Takes no more facts in; resolves when those under way have ended. */
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
};

/** What a bus needs. */
export type BusOptions = {
  readonly url: string;
  readonly service: string;
  /** Whether the service announces facts and so has a stream of its own. */
  readonly announces: boolean;
  /** Shown to the server, which must prove itself by the same authorities; without one, in plain text. */
  readonly identity?: Identity | undefined;
  /** After so many failed deliveries a fact is a dead letter; 10 if not said. */
  readonly deliveriesMax?: number;
};

const atOnce = 32;
/** Far above what a handler takes; what a dead connection or process had in its hands comes again after it. */
const ackWaitMs = 10_000;
const day = 24 * 60 * 60 * 1_000_000_000;

const bury: Statement = {
  name: "dead_letter.insert",
  text: `INSERT INTO dead_letter (consumer, event_id, subject, body, reason, owner, deliveries)
  VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (consumer, event_id) DO NOTHING`,
};

/** Opens a service's end. It connects in the background and keeps trying for ever: without a bus requests still work. */
export function openBus(
  { url, service, announces, identity, deliveriesMax = 10 }: BusOptions,
  db: Database,
  relay: Relay,
  log: Log,
): Bus {
  let connection: NatsConnection | undefined;
  let manager: JetStreamManager | undefined;
  let handlers: FactHandlers = {};
  let iterators: ConsumerMessages[] = [];
  let stopped = false;
  let paused = false;
  let preparing: Promise<void> | undefined;
  const running = new Set<Promise<void>>();
  const call = ownCall(service);

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        connection = await natsConnect({
          servers: url,
          name: service,
          maxReconnectAttempts: -1,
          reconnectTimeWait: 250,
          reconnectJitter: 100,
          timeout: 2_000,
          pingInterval: 5_000,
          ...(identity ? { tls: identity.connection as TlsOptions } : {}),
        });
        break;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
    if (!connection) return;
    // Stopped while it was connecting: nobody else would close what has just been opened.
    if (stopped) return connection.close();
    prepareUntilDone();
    for await (const event of connection.status()) {
      if (event.type === "disconnect") {
        relay.disconnected();
        manager = undefined;
      }
      if (event.type === "reconnect") prepareUntilDone();
    }
  }

  /** After every connect: declare, read back, and let the relay compare the stream with what it knows. */
  function prepareUntilDone(): void {
    const previous = preparing ?? Promise.resolve();
    preparing = previous.then(async () => {
      while (!stopped && connection && !connection.isClosed()) {
        try {
          await prepare(connection);
          return;
        } catch (error) {
          log.info({ error }, "bus not ready");
          await new Promise((resolve) => setTimeout(resolve, 250));
        }
      }
    });
  }

  async function prepare(nc: NatsConnection): Promise<void> {
    const jsm = await jetstreamManager(nc, { timeout: 2_000 });
    // An iterator of before a restart stays silent for ever, so all are opened anew.
    for (const iterator of iterators) iterator.stop();
    iterators = [];
    if (announces) await relay.connected(nc, await declareStream(jsm, service));
    for (const source of paused ? [] : sourcesOf(handlers)) {
      await declareStream(jsm, source);
      await declareConsumer(jsm, source, service);
      const consumer = await jetstream(nc).consumers.get(streamName(source), service);
      const messages = await consumer.consume({ max_messages: 64, expires: 10_000 });
      iterators.push(messages);
      void listen(messages);
    }
    manager = jsm;
  }

  async function listen(messages: ConsumerMessages): Promise<void> {
    try {
      for await (const message of messages) {
        while (running.size >= atOnce) await Promise.race(running);
        const work = take(message)
          // What the broker could not be told it delivers again.
          .catch((error) => log.warn({ error }, "fact left to the broker"))
          .finally(() => running.delete(work));
        running.add(work);
      }
    } catch (error) {
      if (!stopped) log.info({ error }, "bus iterator ended");
    }
  }

  async function take(message: JsMsg): Promise<void> {
    const { subject } = message;
    const eventId = message.headers?.get("ce-id") ?? "";
    const handler = handlers[subject];
    // Not everything a service says concerns this one.
    if (!handler) {
      failpoint("fact", "unheard", "delivered");
      message.ack();
      failpoint("fact", "unheard", "acked");
      return;
    }
    const startedAt = performance.now();
    let outcome = "taken";
    await spanned(subject, "CONSUMER", traceFrom(message.headers?.get("traceparent")), async () => {
      try {
        failpoint("fact", subject, "delivered");
        await handler({ eventId, subject, body: message.data }, call);
        failpoint("fact", subject, "done");
        message.ack();
        failpoint("fact", subject, "acked");
        log.debug({ subject, event_id: eventId }, "fact taken in");
      } catch (error) {
        outcome = await refuse(message, eventId, error as Error);
      }
    });
    measure("fact", startedAt, { service, subject, outcome });
  }

  async function refuse(message: JsMsg, eventId: string, error: Error): Promise<string> {
    const deliveries = message.info.deliveryCount;
    const fields = { subject: message.subject, event_id: eventId, deliveries };
    if (deliveries < deliveriesMax) {
      log.info({ ...fields, error }, "fact comes again");
      failpoint("fact", message.subject, "refused");
      message.nak(Math.min(200 * 2 ** (deliveries - 1), 15_000));
      failpoint("fact", message.subject, "returned");
      return "again";
    }
    try {
      await db.query(bury, [
        service,
        eventId,
        message.subject,
        Buffer.from(message.data),
        briefOf(error),
        service,
        deliveries,
      ]);
      failpoint("fact", message.subject, "buried");
      // Without a word of why: servers before 2.10.4 would not understand it, and deliver the fact again.
      message.term();
      failpoint("fact", message.subject, "ended");
      log.error({ ...fields, error }, "fact became a dead letter");
      return "dead letter";
    } catch {
      // Without a database it can be neither taken in nor buried: the broker keeps it.
      failpoint("fact", message.subject, "refused");
      message.nak(15_000);
      failpoint("fact", message.subject, "returned");
      return "again";
    }
  }

  async function pause(): Promise<void> {
    paused = true;
    for (const iterator of iterators) iterator.stop();
    await Promise.all(running);
  }

  return {
    get connected() {
      return manager !== undefined;
    },
    connection: () => (manager === undefined ? undefined : connection),
    pending: async () => {
      const jsm = manager;
      if (!jsm) throw new Error("the bus is away");
      const sources = sourcesOf(handlers);
      const infos = await Promise.all(sources.map((source) => jsm.consumers.info(streamName(source), service)));
      return infos.reduce((sum, info) => sum + info.num_pending + info.num_ack_pending, 0);
    },
    start: (given) => {
      handlers = given;
      void run();
    },
    replay: async (fact) => {
      const handler = handlers[fact.subject];
      if (!handler) throw new Error(`nobody here listens to ${fact.subject}`);
      failpoint("fact", fact.subject, "delivered");
      await handler(fact, call);
      failpoint("fact", fact.subject, "done");
    },
    pause,
    resume: () => {
      if (!paused) return;
      paused = false;
      if (connection) prepareUntilDone();
    },
    stop: async () => {
      stopped = true;
      await pause();
      relay.disconnected();
      await connection?.close();
    },
  };
}

function sourcesOf(handlers: FactHandlers): string[] {
  return [...new Set(Object.keys(handlers).map((subject) => subject.split(".")[1] ?? ""))];
}

function streamName(service: string): string {
  return service.toUpperCase();
}

/** How a service's stream is declared. */
export function streamConfig(service: string) {
  return {
    name: streamName(service),
    subjects: [`backhaul.${service}.v1.>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    // Days, not weeks: the outbox remembers. The size stays far below the server's own limit.
    max_age: 3 * day,
    max_bytes: 128 * 1024 * 1024,
    // The largest fact is an inspection of 500 findings with a note each, in three-byte letters; NATS itself takes 1 MiB.
    max_msg_size: 1_000_000,
    duplicate_window: 10 * 60 * 1_000_000_000,
    num_replicas: 1,
  };
}

/** How a service's consumer of another's stream is declared. */
export function consumerConfig(source: string, service: string) {
  return {
    durable_name: service,
    ack_policy: AckPolicy.Explicit,
    ack_wait: ackWaitMs * 1_000_000,
    max_ack_pending: 256,
    filter_subject: `backhaul.${source}.v1.>`,
  };
}

/** Declares a service's stream and reads it back: old servers ignore silently what they do not know. */
async function declareStream(jsm: JetStreamManager, service: string): Promise<StreamMark> {
  const wanted = streamConfig(service);
  const info = await jsm.streams.info(wanted.name).catch(() => jsm.streams.add(wanted));
  for (const key of [
    "subjects",
    "storage",
    "discard",
    "max_age",
    "max_bytes",
    "max_msg_size",
    "duplicate_window",
  ] as const) {
    if (JSON.stringify(info.config[key]) !== JSON.stringify(wanted[key])) {
      const { config } = await jsm.streams.update(wanted.name, wanted);
      if (JSON.stringify(config[key]) !== JSON.stringify(wanted[key])) {
        throw new Error(
          `stream ${wanted.name} keeps ${key} = ${JSON.stringify(config[key])}: the server ignores what we ask`,
        );
      }
    }
  }
  return { created: info.created, lastSequence: info.state.last_seq };
}

async function declareConsumer(jsm: JetStreamManager, source: string, service: string): Promise<void> {
  const wanted = consumerConfig(source, service);
  const stream = streamName(source);
  const info = await jsm.consumers.info(stream, service).catch(() => jsm.consumers.add(stream, wanted));
  for (const key of ["filter_subject", "max_ack_pending", "ack_wait"] as const) {
    if (info.config[key] !== wanted[key]) {
      throw new Error(
        `consumer ${service} of ${stream} has ${key} = ${info.config[key]}, not ${wanted[key]}: delete it`,
      );
    }
  }
}
