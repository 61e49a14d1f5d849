// Bad input at every door of a mesh whose services are processes of their own: each answer is declared, every process lives,
// none grows, and nobody else waits. `npm test` sends a few thousand of the same to a mesh in one process.
import { readFileSync } from "node:fs";
import { freePorts } from "#kit/local/ports.js";
import type { ServiceName } from "../scripts/mesh/services.js";
import { serviceNames } from "../scripts/mesh/services.js";
import { asOftenAsLiked } from "../scripts/mesh/settings.js";
import { chanceOf } from "./chance.js";
import { type Desk, openDesk } from "./desk.js";
import { authorizations, fuzzGrpc } from "./fuzz/grpc.js";
import { Findings } from "./fuzz/oracle.js";
import { fuzzRest } from "./fuzz/rest.js";
import { openReturns } from "./inputs/returns.js";
import type { Draw } from "./options.js";
import { counter, number, type Proof, type Say } from "./proof.js";
import { openRest } from "./rest.js";

/** REST inputs if nobody says how many; a quarter as many for gRPC. */
const usual = 200_000;
const rssMaxMb = 512;
/**
 * Of one lap of a process's event loop: what is ready at that moment, at most eight inputs and what the service does by
 * itself. Time in which the process was ready and the machine let it wait is told beside it, and judged by nobody.
 */
const heldMaxMs = 200;

type Watched = Awaited<ReturnType<typeof openWatched>>;

/** A whole mesh whose processes tell how long their event loops were held. */
export async function openWatched(say: Say) {
  const ports = await freePorts(serviceNames.length);
  const metricsAt = new Map(serviceNames.map((name, i) => [name, ports[i] ?? 0]));
  const settings = () =>
    Object.fromEntries(
      serviceNames.map((name) => [
        name,
        { METRICS_PORT: String(metricsAt.get(name)), ...(name === "gateway" ? asOftenAsLiked : {}) },
      ]),
    );
  return { ...(await openDesk({ settings }, say)), metricsAt };
}

export async function provenFuzz(desk: Watched, say: Say, { seed, count = usual }: Draw): Promise<Proof[]> {
  const rest = openRest(desk.mesh);
  const there = await openReturns(desk as Desk, rest).opened();
  rest.close();
  const { gatewayUrl, issuer, addresses } = desk.mesh;
  const ids = [there.resolutionId, there.collectionId, there.inspectionId, there.orderId];
  const overRest = (chance: ReturnType<typeof chanceOf>, findings: Findings) =>
    fuzzRest({ gatewayUrl, token: issuer.token, ids }, chance, count, findings, counter(say, "REST", count));

  const calls = Math.ceil(count / 4);
  const authorizationOf = await authorizations(desk.meshSecret);
  const addressOf = (service: ServiceName) => addresses[service].replace("ipv4:", "");
  const overGrpc = (chance: ReturnType<typeof chanceOf>, findings: Findings) =>
    fuzzGrpc({ addressOf, authorizationOf }, chance, calls, findings, counter(say, "gRPC", calls));

  return [
    await proven(`${number(count)} bad requests over REST, seed ${seed}`, desk, (findings) =>
      overRest(chanceOf(seed), findings),
    ),
    await proven(`${number(calls)} bad calls at the services' ports, seed ${seed}`, desk, (findings) =>
      overGrpc(chanceOf(seed), findings),
    ),
  ];
}

async function proven(what: string, desk: Watched, send: (findings: Findings) => Promise<void>): Promise<Proof> {
  const findings = new Findings();
  const before = JSON.stringify(desk.mesh.pids());
  const watch = watchAll(desk);
  let seen: Awaited<ReturnType<typeof watch.stop>>;
  try {
    await send(findings);
  } finally {
    seen = await watch.stop();
  }
  const { heldMs, lateMs, rssMb, silent } = seen;
  const alive = JSON.stringify(desk.mesh.pids()) === before;
  const worst = (all: ReadonlyMap<string, number>) =>
    [...all].reduce((one, other) => (other[1] > one[1] ? other : one));
  const [held, late, large] = [worst(heldMs), worst(lateMs), worst(rssMb)];
  return {
    asked: `${what}: every answer declared, every process alive, no event loop held for ${heldMaxMs} ms, none larger than ${rssMaxMb} MB`,
    counted: [
      `answers: ${findings.answers}`,
      alive ? "every process is the one it was" : "a process ended",
      `held longest: ${held[0]}, ${Math.round(held[1])} ms; latest, with the machine's part: ${late[0]}, ${Math.round(late[1])} ms`,
      `largest: ${large[0]}, ${Math.round(large[1])} MB`,
      ...(silent.size > 0 ? [`no metrics at times from ${[...silent].join(", ")}`] : []),
      ...findings.lines,
    ].join("\n  "),
    ok: findings.byKind.size === 0 && alive && silent.size === 0 && held[1] < heldMaxMs && large[1] < rssMaxMb,
  };
}

/** Asks each process, again and again, how long its event loop was held, how late it was, and how large it is. */
function watchAll({ metricsAt, mesh }: Watched) {
  const heldMs = new Map<string, number>();
  const lateMs = new Map<string, number>();
  const rssMb = new Map<string, number>();
  /** Those that did not answer. */
  const silent = new Set<string>();
  const note = (into: Map<string, number>, name: string, value: number) =>
    into.set(name, Math.max(into.get(name) ?? 0, value));
  const look = async () => {
    const pids = mesh.pids();
    for (const [name, port] of metricsAt) {
      const text = await metricsOf(port);
      if (text === undefined) {
        silent.add(name);
        continue;
      }
      note(heldMs, name, valueIn(text, "event_loop_held_max_ms"));
      note(lateMs, name, valueIn(text, "event_loop_late_max_ms"));
      for (const pid of pids[name]) {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        note(rssMb, name, Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1024);
      }
    }
  };
  let looking = true;
  const looked = (async () => {
    await look(); // what was before is not about this
    heldMs.clear();
    lateMs.clear();
    while (looking) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  return {
    stop: async () => {
      looking = false;
      await looked;
      await look(); // what the last inputs did
      return { heldMs, lateMs, rssMb, silent };
    },
  };
}

/** What a process tells of itself; undefined if it does not answer. */
async function metricsOf(port: number): Promise<string | undefined> {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  } catch {
    return undefined;
  }
}

/** @throws Error if there is no such metric: what is not measured does not hold */
function valueIn(text: string, name: string): number {
  const [, value] = new RegExp(`^${name}(?:\\{.*\\})? (\\S+)`, "m").exec(text) ?? [];
  if (value === undefined) throw new Error(`no ${name} in the metrics`);
  return Number(value);
}
