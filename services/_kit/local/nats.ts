// A real nats-server with JetStream for `npm start` and tests, with the safest fsync its version offers. Tests kill it
// and throw its store away. Called by the launcher and by testing/nats.
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { canSyncAlways } from "../bus/server.js";
import { freePort } from "./ports.js";
import { adopt, type Child, commandLine, end, isAlive, startChild } from "./processes.js";

export interface LocalNatsOptions {
  /** Holds the configuration and the JetStream store; made when it is missing. */
  dir: string;
  /** Default: a free one, kept over restarts. */
  port?: number;
  /** Default: what findNatsServer() finds. */
  binary?: string;
  log?: (line: string) => void;
  /** All streams together, in MiB. A full disk hangs JetStream without an error, a full store refuses in words. */
  maxStoreMb?: number;
  /** Where it tells how it is configured, over HTTP; nowhere if not said. */
  monitorPort?: number;
  /** One of several servers that keep messages together. */
  cluster?: ClusterNode;
  /** Syncs every two minutes, as a server does that nobody tells otherwise. */
  lazy?: boolean;
  /** Serves TLS with these, and lets in only clients with a certificate of that authority. */
  tls?: { cert: string; key: string; ca: string };
}

export interface ClusterNode {
  /** What the others know it by; the same after each restart. */
  name: string;
  port: number;
  /** Where the others are. */
  routes: readonly number[];
}

export interface LocalNats {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  stop(): Promise<void>;
  /** SIGKILL: what a crash does. Stored messages stay, acknowledgements of the last moments may not. */
  kill(): Promise<void>;
  /** The same store on the same port; after stop() and kill() too. */
  restart(): Promise<void>;
  /** Kills it and starts it with an empty store: every stream and consumer is gone. */
  wipe(): Promise<void>;
}

const START_MS = 30_000;

/** Throws when there is no nats-server, when it does not start, and when another live process serves `dir`. */
export async function startNats(options: LocalNatsOptions): Promise<LocalNats> {
  const log = options.log ?? (() => {});
  const binary = options.binary ?? findNatsServer();
  if (!binary) throw new Error("there is no nats-server: run `node scripts/setup.mjs`, or set NATS_URL");
  const version = versionOf(binary);
  const dir = resolve(options.dir);
  const store = join(dir, "store");
  mkdirSync(dir, { recursive: true });
  await endOrphan(dir, log);

  const launch = async (port: number): Promise<Child> => {
    mkdirSync(store, { recursive: true });
    const { maxStoreMb = 1024, tls, monitorPort, cluster, lazy = false } = options;
    if (!lazy && !canSyncAlways(version)) makeSynchronous(store, log);
    return launchNats(binary, dir, { version, port, store, maxStoreMb, tls, monitorPort, cluster, lazy }, log);
  };
  let port = options.port ?? (await freePort());
  let child = await launch(port).catch(async (error: Error) => {
    if (options.port !== undefined || !/already in use/.test(error.message)) throw error;
    port = await freePort();
    return launch(port);
  });

  const stop = () => end(child, ["SIGINT", 10_000], ["SIGKILL", 5_000]);
  const kill = () => end(child, ["SIGKILL", 5_000]);
  return {
    get url() {
      return `nats://127.0.0.1:${port}`;
    },
    get port() {
      return port;
    },
    get pid() {
      return child.pid;
    },
    version,
    stop,
    kill,
    async restart() {
      await stop();
      child = await launch(port);
    },
    async wipe() {
      await kill();
      rmSync(store, { recursive: true, force: true });
      child = await launch(port);
    },
  };
}

/** On PATH, where packages put it, or where scripts/setup.mjs put it; that script looks in the same places. */
export function findNatsServer(): string | undefined {
  const name = process.platform === "win32" ? "nats-server.exe" : "nats-server";
  const usual = ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];
  const dirs = [
    ...(process.env.PATH ?? "").split(delimiter).filter(Boolean),
    ...usual,
    join(checkout(), ".local", "bin"),
  ];
  return dirs.map((dir) => join(dir, name)).find(isExecutable);
}

/** Each that is found: the one that findNatsServer() finds, and those that NATS_SERVERS names, with commas between. */
export function natsServers(): string[] {
  const named = (process.env.NATS_SERVERS ?? "").split(",").filter((path) => path !== "");
  return [...new Set([findNatsServer(), ...named].filter((path) => path !== undefined))];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The directory of package.json, from the sources as well as from dist/. */
function checkout(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, "package.json")) && dirname(dir) !== dir) dir = dirname(dir);
  return dir;
}

function versionOf(binary: string): string {
  const asked = spawnSync(binary, ["--version"], { encoding: "utf8" });
  const version = /v(\d+\.\d+\.\d+\S*)/.exec(asked.stdout ?? "")?.[1];
  if (!version) throw new Error(`${binary} --version does not answer with a version: ${asked.error ?? asked.stderr}`);
  return version;
}

/**
 * 2.9 cannot be told to fsync: it does so every two minutes, and a power cut takes all that was acknowledged since.
 * Where the filesystem knows the attributes, what is made in the store inherits them, and every write is synchronous.
 */
function makeSynchronous(store: string, log: (line: string) => void): void {
  spawnSync("chattr", ["-R", "+S", "+D", store]);
  const flags = spawnSync("lsattr", ["-d", store], { encoding: "utf8" }).stdout?.split(" ")[0] ?? "";
  if (flags.includes("S") && flags.includes("D")) return;
  log(
    "this nats-server cannot fsync each message, nor this filesystem: a power cut can lose the last minutes of events",
  );
}

interface Launch {
  version: string;
  port: number;
  store: string;
  maxStoreMb: number;
  tls: LocalNatsOptions["tls"];
  monitorPort: number | undefined;
  cluster: ClusterNode | undefined;
  lazy: boolean;
}

async function launchNats(binary: string, dir: string, it: Launch, log: (line: string) => void): Promise<Child> {
  const name = it.cluster?.name ?? `backhaul-${randomUUID()}`;
  writeFileSync(configFile(dir), configuration(dir, name, it));
  const child = await startChild(binary, ["-c", configFile(dir)], { stopSignal: "SIGINT", log });
  let how: string | undefined;
  void child.ended.then((ended) => {
    how = ended;
  });
  for (const patience = Date.now() + START_MS; how === undefined; await sleep(20)) {
    if ((await Promise.race([greeting(it.port), child.ended])).includes(name)) return child;
    if (Date.now() > patience) await end(child, ["SIGKILL", 5_000]);
  }
  throw new Error(`nats-server in ${dir} did not start on port ${it.port} (${how}):\n${child.tail()}`);
}

function configuration(dir: string, name: string, it: Launch): string {
  return `# Written at every start by services/_kit/local/nats.ts. owner: ${process.pid}
server_name: ${JSON.stringify(name)}
host: "127.0.0.1"
port: ${it.port}
pid_file: ${JSON.stringify(pidFile(dir))}
jetstream {
  store_dir: ${JSON.stringify(it.store)}
  max_memory_store: ${64 * 1024 * 1024}
  max_file_store: ${it.maxStoreMb * 1024 * 1024}
${canSyncAlways(it.version) && !it.lazy ? "  sync_interval: always\n" : ""}}
${it.monitorPort === undefined ? "" : `http: "127.0.0.1:${it.monitorPort}"\n`}${it.cluster ? clusterBlock(it.cluster) : ""}${it.tls ? tlsBlock(it.tls) : ""}`;
}

function clusterBlock({ port, routes }: ClusterNode): string {
  const others = routes.map((route) => `"nats-route://127.0.0.1:${route}"`).join(", ");
  return `cluster {\n  name: "backhaul"\n  listen: "127.0.0.1:${port}"\n  routes: [${others}]\n}\n`;
}

function tlsBlock({ cert, key, ca }: NonNullable<LocalNatsOptions["tls"]>): string {
  const [certFile, keyFile, caFile] = [cert, key, ca].map((file) => JSON.stringify(resolve(file)));
  return `tls {\n  cert_file: ${certFile}\n  key_file: ${keyFile}\n  ca_file: ${caFile}\n  verify: true\n}\n`;
}

const configFile = (dir: string) => join(dir, "nats.conf");
const pidFile = (dir: string) => join(dir, "nats.pid");

/** The first line a server sends; it comes once JetStream has read its store. Empty while nobody listens. */
function greeting(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 2_000 });
    const done = (line: string) => {
      socket.destroy();
      resolve(line);
    };
    socket.once("data", (data) => done(data.toString()));
    socket.once("error", () => done(""));
    socket.once("timeout", () => done(""));
    socket.once("close", () => done(""));
  });
}

/** Two servers on one store would destroy it: ends one that a dead process left behind, throws if its starter lives. */
async function endOrphan(dir: string, log: (line: string) => void): Promise<void> {
  if (!existsSync(pidFile(dir)) || !existsSync(configFile(dir))) return;
  const pid = Number(readFileSync(pidFile(dir), "utf8"));
  if (!isAlive(pid) || !commandLine(pid).includes(configFile(dir))) return;
  const config = readFileSync(configFile(dir), "utf8");
  const owner = Number(/owner: (\d+)/.exec(config)?.[1]);
  if (isAlive(owner)) {
    const port = /^port: (\d+)/m.exec(config)?.[1];
    throw new Error(
      `nats-server ${pid} of process ${owner} already serves ${dir}: stop it, or set NATS_URL=nats://127.0.0.1:${port}`,
    );
  }
  log(`ending nats-server ${pid}, left running by a process that is gone`);
  await end(adopt(pid, "SIGINT"), ["SIGINT", 10_000], ["SIGKILL", 5_000]);
}
