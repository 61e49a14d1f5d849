// What the mesh asks of JetStream: every stream and every consumer, in one place. The bus makes them so, reads them back and
// mends them; whoever checks a live server holds it against the same words.
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";

/** What of a stream is a shop's own choice. */
export type Sizes = {
  /** Servers that keep each message: 3 in a cluster, 1 on a server that stands alone. */
  readonly replicas: number;
  /** MiB of one service's stream. The server sets all of it aside, so that together they must fit its max_file_store. */
  readonly streamMb: number;
};

/** The fields we ask for; what is not among them is the server's own. */
export type WantedStream = Readonly<Partial<StreamConfig>> & Pick<StreamConfig, "name" | "subjects">;
export type WantedConsumer = Readonly<Partial<ConsumerConfig>> & { readonly durable_name: string };

const second = 1_000_000_000;
const day = 24 * 60 * 60 * second;
const mib = 1024 * 1024;

/** Far above what a handler takes; what a dead connection or process had in its hands comes again after it. */
const ackWaitMs = 10_000;
/** What a consumer may have in hands or in delay, all replicas together. */
export const ackPendingMax = 256;

export const advisories = "ADVISORIES";
const canary = "CANARY";
export const seals = "AUDIT_SEALS";

/** A service's stream is named like it, in capitals: REFUND. */
export const streamName = (service: string): string => service.toUpperCase();
/** Where a service's facts are. */
const factsOf = (service: string): string => `backhaul.${service}.v1.>`;
/** Where a service shows that the bus takes what it is given. */
export const canarySubject = (service: string): string => `backhaul.canary.${service}`;

/** Alike for all: on disk, on so many servers, and nobody takes anything out of it. */
const kept = {
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  max_msgs: -1,
  max_consumers: -1,
  deny_delete: true,
  deny_purge: true,
  allow_rollup_hdrs: false,
  no_ack: false,
  sealed: false,
} as const;

/** The facts of a service. */
export function factStream(service: string, { replicas, streamMb }: Sizes): WantedStream {
  return {
    ...kept,
    name: streamName(service),
    subjects: [factsOf(service)],
    // A stream that is full refuses, and the outbox keeps what it refused; "old" would forget what nobody has taken in.
    discard: DiscardPolicy.New,
    // As long as the outbox remembers what it published.
    max_age: 14 * day,
    max_bytes: streamMb * mib,
    max_msgs_per_subject: -1,
    // The largest fact is an inspection of 500 findings with a note each, in three-byte letters; NATS itself takes 1 MiB.
    max_msg_size: 1_000_000,
    // A fact whose acknowledgement was lost goes out again within seconds, and is known.
    duplicate_window: 600 * second,
    num_replicas: replicas,
  };
}

/**
 * What one service takes in of another's facts. `max_deliver` has no end: a message that is given up by the server is parked
 * without a word, so giving up is ours, into a dead letter.
 */
export function factConsumer(source: string, service: string): WantedConsumer {
  return {
    durable_name: service,
    deliver_policy: DeliverPolicy.All,
    ack_policy: AckPolicy.Explicit,
    ack_wait: ackWaitMs * 1_000_000,
    max_ack_pending: ackPendingMax,
    max_deliver: -1,
    filter_subject: factsOf(source),
    replay_policy: ReplayPolicy.Instant,
    headers_only: false,
    // As many as its stream has.
    num_replicas: 0,
    mem_storage: false,
  };
}

/** What the server tells of messages that it gave up or was told to end: otherwise said once, to whoever listens just then. */
export function advisoryStream({ replicas }: Sizes): WantedStream {
  return {
    ...kept,
    name: advisories,
    subjects: ["$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>", "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>"],
    // Whoever was not there for so long looks through the streams themselves.
    discard: DiscardPolicy.Old,
    max_age: 14 * day,
    max_bytes: 16 * mib,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
    num_replicas: replicas,
  };
}

/** All of them, and each service minds its own: servers before 2.10 filter by a part of one of the stream's subjects only. */
export function advisoryConsumer(service: string): WantedConsumer {
  const { filter_subject: _, ...consumer } = factConsumer("", service);
  return consumer;
}

/** Where each service writes a message of its own every few seconds, to see that it can. */
export function canaryStream({ replicas }: Sizes): WantedStream {
  return {
    ...kept,
    name: canary,
    subjects: [canarySubject("*")],
    discard: DiscardPolicy.Old,
    max_age: day,
    max_bytes: mib,
    max_msgs_per_subject: 1,
    max_msg_size: 1_000,
    num_replicas: replicas,
  };
}

/** Where seals of the audit trail are published: for ever. */
export function sealStream({ replicas }: Pick<Sizes, "replicas">): WantedStream {
  return {
    ...kept,
    name: seals,
    subjects: ["audit.seal.*"],
    discard: DiscardPolicy.Old,
    max_age: 0,
    max_bytes: -1,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
    num_replicas: replicas,
  };
}

/** One field that is not as it was asked for. */
export type Difference = { readonly field: string; readonly wanted: unknown; readonly found: unknown };

/** Field by field: what a server has, against what we ask. */
export function differences(found: object, wanted: object): Difference[] {
  const live = found as Record<string, unknown>;
  const differing = Object.entries(wanted)
    .filter(([field, value]) => JSON.stringify(live[field] ?? unsaid(value)) !== JSON.stringify(value))
    .map(([field, value]) => ({ field, wanted: value, found: live[field] }));
  // From 2.12 a stream may be told to write without waiting for the disk, whatever the server was told.
  if ((live.persist_mode ?? "default") !== "default")
    differing.push({ field: "persist_mode", wanted: "default", found: live.persist_mode });
  return differing;
}

/** What a server leaves out is false or none. */
function unsaid(value: unknown): unknown {
  if (value === false || value === 0) return value;
  return undefined;
}
