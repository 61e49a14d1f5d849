// A real Postgres for `npm start` and tests, from the binaries that npm installed. Durable like production (fsync on),
// open to everybody on this machine (trust on loopback), closed to all others. Called by the launcher and by
// testing/postgres.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { freePort } from "./ports.js";
import {
  environment,
  initialise,
  type PostgresHome,
  prepareHome,
  type ServerCertificates,
  superuser,
  tlsSettings,
} from "./postgres-home.js";
import { adopt, commandLine, end, isAlive, pidInUse, type Running, startChild } from "./processes.js";

export type StopMode = "fast" | "immediate";

export interface LocalPostgresOptions {
  /** The data directory; made when it is missing. */
  dir: string;
  /** Default: a free one, kept over restarts. */
  port?: number;
  log?: (line: string) => void;
  /** postgresql.conf settings, over the defaults below. */
  settings?: Record<string, string>;
  /** Serves TLS with these over TCP, which its URL then leads to. */
  tls?: ServerCertificates;
}

export interface LocalPostgres {
  /** Of its Unix socket where it has one, unless it serves TLS, which sockets do not: a commit costs a seventh less than over loopback. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** False when another live process started this server: stop() then leaves it alone, and restart() throws. */
  readonly owned: boolean;
  /** "fast" ends connections and writes a checkpoint; "immediate" is a crash without the power cut. */
  stop(mode?: StopMode): Promise<void>;
  /** The same data on the same port. */
  restart(mode?: StopMode): Promise<void>;
}

interface Server {
  running: Running;
  port: number;
  owned: boolean;
}

/** Recovery after a crash may take its time; a server that says nothing for this long never will. */
const START_MS = 120_000;

const defaults: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  // Six services, their workers and a test run at once, each with a small pool.
  max_connections: "200",
  shared_buffers: "128MB",
  // Every statement is short and indexed: parallel workers and compiled plans would cost more than they save.
  max_parallel_workers_per_gather: "0",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  // We read its messages to tell why it did not start.
  lc_messages: "C",
};

/** Throws with what Postgres said when it does not start. */
export async function startPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const log = options.log ?? (() => {});
  const home = prepareHome(resolve(options.dir), log);
  await initialise(home, log);
  const tls = options.tls ? tlsSettings(home, options.tls) : {};
  const settings = { ...defaults, unix_socket_directories: socketDirectory(home), ...tls, ...options.settings };
  const serve = (port?: number) => findOrLaunch(home, settings, log, port);
  let server = await serve(options.port);

  async function stop(mode: StopMode = "fast"): Promise<void> {
    if (!server.owned) return;
    const steps: [NodeJS.Signals, number][] = [
      ["SIGINT", 10_000],
      ["SIGQUIT", 5_000],
      ["SIGKILL", 5_000],
    ];
    await end(server.running, ...(mode === "fast" ? steps : steps.slice(1)));
  }

  return {
    get url() {
      const loopback = `postgresql://${superuser}@127.0.0.1:${server.port}/postgres`;
      const directory = socketDirectory(home);
      if (options.tls || !existsSync(join(directory, `.s.PGSQL.${server.port}`))) return loopback;
      return `${loopback}?host=${encodeURIComponent(directory)}`;
    },
    get port() {
      return server.port;
    },
    get pid() {
      return server.running.pid;
    },
    get owned() {
      return server.owned;
    },
    stop,
    async restart(mode) {
      if (!server.owned) throw new Error(`Postgres in ${home.data} was started by another process: restart it there`);
      await stop(mode);
      server = await serve(server.port);
    },
  };
}

/** The data directory: closed to all but its owner. None where the path is longer than a socket's may be (107 bytes). */
function socketDirectory({ data }: PostgresHome): string {
  const fits = process.platform !== "win32" && Buffer.byteLength(data) <= 90 && !/[,"]/.test(data);
  return fits ? data : "";
}

async function findOrLaunch(
  home: PostgresHome,
  settings: Record<string, string>,
  log: (line: string) => void,
  port: number | undefined,
): Promise<Server> {
  for (const patience = Date.now() + START_MS; ; await sleep(200)) {
    const found = await findServer(home.data, log);
    if (found) return found;
    try {
      return await launch(home, settings, port ?? (await freePort()), log);
    } catch (error) {
      const said = (error as Error).message;
      // Another process started it at the same moment; the last server's children are still leaving; the port went.
      const passing = /lock file .* already exists|is still in use/.test(said);
      if (!(passing || (port === undefined && /already in use/.test(said))) || Date.now() > patience) throw error;
    }
  }
}

/** The server that already serves this data, if one does: started by a living process, or left behind by a dead one. */
async function findServer(data: string, log: (line: string) => void): Promise<Server | undefined> {
  const pidFile = join(data, "postmaster.pid");
  if (!existsSync(pidFile)) return undefined;
  const lines = readFileSync(pidFile, "utf8").split("\n");
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  for (const patience = Date.now() + START_MS; isAlive(pid); await sleep(50)) {
    const answer = await ask(port);
    if (answer?.data === data) {
      const owned = !isAlive(answer.owner);
      log(owned ? `taking over Postgres ${pid}, left running by a process that is gone` : `using Postgres ${pid}`);
      return { running: owned ? adopt(pid, "SIGINT") : { pid, ended: never, signal: () => {} }, port, owned };
    }
    if (!commandLine(pid).includes(data)) break;
    if (Date.now() > patience) return undefined;
  }
  disown(pidFile, lines, log);
  return undefined;
}

/**
 * The last server here did not end in good order. Postgres clears that away itself, unless its pid is in use again:
 * then it refuses to start. It takes its parent's pid, ours, for a stale one, and goes on to check that no server holds
 * the shared memory that the file names: two servers on this data cannot come of it, as they could if we deleted it.
 */
function disown(pidFile: string, lines: string[], log: (line: string) => void): void {
  const pid = Number(lines[0]);
  if (!pidInUse(pid) || !existsSync(pidFile)) return;
  const now = readFileSync(pidFile, "utf8").split("\n");
  // Somebody else started a server meanwhile: pid, directory and start time are another's.
  if (now.slice(0, 3).join() !== lines.slice(0, 3).join()) return;
  log(`the last Postgres in ${lines[1]} did not end in good order, and another process has its id ${pid} now`);
  writeFileSync(pidFile, [process.pid, ...now.slice(1)].join("\n"));
}

const never = new Promise<string>(() => {});

async function launch(
  home: PostgresHome,
  settings: Record<string, string>,
  port: number,
  log: (line: string) => void,
): Promise<Server> {
  // The owner is a setting that Postgres only carries: whoever finds this server asks it whether we still live.
  const all = { ...settings, port: `${port}`, "backhaul.owner": `${process.pid}` };
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = await startChild(home.postgres, ["-D", home.data, ...flags], {
    as: home.as,
    env: environment(),
    stopSignal: "SIGINT",
    log,
  });
  let how: string | undefined;
  void child.ended.then((it) => {
    how = it;
  });
  for (const patience = Date.now() + START_MS; how === undefined; await sleep(20)) {
    const answer = await Promise.race([ask(port), child.ended]);
    if (typeof answer === "object" && answer.data === home.data) return { running: child, port, owned: true };
    if (Date.now() > patience) await end(child, ["SIGINT", 10_000], ["SIGKILL", 5_000]);
  }
  throw new Error(`Postgres in ${home.data} did not start on port ${port} (${how}):\n${child.tail()}`);
}

/** Which data the server on that port serves, and which process started it; nothing while it takes no connections. */
async function ask(port: number): Promise<{ data: string; owner: number } | undefined> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user: superuser,
    database: "postgres",
    ssl: false,
    connectionTimeoutMillis: 2_000,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ data: string; owner: string | null }>(
      "select current_setting('data_directory') as data, current_setting('backhaul.owner', true) as owner",
    );
    return rows[0] && { data: rows[0].data, owner: Number(rows[0].owner) };
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}
