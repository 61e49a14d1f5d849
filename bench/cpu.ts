// CPU time of processes, from /proc: what a lifecycle really costs, whoever spends it.
import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = 100; // USER_HZ, the same on every Linux

/** Milliseconds of CPU that these processes and their children have used; 0 where /proc does not tell. */
export function cpuMs(pids: readonly number[]): number {
  return family(pids).reduce((sum, { ms }) => sum + ms, 0);
}

/** These processes and all that they started and that still run; only themselves where /proc does not tell. */
export function withChildren(pids: readonly number[]): number[] {
  return [...new Set([...pids, ...family(pids).map(({ pid }) => pid)])];
}

type Stat = { readonly pid: number; readonly parent: number; readonly ms: number };

function family(pids: readonly number[]): Stat[] {
  const wanted = new Set(pids);
  const all = procNames().flatMap((name) => readStat(name) ?? []);
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const belongs = (pid: number): boolean =>
    wanted.has(pid) || (parents.has(pid) && belongs(parents.get(pid) as number));
  return all.filter(({ pid }) => belongs(pid));
}

function procNames(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** The name of a process may hold spaces and brackets, so the fields are counted from the last bracket. */
function readStat(name: string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${name}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [parent, user, system, childUser, childSystem] = [1, 11, 12, 13, 14].map((i) => Number(fields[i]));
    const ticks = (user ?? 0) + (system ?? 0) + (childUser ?? 0) + (childSystem ?? 0);
    return { pid: Number(name), parent: parent ?? 0, ms: (ticks * 1000) / ticksPerSecond };
  } catch {
    return undefined; // it ended meanwhile
  }
}
