// CPU time of processes, from /proc: what a lifecycle really costs, whoever spends it.
import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = 100; // USER_HZ, the same on every Linux

/** Milliseconds of CPU that these processes and their children have used; 0 where /proc does not tell. */
export function cpuMs(pids: readonly number[]): number {
  const wanted = new Set(pids);
  const parents = new Map<number, number>();
  const used = new Map<number, number>();
  for (const name of procNames()) {
    const stat = readStat(name);
    if (!stat) continue;
    parents.set(stat.pid, stat.parent);
    used.set(stat.pid, stat.ms);
  }
  const belongs = (pid: number): boolean =>
    wanted.has(pid) || (parents.has(pid) && belongs(parents.get(pid) as number));
  return [...used].reduce((sum, [pid, ms]) => (belongs(pid) ? sum + ms : sum), 0);
}

function procNames(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** The name of a process may hold spaces and brackets, so the fields are counted from the last bracket. */
function readStat(name: string): { pid: number; parent: number; ms: number } | undefined {
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
