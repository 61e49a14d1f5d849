// npm run bench: how many returns a second go from POST /v1/resolutions to the settled refund and the closed resolution,
// everything durable, every process on this machine, and in the same run what the machine can do at most; then what
// policies cost, what carriers' reports, the dock, open deadlines, and mTLS, and what
// the edge costs and sheds. `npm run bench -- tracking` runs one of them.
import { rmSync } from "node:fs";
import pg from "pg";
import { ClockServiceService } from "#gen/backhaul/sandbox/v1/clock_service.js";
import { SandboxServiceService } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { ScenarioServiceService } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { openAddress } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { passingFolder } from "#kit/local/folder.js";
import { type Desk, type DeskOptions, openDesk } from "../prove/desk.js";
import { launchMesh, type Mesh, type MeshOptions } from "../scripts/mesh/launch.js";
import { measureAgenda } from "./agenda.js";
import { type Ceilings, measureCeilings } from "./ceilings.js";
import { cpuMs } from "./cpu.js";
import { measureDock } from "./dock.js";
import { measureGateway } from "./gateway.js";
import { percentile, rounded, table } from "./numbers.js";
import { measurePolicies, renderPolicies } from "./policies.js";
import { type Bought, buy, type Edge, openEdge, returnOf } from "./shop.js";
import { statements } from "./statements.js";
import { measureTls } from "./tls.js";
import { measureTracking, trackingSettings } from "./tracking.js";

type Figures = Ceilings & {
  readonly lifecyclesPerSecond: number;
  readonly createP50Ms: number;
  readonly createP99Ms: number;
  readonly cpuMsPerLifecycle: number;
  readonly statementsPerLifecycle: number;
  readonly cpuMsByProcess: Readonly<Record<string, number>>;
  /** What the same return, asked for eight times at once, came to. */
  readonly eight: { readonly resolutions: number; readonly acceptedUnderOtherKeys: number; readonly refunds: number };
};

const lifecycles = Number(process.env.BENCH_LIFECYCLES ?? 2000);
const warmUp = 300;
const inFlight = Number(process.env.BENCH_IN_FLIGHT ?? 64);
const json = process.argv.includes("--json");
const say = (line: string) => console.error(line);

type Report = { readonly figures: object; readonly text: string };

/** A measurement in a mesh of its own. */
const inMesh = (options: MeshOptions, work: (mesh: Mesh) => Promise<Report>) => async (): Promise<Report> => {
  const dir = passingFolder("bench");
  const mesh = await launchMesh({ ...options, dir, ports: "free", say });
  try {
    return await work(mesh);
  } finally {
    await mesh.stop();
    rmSync(dir, { recursive: true, force: true });
  }
};

/** The same, through the doors that the proofs use too. */
const atDesk = (options: DeskOptions, work: (desk: Desk, tell: typeof say) => Promise<Report>) => async () => {
  const desk = await openDesk(options, say);
  try {
    return await work(desk, say);
  } finally {
    await desk.close();
  }
};

const sections = {
  lifecycles: inMesh({}, measure),
  policies: inMesh({ services: ["partners", "eligibility"], replicas: 2 }, async (mesh) => {
    const figures = await measurePolicies(mesh, say);
    return { figures, text: renderPolicies(figures) };
  }),
  tracking: atDesk({ settings: trackingSettings }, measureTracking),
  dock: atDesk({ services: ["partners", "inspection"] }, measureDock),
  agenda: atDesk({}, measureAgenda),
  tls: () => measureTls(say),
  gateway: atDesk({}, measureGateway),
};
type Section = keyof typeof sections;
const named = process.argv.slice(2).filter((word): word is Section => Object.hasOwn(sections, word));

process.env.LOG_LEVEL ??= "warn";
const reports: Report[] = [];
for (const section of named.length > 0 ? named : (Object.keys(sections) as Section[])) {
  reports.push(await sections[section]());
}
const figures = Object.assign({}, ...reports.map((report) => report.figures));
console.log(json ? JSON.stringify(figures, null, 2) : reports.map((report) => report.text).join("\n\n"));

async function measure({
  addresses,
  gatewayUrl,
  issuer,
  servers,
  schemaOf,
  pids,
}: Mesh): Promise<{ figures: Figures; text: string }> {
  const operator = await issuer.token("OPERATOR", "bench");
  const opened = openAddress(addresses.partners, {
    service: "bench",
    mint: () => operator,
    deadlineMs: 60_000,
  });
  const sandbox = opened.connect(SandboxServiceService);
  const zero = { seconds: 0n, nanos: 0 };
  await opened
    .connect(ScenarioServiceService)
    .setPace({ pace: { pickup: zero, transit: zero, inspection: zero, retry: zero } });
  const closedCount = `SELECT count(*)::int AS n FROM ${schemaOf("resolution")}.resolution WHERE state = 'CLOSED'`;
  const edge = openEdge(gatewayUrl);
  const database = new pg.Client({ connectionString: servers.databaseUrl });
  await database.connect();

  const bought = await buy(sandbox, warmUp + lifecycles + 1, newId("run").slice(-6));
  say(`warming up with ${warmUp} returns`);
  await drive(edge, database, bought.slice(0, warmUp));
  say(`measuring ${lifecycles} returns, ${inFlight} at a time`);
  const all = [...Object.values(pids()).flat(), servers.postgres?.pid ?? 0, servers.nats?.pid ?? 0];
  const parts: [string, number[]][] = [
    ...Object.entries(pids()),
    ["Postgres", [servers.postgres?.pid ?? 0]],
    ["nats-server", [servers.nats?.pid ?? 0]],
  ];
  const before = { parts: parts.map(([, own]) => cpuMs(own)), cpu: cpuMs(all), statements: await statements(database) };
  const run = await drive(edge, database, bought.slice(warmUp, warmUp + lifecycles));
  const meshCpu = cpuMs(all) - before.cpu;
  const shares = parts.map(([name, own], i) => [name, (cpuMs(own) - (before.parts[i] ?? 0)) / lifecycles] as const);
  const sql = (await statements(database)) - before.statements - run.polls;
  const eight = await eightAtOnce(edge, sandbox, bought.at(-1) as Bought);
  say("measuring what the machine can do at most");
  const ceilings = await measureCeilings(opened.connect, servers.databaseUrl, servers.natsUrl);
  edge.close();
  opened.close();
  await database.end();

  const figures: Figures = {
    lifecyclesPerSecond: (lifecycles * 1000) / run.ms,
    createP50Ms: percentile(run.latencies, 0.5),
    createP99Ms: percentile(run.latencies, 0.99),
    cpuMsPerLifecycle: meshCpu / lifecycles,
    statementsPerLifecycle: sql / lifecycles,
    cpuMsByProcess: Object.fromEntries(shares),
    ...ceilings,
    eight,
  };
  return { figures, text: render(figures) };

  async function drive(to: Edge, db: pg.Client, orders: readonly Bought[]) {
    const { rows } = await db.query(closedCount);
    const closedBefore: number = rows[0].n;
    const tokens = new Map<string, string>();
    const latencies: number[] = [];
    let polls = 1;
    let closed = 0;
    let open = 0;
    let next = 0;
    const begin = performance.now();
    const create = async (order: Bought) => {
      let token = tokens.get(order.customerId);
      if (!token) tokens.set(order.customerId, (token = await issuer.token("CUSTOMER", order.customerId)));
      const at = performance.now();
      const { status, text } = await to.post("/v1/resolutions", token, newId("key"), returnOf(order));
      latencies.push(performance.now() - at);
      if (status !== 200) throw new Error(`POST /v1/resolutions answered ${status}: ${text}`);
    };
    const failures: Error[] = [];
    while (closed < orders.length) {
      while (open - closed < inFlight && next < orders.length) {
        open++;
        create(orders[next++] as Bought).catch((error) => failures.push(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (failures[0]) throw failures[0];
      const { rows: now } = await db.query(closedCount);
      polls++;
      closed = now[0].n - closedBefore;
      if (performance.now() - begin > 600_000)
        throw new Error(`only ${closed} of ${orders.length} closed in ten minutes`);
    }
    return { ms: performance.now() - begin, latencies, polls };
  }

  /** The same return eight times at once, under one key and under eight: what moved? */
  async function eightAtOnce(to: Edge, books: typeof sandbox, order: Bought) {
    const token = await issuer.token("CUSTOMER", order.customerId);
    const key = newId("key");
    const ask = (k: string) => to.post("/v1/resolutions", token, k, returnOf(order));
    const same = await Promise.all(Array.from({ length: 8 }, () => ask(key)));
    const others = await Promise.all(Array.from({ length: 8 }, () => ask(newId("key"))));
    const ids = new Set(same.filter((a) => a.status === 200).map((a) => JSON.parse(a.text).resolutionId));
    const clock = opened.connect(ClockServiceService);
    const { now } = await clock.getClock({});
    await clock.advanceClock({ to: new Date((now as Date).getTime() + 1000), noWait: false });
    const { refunds } = await books.listProviderRefunds({ orderId: order.orderId });
    return {
      resolutions: ids.size,
      acceptedUnderOtherKeys: others.filter((a) => a.status === 200).length,
      refunds: refunds.length,
    };
  }
}

function render(f: Figures): string {
  return [
    table(`${lifecycles} returns, ${inFlight} at a time, from POST to settled refund and closed resolution`, [
      ["lifecycles per second", rounded(f.lifecyclesPerSecond), "goal 40"],
      ["POST /v1/resolutions p50", `${rounded(f.createP50Ms)} ms`],
      ["POST /v1/resolutions p99", `${rounded(f.createP99Ms)} ms`],
      ["CPU per lifecycle", `${rounded(f.cpuMsPerLifecycle)} ms`, "all services, sandbox, Postgres and nats-server"],
      ["SQL statements per lifecycle", rounded(f.statementsPerLifecycle)],
    ]),
    table(
      "CPU per lifecycle, by process",
      Object.entries(f.cpuMsByProcess).map(([name, ms]) => [name, `${rounded(ms)} ms`] as const),
    ),
    table("the same return eight times at once under one key, then eight times under eight", [
      ["resolutions", String(f.eight.resolutions), "1 is right"],
      ["accepted under other keys", String(f.eight.acceptedUnderOtherKeys), "0 is right"],
      ["refunds in the provider's book", String(f.eight.refunds), "1 is right"],
    ]),
    table("what this machine can do at most, measured in the same run", [
      ["gRPC unary calls per second", rounded(f.callsPerSecond, 0), "with token, rules and trace"],
      ["single-row commits per second", rounded(f.commitsPerSecond, 0)],
      ["JetStream publishes with ack per second", rounded(f.publishesPerSecond, 0)],
    ]),
  ].join("\n\n");
}
