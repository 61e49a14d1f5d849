// Looks every few seconds whether the bus takes and keeps what it is given, and whether its streams and consumers are still
// those that were declared: a stream that is deleted under a running service closes no connection.
import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import type { Log } from "#kit/log.js";
import { gauged } from "#kit/telemetry.js";
import { sing } from "./canary.js";
import { differences, factConsumer, streamName, type WantedStream } from "./declared.js";

/** The bus as of the last look. */
export type BusState = {
  /** Its API answered, a message was acknowledged, and streams and consumers are as declared. */
  readonly ready: boolean;
  /** What is wrong; empty if nothing is. */
  readonly why: string;
  /** How long the canary took, the last time it sang. */
  readonly canaryMs: number;
  /** How full the service's own stream is, 0 … 1. One that is full refuses. */
  readonly fill: number;
};

export type Watch = {
  state(): BusState;
  /** Says so without looking. */
  away(why: string): void;
  /** Looks now. */
  look(): void;
  start(): void;
  stop(): Promise<void>;
};

export type WatchParts = {
  readonly service: string;
  /** Its own, if it announces anything. */
  readonly stream: WantedStream | undefined;
  readonly sources: () => readonly string[];
  /** Undefined while the bus is away or not prepared. */
  readonly at: () => { readonly connection: NatsConnection; readonly manager: JetStreamManager } | undefined;
  /** When that stream was made, as the relay knows it. */
  readonly born: () => string;
  /** Whether it did not take the facts it was given last: a disk may have room for a canary, and for nothing else. */
  readonly refused: () => boolean;
  /** Called when what is there is not what was declared. */
  readonly changed: () => void;
  readonly sweep: (jsm: JetStreamManager) => Promise<void>;
  readonly lookMs: number;
  readonly sweepMs: number;
  readonly log: Log;
};

/** A stream is gone for whoever asks before its files are: what is made in its place too soon, nats-server 2.9 deletes along. */
const deletingMs = 1_000;
/** Above it somebody should make room. */
const nearlyFull = 0.8;

export function openWatch(parts: WatchParts): Watch {
  const { service, stream, born, refused, sources, at, changed, sweep, lookMs, sweepMs, log } = parts;
  let state: BusState = { ready: false, why: "not looked at yet", canaryMs: 0, fill: 0 };
  let stopped = false;
  let looking = false;
  let sweeping: Promise<void> | undefined;
  let looks: NodeJS.Timeout | undefined;
  let sweeps: NodeJS.Timeout | undefined;
  const ended = [
    gauged("bus_ready", "1 if the bus takes and keeps what it is given", () => [[state.ready ? 1 : 0, { service }]]),
    gauged("bus_canary_ms", "how long the bus took to acknowledge a message", () => [[state.canaryMs, { service }]]),
    gauged("bus_stream_fill", "how full the service's stream is, 0 to 1", () => [[state.fill, { service }]]),
  ];

  function note(next: Partial<BusState> & Pick<BusState, "ready" | "why">): void {
    if (state.ready !== next.ready) log.info({}, next.ready ? "bus is ready" : "bus is not ready");
    if ((next.fill ?? 0) > nearlyFull && state.fill <= nearlyFull)
      log.error({ stream: stream?.name }, "stream is nearly full; when it is, facts wait in the outbox");
    state = { ...state, ...next };
  }

  async function lookOnce(): Promise<void> {
    const there = at();
    if (!there) return;
    const { connection, manager } = there;
    try {
      const canaryMs = await sing(connection, manager, service);
      const fill = stream ? await ownStream(manager, stream) : 0;
      for (const source of sources()) {
        const { config } = await manager.consumers.info(streamName(source), service);
        if (differences(config, factConsumer(source, service)).length > 0) throw new Changed(streamName(source));
      }
      note({ ready: !refused(), why: refused() ? "facts are not taken" : "", canaryMs, fill });
    } catch (error) {
      // A disconnect says so itself.
      if (at() !== undefined) note({ ready: false, why: (error as Error).message });
      if (isChange(error)) await new Promise((resolve) => setTimeout(resolve, deletingMs));
      if (isChange(error) && !stopped && at() !== undefined) changed();
    }
  }

  async function ownStream(jsm: JetStreamManager, wanted: WantedStream): Promise<number> {
    const { config, created, state } = await jsm.streams.info(wanted.name);
    if (created !== born() || differences(config, wanted).length > 0) throw new Changed(wanted.name);
    return state.bytes / config.max_bytes;
  }

  function look(): void {
    clearTimeout(looks);
    if (looking) return;
    looking = true;
    void lookOnce().finally(() => {
      looking = false;
      if (!stopped) looks = setTimeout(look, lookMs).unref();
    });
  }

  function sweepOnce(): void {
    const there = at();
    sweeping = (there ? sweep(there.manager) : Promise.resolve())
      .catch((error) => log.info({ error }, "bus not swept; the next time makes up for it"))
      .finally(() => {
        // Replicas that started together shall not sweep together.
        if (!stopped) sweeps = setTimeout(sweepOnce, sweepMs * (0.5 + Math.random())).unref();
      });
  }

  return {
    state: () => state,
    away: (why) => note({ ready: false, why }),
    look,
    start: () => {
      looks = setTimeout(look, lookMs).unref();
      sweeps = setTimeout(sweepOnce, sweepMs * Math.random()).unref();
    },
    stop: async () => {
      stopped = true;
      clearTimeout(looks);
      clearTimeout(sweeps);
      for (const end of ended) end();
      // A look ends with its connection; a sweep may have a fact in its hands.
      await sweeping;
    },
  };
}

/** Something is there otherwise than it was declared. */
class Changed extends Error {
  override readonly name = "Changed";

  constructor(stream: string) {
    super(`${stream} is not as it was declared`);
  }
}

const gone: ReadonlySet<number> = new Set([JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound]);

/** What to declare all of it again helps against: streams or consumers that are gone or others. */
function isChange(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return gone.has(error.code);
  // What a publish says that no stream takes.
  return error instanceof Changed || (error as Error).name === "JetStreamNotEnabled";
}
