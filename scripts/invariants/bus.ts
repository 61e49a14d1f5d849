// The streams and consumers of a mesh as JetStream has them, read without a trace: nothing is made there, not even a consumer.
import { type ConsumerInfo, type JetStreamManager, jetstreamManager, type StreamInfo } from "@nats-io/jetstream";
import { connect, type NatsConnection, type TlsOptions } from "nats";
import type { Identity } from "#kit/tls.js";

/** A message of a stream. */
export type BusMessage = {
  readonly stream: string;
  readonly sequence: number;
  readonly time: Date;
  readonly subject: string;
  /** "" for none. */
  readonly eventId: string;
  readonly body: Uint8Array;
};

export type BusBook = {
  /** Reads what is there, for the questions that follow. A bus that is away fails those that need it. */
  read(): Promise<void>;
  /** The newest messages of each service's stream, as they were read. @throws Error while the bus is away */
  newest(): readonly BusMessage[];
  /** The streams as they are now. @throws Error while the bus is away */
  streams(): Promise<readonly StreamInfo[]>;
  /** The durable consumers of a stream as they are now. @throws Error while the bus is away */
  consumers(stream: string): Promise<readonly ConsumerInfo[]>;
  /** When a message came, or the first after it that is still there; undefined if there is none. */
  timeOf(stream: string, sequence: number): Promise<Date | undefined>;
  close(): Promise<void>;
};

const timeoutMs = 3_000;

/** Opens it; nothing is asked before `read`. @param count how many messages of each stream are read */
export function openBusBook(url: string, count: number, identity?: Identity): BusBook {
  let connection: NatsConnection | undefined;
  let manager: JetStreamManager | undefined;
  let away: Error | undefined;
  let messages: readonly BusMessage[] = [];

  function there(): JetStreamManager {
    if (away) throw new Error(`the bus cannot be asked: ${away.message}`);
    return manager as JetStreamManager;
  }
  async function streams(): Promise<StreamInfo[]> {
    const found: StreamInfo[] = [];
    for await (const info of there().streams.list()) found.push(info);
    return found;
  }
  async function messageAt(stream: string, sequence: number): Promise<BusMessage | undefined> {
    const message = await there().streams.getMessage(stream, { seq: sequence });
    if (!message) return undefined;
    const { subject, seq, header, time, data } = message;
    return { stream, sequence: seq, time, subject, eventId: header?.get("ce-id") ?? "", body: data };
  }
  async function newestOf({ config, state }: StreamInfo): Promise<BusMessage[]> {
    const first = Math.max(1, state.first_seq, state.last_seq - count + 1);
    const sequences = Array.from({ length: Math.max(0, state.last_seq - first + 1) }, (_, i) => first + i);
    const found = await Promise.all(sequences.map((sequence) => messageAt(config.name, sequence)));
    return found.filter((message) => message !== undefined);
  }

  return {
    read: async () => {
      try {
        away = undefined;
        const tls = identity ? { tls: identity.connection as TlsOptions } : {};
        connection ??= await connect({ servers: url, name: "invariants", timeout: timeoutMs, ...tls });
        manager ??= await jetstreamManager(connection, { timeout: timeoutMs });
        // Facts alone: canaries are nobody's.
        const ours = (await streams()).filter(({ config }) =>
          config.subjects?.every((it) => /^backhaul\.\w+\.v1\./.test(it)),
        );
        messages = (await Promise.all(ours.map(newestOf))).flat();
      } catch (error) {
        away = error as Error;
      }
    },
    newest: () => {
      there();
      return messages;
    },
    streams,
    consumers: async (stream) => {
      const found: ConsumerInfo[] = [];
      for await (const info of there().consumers.list(stream)) if (info.config.durable_name) found.push(info);
      return found;
    },
    timeOf: async (stream, sequence) => (await messageAt(stream, sequence))?.time,
    close: async () => {
      await connection?.close();
    },
  };
}
