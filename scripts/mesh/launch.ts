// Starts a whole mesh on this machine, each service as its own process from dist/: for `npm start`, the benchmark, and
// the tests that kill what they like. Everything a mesh keeps lies in its folder, so meshes with folders of their own
// never meet.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import type { Env } from "#kit/config.js";
import { freePort, portTaken } from "#kit/local/ports.js";
import { type Identity, tlsSettings } from "#kit/tls.js";
import { type CertificateFolder, holders, openCertificateFolder, operatorIdentity } from "./certificates.js";
import { type Issuer, openIssuer } from "./issuer.js";
import { type Lock, lockFolder } from "./lock.js";
import { localDir, root } from "./places.js";
import { type MeshProcess, meshProcess, tail } from "./process.js";
import { type Servers, startServers } from "./servers.js";
import { defaultPorts, mainOf, type ServiceName, serviceNames } from "./services.js";
import { openSecrets, settingsOf } from "./settings.js";

const certificateDays = 30;

export interface MeshOptions {
  /** Holds data, keys and logs; .local in the checkout if not given. */
  dir?: string;
  /** Only these; all if not given. */
  services?: readonly ServiceName[];
  /** Processes of each service and of the gateway; the sandbox is always one, for it is one world. */
  replicas?: number;
  /** Settings of one service over the launcher's own; a function is shown those. */
  env?: Partial<Record<ServiceName, Env>> | ((service: ServiceName, settings: Env) => Promise<Env>);
  /** "default" takes the usual ones where they are free, "free" any: for tests beside a mesh in use. */
  ports?: "default" | "free";
  /** mTLS on every hop inside the mesh, by certificates in its folder. */
  tls?: boolean;
  /** Told what happens, a line each. */
  say?: (line: string) => void;
  /** Told when a process ends that nobody told to. */
  onLost?: (lost: { service: ServiceName; name: string; replica: number }, how: string, lastLines: string) => void;
}

export interface Mesh {
  readonly dir: string;
  /** gRPC targets, all replicas of a service in one. */
  readonly addresses: Readonly<Record<ServiceName, string>>;
  /** The first gateway, and all of them. */
  readonly gatewayUrl: string;
  readonly gatewayUrls: readonly string[];
  readonly servers: Servers;
  /** The schema of a service in that database. */
  schemaOf(service: string): string;
  readonly issuer: Issuer;
  /** An operator's, by which the processes let us in; undefined without TLS. */
  readonly identity: Identity | undefined;
  /** Where the replicas of a service listen, in order. */
  portsOf(service: ServiceName): readonly number[];
  /** By service, its replicas in order; those that run. */
  pids(): Record<ServiceName, number[]>;
  /** Signals one replica, or all of a service, and waits for the end. */
  kill(service: ServiceName, signal?: NodeJS.Signals, replica?: number): Promise<void>;
  /** Ends what still runs of it and starts it again on the same ports; resolves when it answers. `more` are settings of that run. */
  restart(service: ServiceName, replica?: number, more?: Env): Promise<void>;
  /** Stops everything it started: the edge first, the databases last. */
  stop(): Promise<void>;
}

/** @throws Error that says what could not be had, and the last log lines of a process that did not come up */
export async function launchMesh(options: MeshOptions = {}): Promise<Mesh> {
  const say = options.say ?? (() => {});
  const dir = resolve(options.dir ?? localDir);
  const wanted = serviceNames.filter((name) => options.services?.includes(name) ?? true);
  buildIfSources();
  for (const service of wanted) {
    if (!existsSync(mainOf(service))) throw new Error(`${mainOf(service)} is not there: run npm run build`);
  }
  const logs = join(dir, "logs");
  mkdirSync(logs, { recursive: true });
  const lock = await lockFolder(dir, say);
  const closers: (() => unknown)[] = [lock.release];
  try {
    const serverLog = createWriteStream(join(logs, "servers.log"));
    closers.push(() => serverLog.end());
    const tls = options.tls ? await openTls(dir) : undefined;
    if (tls) closers.push(tls.identity.close);
    const servers = await startServers(dir, (line) => serverLog.write(`${line}\n`), tls?.filesOf);
    closers.push(servers.stop);
    const [secrets, issuer] = await Promise.all([openSecrets(dir), openIssuer(dir)]);

    const ports = await choosePorts(wanted, options, say);
    const addresses = Object.fromEntries(
      serviceNames.map((name) => [name, targetOf(ports[name])]),
    ) as Mesh["addresses"];
    const gatewayUrls = ports.gateway.map((port) => `http://127.0.0.1:${port}`);
    const gatewayUrl = gatewayUrls[0] ?? "";
    const schemaPrefix = schemaPrefixOf(dir);
    const { databaseUrl, readDatabaseUrl, natsUrl } = servers;
    const shared = {
      databaseUrl,
      readDatabaseUrl,
      natsUrl,
      jwks: issuer.jwks,
      secrets,
      schemaPrefix,
      gatewayUrl,
      addresses,
      certificateFiles: tls?.filesOf,
    };

    const onLost = (lost: MeshProcess, how: string) => {
      const { service, name, logFile } = lost;
      options.onLost?.({ service, name, replica: of(service).indexOf(lost) }, how, tail(logFile));
    };
    const planned = wanted.flatMap((service) =>
      ports[service].map(async (port, at) => {
        const name = at === 0 ? service : `${service}-${at + 1}`;
        const settings = settingsOf(service, port, shared);
        const more = typeof options.env === "function" ? await options.env(service, settings) : options.env?.[service];
        const logFile = join(logs, `${name}.log`);
        return meshProcess(
          { service, name, port, env: { ...settings, ...more }, logFile, identity: tls?.identity },
          onLost,
        );
      }),
    );
    const processes = await Promise.all(planned);
    const of = (service: ServiceName, replica?: number) =>
      processes.filter((it) => it.service === service).filter((_, at) => replica === undefined || at === replica);
    const databases = { databaseUrl: servers.postgres?.url ?? "", schemaPrefix, natsUrl };
    const found = { gatewayUrl, sandbox: addresses.partners, addresses, ...databases, tls: tls !== undefined };
    const note = () => lock.note({ ...found, processes: running(processes) });
    // The sandbox knows the time, so it comes first; the edge is ready when all others are.
    const stages = [of("partners"), processes.filter(isDomain), of("gateway")];
    closers.push(async () => {
      for (const stage of stages.toReversed()) await Promise.all(stage.map((it) => it.stop()));
    });
    for (const stage of stages) await startAll(stage, note);
    return {
      dir,
      addresses,
      gatewayUrl,
      gatewayUrls,
      servers,
      schemaOf: (service) => `${schemaPrefix}${service}`,
      issuer,
      identity: tls?.identity,
      portsOf: (service) => ports[service],
      pids: () =>
        Object.fromEntries(serviceNames.map((name) => [name, of(name).flatMap(({ pid }) => pid ?? [])])) as Record<
          ServiceName,
          number[]
        >,
      kill: async (service, signal = "SIGKILL", replica) => {
        await Promise.all(of(service, replica).map((it) => it.kill(signal)));
      },
      restart: async (service, replica, more) => {
        const starting = of(service, replica).map(async (it) => {
          await it.stop();
          await it.start(more);
        });
        await Promise.all(starting);
        note();
      },
      stop: () => closeAll(closers),
    };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

/** More at once only take each other's time: loading its code is all that a process does at first. */
const startingMax = 2 * availableParallelism();

/** The first failure ends the launch; the others, stopped in their start, fail too and say nothing new. */
async function startAll(stage: readonly MeshProcess[], note: () => void): Promise<void> {
  const left = [...stage];
  const lane = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const starting = next.start();
      note();
      await starting;
    }
  };
  const lanes = Array.from({ length: startingMax }, lane);
  for (const each of lanes) each.catch(() => left.splice(0));
  await Promise.all(lanes);
}

/** The mesh's certificates, renewed where half of their time is over, and an operator's identity. */
async function openTls(dir: string): Promise<CertificateFolder & { identity: Identity }> {
  const folder = await openCertificateFolder(join(dir, "tls"), tlsSettings.tlsDomain.fallback ?? "", certificateDays);
  await folder.renewOld(holders);
  return { ...folder, identity: operatorIdentity(folder) };
}

async function closeAll(closers: (() => unknown)[]): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

function isDomain({ service }: MeshProcess): boolean {
  return service !== "partners" && service !== "gateway";
}

function running(processes: readonly MeshProcess[]): Parameters<Lock["note"]>[0]["processes"] {
  return processes.flatMap(({ pid, service }) => (pid ? [{ pid, main: mainOf(service) }] : []));
}

/** An image holds dist/ alone; a checkout holds sources that may be newer. */
function buildIfSources(): void {
  const script = join(root, "scripts", "build.mjs");
  if (!existsSync(script)) return;
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr.trim());
}

async function choosePorts(
  wanted: readonly ServiceName[],
  { ports = "default", replicas = 1 }: MeshOptions,
  say: (line: string) => void,
): Promise<Record<ServiceName, number[]>> {
  const chosen = {} as Record<ServiceName, number[]>;
  for (const name of serviceNames) {
    const usual = defaultPorts[name];
    // A service that is not started may run elsewhere: its callers look for it where it usually is.
    const usualIsFree = !wanted.includes(name) || (ports === "default" && !(await portTaken(usual)));
    const first = usualIsFree ? usual : await freePort();
    if (!usualIsFree && ports === "default") say(`port ${usual} is taken: ${name} listens on ${first}`);
    chosen[name] = [first];
    const count = name === "partners" || !wanted.includes(name) ? 1 : replicas;
    while (chosen[name].length < count) chosen[name].push(await freePort());
  }
  return chosen;
}

function targetOf(ports: readonly number[]): string {
  if (ports.length === 1) return `127.0.0.1:${ports[0]}`;
  return `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(",")}`;
}

/** Meshes that share a database that the environment names are kept apart by their schemas' names. */
function schemaPrefixOf(dir: string): string {
  if (!process.env.DATABASE_URL || dir === localDir) return "";
  return `m${createHash("sha256").update(dir).digest("hex").slice(0, 8)}_`;
}
