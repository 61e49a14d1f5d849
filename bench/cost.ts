// What work costs and who does it: CPU by process, statements, and which process is at its limit.
import { cpus } from "node:os";
import type pg from "pg";
import type { Mesh } from "../scripts/mesh/launch.js";
import { cpuMs } from "./cpu.js";
import { rounded, table } from "./numbers.js";
import { statements } from "./statements.js";

export type Cost = {
  /** So many were done in `seconds`. */
  readonly done: number;
  readonly seconds: number;
  readonly statements: number;
  /** CPU by process, in milliseconds altogether. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Cores of the machine that were busy meanwhile, whoever had them. */
  readonly busyCores: number;
};

/** Does the work and says what it cost. @param work answers how many were done, and polls of its own to leave out */
export async function costOf(
  mesh: Mesh,
  database: pg.Client,
  work: () => Promise<{ done: number; polls: number }>,
): Promise<Cost> {
  const { postgres, nats } = mesh.servers;
  const parts = [
    ...Object.entries(mesh.pids()).filter(([, pids]) => pids.length > 0),
    ["Postgres", [postgres?.pid ?? 0]] as const,
    ["nats-server", [nats?.pid ?? 0]] as const,
  ];
  const spent = parts.map(([, pids]) => cpuMs(pids));
  const own = process.cpuUsage();
  const asked = await statements(database);
  const idle = idleMs();
  const begin = performance.now();
  const { done, polls } = await work();
  const seconds = (performance.now() - begin) / 1000;
  const busyCores = cpus().length - (idleMs() - idle) / (seconds * 1000);
  const used = parts.map(([name, pids], at) => [name, cpuMs(pids) - (spent[at] ?? 0)] as const);
  const { user, system } = process.cpuUsage(own);
  const all = [...used, ["this client", (user + system) / 1000] as const];
  const sql = (await statements(database)) - asked - polls;
  return { done, seconds, statements: sql, cpuMs: Object.fromEntries(all), busyCores };
}

function idleMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0);
}

/** One row per process, and who is at the limit of one core, or whether it is the machine. */
export function renderCost(title: string, { done, seconds, cpuMs: spent, busyCores }: Cost): string {
  const cores = cpus().length;
  const rows = Object.entries(spent).filter(([, ms]) => ms > 0);
  const coresOf = (ms: number) => ms / (seconds * 1000);
  const [name = "", most = 0] = rows.toSorted(([, a], [, b]) => b - a)[0] ?? [];
  const all = rows.reduce((sum, [, ms]) => sum + ms, 0);
  const others = busyCores - coresOf(all);
  const bound = () => {
    if (coresOf(most) > 0.85) return name;
    if (busyCores < cores * 0.9) return "waiting";
    return others > 0.25 ? `the machine: others had ${rounded(others)} cores` : `the machine, ${name} most of it`;
  };
  return table(title, [
    ...rows.map(([part, ms]) => [part, `${rounded(ms / done, 2)} ms`, `${rounded(coresOf(ms), 2)} of a core`] as const),
    ["all", `${rounded(all / done, 2)} ms`, `${rounded(coresOf(all), 2)} of ${cores} cores; bound by ${bound()}`],
  ]);
}
