// Settings of a service's end of the bus.
import type { BusOptions } from "#kit/bus.js";
import { integer, listOf, text, urls } from "#kit/config.js";
import { type Risk, risks } from "./server.js";

export const busSettings = {
  natsUrl: urls(
    "NATS_URL",
    "NATS with JetStream, e.g. nats://127.0.0.1:4222; the servers of a cluster with commas between",
    ["nats:", "tls:"],
  ),
  natsReplicas: integer("NATS_REPLICAS", "servers that keep each message; 3 in production", {
    min: 1,
    max: 5,
    fallback: 1,
  }),
  natsStreamMb: integer(
    "NATS_STREAM_MB",
    "MiB of each service's stream; a full one refuses facts until they are two weeks old",
    { min: 1, max: 1_000_000, fallback: 128 },
  ),
  natsMonitor: urls(
    "NATS_MONITOR",
    "monitoring addresses of all servers, e.g. http://127.0.0.1:8222: there they say whether they fsync",
    ["http:", "https:"],
    "",
  ),
  natsAccept: listOf("NATS_ACCEPT", "what production accepts knowingly of its NATS", risks),
  natsLookMs: integer("NATS_LOOK_MS", "between two looks whether the bus takes and keeps what it is given", {
    min: 100,
    max: 60_000,
    fallback: 5_000,
  }),
  natsSweepMs: integer("NATS_SWEEP_MS", "between two looks for facts that were acknowledged and not taken in", {
    min: 100,
    max: 3_600_000,
    fallback: 60_000,
  }),
  factDeliveries: integer("FACT_DELIVERIES", "failed deliveries after which a fact is a dead letter", {
    min: 1,
    max: 100,
    fallback: 10,
  }),
  environment: text("NODE_ENV", "production refuses a NATS that may lose what it acknowledged", ""),
};

export type BusSettings = {
  readonly natsUrl: string;
  readonly natsReplicas: number;
  readonly natsStreamMb: number;
  readonly natsMonitor: string;
  readonly natsAccept: readonly Risk[];
  readonly natsLookMs: number;
  readonly natsSweepMs: number;
  readonly factDeliveries: number;
  readonly environment: string;
};

/** What those settings make of a bus. */
export function busOptions(it: BusSettings): Omit<BusOptions, "service" | "announces" | "identity"> {
  const monitors = it.natsMonitor === "" ? [] : it.natsMonitor.split(",");
  return {
    url: it.natsUrl,
    deliveriesMax: it.factDeliveries,
    sizes: { replicas: it.natsReplicas, streamMb: it.natsStreamMb },
    lookMs: it.natsLookMs,
    sweepMs: it.natsSweepMs,
    production: it.environment === "production" ? { monitors, accepted: it.natsAccept } : undefined,
  };
}
