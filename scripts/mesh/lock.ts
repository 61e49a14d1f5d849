// One mesh per folder: two would write to the same data and the same logs. The lock file names the launcher and what it
// started, so that the next one can end what a killed launcher left behind.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adopt, commandLine, end, isAlive } from "#kit/local/processes.js";

interface Held {
  pid: number;
  command: string;
  gatewayUrl: string;
  sandbox: string;
  /** "" where the environment names the database: its URL may hold a password. */
  databaseUrl: string;
  schemaPrefix: string;
  natsUrl: string;
  /** gRPC targets by service. */
  addresses: Readonly<Record<string, string>>;
  /** Whether its processes ask for certificates, such as are in its folder. */
  tls: boolean;
  /** The processes it started, and what runs in each. */
  processes: { pid: number; main: string }[];
}

export interface Lock {
  /** Writes down what runs now. */
  note(held: Omit<Held, "pid" | "command">): void;
  release(): void;
}

/** @throws Error if a living process runs a mesh from this folder */
export async function lockFolder(dir: string, say: (line: string) => void): Promise<Lock> {
  const file = join(dir, "mesh.lock");
  mkdirSync(dir, { recursive: true });
  const mine: Held = {
    pid: process.pid,
    command: commandLine(process.pid),
    gatewayUrl: "",
    sandbox: "",
    databaseUrl: "",
    schemaPrefix: "",
    natsUrl: "",
    addresses: {},
    tls: false,
    processes: [],
  };
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(file, JSON.stringify(mine), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || tries > 3) throw error;
      await clearAway(file, dir, say);
    }
  }
  return {
    note: (held) => writeFileSync(file, JSON.stringify({ ...mine, ...held })),
    release: () => rmSync(file, { force: true }),
  };
}

/** Where the mesh that runs from this folder answers; undefined when none does. */
export function runningMesh(dir: string): Omit<Held, "pid" | "command" | "processes"> | undefined {
  const held = read(join(dir, "mesh.lock"));
  return held && isHeld(held) ? held : undefined;
}

function isHeld({ pid, command }: Held): boolean {
  return isAlive(pid) && commandLine(pid) === command;
}

async function clearAway(file: string, dir: string, say: (line: string) => void): Promise<void> {
  const held = read(file);
  if (held && isHeld(held)) {
    const where = held.gatewayUrl ? `, ${held.gatewayUrl}` : "";
    throw new Error(
      `a mesh already runs from ${dir} (process ${held.pid}${where}): use it, stop it, or take another --dir`,
    );
  }
  for (const { pid, main } of held?.processes ?? []) {
    // The pid may be another program's by now.
    if (!isAlive(pid) || !commandLine(pid).includes(main)) continue;
    say(`ending process ${pid}, left running by a launcher that is gone`);
    await end(adopt(pid, "SIGTERM"), ["SIGTERM", 10_000], ["SIGKILL", 5_000]);
  }
  rmSync(file, { force: true });
}

function read(file: string): Held | undefined {
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  } catch {
    return undefined; // cut short by a crash: it tells nothing
  }
}
