// What every service is made of, put together once: settings, clocks, database, bus, agenda, doors. A service's main.ts
// opens it, wires its own parts, and runs it.
import { setTimeout as sleep } from "node:timers/promises";
import { createMinter, createVerifier } from "#kit/access.js";
import { type Agenda, openAgenda, type StepHandler } from "#kit/agenda.js";
import { type AuditSettings, auditSettings, sealerOptions } from "#kit/audit/config.js";
import { auditRpc } from "#kit/audit/rpc.js";
import { openSealer } from "#kit/audit/sealer.js";
import { openBreakers } from "#kit/breakers.js";
import { type BusSettings, busOptions, busSettings } from "#kit/bus/settings.js";
import { type Bus, type FactHandlers, openBus } from "#kit/bus.js";
import { type Connect, openAddress } from "#kit/client.js";
import { type Clock, type Clocks, type JoinedClock, joinClock, realClock } from "#kit/clock.js";
import type { Followers } from "#kit/commit.js";
import { address, integer, oneOf, secret, text, url } from "#kit/config.js";
import { callersOf } from "#kit/edges.js";
import { type TokenSettings, tokenSettings } from "#kit/issuers.js";
import { createLog, type Log } from "#kit/log.js";
import { migrate } from "#kit/migrate.js";
import { openProcessActs } from "#kit/operator/acts.js";
import { buildOf } from "#kit/operator/build.js";
import { openDeadLetters } from "#kit/operator/deadLetters.js";
import { openDuty } from "#kit/operator/duty.js";
import { openLevel } from "#kit/operator/level.js";
import { operatorRpc } from "#kit/operator/rpc.js";
import { openSteps } from "#kit/operator/steps.js";
import { openRelay, type Relay } from "#kit/outbox.js";
import { assertDurable, type Database, openDatabase } from "#kit/postgres.js";
import { makeReadersReady } from "#kit/reader.js";
import { type Conditions, watchReadiness } from "#kit/readiness.js";
import { kitRules, type Rule, startSweeping } from "#kit/retention.js";
import { type Keyring, keyringSetting } from "#kit/sealing.js";
import { type Implementation, type RunningServer, serve } from "#kit/server.js";
import { type Identity, openIdentity, type TlsSettings, tlsSettings } from "#kit/tls.js";
import { openVault, type Vault } from "#kit/vault.js";

/** Settings that every service has. */
export const serviceSettings = (name: string, port: number) => ({
  host: text("HOST", "interface to listen on", "127.0.0.1"),
  port: integer("PORT", `port of the ${name} service; 0 takes a free one`, { max: 65535, fallback: port }),
  databaseUrl: url("DATABASE_URL", "Postgres, e.g. postgres://user@host:5432/backhaul", ["postgres:", "postgresql:"]),
  databaseSchema: text("DATABASE_SCHEMA", "this service's own schema", name),
  poolSize: integer("POOL_SIZE", "database connections of one process; all replicas together must fit the server", {
    min: 2,
    max: 100,
    fallback: 8,
  }),
  clockAddress: text("CLOCK_ADDRESS", 'address of the sandbox clock, or "real" for real time', "real"),
  meshSecret: secret(
    "MESH_SECRET",
    "shared by all services of a mesh, signs the tokens they pass on; 32 characters",
    32,
  ),
  ...busSettings,
  ...tokenSettings,
  ...auditSettings,
  ...tlsSettings,
  callDeadlineMs: integer("CALL_DEADLINE_MS", "time a call to another service may take", { min: 50, fallback: 5_000 }),
  callsMax: integer("CALLS_MAX", "calls under way, beyond which new ones are turned away; 0 is any", { fallback: 512 }),
  streamsMax: integer("STREAMS_MAX", "open streams, beyond which new ones are turned away; 0 is any", {
    fallback: 5_000,
  }),
  callMaxMs: integer("CALL_MAX_MS", "time for a call whose caller set no deadline", { min: 1_000, fallback: 60_000 }),
  unreadyMs: integer(
    "UNREADY_MS",
    "between health saying no and the port closing; more than a balancer's probe period",
    {
      fallback: 250,
    },
  ),
  drainMs: integer("DRAIN_MS", "time a shutdown waits for calls under way", { fallback: 8_000 }),
  retentionMinutes: integer("RETENTION_MINUTES", "how often what is past its time is removed; 0 for never", {
    fallback: 60,
    max: 20_000,
  }),
  reflection: oneOf("REFLECTION", "whether grpcurl may list the contracts", ["on", "off"], "on"),
  buildCommit: text("BUILD_COMMIT", "the commit this was built from, for whoever asks what runs", ""),
  logLevel: oneOf("LOG_LEVEL", "how much is logged", ["debug", "info", "warn", "error", "silent"], "info"),
});

/** Settings of services that keep what is known of people. */
export const personalSettings = { piiKeys: keyringSetting("PII_KEYS") };

/** What those come to. */
export type PersonalConfig = { readonly piiKeys: Keyring };

/** What those settings come to. */
export type ServiceConfig = BusSettings &
  TokenSettings &
  AuditSettings &
  TlsSettings & {
    readonly host: string;
    readonly port: number;
    readonly databaseUrl: string;
    readonly databaseSchema: string;
    readonly poolSize: number;
    readonly clockAddress: string;
    readonly meshSecret: string;
    readonly callDeadlineMs: number;
    readonly callsMax: number;
    readonly streamsMax: number;
    readonly callMaxMs: number;
    readonly unreadyMs: number;
    readonly drainMs: number;
    readonly retentionMinutes: number;
    readonly reflection: "on" | "off";
    readonly buildCommit: string;
    readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
  };

/** A partner's or neighbour's address, as a setting. */
export const addressOf = (name: string, port: number) =>
  address(`${name.toUpperCase()}_ADDRESS`, `where the ${name} service answers`, `127.0.0.1:${port}`);

/** A service opened, not yet answering. */
export type Service = {
  readonly name: string;
  readonly log: Log;
  readonly clocks: Clocks;
  readonly db: Database;
  /** Undefined without TLS. */
  readonly identity: Identity | undefined;
  /** For aggregates: takes over what a commit announces and makes due. */
  readonly followers: Followers;
  readonly agenda: Agenda;
  /** Gives clients of the services at an address; `server` is who answers there, where the contracts are everybody's. */
  connect(address: string, server?: string): Connect;
  run(parts: ServiceParts): Promise<Running>;
};

/** What a service's parts stand on: its process, or a simulation that plays one. */
export type Ground = Pick<Service, "log" | "clocks" | "db" | "followers" | "agenda" | "connect"> & {
  readonly vault: Vault;
};

/** What a service does. */
export type ServiceParts = {
  readonly rpc: readonly Implementation[];
  readonly facts?: FactHandlers;
  readonly steps?: Readonly<Record<string, StepHandler>>;
  /** What of its own tables is past its time, and when; the kit's are seen to. */
  readonly retention?: readonly Rule[];
  /** Ends what the service itself started, after the doors are closed. */
  readonly close?: () => Promise<void>;
  /** The largest message it reads, where that is more than the server's own limit. */
  readonly messageBytesMax?: number;
};

/** A service that answers. */
export type Running = {
  readonly port: number;
  readonly bus: Bus;
  conditions(): Conditions;
  /** Health says no first, then what is under way is ended, and what it announced is told. */
  stop(): Promise<void>;
};

/** How a service is opened. */
export type OpenOptions = {
  /** Folder of its migrations. */
  readonly migrations: URL;
  /** Whether it announces facts. */
  readonly announces: boolean;
  /** Only the sandbox has a clock of its own; everybody else joins it. */
  readonly clock?: (db: Database) => Promise<Clock>;
  /** Steps under way at a time; as many as usual if not said. */
  readonly stepsAtOnce?: number;
  /** Whether other work goes before them: then they are done one by one. */
  readonly stepsYield?: () => boolean;
};

/** Opens a service that keeps what is known of people, under seal. @throws Error as openService does */
export async function openSealedService(
  name: string,
  config: ServiceConfig & PersonalConfig,
  options: OpenOptions,
): Promise<Service & { readonly vault: Vault }> {
  const wanted: { vault?: Vault } = {};
  const service = await openService(name, config, options, (db) => (wanted.vault = openVault(db, config.piiKeys)));
  return { ...service, vault: wanted.vault as Vault };
}

/**
 * Opens a service: database reachable and migrated, time known.
 * @throws Error that says what is wrong if the database or the clock cannot be reached
 */
export async function openService(
  name: string,
  config: ServiceConfig,
  options: OpenOptions,
  vaultOn?: (db: Database) => Vault,
): Promise<Service> {
  const log = createLog(name, config.logLevel);
  const identity = openIdentity(config, log);
  const { databaseUrl, databaseSchema, poolSize } = config;
  const db = openDatabase({ url: databaseUrl, schema: databaseSchema, poolSize, identity });
  const closers: (() => unknown)[] = [() => identity?.close(), () => db.close()];
  try {
    await assertDurable(db);
    const ran = await migrate(db, options.migrations);
    if (ran.length > 0) log.info({ migrations: ran }, "schema migrated");

    const wanted: { agenda?: Agenda; clock?: JoinedClock } = {};
    const reached = (time: Date) => wanted.clock?.reached(time);
    const breakers = openBreakers();
    closers.push(breakers.close);
    const clientOptions = {
      service: name,
      breakers,
      mint: createMinter(name, config.meshSecret),
      deadlineMs: config.callDeadlineMs,
      identity,
      businessTime: () => wanted.clock?.clock.now(),
    };
    const connect = (target: string, server?: string): Connect => {
      const opened = openAddress(target, { ...clientOptions, server });
      closers.push(opened.close);
      return opened.connect;
    };

    const relay: Relay = openRelay(name, db, log);
    const bus = openBus(
      { service: name, announces: options.announces, identity, reached, ...busOptions(config) },
      db,
      relay,
      log,
    );
    let commits = 0;
    const workLeft = async () => ({
      agenda: (await wanted.agenda?.dueCount()) ?? 0,
      outbox: await relay.unpublished(),
      bus: await bus.pending(),
      commits,
    });
    const clock = await openClock(name, config, options, db, connect, workLeft, () => wanted.agenda?.poke());
    closers.push(clock.stop);
    // Real time needs no telling.
    if (clock.clock !== realClock) wanted.clock = clock;
    const vault = vaultOn?.(db);
    const { stepsAtOnce: atOnce, stepsYield: yields } = options;
    const agenda = openAgenda(name, db, clock.clock, log, { vault, atOnce, yields });
    wanted.agenda = agenda;
    const build = buildOf(db);
    const level = openLevel(log);
    closers.push(level.stop);
    const sealer = openSealer(sealerOptions(name, config, bus.connection, config.natsReplicas), db, log);

    const followers: Followers = {
      now: () => {
        commits++;
        return clock.clock.now();
      },
      announce: relay.announce,
      hasRoom: (of) => (of === "facts" ? relay.hasRoom() : agenda.hasRoom()),
      take: agenda.take,
    };
    return {
      name,
      log,
      clocks: { business: clock.clock, real: realClock },
      db,
      identity,
      followers,
      agenda,
      connect,
      run: async ({ rpc, facts = {}, steps = {}, retention = [], close, messageBytesMax }) => {
        const operatorDoor = () =>
          operatorRpc({
            service: name,
            commit: config.buildCommit,
            build,
            level,
            acts: openProcessActs(name, db, followers),
            letters: openDeadLetters(db, followers, bus, () => realClock.now()),
            steps: openSteps(db, followers, () => clock.clock.now(), agenda.poke),
            duty: openDuty({
              db,
              relay,
              bus,
              agenda,
              sealer,
              server: () => server,
              readiness: () => readiness,
              breakers,
            }),
          });
        const verify = createVerifier(config, config.meshSecret);
        const { host, port, drainMs, unreadyMs, callsMax, streamsMax, callMaxMs } = config;
        const reflection = config.reflection === "on";
        const callers = callersOf[name];
        const capacity = { callsMax, streamsMax, callMaxMs };
        const { reached } = wanted.clock ?? {};
        const door = {
          host,
          port,
          verify,
          log,
          drainMs,
          reflection,
          messageBytesMax,
          identity,
          callers,
          capacity,
          reached,
        };
        await makeReadersReady(db);
        const server: RunningServer = await serve([...rpc, auditRpc(name, db), operatorDoor()], door);
        const readiness = watchReadiness({
          db,
          bus,
          log,
          tell: ({ ready, parts }) => {
            server.setServing(ready);
            server.setCondition("bus", parts.bus === true);
          },
        });
        relay.start();
        await bus.start(facts);
        agenda.start(steps);
        sealer.start();
        const everyMs = config.retentionMinutes * 60_000;
        const rules = [...kitRules, ...retention];
        const clocks = { business: clock.clock, real: realClock };
        const sweeping = everyMs > 0 ? startSweeping(name, db, clocks, rules, everyMs, log, vault?.rewrap) : undefined;
        log.info({ port: server.port }, "serving");
        return {
          port: server.port,
          bus,
          conditions: readiness.now,
          stop: async () => {
            readiness.setInWork(false);
            await sleep(unreadyMs);
            readiness.stop();
            // No fact and no step is begun any more, nor a call; then what all of them announced is told.
            const resting = Promise.all([bus.pause(), agenda.stop(), sweeping?.stop()]);
            await Promise.all([server.stop(), Promise.race([resting, sleep(drainMs, undefined, { ref: false })])]);
            await sealer.stop();
            await relay.stop();
            await bus.stop();
            await close?.();
            for (const end of closers.reverse()) await end();
            log.info({}, "stopped");
          },
        };
      },
    };
  } catch (error) {
    for (const end of closers.reverse()) await end();
    throw error;
  }
}

async function openClock(
  name: string,
  config: ServiceConfig,
  options: OpenOptions,
  db: Database,
  connect: (target: string) => Connect,
  workLeft: Parameters<typeof joinClock>[2],
  onMove: () => void,
): Promise<JoinedClock> {
  const alone = { reached: () => {}, stop: () => {} };
  if (options.clock) return { clock: await options.clock(db), ...alone };
  if (config.clockAddress === "real") return { clock: realClock, ...alone };
  return joinClock(connect(config.clockAddress), name, workLeft, onMove);
}
