// What policies cost: line decisions through the core, checks over gRPC with all outside systems asked, and past
// decisions judged again by a draft.
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import pg from "pg";
import { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { PolicyServiceService } from "#gen/backhaul/eligibility/v1/policy_service.js";
import { SandboxServiceService } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { openAddress } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { calendarOf } from "#kit/pure/calendar.js";
import type { PersonRole } from "../scripts/mesh/issuer.js";
import type { Mesh } from "../scripts/mesh/launch.js";
import { decide } from "../services/eligibility/core/decide.js";
import { parseDocument } from "../services/eligibility/core/document.js";
import { compile } from "../services/eligibility/core/engine.js";
import { cpuMs } from "./cpu.js";
import { coreOrder, type Request, requestOf, soldOrder } from "./korea.js";
import { rounded, table } from "./numbers.js";
import { measureReplay, multiply, type Replay } from "./past.js";

type Checks = {
  readonly perSecond: number;
  /** CPU of one, by process. */
  readonly cpuMs: Readonly<Record<string, number>>;
};

export type PolicyFigures = {
  readonly lineDecisionsPerSecond: number;
  /** Of orders that were not asked about before, and of some that were a moment ago: what an app does. */
  readonly checks: { readonly first: Checks; readonly again: Checks };
  readonly replay: Replay;
};

/** Past decisions to judge again. */
const past = Number(process.env.BENCH_PAST_DECISIONS ?? 1_000_000);
const checksAtOnce = 32;
/** So many that ten seconds of checks do not come to their end. */
const orders = 12_000;
const read = (path: string) => readFileSync(new URL(`../services/${path}`, import.meta.url), "utf8");
const document = read("eligibility/policies/KR.json");

/** @param mesh with at least the sandbox and the eligibility service */
export async function measurePolicies(mesh: Mesh, say: (line: string) => void): Promise<PolicyFigures> {
  say("measuring line decisions through the core");
  const lineDecisionsPerSecond = measureCore(3_000);

  const closers: (() => void)[] = [];
  const clientsOf = async (address: string, role: PersonRole) => {
    const token = await mesh.issuer.token(role, `bench-${role}`);
    const opened = openAddress(address, { service: "bench", mint: () => token, deadlineMs: 60_000 });
    closers.push(opened.close);
    return opened.connect;
  };
  const { partners, eligibility } = mesh.addresses;
  const sandbox = (await clientsOf(partners, "OPERATOR"))(SandboxServiceService);
  const agent = (await clientsOf(eligibility, "AGENT"))(EligibilityServiceService);
  const author = (await clientsOf(eligibility, "POLICY_AUTHOR"))(PolicyServiceService);
  const database = new pg.Client({
    connectionString: mesh.servers.databaseUrl,
    options: `-c search_path=${mesh.schemaOf("eligibility")}`,
  });
  await database.connect();
  try {
    say(`importing ${orders} orders`);
    const sold = Array.from({ length: orders }, (_, nth) => soldOrder(nth));
    for (let at = 0; at < orders; at += 500) await sandbox.importOrders({ orders: sold.slice(at, at + 500) });
    const all = sold.map(requestOf);

    say(`measuring checks, ${checksAtOnce} at a time`);
    const check = (request: Request) => agent.checkEligibility(request);
    const requests = all.slice(0, 300);
    await rateOf(requests, 3_000, check); // warm
    const checks = {
      again: await measureChecks(mesh, requests, check),
      first: await measureChecks(mesh, all.slice(requests.length), check, "once"),
    };

    say(`deciding ${requests.length} requests and making ${past} past decisions of them`);
    await Promise.all(requests.map((request) => agent.decideEligibility({ requestId: newId("req"), ...request })));
    await multiply(database, past);
    say(`judging ${past} past decisions again`);
    const meanwhile = (nth: number) => check(requests[nth % requests.length] as Request);
    const replay = await measureReplay(author, document, mesh.pids().eligibility, meanwhile);
    return { lineDecisionsPerSecond, checks, replay };
  } finally {
    for (const close of closers) close();
    await database.end();
  }
}

/** Orders of five lines in many shapes, each judged whole with what explains it; on one core. */
function measureCore(ms: number): number {
  const policy = compile(parseDocument(document));
  const calendar = calendarOf(JSON.parse(read("partners/calendars/KR.json")));
  const now = new Date("2026-06-10T03:00:00Z");
  const shapes = Array.from({ length: 500 }, (_, nth) => coreOrder(nth, now));
  let lines = 0;
  const run = (until: number) => {
    for (let nth = 0; performance.now() < until; nth = (nth + 1) % shapes.length) {
      const { order, asked } = shapes[nth] as (typeof shapes)[number];
      lines += decide(policy, calendar, order, asked, now).lines.length;
    }
  };
  run(performance.now() + ms / 3); // warm
  lines = 0;
  const begin = performance.now();
  run(begin + ms);
  return (lines * 1000) / (performance.now() - begin);
}

async function measureChecks(
  mesh: Mesh,
  requests: readonly Request[],
  check: (request: Request) => Promise<unknown>,
  often: "once" | "again" = "again",
): Promise<Checks> {
  const parts = Object.entries({ ...mesh.pids(), Postgres: [mesh.servers.postgres?.pid ?? 0] });
  const used = () => parts.map(([name, pids]) => [name, cpuMs(pids)] as const);
  const [before, own] = [new Map(used()), process.cpuUsage()];
  const { done, perSecond } = await rateOf(requests, 10_000, check, often);
  const { user, system } = process.cpuUsage(own);
  const spent = [
    ...used().map(([name, ms]) => [name, ms - (before.get(name) ?? 0)] as const),
    ["this client", (user + system) / 1000] as const,
  ];
  const busy = spent.filter(([, ms]) => ms > 0).map(([name, ms]) => [name, ms / done]);
  return { perSecond, cpuMs: Object.fromEntries(busy) };
}

/** Asks for so long, one after the other and again from the start, or each once at most. */
async function rateOf<T>(
  asked: readonly T[],
  ms: number,
  ask: (one: T) => Promise<unknown>,
  often: "once" | "again" = "again",
) {
  const begin = performance.now();
  let next = 0;
  let done = 0;
  const work = async () => {
    while (performance.now() < begin + ms && (often === "again" || next < asked.length)) {
      await ask(asked[next++ % asked.length] as T);
      done++;
    }
  };
  await Promise.all(Array.from({ length: checksAtOnce }, work));
  return { done, perSecond: (done * 1000) / (performance.now() - begin) };
}

export function renderPolicies(f: PolicyFigures): string {
  const { decisions, lines, seconds, memoryMb, checkP50Ms, checkP99Ms } = f.replay;
  const mb = (value: number) => `${rounded(value, 0)} MB`;
  const [processor] = cpus();
  const machine = `${cpus().length} × ${processor?.model.trim() ?? "an unknown processor"}, Node ${process.versions.node}`;
  const goal = `goal 800; ${checksAtOnce} at a time, outside systems included`;
  const names = Object.keys(f.checks.first.cpuMs);
  const ofOne = ({ cpuMs }: Checks, name: string) => `${rounded(cpuMs[name] ?? 0, 2)} ms`;
  return [
    table(`policies, with two replicas of the service, on ${machine}`, [
      [
        "line decisions per second",
        rounded(f.lineDecisionsPerSecond, 0),
        "goal 5,000; one core, five lines, explained",
      ],
      ["checks per second, each of another order", rounded(f.checks.first.perSecond, 0), goal],
      ["again for the same orders", rounded(f.checks.again.perSecond, 0), "as an app asks, box by box"],
      ["past decisions judged again", rounded(decisions, 0), `${rounded(lines, 0)} lines`],
      ["in", `${rounded(seconds)} s`, `goal 180 s for 1,000,000; ${rounded(decisions / seconds, 0)} a second`],
      ["a check meanwhile, p50", `${rounded(checkP50Ms)} ms`],
      ["a check meanwhile, p99", `${rounded(checkP99Ms)} ms`],
      ["memory of a replica at the start", mb(memoryMb.start)],
      ["half-way", mb(memoryMb.middle)],
      ["at the end", mb(memoryMb.end), "goal: flat"],
      ["at most", mb(memoryMb.peak), "since it started"],
    ]),
    table(
      "CPU of a check, by process: of another order each time, and again",
      names.map((name) => [name, ofOne(f.checks.first, name), ofOne(f.checks.again, name)] as const),
    ),
  ].join("\n\n");
}
