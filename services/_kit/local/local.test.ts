import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import pg from "pg";
import { findNatsServer, type LocalNats, startNats } from "./nats.js";
import { freePort, freePorts, portTaken } from "./ports.js";
import { type LocalPostgres, startPostgres } from "./postgres.js";
import { isAlive } from "./processes.js";

const asRoot = process.getuid?.() === 0;

/** A directory that Postgres's own user may enter, with a space in its name like the checkouts of many people. */
function scratch(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "backhaul local ")));
  chmodSync(dir, 0o755);
  return dir;
}

async function query(postgres: LocalPostgres, text: string): Promise<string> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    const { rows } = await client.query({ text, rowMode: "array" });
    return rows.flat().join();
  } finally {
    await client.end();
  }
}

async function publish(nats: LocalNats, count: number): Promise<void> {
  const connection = await connect({ servers: nats.url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "facts", subjects: ["facts.>"] });
  for (let n = 0; n < count; n++) await jetstream(connection).publish("facts.told", `${n}`);
  await connection.close();
}

async function stored(nats: LocalNats): Promise<number | undefined> {
  const connection = await connect({ servers: nats.url });
  try {
    const manager = await jetstreamManager(connection);
    for await (const stream of manager.streams.list()) {
      if (stream.config.name === "facts") return stream.state.messages;
    }
    return undefined;
  } finally {
    await connection.close();
  }
}

/** Another process that starts a server and prints its pid; ends by our signal. */
async function launcher(module: "postgres" | "nats", dir: string) {
  const name = module === "postgres" ? "startPostgres" : "startNats";
  const file = fileURLToPath(new URL(`./${module}.ts`, import.meta.url));
  const code = `import(${JSON.stringify(file)}).then(async (it) => {
    console.log((await it.${name}({ dir: ${JSON.stringify(dir)} })).pid);
  });`;
  const child = spawn(process.execPath, ["--import", "tsx", "--eval", code], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return {
    pid: Number(line),
    async end(signal: NodeJS.Signals) {
      child.kill(signal);
      return (await ended) as [number | null, NodeJS.Signals | null];
    },
  };
}

async function gone(pid: number): Promise<void> {
  for (let tries = 0; isAlive(pid); tries++) {
    assert.ok(tries < 100, `process ${pid} should have ended`);
    await sleep(50);
  }
}

describe("ports", () => {
  it("tells a port that is listened on from a free one", async () => {
    const port = await freePort();
    assert.equal(await portTaken(port), false);
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    assert.equal(await portTaken(port), true);
    server.close();
    await once(server, "close");
    assert.equal(await portTaken(port), false);
  });

  it("sees a listener on all addresses", async () => {
    const port = await freePort();
    const server = createServer().listen(port, "0.0.0.0");
    await once(server, "listening");
    assert.equal(await portTaken(port), true);
    server.close();
  });

  it("never gives the same port twice", async () => {
    const ports = await freePorts(50);
    assert.equal(new Set([...ports, ...(await freePorts(50))]).size, 100);
  });
});

describe("startPostgres", function () {
  this.timeout(60_000);
  const servers: LocalPostgres[] = [];
  let root: string;
  let dir: string;

  const start = async (options: Partial<Parameters<typeof startPostgres>[0]> = {}) => {
    const postgres = await startPostgres({ dir, ...options });
    servers.push(postgres);
    return postgres;
  };

  beforeEach(() => {
    root = scratch();
    dir = join(root, "pg");
  });

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop("immediate");
    rmSync(root, { recursive: true, force: true });
  });

  it("keeps what was committed over stop, crash and restart, on the same port", async () => {
    const postgres = await start();
    const { port, pid } = postgres;
    await query(postgres, "create table kept as select 'before' as word");
    await postgres.restart("immediate");
    assert.notEqual(postgres.pid, pid);
    assert.equal(postgres.port, port);
    assert.equal(await query(postgres, "select word from kept"), "before");
    await postgres.stop();
    assert.equal(await portTaken(port), false);
    assert.equal(await query(await start({ port }), "select word from kept"), "before");
  });

  it("is durable, sorts alike on every machine, and listens on loopback only", async () => {
    const postgres = await start({ settings: { max_connections: "33" } });
    const show = (name: string) => query(postgres, `show ${name}`);
    for (const name of ["fsync", "full_page_writes", "synchronous_commit"]) assert.equal(await show(name), "on", name);
    assert.equal(await show("listen_addresses"), "127.0.0.1");
    const socket = new URL(postgres.url).searchParams.get("host") ?? "";
    assert.equal(await show("unix_socket_directories"), socket);
    assert.equal(statSync(socket).mode & 0o077, 0, "the socket's directory is closed to others");
    assert.equal(await show("max_connections"), "33");
    assert.equal(await show("server_encoding"), "UTF8");
    assert.equal(
      await query(postgres, "select string_agg(w, '' order by w) from unnest('{b,B,é,a}'::text[]) w"),
      "Babé",
    );
  });

  it("uses the server that already runs there, and leaves it running", async () => {
    const first = await start();
    const second = await startPostgres({ dir });
    assert.deepEqual([second.url, second.pid, second.owned], [first.url, first.pid, false]);
    await second.stop();
    await assert.rejects(second.restart(), /started by another process/);
    assert.equal(await query(first, "select 1"), "1");
  });

  it("gives both of two starts at the same moment one server", async () => {
    const [one, other] = await Promise.all([start(), start()]);
    assert.equal(one.pid, other.pid);
    assert.equal([one, other].filter((it) => it.owned).length, 1);
  });

  it("starts after kill -9, also when the dead server's pid now is another program's", async () => {
    const postgres = await start();
    await query(postgres, "create table kept as select 1");
    process.kill(postgres.pid, "SIGKILL");
    await gone(postgres.pid);
    const pidFile = join(dir, "postmaster.pid");
    const stale = readFileSync(pidFile, "utf8").split("\n");
    const bystander = spawn("sleep", ["60"], asRoot ? { uid: pgUser() } : {});
    await once(bystander, "spawn");
    writeFileSync(pidFile, [bystander.pid, ...stale.slice(1)].join("\n"));
    assert.equal(await query(await start(), "select count(*) from kept"), "1");
    bystander.kill();
  });

  it("takes over a server whose starter was killed, and ends it", async () => {
    const other = await launcher("postgres", dir);
    await other.end("SIGKILL");
    const postgres = await start();
    assert.deepEqual([postgres.pid, postgres.owned], [other.pid, true]);
    await postgres.stop();
    await gone(other.pid);
    assert.ok(!existsSync(join(dir, "postmaster.pid")), "it ended in good order");
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`ends with its starter by ${signal}`, async () => {
      const other = await launcher("postgres", dir);
      assert.deepEqual(await other.end(signal), [null, signal]);
      await gone(other.pid);
      assert.ok(!existsSync(join(dir, "postmaster.pid")), "it ended in good order");
    });
  }

  it("says what Postgres said when a setting is wrong", async () => {
    await assert.rejects(
      start({ settings: { shared_buffers: "lots" } }),
      /invalid value for parameter "shared_buffers"/,
    );
  });

  it("refuses a port that is taken, in words", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    await assert.rejects(start({ port }), /already in use/);
    server.close();
  });

  it("refuses a directory with something else in it", async () => {
    mkdirSync(dir);
    writeFileSync(join(dir, "letter.txt"), "dear");
    await assert.rejects(start(), /neither empty nor a Postgres data directory/);
  });

  it("under root, keeps the data elsewhere when the directory is closed to its user", async function () {
    if (!asRoot) this.skip();
    chmodSync(root, 0o700);
    const lines: string[] = [];
    const postgres = await start({ log: (line) => lines.push(line) });
    const data = await query(postgres, "show data_directory");
    assert.match(data, /^\/var\/tmp\/backhaul-[0-9a-f]{16}\/postgres$/);
    assert.ok(
      lines.some((line) => line.includes(data)),
      "the log says where",
    );
    await query(postgres, "create table kept as select 1");
    await postgres.stop();
    assert.equal(await query(await start(), "select count(*) from kept"), "1");
    await servers.at(-1)?.stop();
    rmSync(join(data, ".."), { recursive: true });
  });
});

function pgUser(): number {
  return Number(spawnSync("id", ["-u", "postgres"]).stdout.toString() || 65534);
}

describe("startNats", function () {
  this.timeout(60_000);
  const servers: LocalNats[] = [];
  let dir: string;

  const start = async (options: Partial<Parameters<typeof startNats>[0]> = {}) => {
    const nats = await startNats({ dir, ...options });
    servers.push(nats);
    return nats;
  };

  beforeEach(function () {
    if (!findNatsServer()) this.skip();
    dir = scratch();
  });

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.kill();
    rmSync(dir, { recursive: true, force: true });
  });

  it("keeps the stream over stop and kill -9, on the same port", async () => {
    const nats = await start();
    const { port, pid } = nats;
    await publish(nats, 100);
    await nats.kill();
    assert.equal(await portTaken(port), false);
    await nats.restart();
    assert.notEqual(nats.pid, pid);
    assert.equal(await stored(nats), 100);
    await nats.restart();
    assert.deepEqual([nats.port, await stored(nats)], [port, 100]);
    await nats.stop();
    assert.equal(await stored(await start({ port })), 100);
  });

  it("forgets every stream when wiped, on the same port", async () => {
    const nats = await start();
    const { port } = nats;
    await publish(nats, 3);
    await nats.wipe();
    assert.equal(await stored(nats), undefined);
    await publish(nats, 1);
    assert.deepEqual([nats.port, await stored(nats)], [port, 1]);
  });

  it("syncs every message as far as its version and the filesystem allow", async () => {
    const lines: string[] = [];
    const nats = await start({ log: (line) => lines.push(line) });
    await publish(nats, 1);
    const [major = 0, minor = 0] = nats.version.split(".").map(Number);
    if (major > 2 || minor >= 10) {
      assert.match(readFileSync(join(dir, "nats.conf"), "utf8"), /sync_interval: always/);
    } else if (!lines.some((line) => line.includes("cannot fsync"))) {
      const block = join(dir, "store", "jetstream", "$G", "streams", "facts", "msgs", "1.blk");
      assert.match(
        spawnSync("lsattr", [block]).stdout.toString(),
        /^\S*S/,
        "files made in the store inherit the attribute",
      );
    }
  });

  it("limits the store", async () => {
    const nats = await start({ maxStoreMb: 10 });
    const connection = await connect({ servers: nats.url });
    const manager = await jetstreamManager(connection);
    const tooMuch = manager.streams.add({ name: "big", subjects: ["big"], max_bytes: 11 * 1024 * 1024 });
    await assert.rejects(tooMuch, /insufficient storage/);
    await connection.close();
  });

  it("refuses a second server on the same store while the first one's starter lives", async () => {
    const nats = await start();
    await assert.rejects(start(), new RegExp(`already serves .*${nats.port}`));
  });

  it("ends the server whose starter was killed before it starts its own", async () => {
    const other = await launcher("nats", dir);
    await other.end("SIGKILL");
    assert.ok(isAlive(other.pid));
    const nats = await start();
    assert.ok(!isAlive(other.pid));
    await publish(nats, 1);
  });

  it("ends with its starter", async () => {
    const other = await launcher("nats", dir);
    await other.end("SIGTERM");
    await gone(other.pid);
  });

  it("refuses a port that is taken, in words", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    await assert.rejects(start({ port: (server.address() as { port: number }).port }), /already in use/);
    server.close();
  });
});
