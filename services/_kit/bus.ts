// The bus: one stream per service, one durable consumer per service that listens to it. Delivery is at least once and in
// no promised order; a fact takes effect once because its handler's commit spends its id. What cannot be taken in becomes
// a dead letter and holds nobody up. Its parts are in bus/.
import {
  type ConsumerMessages,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { type NatsConnection, connect as natsConnect, type TlsOptions } from "nats";
import { advisoryReader } from "#kit/bus/advisories.js";
import { declareConsumer, declareStream, ensureStream, Refused } from "#kit/bus/declare.js";
import {
  advisories,
  advisoryConsumer,
  advisoryStream,
  canaryStream,
  factConsumer,
  factStream,
  type Sizes,
  streamName,
} from "#kit/bus/declared.js";
import type { FactHandlers, IncomingFact } from "#kit/bus/fact.js";
import { openIntake } from "#kit/bus/intake.js";
import { openLetters } from "#kit/bus/letters.js";
import { judge, type Risk, syncsAlways, Unfit } from "#kit/bus/server.js";
import { openSweeper } from "#kit/bus/sweeper.js";
import { type BusState, openWatch } from "#kit/bus/watch.js";
import { ownCall } from "#kit/call.js";
import { failpoint } from "#kit/failpoint.js";
import type { Log } from "#kit/log.js";
import type { Relay } from "#kit/outbox.js";
import type { Database } from "#kit/postgres.js";
import type { Identity } from "#kit/tls.js";

export type { BusState, FactHandlers, IncomingFact };

/** A service's end of the bus. */
export type Bus = {
  /** Facts on the bus that this service has not taken in yet. @throws Error while the bus is away */
  pending(): Promise<number>;
  /** Whether the bus answers. */
  readonly connected: boolean;
  /**
   * Whether the bus takes and keeps what it is given, as of the last look. No process is taken out of rotation for it:
   * requests need Postgres alone, and what they announce waits in the outbox.
   */
  state(): BusState;
  /** The connection, while the bus answers. */
  connection(): NatsConnection | undefined;
  /** Connects in the background. @throws Unfit in production, if a server that answers is not fit for it */
  start(handlers: FactHandlers): Promise<void>;
  /** Has a fact taken in outside of its delivery. @throws what its handler throws; Error if nobody here listens to it */
  replay(fact: IncomingFact): Promise<void>;
  /** Takes no more facts in; resolves when those under way have ended. */
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
};

/** What a bus needs. */
export type BusOptions = {
  /** Of several servers with commas between. */
  readonly url: string;
  readonly service: string;
  /** Whether the service announces facts and so has a stream of its own. */
  readonly announces: boolean;
  /** Shown to the server, which must prove itself by the same authorities; without one, in plain text. */
  readonly identity?: Identity | undefined;
  /** Told the business time of each fact that is taken in. */
  readonly reached?: (time: Date) => void;
  /** After so many failed deliveries a fact is a dead letter; 10 if not said. */
  readonly deliveriesMax?: number;
  /** One server and 128 MiB if not said. */
  readonly sizes?: Sizes;
  /** Between two looks whether the bus works, and for facts that nobody took in; 5 s and 60 s if not said. */
  readonly lookMs?: number;
  readonly sweepMs?: number;
  /** Whether only a server that is fit for production will do. */
  readonly production?: Production | undefined;
};

/** How it is judged: where its servers are asked, and what is accepted of them. */
export type Production = { readonly monitors: readonly string[]; readonly accepted: readonly Risk[] };

const atOnce = 32;
/** So long a start waits for a server to judge. One that is away meanwhile is judged before anything is entrusted to it. */
const judgeMs = 5_000;
/** A server that elects its leaders is asked again soon, one that refused not before somebody may have looked. */
const retryMs = { away: 250, refused: 5_000 };

/** Opens a service's end. It connects in the background and keeps trying for ever: without a bus requests still work. */
export function openBus(options: BusOptions, db: Database, relay: Relay, log: Log): Bus {
  const { url, service, announces, identity, deliveriesMax = 10, production, reached } = options;
  const { sizes = { replicas: 1, streamMb: 128 }, lookMs = 5_000, sweepMs = 60_000 } = options;
  let connection: NatsConnection | undefined;
  let manager: JetStreamManager | undefined;
  let handlers: FactHandlers = {};
  let iterators: ConsumerMessages[] = [];
  let stopped = false;
  let paused = false;
  let wanted = false;
  let preparing = false;
  let born = "";
  let judged: (verdict: Unfit | undefined) => void = () => {};
  const running = new Set<Promise<void>>();
  const call = ownCall(service);
  const letters = openLetters(service, db);
  const intake = openIntake({ service, handlers: () => handlers, deliveriesMax, letters, call, reached, log });
  const readAdvisory = advisoryReader({ service, manager: () => manager, intake, letters, log });
  const sweeper = openSweeper({ service, announces, db, intake, letters, ending: () => stopped, log });
  const watch = openWatch({
    service,
    stream: announces ? factStream(service, sizes) : undefined,
    born: () => born,
    refused: relay.refused,
    sources: () => sourcesOf(handlers),
    at: () => (connection && manager ? { connection, manager } : undefined),
    changed: prepareUntilDone,
    sweep: async (jsm) => {
      if (!paused) await sweeper.round(jsm, sourcesOf(handlers));
    },
    lookMs,
    sweepMs,
    log,
  });

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        connection = await natsConnect({
          servers: url.split(","),
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
        watch.away("the bus is away");
      }
      if (event.type === "reconnect") prepareUntilDone();
    }
  }

  /**
   * After every connect, and when something is there otherwise: declare, read back, and let the relay compare the stream with
   * what it knows. Whoever asks while it is done has it done once more.
   */
  function prepareUntilDone(): void {
    wanted = true;
    if (!preparing) void prepareWhileWanted();
  }

  const isThere = () => !stopped && connection !== undefined && !connection.isClosed();

  async function prepareWhileWanted(): Promise<void> {
    preparing = true;
    while (wanted && isThere()) {
      wanted = false;
      try {
        await prepare(connection as NatsConnection);
        watch.look();
      } catch (error) {
        wanted = true;
        const refused = notReady(error as Error);
        await new Promise((resolve) => setTimeout(resolve, refused ? retryMs.refused : retryMs.away));
      }
    }
    preparing = false;
  }

  /** Says why; and whether the server answered, and will not do. */
  function notReady(error: Error): boolean {
    watch.away(error.message);
    if (error instanceof Unfit) judged(error);
    const refused = error instanceof Refused || error instanceof Unfit;
    const { stream, field } = error as Partial<Refused>;
    if (refused) log.error({ stream, field, error }, "bus not as it must be");
    else log.info({ error }, "bus not ready");
    return refused;
  }

  async function prepare(nc: NatsConnection): Promise<void> {
    await judgeServer(nc);
    // Whether the API answers at all is the canary's to say: a cluster may elect who speaks for it, and take facts meanwhile.
    const jsm = await jetstreamManager(nc, { timeout: 2_000, checkAPI: false });
    // An iterator of before a restart stays silent for ever, so all are opened anew.
    for (const iterator of iterators) iterator.stop();
    iterators = [];
    if (announces) {
      const { created, state } = await declareStream(jsm, factStream(service, sizes));
      await relay.connected(nc, { created, lastSequence: state.last_seq });
      born = created;
      sweeper.lookBack();
    }
    if (!paused) await listenToAll(nc, jsm);
    await declareStream(jsm, canaryStream(sizes));
    manager = jsm;
  }

  /** @throws Unfit if nothing may be entrusted to it */
  async function judgeServer(nc: NatsConnection): Promise<void> {
    const version = nc.info?.version ?? "";
    const syncAlways = production && (await syncsAlways(production.monitors));
    const seen = { version, syncAlways, replicas: sizes.replicas };
    for (const { risk } of judge(seen, production !== undefined, production?.accepted ?? []))
      log.warn({ risk, server_version: version }, "accepted of this NATS, though production asks for more");
    judged(undefined);
  }

  async function listenToAll(nc: NatsConnection, jsm: JetStreamManager): Promise<void> {
    const sources = sourcesOf(handlers);
    for (const source of sources) {
      await ensureStream(jsm, factStream(source, sizes));
      await declareConsumer(jsm, streamName(source), factConsumer(source, service));
      await open(nc, streamName(source), intake.take);
    }
    if (sources.length === 0) return;
    await declareStream(jsm, advisoryStream(sizes));
    await declareConsumer(jsm, advisories, advisoryConsumer(service));
    await open(nc, advisories, readAdvisory);
  }

  async function open(nc: NatsConnection, stream: string, take: (message: JsMsg) => Promise<void>): Promise<void> {
    const consumer = await jetstream(nc).consumers.get(stream, service);
    const messages = await consumer.consume({ max_messages: 64, expires: 10_000 });
    iterators.push(messages);
    void listen(messages, take);
  }

  async function listen(messages: ConsumerMessages, take: (message: JsMsg) => Promise<void>): Promise<void> {
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

  async function pause(): Promise<void> {
    paused = true;
    for (const iterator of iterators) iterator.stop();
    await Promise.all(running);
  }

  return {
    get connected() {
      return manager !== undefined;
    },
    state: watch.state,
    connection: () => (manager === undefined ? undefined : connection),
    pending: async () => {
      const jsm = manager;
      if (!jsm) throw new Error("the bus is away");
      const sources = sourcesOf(handlers);
      const infos = await Promise.all(sources.map((source) => jsm.consumers.info(streamName(source), service)));
      return infos.reduce((sum, info) => sum + info.num_pending + info.num_ack_pending, 0);
    },
    start: async (given) => {
      handlers = given;
      const verdict = new Promise<Unfit | undefined>((resolve) => {
        judged = resolve;
        if (production) setTimeout(resolve, judgeMs, undefined).unref();
        else resolve(undefined);
      });
      void run();
      watch.start();
      const unfit = await verdict;
      if (unfit) throw unfit;
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
      await watch.stop();
      await pause();
      relay.disconnected();
      await connection?.close();
    },
  };
}

function sourcesOf(handlers: FactHandlers): string[] {
  return [...new Set(Object.keys(handlers).map((subject) => subject.split(".")[1] ?? ""))];
}
