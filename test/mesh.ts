// The whole mesh in one process: every service with its real database, bus and sockets, two replicas of each.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Env } from "#kit/config.js";
import { freePorts } from "#kit/local/ports.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { readGatewayConfig } from "../gateway/config.js";
import * as gateway from "../gateway/service.js";
import { outsideSystems, type ServiceName, serviceNames } from "../scripts/mesh/services.js";
import { asOftenAsLiked, carriers } from "../scripts/mesh/settings.js";
import { readCollectionConfig } from "../services/collection/config.js";
import * as collection from "../services/collection/service.js";
import { readEligibilityConfig } from "../services/eligibility/config.js";
import * as eligibility from "../services/eligibility/service.js";
import { readInspectionConfig } from "../services/inspection/config.js";
import * as inspection from "../services/inspection/service.js";
import { readOutreachConfig } from "../services/outreach/config.js";
import * as outreach from "../services/outreach/service.js";
import { readPartnersConfig } from "../services/partners/config.js";
import * as partners from "../services/partners/service.js";
import { readReconcilerConfig } from "../services/reconciler/config.js";
import * as reconciler from "../services/reconciler/service.js";
import { readRefundConfig } from "../services/refund/config.js";
import * as refund from "../services/refund/service.js";
import { readResolutionConfig } from "../services/resolution/config.js";
import * as resolution from "../services/resolution/service.js";
import { breaches } from "./invariants.js";
import type { Secured } from "./secure.js";
import type { Doors } from "./shop.js";

export type { ServiceName };

type Running = { stop(): Promise<void> };

const starters: Readonly<Record<ServiceName, (env: Env) => Promise<Running>>> = {
  partners: (env) => partners.start(readPartnersConfig(env)),
  eligibility: (env) => eligibility.start(readEligibilityConfig(env)),
  collection: (env) => collection.start(readCollectionConfig(env)),
  inspection: (env) => inspection.start(readInspectionConfig(env)),
  refund: (env) => refund.start(readRefundConfig(env)),
  resolution: (env) => resolution.start(readResolutionConfig(env)),
  reconciler: (env) => reconciler.start(readReconcilerConfig(env)),
  outreach: (env) => outreach.start(readOutreachConfig(env)),
  gateway: (env) => gateway.start(readGatewayConfig(env)),
};

export type Mesh = {
  readonly stage: Stage;
  readonly gatewayUrl: string;
  /** Of all its replicas; the one above is the first's. */
  readonly gatewayUrls: readonly string[];
  readonly doors: Doors;
  /** A service's settings, to start it elsewhere. */
  env(service: ServiceName): Env;
  /** Where it listens: its first replica. */
  port(service: ServiceName): number;
  stopService(service: ServiceName): Promise<void>;
  startService(service: ServiceName): Promise<void>;
  /** Ends one replica as a signal would, and starts it again on its port; tells how long the end took. */
  restart(service: ServiceName, replica: number): Promise<{ readonly exitMs: number }>;
  stop(): Promise<void>;
};

/** How a mesh may differ from the plain one. */
export type MeshOptions = {
  /** Of every service but the sandbox; two if not said, as in production. */
  readonly replicas?: number;
  /** Settings of single services. */
  readonly settings?: Readonly<Partial<Record<ServiceName, Env>>>;
  /** mTLS on every hop; see secure.ts. */
  readonly secured?: Secured;
  /** Whether its invariants must hold when it is stopped; unless a test leaves it broken on purpose, they must. */
  readonly leftSound?: boolean;
};

/** Starts everything. */
export async function openMesh(options: MeshOptions = {}): Promise<Mesh> {
  const { replicas = 2, settings = {}, secured, leftSound = true } = options;
  const stage = await openStage(secured);
  const counts = serviceNames.map((name) => (name === "partners" ? 1 : replicas));
  const free = await freePorts(counts.reduce((a, b) => a + b));
  const ports = new Map(serviceNames.map((name, i) => [name, free.splice(0, counts[i])]));
  const port = (name: ServiceName) => ports.get(name)?.[0] ?? 0;
  const address = (name: ServiceName) =>
    `ipv4:${ports
      .get(name)
      ?.map((p) => `127.0.0.1:${p}`)
      .join(",")}`;
  const gatewayUrls = (ports.get("gateway") ?? []).map((at) => `${secured ? "https" : "http"}://127.0.0.1:${at}`);
  const [gatewayUrl = ""] = gatewayUrls;
  const secret = `whsec_${randomBytes(24).toString("base64")}`;

  const shared: Env = {
    ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_ADDRESS`, address(name)])),
    ...Object.fromEntries(outsideSystems.map((name) => [`${name.toUpperCase()}_ADDRESS`, address("partners")])),
    READ_DATABASE_URL: stage.readerUrl,
    REFUND_SCHEMA: stage.env("refund").DATABASE_SCHEMA,
    COLLECTION_NETWORKS: "example",
    GATEWAY_URL: gatewayUrl,
    WEBHOOK_SECRET: secret,
    WEBHOOK_KEYS: `test:${randomBytes(32).toString("base64")}`,
    WEBHOOK_REACH: "local",
    WEBHOOK_SECRETS: carriers.map((carrier) => `${carrier}:${secret}`).join(","),
  };
  const env = (name: ServiceName, replica = 0): Env =>
    stage.env(name, {
      ...shared,
      PORT: String(ports.get(name)?.[replica] ?? 0),
      POOL_SIZE: "5",
      // Its event loop is everybody's here.
      ...(name === "gateway" ? { ...asOftenAsLiked, LOOP_DELAY_MAX_MS: "0" } : {}),
      ...secured?.env[name],
      // Customers are told in our words, at any time of the day.
      ...(name === "resolution" ? { NOTIFICATION_ADDRESS: address("outreach") } : {}),
      ...(name === "outreach" ? { QUIET_HOURS: "off" } : {}),
      ...settings[name],
    });

  const running = new Map<ServiceName, Running[]>();
  async function startService(name: ServiceName): Promise<void> {
    const started = await Promise.all((ports.get(name) ?? []).map((_, replica) => starters[name](env(name, replica))));
    running.set(name, started);
  }
  async function restart(name: ServiceName, replica: number): Promise<{ exitMs: number }> {
    const replicas = running.get(name) ?? [];
    const beganAt = performance.now();
    await replicas[replica]?.stop();
    const exitMs = performance.now() - beganAt;
    replicas[replica] = await starters[name](env(name, replica));
    return { exitMs };
  }
  async function stopService(name: ServiceName): Promise<void> {
    await Promise.all((running.get(name) ?? []).map((service) => service.stop()));
    running.delete(name);
  }

  try {
    // The sandbox has the clock: without it nobody knows the time.
    await startService("partners");
    await Promise.all(serviceNames.slice(1).map(startService));
  } catch (error) {
    await Promise.all([...running.keys()].map(stopService));
    await stage.close();
    throw error;
  }
  return {
    stage,
    gatewayUrl,
    gatewayUrls,
    doors: { gatewayUrl, sandboxAddress: `127.0.0.1:${port("partners")}`, token: stage.token, ...secured?.doors },
    env,
    port,
    startService,
    stopService,
    restart,
    /** @throws AssertionError if it is not left sound */
    stop: async () => {
      const { databaseUrl, nats } = stage;
      const schemaOf = (service: string) => stage.env(service).DATABASE_SCHEMA ?? service;
      const asks = leftSound && !secured && running.size === serviceNames.length;
      const found = asks ? await breaches(databaseUrl, nats.url, schemaOf) : [];
      for (const name of serviceNames.toReversed()) await stopService(name);
      await stage.close();
      assert.deepEqual(found, [], "the mesh is left sound");
    },
  };
}
